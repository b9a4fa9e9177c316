/** Finds the setting that an image comes from. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

type Images = Readonly<Record<string, string | undefined>>;

/** A setting below `images`, and the value to set. */
export interface ImageSetting {
  readonly name: string;
  /** The image of the checkout's configuration, or else a placeholder. */
  readonly other: string;
}

/**
 * The setting that an image of the stack comes from.
 * @param configFile the configuration that Pulumi reads; the one it is derived from is `base.yaml` beside it
 * @param key the section's key in these files
 */
export async function imageSetting(configFile: string, key: string, image: string): Promise<ImageSetting | undefined> {
  const base = path.join(path.dirname(configFile), "base.yaml");
  const [configured, defaults] = await Promise.all([imagesIn(configFile, key), imagesIn(base, key)]);
  const name = settingOf(image, configured);
  if (name === undefined) return undefined;
  return { name, other: defaults[name] === configured[name] ? "IMAGE" : (defaults[name] ?? "IMAGE") };
}

/** The setting with this image, with or without the registry before it. */
export function settingOf(image: string, images: Images): string | undefined {
  const found = Object.entries(images).find(
    ([, value]) => value !== undefined && (image === value || image.endsWith(`/${value}`)),
  );
  return found?.[0];
}

/** The images in a configuration file, with the schema's defaults. Imports the schema on demand. */
async function imagesIn(file: string, key: string): Promise<Images> {
  const { images } = await import("../settings/images.ts");
  const { config } = parse(readFileSync(file, "utf8")) as { config?: Readonly<Record<string, unknown>> };
  return images.parse(config?.[key] ?? {});
}
