import type { SharedExemptions } from "../crossguard/exemptions.ts";
import { containerPolicy } from "./container-policy.ts";
import { parseImage } from "./image.ts";

/** An image that may be another tomorrow makes every restart a release. */
export const imageTag = (shared: SharedExemptions) =>
  containerPolicy(
    {
      name: "image-tag",
      description: "Images are named by a version or a digest.",
      severity: "medium",
      fix: "name a version, or a digest",
      problem: ({ value }) => {
        const image = value.get("image").text();
        if (!image) return undefined;
        const { tag, digest } = parseImage(image);
        if (digest !== undefined || (tag !== undefined && tag !== "latest")) return undefined;
        const what = tag === undefined ? "has no tag" : 'has the tag "latest"';
        return `runs an image that ${what} (${value.path}.image: ${image})`;
      },
    },
    shared,
  );
