/** An image reference, parsed as container runtimes do. */
export interface ImageReference {
  /** The full name, with the defaults of a runtime: `docker.io/library/nginx`. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

export function parseImage(image: string): ImageReference {
  const [named = "", digest] = image.split("@", 2);
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  return {
    repository: qualified(hasTag ? named.slice(0, colon) : named),
    tag: hasTag ? named.slice(colon + 1) : undefined,
    digest,
  };
}

/** The first part is a host only if it looks like one. */
function qualified(name: string): string {
  const [first = "", ...rest] = name.split("/");
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  if (hasHost) return name;
  return rest.length === 0 ? `docker.io/library/${name}` : `docker.io/${name}`;
}
