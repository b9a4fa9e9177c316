import type { SharedExemptions } from "../crossguard/exemptions.ts";
import { containerPolicy } from "./container-policy.ts";
import { parseImage } from "./image.ts";

/** Requires images that do not change: under a moving tag, a restart may deploy another version. */
export const imageTag = (shared: SharedExemptions) =>
  containerPolicy(
    {
      name: "image-tag",
      description: "Images have a version tag or a digest.",
      severity: "medium",
      why: "The image may change at any time, so a restart may deploy another version.",
      fix: "set a version tag or a digest",
      problem: ({ value }) => {
        const image = value.get("image").text();
        if (!image) return undefined;
        const { tag, digest } = parseImage(image);
        if (digest !== undefined || (tag !== undefined && tag !== "latest")) return undefined;
        const what = tag === undefined ? "without a tag" : 'with the tag "latest"';
        return `runs an image ${what} (${value.path}.image: ${image})`;
      },
    },
    shared,
  );
