import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { CommonExemptions } from "../crossguard/exemptions.ts";
import { resourcePolicy } from "../crossguard/resource-policy.ts";
import { schemaOf } from "../crossguard/settings.ts";
import { title } from "../kubernetes/objects.ts";
import { makesPods } from "../kubernetes/pods.ts";
import { lastingContainers, visibleSpec } from "./containers.ts";
import { parseImage } from "./image.ts";

/** An image that may be another tomorrow makes every restart a release. */
export function imageTag(common: CommonExemptions): ResourceValidationPolicy {
  return resourcePolicy(
    {
      name: "image-tag",
      description: "Images are named by a version or a digest.",
      severity: "medium",
      configSchema: schemaOf(),
      applies: makesPods,
      judge: (object, reporter) => {
        const spec = visibleSpec(object);
        for (const container of spec === undefined ? [] : lastingContainers(spec)) {
          const { image } = container;
          if (image === undefined || image === "") continue;
          const { tag, digest } = parseImage(image);
          if (digest !== undefined || (tag !== undefined && tag !== "latest")) continue;
          const problem = tag === undefined ? "has no tag" : 'has the tag "latest"';
          reporter.report(object, {
            container,
            message:
              `${title(object)}: the image of container "${container.name}" ${problem} ` +
              `(${container.value.path}.image: ${image}).\n  Mend: name a version, or a digest.`,
          });
        }
      },
    },
    common,
  );
}
