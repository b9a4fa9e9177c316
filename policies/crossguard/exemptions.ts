import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { exemptionsSchema, matches, refuseUnknownSettings } from "./settings.ts";

/** Lifts policies for what it describes; `*` stands for any text. What is left out is not asked for. */
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

/** The object that a finding is about. */
export interface Subject {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly urn: string;
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

/** The exemptions that all policies of a pack share, and which of them were needed. */
export class SharedExemptions {
  list: readonly Exemption[] = [];
  private readonly used = new Set<string>();

  noteUse(exemption: Exemption): void {
    this.used.add(JSON.stringify(exemption));
  }

  get unused(): readonly Exemption[] {
    return this.list.filter((exemption) => !this.used.has(JSON.stringify(exemption)));
  }
}

const schema = { properties: { list: { ...exemptionsSchema, description: "Exemptions from any policy of the pack" } } };

/** The stack itself, which the engine shows to every pack before any other resource. */
const rootStack = "pulumi:pulumi:Stack";

/**
 * The policy that carries the shared exemptions. It stands first in the pack: the policy SDK gives a policy its own
 * configuration only, so this one takes the list in, once, and the others look it up.
 */
export function exemptionsPolicy(shared: SharedExemptions): ResourceValidationPolicy {
  const takeIn = onlyFor(rootStack, (args: ResourceValidationArgs) => {
    const config = args.getConfig<{ list?: readonly Exemption[] }>();
    refuseUnknownSettings("exemptions", schema, config);
    shared.list = config.list ?? [];
  });
  return {
    name: "exemptions",
    description: "Exemptions that all policies of the pack share, each with its reason.",
    severity: "low",
    configSchema: schema,
    remediateResource: takeIn,
    validateResource: takeIn,
  };
}

/** Lets the policy SDK pass over resources of other types without decoding them, as for its own typed policies. */
export function onlyFor<T extends object>(type: string, validation: T): T {
  return Object.assign(validation, { __pulumiType: type });
}
