import * as z from "zod";
import { unwrap } from "./explain.ts";
import { code, table } from "./markdown.ts";

const valueOf = (value: unknown) => code(typeof value === "string" ? value : JSON.stringify(value));

const isWrapper = (schema: z.core.$ZodType) => unwrap(schema) !== schema;

/** The description, set before or after the default. */
function descriptionOf(schema: z.core.$ZodType): string {
  const own = schema instanceof z.ZodType ? schema.description : undefined;
  return own ?? (isWrapper(schema) ? descriptionOf(unwrap(schema)) : "");
}

function fallback(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodDefault) return valueOf(schema.def.defaultValue);
  return schema instanceof z.ZodOptional ? "" : "required";
}

function values(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodEnum) return schema.options.map(valueOf).join(", ");
  if (schema instanceof z.ZodNumber) return `${String(schema.minValue)} to ${String(schema.maxValue)}`;
  if (schema instanceof z.ZodBoolean) return "true, false";
  if (schema instanceof z.ZodArray) return "list";
  if (schema instanceof z.ZodRecord) return "names and values";
  return "text";
}

const header = ["Setting", "Meaning", "Values", "Default"];

function rows(path: string, schema: z.core.$ZodType, context = ""): string[][] {
  const inner = unwrap(schema);
  const description = [context, descriptionOf(schema)].filter((part) => part !== "").join(": ");
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape as Record<string, z.core.$ZodType>).flatMap(([name, part]) =>
      rows(`${path}.${name}`, part, path.includes(".") ? description : ""),
    );
  }
  const own = [code(path), description, values(inner), fallback(schema)];
  return [own, ...(inner instanceof z.ZodArray ? rows(`${path}[]`, inner.element) : [])];
}

/** The configuration reference as Markdown: every setting with its meaning, values and default. */
export function reference(schema: z.ZodObject): string {
  return Object.entries(schema.shape as Record<string, z.core.$ZodType>)
    .map(([name, section]) => `## ${name}\n\n${descriptionOf(section)}.\n\n${table([header, ...rows(name, section)])}`)
    .join("\n\n");
}
