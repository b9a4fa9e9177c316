import type { ReportViolation, ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { objectsOf, title } from "../kubernetes/objects.ts";
import type { Value } from "../kubernetes/value.ts";
import { annotationForm, annotationsOf } from "./annotations.ts";
import { textOf } from "./finding.ts";
import { exemptionsSchema, matches, rejectUnknownSettings } from "./settings.ts";

/** Exempts matching objects from policies. `*` matches any text; an omitted field matches everything. */
export interface Exemption {
  readonly namespace?: string;
  readonly kind?: string;
  readonly name?: string;
  /** Only findings about containers of this name. */
  readonly container?: string;
  /** Only findings about containers that run one of these images. */
  readonly images?: readonly string[];
  /** A policy (`network`) or one of its controls (`hostPorts`). */
  readonly control?: string;
  readonly reason: string;
}

/** The object of a finding. */
export interface Subject {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly urn: string;
  /** The object as written; its annotations may exempt it. */
  readonly value?: Value;
}

export interface ContainerSubject {
  readonly name: string;
  readonly image?: string | undefined;
}

export function covers(
  exemption: Exemption,
  subject: Subject,
  controls: readonly string[],
  container?: ContainerSubject,
): boolean {
  const { images } = exemption;
  return (
    fits(exemption.namespace, subject.namespace) &&
    fits(exemption.kind, subject.kind) &&
    fits(exemption.name, subject.name) &&
    (exemption.control === undefined || controls.some((control) => fits(exemption.control, control))) &&
    fits(exemption.container, container?.name) &&
    (images === undefined || images.some((image) => fits(image, container?.image)))
  );
}

function fits(wildcard: string | undefined, text: string | undefined): boolean {
  return wildcard === undefined || (text !== undefined && matches(wildcard, text));
}

/** The exemptions that all policies of a pack share, with a record of which ones were used. */
export class SharedExemptions {
  list: readonly Exemption[] = [];
  /** Policies and controls, with `*`, from which objects may exempt themselves by annotation. */
  annotations: readonly string[] = [];
  private readonly used = new Set<string>();

  /** Whether objects may exempt themselves from a finding of these controls. */
  mayBeAnnotated(controls: readonly string[]): boolean {
    return this.annotations.some((allowed) => controls.some((control) => matches(allowed, control)));
  }

  noteUse(exemption: Exemption): void {
    this.used.add(JSON.stringify(exemption));
  }

  get unused(): readonly Exemption[] {
    return this.list.filter((exemption) => !this.used.has(JSON.stringify(exemption)));
  }
}

/** The settings of the policy `exemptions`. */
export interface SharedSettings {
  /** Exemptions from all policies. */
  readonly list?: readonly Exemption[];
  /** Policies and controls, with `*`, from which objects may exempt themselves by annotation. @default none */
  readonly annotations?: readonly string[];
}

const schema = {
  properties: {
    list: { ...exemptionsSchema, description: "Exemptions from any policy of the pack" },
    annotations: {
      type: "array" as const,
      items: { type: "string" as const, minLength: 1 },
      description: "Policies and controls from which objects may exempt themselves by annotation; default: none",
    },
  },
};

/** The stack resource, which the engine passes to every pack before any other resource. */
const rootStack = "pulumi:pulumi:Stack";

/**
 * The policy that holds the shared exemptions. It must be the first in the pack: the policy SDK gives each policy only
 * its own configuration, so this policy stores the list once and the others read it. It also reports annotations that
 * have no effect.
 * @param controls every policy and control that an annotation can name
 */
export function exemptionsPolicy(shared: SharedExemptions, controls: ReadonlySet<string>): ResourceValidationPolicy {
  const loadConfig = onlyFor(rootStack, (args: ResourceValidationArgs) => {
    const config = args.getConfig<SharedSettings>();
    rejectUnknownSettings("exemptions", schema, config);
    shared.list = config.list ?? [];
    shared.annotations = config.annotations ?? [];
  });
  return {
    name: "exemptions",
    description: "Exemptions that all policies of the pack share, each with its reason.",
    severity: "low",
    configSchema: schema,
    remediateResource: loadConfig,
    validateResource: (args, report) => {
      if (args.type === rootStack) loadConfig(args);
      else if (shared.annotations.length > 0) checkAnnotations(args, controls, report);
    },
  };
}

function checkAnnotations(args: ResourceValidationArgs, controls: ReadonlySet<string>, report: ReportViolation): void {
  for (const object of objectsOf(args)) {
    for (const { control, path, statement } of annotationsOf(object)) {
      const isKnown = controls.has(control);
      if (isKnown && statement.state !== "malformed") continue;
      const problem = isKnown ? `its value must be ${annotationForm}` : "it names no policy or control of this pack";
      const message = `${title(object)} has an exemption without effect (${path}): ${problem}.`;
      const why = "The violation that it should exempt is still reported.";
      report(textOf({ message, why, fix: "correct the annotation or remove it" }), object.urn);
    }
  }
}

/** Makes the policy SDK skip resources of other types without decoding them, as it does for its own typed policies. */
export function onlyFor<T extends object>(type: string, validation: T): T {
  return Object.assign(validation, { __pulumiType: type });
}
