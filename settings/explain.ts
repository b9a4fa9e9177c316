import * as z from "zod";
import { nearest } from "./suggest.ts";

type Path = readonly PropertyKey[];

/** The schema without its default, prefault and optional wrappers. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return unwrap(schema.unwrap());
  }
  return schema;
}

function schemaAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  const inner = unwrap(schema);
  const next: z.core.$ZodType | undefined =
    inner instanceof z.ZodObject
      ? (inner.shape as Record<PropertyKey, z.core.$ZodType>)[key]
      : inner instanceof z.ZodArray
        ? inner.element
        : inner instanceof z.ZodRecord
          ? inner.valueType
          : undefined;
  return next && schemaAt(next, rest);
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (parent, key) =>
      typeof parent === "object" && parent !== null ? (parent as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

/** A path such as `postgresql.primary.limits`, with special characters quoted as `pulumi config --path` requires. */
function dotted(path: Path): string {
  return path
    .map((key, index) => {
      if (typeof key === "number") return `[${String(key)}]`;
      const name = String(key);
      return /^[\w-]+$/.test(name) ? `${index === 0 ? "" : "."}${name}` : `["${name}"]`;
    })
    .join("");
}

/** Whether a value at this path must not be printed: a part of the schema on the way to it has the metadata `secret`. */
function isSecret(schema: z.core.$ZodType, path: Path): boolean {
  return path.some((_, index) => {
    const part = schemaAt(schema, path.slice(0, index + 1));
    return (
      part !== undefined && [part, unwrap(part)].some((each) => each instanceof z.ZodType && each.meta()?.["secret"])
    );
  });
}

const shown = (value: unknown): string => {
  const json = JSON.stringify(value);
  return json.length <= 80 ? json : `${json.slice(0, 77)}...`;
};

const quotedForShell = (value: string): string => (/^[\w.:/@%+=,-]+$/.test(value) ? value : `'${value}'`);

function expectation(issue: z.core.$ZodIssue, schema: z.core.$ZodType | undefined): string {
  const kind = (expected: string) =>
    ({ int: "a whole number", number: "a number", object: "an object", array: "a list", record: "an object" })[
      expected
    ] ?? `a ${expected}`;
  switch (issue.code) {
    case "invalid_type":
      return `is not ${kind(issue.expected)}`;
    case "invalid_union":
      return "is not a string";
    case "too_small":
      return `is below the minimum of ${String(issue.minimum)}`;
    case "too_big":
      return `is above the maximum of ${String(issue.maximum)}`;
    case "invalid_value":
      return `is not one of ${issue.values.map(String).join(", ")}`;
    default:
      return schema === undefined ? "is not valid" : issue.message;
  }
}

const defaultOf = (schema: z.core.$ZodType | undefined): unknown =>
  schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined;

/** The value to set: the check's own suggestion, else the default, else a placeholder. */
function suggestion(issue: z.core.$ZodIssue, schema: z.core.$ZodType | undefined): string {
  if (issue.code === "custom" && typeof issue.params?.["suggestion"] === "string") return issue.params["suggestion"];
  const fallback = defaultOf(schema);
  if (fallback !== undefined) return typeof fallback === "string" ? fallback : JSON.stringify(fallback);
  const placeholder = schema instanceof z.ZodType ? schema.meta()?.["placeholder"] : undefined;
  return typeof placeholder === "string" ? placeholder : "VALUE";
}

/** One message per problem of `input`: the key, its value, the reason, and the command that fixes it. */
export function explain(namespace: string, schema: z.core.$ZodType, input: unknown, error: z.ZodError): string[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      const owner = unwrap(schemaAt(schema, issue.path) ?? schema);
      const known = owner instanceof z.ZodObject ? Object.keys(owner.shape) : [];
      return issue.keys.map((key) => {
        const [at, similar] = [`${namespace}:${dotted([...issue.path, key])}`, nearest(key, known)];
        const hint = similar ? ` (did you mean ${similar}?)` : `; known settings: ${known.join(", ")}`;
        const value = isSecret(schema, issue.path) ? "not shown" : shown(valueAt(input, [...issue.path, key]));
        const remove = `\`pulumi config rm --path ${quotedForShell(at)}\``;
        return `${at}: unknown setting${hint}. Its value is ${value}. Remove it with ${remove}`;
      });
    }
    const target = schemaAt(schema, issue.path);
    const at = `${namespace}:${dotted(issue.path)}`;
    const remove = `\`pulumi config rm --path ${quotedForShell(at)}\``;
    const hidden = isSecret(schema, issue.path);
    const option = hidden ? "--secret --path" : "--path";
    const set = `\`pulumi config set ${option} ${quotedForShell(at)} ${quotedForShell(suggestion(issue, target))}\``;
    const wrongKey = issue.code === "invalid_key" ? issue.issues[0] : undefined;
    if (wrongKey) return [`${at}: its key ${wrongKey.message}. Remove it with ${remove}`];

    const value = valueAt(input, issue.path) ?? defaultOf(target);
    if (value === undefined && issue.code === "custom") return [`${at} ${issue.message}. Set it with ${set}`];
    if (value === undefined) return [`${at}: a value is required. Set it with ${set}`];
    const structured = issue.code === "invalid_type" && ["object", "array", "record"].includes(issue.expected);
    const isSuperfluous = issue.code === "custom" && issue.params?.["remove"] === true;
    const fix = structured
      ? `Remove it with ${remove} and set its nested keys`
      : isSuperfluous
        ? `Remove it with ${remove}`
        : `Fix it with ${set}`;
    return [`${at}: ${hidden ? "its value" : shown(value)} ${expectation(issue, target)}. ${fix}`];
  });
}
