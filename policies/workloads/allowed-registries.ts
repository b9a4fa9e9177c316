import type { SharedExemptions } from "../crossguard/exemptions.ts";
import { matches, type Settings } from "../crossguard/settings.ts";
import { containerPolicy } from "./container-policy.ts";
import { parseImage } from "./image.ts";

export interface AllowedRegistriesSettings extends Settings {
  /** Registries or repositories, with `*`, for example `registry.example.com` or `docker.io/library/*`. @default any */
  readonly registries?: readonly string[];
}

/** Requires images from registries that scan and sign them. Off until registries are listed. */
export const allowedRegistries = (shared: SharedExemptions) =>
  containerPolicy<AllowedRegistriesSettings>(
    {
      name: "allowed-registries",
      description: "Images come from allowed registries.",
      severity: "medium",
      ownSettings: {
        registries: { type: "array", items: { type: "string", minLength: 1 }, description: "Default: any" },
      },
      why: "Images from other registries bypass the checks of the allowed ones, such as scanning and signing.",
      fix: ({ registries = [] }) => `use an image from ${registries.join(" or ")}`,
      problem: ({ value }, { registries = [] }) => {
        const image = registries.length === 0 ? undefined : value.get("image").text();
        if (!image) return undefined;
        const { repository } = parseImage(image);
        if (registries.some((allowed) => matches(allowed, repository) || matches(`${allowed}/*`, repository)))
          return undefined;
        return `runs an image from ${repository}, which is not an allowed registry (${value.path}.image: ${image})`;
      },
    },
    shared,
  );
