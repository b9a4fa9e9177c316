import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { SharedExemptions } from "../crossguard/exemptions.ts";
import type { Reporter } from "../crossguard/report.ts";
import { resourcePolicy } from "../crossguard/resource-policy.ts";
import { matches, schemaOf, type Settings } from "../crossguard/settings.ts";
import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import { createsPods } from "../kubernetes/pods.ts";
import type { Value } from "../kubernetes/value.ts";
import { visiblePod, type ContainerOf } from "./containers.ts";
import { namesSecret } from "./secret-name.ts";
import { isHarmless, secretForm } from "./secret-value.ts";

export interface PlainSecretsSettings extends Settings {
  /** More names of secrets, with `*`, for example `*_LICENSE`. */
  readonly names?: readonly string[];
  /** Names that look like secrets but are not. */
  readonly harmlessNames?: readonly string[];
}

/** More people can read pods and ConfigMaps than Secrets, and the API server can encrypt Secrets. */
export function plainSecrets(shared: SharedExemptions): ResourceValidationPolicy {
  return resourcePolicy<PlainSecretsSettings>(
    {
      name: "plain-secrets",
      description: "Secrets are in Secret objects, not in plain environment values or ConfigMaps.",
      severity: "high",
      configSchema: schemaOf({
        names: { type: "array", items: { type: "string", minLength: 1 }, description: "More names of secrets" },
        harmlessNames: { type: "array", items: { type: "string", minLength: 1 }, description: "Harmless names" },
      }),
      applies: (kind) => createsPods(kind) || kind === "ConfigMap",
      validate: (object, reporter) => {
        if (object.kind === "ConfigMap") {
          for (const entry of entriesOf(object)) validate(object, entry, reporter);
          reporter.reportNotes(object);
          return;
        }
        const pod = visiblePod(object);
        if (pod === undefined) return;
        for (const variable of pod.containers.flatMap(variablesOf)) validate(object, variable, reporter);
        reporter.reportUnknown(object, pod.notes);
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

function variablesOf(container: ContainerOf): readonly NamedValue[] {
  return container.value
    .get("env")
    .items()
    .map((entry) => ({ name: entry.get("name").text() ?? "", value: entry.get("value"), container }));
}

function validate(
  object: KubernetesObject,
  { name, value, container }: NamedValue,
  reporter: Reporter<PlainSecretsSettings>,
): void {
  const what = secretIn(name, value, reporter.settings);
  if (what === undefined) return;
  const where = container === undefined ? title(object) : `${title(object)}: container "${container.name}"`;
  reporter.report(object, {
    message: `${where} has ${what} in plain text (${value.path}).`,
    why: "Everyone who can read pods or ConfigMaps can read it.",
    fix: "move it to a Secret, and use secretKeyRef or mount it as a file",
    ...(container && { container }),
  });
}

/** Describes the secret that the name or form of a value indicates. Never contains the value. */
function secretIn(
  name: string,
  value: Value,
  { names = [], harmlessNames = [] }: PlainSecretsSettings,
): string | undefined {
  if (harmlessNames.some((harmless) => matches(harmless, name))) return undefined;
  const text = value.text() ?? "";
  const isNamed = namesSecret(name) || names.some((own) => matches(own, name));
  if (isNamed && !isHarmless(text)) return `the secret "${name}"`;
  const form = secretForm(text);
  return form && `${form} ("${name}")`;
}
