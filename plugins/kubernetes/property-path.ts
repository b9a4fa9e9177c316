/** Pulumi property paths, as in `ignoreChanges`: `spec.template`, `data["a.b"]`, `spec.ports[0]`, `spec.ports[*].port`. */

export type PathElement = string | number;

/** @throws Error when a bracket or quote is not closed. */
export function parsePropertyPath(path: string): PathElement[] {
  const elements: PathElement[] = [];
  const syntax = /\.?([^.[\]"]+)|\[(\d+|\*)\]|\.?\["((?:[^"\\]|\\.)*)"\]/y;
  while (syntax.lastIndex < path.length) {
    const start = syntax.lastIndex;
    const match = syntax.exec(path);
    if (match === null) throw new Error(`"${path}" is not a property path: it breaks off at "${path.slice(start)}"`);
    const [, name, index, quoted] = match;
    if (name !== undefined) elements.push(name);
    else if (index !== undefined) elements.push(index === "*" ? "*" : Number(index));
    else elements.push((quoted ?? "").replace(/\\(.)/g, "$1"));
  }
  return elements;
}

export function formatPropertyPath(elements: readonly PathElement[]): string {
  let path = "";
  for (const element of elements) {
    if (typeof element === "number") path += `[${element}]`;
    else if (/[."[\]]/.test(element)) path += `["${element.replaceAll('"', '\\"')}"]`;
    else path += path === "" ? element : `.${element}`;
  }
  return path;
}

/** Whether `outer` names `inner` or something around it. */
export function contains(outer: readonly PathElement[], inner: readonly PathElement[]): boolean {
  return outer.length <= inner.length && outer.every((element, i) => element === "*" || element === inner[i]);
}
