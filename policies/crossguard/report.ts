import type { PolicyConfigSchema, ReportViolation } from "@pulumi/policy";
import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import { covers, type SharedExemptions, type ContainerSubject, type Exemption, type Subject } from "./exemptions.ts";
import { refuseUnknownSettings, settingFor, weakest, type Settings, type ViolationLevel } from "./settings.ts";

/** Something that a policy found. */
export interface Finding {
  /** Names the object, the field and its value; ends with the mend. */
  readonly message: string;
  /** Which control of the policy it is about. */
  readonly control?: string;
  readonly container?: ContainerSubject;
  /** A level for this finding unless the settings say otherwise; the policy's own if left out. */
  readonly level?: ViolationLevel;
}

/** What a policy is called and tells of itself. */
export interface PolicyFacts {
  readonly name: string;
  readonly description: string;
  readonly configSchema: PolicyConfigSchema;
}

const mostPaths = 10;

/** Turns findings into violations: applies levels and exemptions, and says what was exempted or cannot be judged. */
export class Reporter<T extends Settings = Settings> {
  readonly settings: T;
  private readonly facts: PolicyFacts;
  private readonly shared: SharedExemptions;
  private readonly send: ReportViolation;

  constructor(facts: PolicyFacts, settings: T, shared: SharedExemptions, send: ReportViolation) {
    refuseUnknownSettings(facts.name, facts.configSchema, settings);
    this.facts = facts;
    this.settings = settings;
    this.shared = shared;
    this.send = send;
  }

  report(subject: Subject, finding: Finding): void {
    const exemption = this.exemption(subject, finding.control, finding.container);
    const level = this.levelOf(subject, finding);
    if (exemption !== undefined) this.reportExempted(subject, finding, exemption);
    else if (level !== "disabled") this.emit(subject, finding.message, level);
  }

  /** The exemption that lifts a control of this policy from an object or from one of its containers. */
  exemption(subject: Subject, control?: string, container?: ContainerSubject): Exemption | undefined {
    const controls = control === undefined ? [this.facts.name] : [this.facts.name, control];
    const all = [...(this.settings.exemptions ?? []), ...this.shared.list];
    return all.find((candidate) => covers(candidate, subject, controls, container));
  }

  /** Says what would have been found, and why it is not counted. */
  reportExempted(subject: Subject, finding: Finding, exemption: Exemption): void {
    if (this.levelOf(subject, finding) === "disabled") return;
    this.shared.noteUse(exemption);
    this.emit(subject, `Exempted (${exemption.reason}): ${finding.message}`, "advisory");
  }

  /** For the policy that runs last: the shared exemptions that no policy needed. */
  reportUnusedExemptions(stack: Subject): void {
    for (const exemption of this.shared.unused) {
      this.emit(stack, `No violation needs this exemption any more: ${JSON.stringify(exemption)}`, "advisory");
    }
  }

  /** Says which values hide something from the policy, and which the API server will not decode. */
  reportNotes(object: KubernetesObject): void {
    this.reportUnknown(object);
    this.reportMalformed(object);
  }

  /** Says what the API server will refuse. */
  reportMalformed(object: KubernetesObject): void {
    if (object.notes.malformed.size === 0) return;
    const fields = [...object.notes.malformed].map(([path, problem]) => `${path}: ${problem}`);
    this.report(object, {
      control: "malformed",
      message: `${title(object)} cannot be judged, and the API server will refuse it:${listed(fields)}`,
    });
  }

  /** Says which values hide something. */
  reportUnknown(object: KubernetesObject): void {
    const { unknown } = object.notes;
    if (unknown.size === 0) return;
    const message = `${title(object)} cannot be judged in full before the update; not known yet:${listed([...unknown])}`;
    this.report(object, { control: "unknown", message, level: this.settings.unknown ?? "advisory" });
  }

  private levelOf({ namespace }: Subject, { control, level }: Finding): ViolationLevel | undefined {
    const ofNamespace = settingFor(this.settings.namespaces, namespace);
    const ofControl = control === undefined ? undefined : this.settings.controls?.[control];
    return weakest(ofControl ?? level, typeof ofNamespace === "object" ? ofNamespace.enforcementLevel : ofNamespace);
  }

  private emit(subject: Subject, message: string, level: ViolationLevel | undefined): void {
    if (level === undefined) {
      this.send(message, subject.urn);
      return;
    }
    // The policy SDK's server takes an object in the message's place, whose level replaces the policy's own. Its types
    // do not say so; to a server that does not know it, the object reads as the message.
    const text = `${this.facts.description}\n${message}`;
    const leveled = { message: text, urn: subject.urn, enforcementLevel: level, toString: () => message };
    this.send(leveled as unknown as string, subject.urn);
  }
}

/** Lines of a list under a message, no more than a reader takes in. */
export function listed(lines: readonly string[]): string {
  const shown = lines.slice(0, mostPaths).map((line) => `\n  ${line}`);
  const rest = lines.length - shown.length;
  return shown.join("") + (rest > 0 ? `\n  and ${rest} more` : "");
}
