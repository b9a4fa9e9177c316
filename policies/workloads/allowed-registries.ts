import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { CommonExemptions } from "../crossguard/exemptions.ts";
import { resourcePolicy } from "../crossguard/resource-policy.ts";
import { matches, schemaOf, type Settings } from "../crossguard/settings.ts";
import { title } from "../kubernetes/objects.ts";
import { makesPods } from "../kubernetes/pods.ts";
import { lastingContainers, visibleSpec } from "./containers.ts";
import { parseImage } from "./image.ts";

export interface AllowedRegistriesSettings extends Settings {
  /** Registries or repositories, with `*`, for example `registry.example.com` or `docker.io/library/*`. @default any */
  readonly registries?: readonly string[];
}

/** What runs in the cluster comes from where somebody scans and signs it. Off until registries are listed. */
export function allowedRegistries(common: CommonExemptions): ResourceValidationPolicy {
  return resourcePolicy<AllowedRegistriesSettings>(
    {
      name: "allowed-registries",
      description: "Images come from the registries that are allowed.",
      severity: "medium",
      configSchema: schemaOf({
        registries: { type: "array", items: { type: "string", minLength: 1 }, description: "Default: any" },
      }),
      applies: makesPods,
      judge: (object, reporter) => {
        const { registries = [] } = reporter.settings;
        const spec = registries.length === 0 ? undefined : visibleSpec(object);
        for (const container of spec === undefined ? [] : lastingContainers(spec)) {
          const { image } = container;
          if (image === undefined || image === "") continue;
          const { repository } = parseImage(image);
          if (registries.some((allowed) => matches(allowed, repository) || matches(`${allowed}/*`, repository))) continue;
          reporter.report(object, {
            container,
            message:
              `${title(object)}: the image of container "${container.name}" comes from ${repository} ` +
              `(${container.value.path}.image: ${image}).\n  Mend: take it from one of ${registries.join(", ")}.`,
          });
        }
      },
    },
    common,
  );
}
