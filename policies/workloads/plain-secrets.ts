import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { SharedExemptions } from "../crossguard/exemptions.ts";
import { resourcePolicy } from "../crossguard/resource-policy.ts";
import { matches, schemaOf, type Settings } from "../crossguard/settings.ts";
import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import { makesPods } from "../kubernetes/pods.ts";
import type { Value } from "../kubernetes/value.ts";
import { lastingContainers, visibleSpec, type ContainerOf } from "./containers.ts";

export interface PlainSecretsSettings extends Settings {
  /** Further names whose values are secrets, with `*`, for example `*_LICENSE`. */
  readonly names?: readonly string[];
  /** Names whose values are not, although they sound like it. */
  readonly harmlessNames?: readonly string[];
}

const secretName = /(^|[_.-])(passwords?|passwd|pwd|secrets?|tokens?|api_?keys?|private_?keys?|credentials?)$/i;
const camelCaseSecretName = /[a-z](Password|Passwd|Secret|Token|ApiKey|PrivateKey|Credentials?)$/;

/** Values that are secrets under any name: private keys, and passwords inside connection strings. */
const secretValues = [
  { pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/, what: "a private key" },
  { pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:[^\s/@${}]+@/i, what: "a connection string with a password" },
  { pattern: /\bAKIA[0-9A-Z]{16}\b/, what: "an access key" },
];

/** Whoever may read pods or ConfigMaps reads these; the API gives Secrets to fewer, and can encrypt them. */
export function plainSecrets(shared: SharedExemptions): ResourceValidationPolicy {
  return resourcePolicy<PlainSecretsSettings>(
    {
      name: "plain-secrets",
      description: "Secrets are in Secrets, not in plain environment values or ConfigMaps.",
      severity: "high",
      configSchema: schemaOf({
        names: { type: "array", items: { type: "string", minLength: 1 }, description: "Further names of secrets" },
        harmlessNames: { type: "array", items: { type: "string", minLength: 1 }, description: "Names of no secrets" },
      }),
      applies: (kind) => makesPods(kind) || kind === "ConfigMap",
      judge: (object, reporter) => {
        for (const { name, value, container } of object.kind === "ConfigMap"
          ? entriesOf(object)
          : variablesOf(object)) {
          const what = secretIn(name, value, reporter.settings);
          if (what === undefined) continue;
          const where = container === undefined ? title(object) : `${title(object)}: container "${container.name}"`;
          const message =
            `${where} holds ${what}, in plain (${value.path}).\n` +
            "  Mend: put it into a Secret, and refer to it with secretKeyRef or mount it as a file.";
          reporter.report(object, { message, ...(container && { container }) });
        }
      },
    },
    shared,
  );
}

interface NamedValue {
  readonly name: string;
  readonly value: Value;
  readonly container?: ContainerOf;
}

function entriesOf(configMap: KubernetesObject): readonly NamedValue[] {
  return configMap.value
    .get("data")
    .entries()
    .map(([name, value]) => ({ name, value }));
}

function variablesOf(object: KubernetesObject): readonly NamedValue[] {
  const spec = visibleSpec(object);
  return (spec === undefined ? [] : lastingContainers(spec)).flatMap((container) =>
    container.value
      .get("env")
      .items()
      .map((entry) => ({ name: entry.get("name").textIfKnown() ?? "", value: entry.get("value"), container })),
  );
}

/** What is secret about a value: its name or its form. The value itself is never shown. */
function secretIn(
  name: string,
  value: Value,
  { names = [], harmlessNames = [] }: PlainSecretsSettings,
): string | undefined {
  const text = value.textIfKnown();
  // A reference to another variable, or a path to a mounted file, gives nothing away.
  if (text === undefined || text === "" || /^\$\([\w.-]+\)$/.test(text) || /^\/[\w./-]+$/.test(text)) return undefined;
  if (harmlessNames.some((harmless) => matches(harmless, name))) return undefined;
  const namesSecret =
    secretName.test(name) || camelCaseSecretName.test(name) || names.some((own) => matches(own, name));
  if (namesSecret && !/^(true|false|\d{1,2})$/i.test(text)) return `"${name}", by its name a secret`;
  const form = secretValues.find(({ pattern }) => pattern.test(text));
  return form === undefined ? undefined : `${form.what} in "${name}"`;
}
