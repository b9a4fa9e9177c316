import type { PolicyConfigSchema } from "@pulumi/policy";
import type { Exemption } from "./exemptions.ts";

/** How a violation is reported. */
export type ViolationLevel = "disabled" | "advisory" | "mandatory";

/** What every policy can be told, beside its `enforcementLevel`. */
export interface Settings {
  /** Levels for namespaces, by name or pattern (`legacy-*`); the longest pattern that fits counts. */
  readonly namespaces?: Readonly<Record<string, ViolationLevel | NamespaceSettings>>;
  /** Levels for single controls of the policy, by id. */
  readonly controls?: Readonly<Record<string, ViolationLevel>>;
  /** What this policy lets pass, beside the pack's shared exemptions. */
  readonly exemptions?: readonly Exemption[];
  /** How to report what cannot be judged before the update. @default "advisory" */
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
      namespace: pattern("Namespace of the object; * stands for any text, here and below"),
      kind: pattern("Kind of the object"),
      name: pattern("Name of the object"),
      container: pattern("Name of the container"),
      images: { type: "array" as const, minItems: 1, items: pattern("Image of the container") },
      control: pattern("Policy, or control of a policy, that is lifted; all of them if left out"),
      reason: { type: "string" as const, pattern: "\\S", description: "Why this is acceptable" },
    },
  },
};

/** The configuration schema of a policy: the shared settings, and its own. */
export function schemaOf(
  own: PolicyConfigSchema["properties"] = {},
  options: { readonly controls?: readonly string[]; readonly namespace?: PolicyConfigSchema["properties"] } = {},
): PolicyConfigSchema {
  return {
    properties: {
      ...own,
      namespaces: {
        type: "object",
        description: "Levels by namespace or pattern; the longest pattern that fits counts",
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
      exemptions: { ...exemptionsSchema, description: "What this policy lets pass, each with its reason" },
      unknown: { ...levelSchema, description: "How to report what cannot be judged before the update" },
    },
  };
}

/** @throws when the configuration has a key that the policy does not know: a misspelt setting must not be silent. */
export function refuseUnknownSettings(policy: string, schema: PolicyConfigSchema, config: object): void {
  const known = Object.keys(schema.properties);
  const strange = Object.keys(config).filter((key) => !known.includes(key));
  if (strange.length === 0) return;
  const error = new Error(
    `policy "${policy}" has no setting ${strange.map((key) => `"${key}"`).join(", ")}; ` +
      `its settings are enforcementLevel, ${known.join(", ")}. Correct the file given with --policy-pack-config.`,
  );
  // The policy SDK shows the stack, which tells the reader nothing here.
  error.stack = error.message;
  throw error;
}

/** The entry for a namespace: of the patterns that fit, the longest. */
export function settingFor<T>(
  byPattern: Readonly<Record<string, T>> = {},
  namespace: string | undefined,
): T | undefined {
  const fitting = Object.keys(byPattern)
    .filter((key) => namespace !== undefined && matches(key, namespace))
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return fitting[0] === undefined ? undefined : byPattern[fitting[0]];
}

/** The weakest of the levels that were set explicitly. */
export function weakest(...explicit: readonly (ViolationLevel | undefined)[]): ViolationLevel | undefined {
  return levels.find((level) => explicit.includes(level));
}

/** Whether a text fits a pattern in which `*` stands for any text. */
export function matches(wildcard: string, text: string): boolean {
  const [start = "", ...parts] = wildcard.split("*");
  const end = parts.pop();
  if (end === undefined) return text === start;
  if (!text.startsWith(start) || !text.endsWith(end)) return false;
  // The first place that fits leaves the most to the parts after it, so that no other needs to be tried.
  let from = start.length;
  for (const part of parts) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= text.length - end.length;
}
