import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

type Schema = Readonly<Record<string, unknown>>;

/** A version of a kind, as a CustomResourceDefinition defines it. */
export interface Definition {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** In OpenAPI v3, as the API server uses it. */
  readonly schema: Schema;
}

interface CustomResourceDefinition {
  readonly kind?: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly schema?: { readonly openAPIV3Schema?: Schema };
    }[];
  };
}

/** The served versions in documents of a manifest; ignores what is not a CustomResourceDefinition. */
export const definitionsIn = (documents: readonly unknown[]): readonly Definition[] =>
  documents.flatMap((document) => {
    const { kind, spec } = (document ?? {}) as CustomResourceDefinition;
    if (kind !== "CustomResourceDefinition") return [];
    return spec.versions.flatMap(({ name, served, schema }) =>
      served && schema?.openAPIV3Schema
        ? [{ group: spec.group, version: name, kind: spec.names.kind, schema: schema.openAPIV3Schema }]
        : [],
    );
  });

const mapped = (schemas: unknown): Schema =>
  Object.fromEntries(Object.entries(schemas as Schema).map(([name, schema]) => [name, jsonSchema(schema as Schema)]));

/**
 * The schema as JSON Schema, which knows no `x-kubernetes-` keywords, and under which unknown fields are errors: the API
 * server drops them. Schemas in `allOf` and the like stay: they restrict values and do not declare fields.
 */
export function jsonSchema(schema: Schema): Schema {
  if (schema["x-kubernetes-int-or-string"] === true) return { type: ["integer", "string"] };
  const { properties, items, additionalProperties, nullable, type, ...rest } = schema;
  const open =
    schema["x-kubernetes-preserve-unknown-fields"] === true || schema["x-kubernetes-embedded-resource"] === true;
  return {
    ...rest,
    ...(type !== undefined && { type: nullable === true ? [type, "null"] : type }),
    ...(properties !== undefined && { properties: mapped(properties) }),
    ...(items !== undefined && { items: jsonSchema(items as Schema) }),
    ...(typeof additionalProperties === "object" && additionalProperties !== null
      ? { additionalProperties: jsonSchema(additionalProperties as Schema) }
      : properties !== undefined && !open && { additionalProperties: false }),
  };
}

/** Writes GROUP/KIND_VERSION.json in lower case, where kubeconform looks for it. */
export function writeSchemas(folder: string, definitions: readonly Definition[]): void {
  for (const { group, version, kind, schema } of definitions) {
    mkdirSync(path.join(folder, group), { recursive: true });
    writeFileSync(
      path.join(folder, group, `${kind.toLowerCase()}_${version}.json`),
      JSON.stringify({ $schema: "https://json-schema.org/draft/2020-12/schema", ...jsonSchema(schema) }),
    );
  }
}
