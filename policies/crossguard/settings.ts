import type { PolicyConfigSchema } from "@pulumi/policy";
import type { Exemption } from "./exemptions.ts";

/** How a violation is reported. */
export type ViolationLevel = "disabled" | "advisory" | "mandatory";

/** The settings of every policy, besides its `enforcementLevel`. */
export interface Settings {
  /** Levels of namespaces, by name or pattern (`legacy-*`); the longest matching pattern applies. */
  readonly namespaces?: Readonly<Record<string, ViolationLevel | NamespaceSettings>>;
  /** Levels of single controls of the policy, by id. */
  readonly controls?: Readonly<Record<string, ViolationLevel>>;
  /** Exemptions from this policy, besides the pack's shared exemptions. */
  readonly exemptions?: readonly Exemption[];
  /** The level for objects that depend on unknown values. @default "advisory" */
  readonly unknown?: ViolationLevel;
}

export interface NamespaceSettings {
  readonly enforcementLevel?: ViolationLevel;
}

const levels: readonly ViolationLevel[] = ["disabled", "advisory", "mandatory"];

export const levelSchema = { type: "string" as const, enum: [...levels] };

const pattern = (description: string) => ({ type: "string" as const, minLength: 1, description });

export const exemptionsSchema = {
  type: "array" as const,
  items: {
    type: "object" as const,
    additionalProperties: false,
    required: ["reason"],
    properties: {
      namespace: pattern("Namespace of the object; * matches any text, here and below"),
      kind: pattern("Kind of the object"),
      name: pattern("Name of the object"),
      container: pattern("Name of the container"),
      images: { type: "array" as const, minItems: 1, items: pattern("Image of the container") },
      control: pattern("Policy, or control of a policy, to exempt from; default: all"),
      reason: { type: "string" as const, pattern: "\\S", description: "Why this is acceptable" },
    },
  },
};

/** The configuration schema of a policy: its own settings and the shared ones. */
export function schemaOf(
  own: PolicyConfigSchema["properties"] = {},
  options: { readonly controls?: readonly string[]; readonly namespace?: PolicyConfigSchema["properties"] } = {},
): PolicyConfigSchema {
  return {
    properties: {
      ...own,
      namespaces: {
        type: "object",
        description: "Levels by namespace or pattern; the longest matching pattern applies",
        additionalProperties: {
          type: ["string", "object"],
          pattern: `^(${levels.join("|")})$`,
          properties: { enforcementLevel: levelSchema, ...options.namespace },
          additionalProperties: false,
        },
      },
      ...(options.controls && {
        controls: {
          type: "object",
          description: "Levels of single controls",
          properties: Object.fromEntries(options.controls.map((id) => [id, levelSchema])),
          additionalProperties: false,
        },
      }),
      exemptions: { ...exemptionsSchema, description: "Exemptions from this policy, each with its reason" },
      unknown: { ...levelSchema, description: "Level for objects that depend on unknown values; default: advisory" },
    },
  };
}

/** @throws if the configuration has an unknown key, so that a misspelt setting does not go unnoticed. */
export function rejectUnknownSettings(policy: string, schema: PolicyConfigSchema, config: object): void {
  const known = Object.keys(schema.properties);
  const unknown = Object.keys(config).filter((key) => !known.includes(key));
  if (unknown.length === 0) return;
  const error = new Error(
    `policy "${policy}" has no setting ${unknown.map((key) => `"${key}"`).join(", ")}; ` +
      `its settings are enforcementLevel, ${known.join(", ")}. Correct the file given with --policy-pack-config.`,
  );
  // The policy SDK prints the stack trace, which does not help here.
  error.stack = error.message;
  throw error;
}

/** The entry for a namespace: the one with the longest matching pattern. */
export function settingFor<T>(
  byPattern: Readonly<Record<string, T>> = {},
  namespace: string | undefined,
): T | undefined {
  const fitting = Object.keys(byPattern)
    .filter((key) => namespace !== undefined && matches(key, namespace))
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return fitting[0] === undefined ? undefined : byPattern[fitting[0]];
}

/** The weakest of the levels that are set. */
export function weakest(...explicit: readonly (ViolationLevel | undefined)[]): ViolationLevel | undefined {
  return levels.find((level) => explicit.includes(level));
}

/** Whether a text matches a pattern in which `*` matches any text. */
export function matches(wildcard: string, text: string): boolean {
  const [start = "", ...parts] = wildcard.split("*");
  const end = parts.pop();
  if (end === undefined) return text === start;
  if (!text.startsWith(start) || !text.endsWith(end)) return false;
  // The first occurrence leaves the most text for the remaining parts, so backtracking is unnecessary.
  let from = start.length;
  for (const part of parts) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= text.length - end.length;
}
