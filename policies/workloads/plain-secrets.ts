import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { SharedExemptions } from "../crossguard/exemptions.ts";
import type { Reporter } from "../crossguard/report.ts";
import { resourcePolicy } from "../crossguard/resource-policy.ts";
import { matches, schemaOf, type Settings } from "../crossguard/settings.ts";
import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import { makesPods } from "../kubernetes/pods.ts";
import type { Value } from "../kubernetes/value.ts";
import { visiblePod, type ContainerOf } from "./containers.ts";
import { namesSecret } from "./secret-name.ts";
import { isHarmless, secretForm } from "./secret-value.ts";

export interface PlainSecretsSettings extends Settings {
  /** Further names whose values are secrets, with `*`, for example `*_LICENSE`. */
  readonly names?: readonly string[];
  /** Names whose values are not, although they sound like it. */
  readonly harmlessNames?: readonly string[];
}

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
        if (object.kind === "ConfigMap") {
          for (const entry of entriesOf(object)) judge(object, entry, reporter);
          reporter.reportNotes(object);
          return;
        }
        const pod = visiblePod(object);
        if (pod === undefined) return;
        for (const variable of pod.containers.flatMap(variablesOf)) judge(object, variable, reporter);
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

function judge(
  object: KubernetesObject,
  { name, value, container }: NamedValue,
  reporter: Reporter<PlainSecretsSettings>,
): void {
  const what = secretIn(name, value, reporter.settings);
  if (what === undefined) return;
  const where = container === undefined ? title(object) : `${title(object)}: container "${container.name}"`;
  reporter.report(object, {
    message: `${where} holds ${what}, in plain (${value.path}).`,
    fix: "put it into a Secret, and refer to it with secretKeyRef or mount it as a file",
    ...(container && { container }),
  });
}

/** What is secret about a value: its name or its form. The value itself is never shown. */
function secretIn(
  name: string,
  value: Value,
  { names = [], harmlessNames = [] }: PlainSecretsSettings,
): string | undefined {
  if (harmlessNames.some((harmless) => matches(harmless, name))) return undefined;
  const text = value.text() ?? "";
  const isNamed = namesSecret(name) || names.some((own) => matches(own, name));
  if (isNamed && !isHarmless(text)) return `"${name}", by its name a secret`;
  const form = secretForm(text);
  return form && `${form} in "${name}"`;
}
