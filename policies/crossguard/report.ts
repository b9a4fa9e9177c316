import type { PolicyConfigSchema, ReportViolation } from "@pulumi/policy";
import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import type { Notes } from "../kubernetes/value.ts";
import { annotatedExemption, remarkOn } from "./annotations.ts";
import { covers, type SharedExemptions, type ContainerSubject, type Exemption, type Subject } from "./exemptions.ts";
import { textOf, type Finding } from "./finding.ts";
import { rejectUnknownSettings, settingFor, weakest, type Settings, type ViolationLevel } from "./settings.ts";

/** The name, description and configuration schema of a policy. */
export interface PolicyFacts {
  readonly name: string;
  readonly description: string;
  readonly configSchema: PolicyConfigSchema;
}

/** Turns findings into violations: applies levels and exemptions, and reports what was exempted or not checked. */
export class Reporter<T extends Settings = Settings> {
  readonly settings: T;
  private readonly facts: PolicyFacts;
  private readonly shared: SharedExemptions;
  private readonly send: ReportViolation;

  constructor(facts: PolicyFacts, settings: T, shared: SharedExemptions, send: ReportViolation) {
    rejectUnknownSettings(facts.name, facts.configSchema, settings);
    this.facts = facts;
    this.settings = settings;
    this.shared = shared;
    this.send = send;
  }

  report(subject: Subject, finding: Finding): void {
    const exemption = this.exemption(subject, finding.control, finding.container);
    if (exemption !== undefined) {
      this.reportExempted(subject, finding, exemption);
      return;
    }
    const remark = remarkOn(subject, this.controlsOf(finding.control), this.shared);
    const own = remark?.isUndetermined ? weakest(finding.level, this.unknownLevel) : finding.level;
    const level = this.levelOf(subject, { ...finding, ...(own && { level: own }) });
    if (level !== "disabled") this.emit(subject, textOf(finding, remark?.text), level);
  }

  /** The exemption of an object, or of one of its containers, from a control of this policy. */
  exemption(subject: Subject, control?: string, container?: ContainerSubject): Exemption | undefined {
    const controls = this.controlsOf(control);
    const all = [...(this.settings.exemptions ?? []), ...this.shared.list];
    const configured = all.find((candidate) => covers(candidate, subject, controls, container));
    return configured ?? annotatedExemption(subject, controls, this.shared);
  }

  /** Reports an exempted finding as advisory, with the reason of the exemption. */
  reportExempted(subject: Subject, finding: Finding, exemption: Exemption): void {
    if (this.levelOf(subject, finding) === "disabled") return;
    this.shared.noteUse(exemption);
    const message = `Exempted (${exemption.reason}): ${finding.message}`;
    this.emit(subject, textOf({ ...finding, message }), "advisory");
  }

  /** Reports shared exemptions that no policy used. For the policy that runs last. */
  reportUnusedExemptions(stack: Subject): void {
    const fix = 'remove it from "list" of the policy "exemptions"';
    for (const exemption of this.shared.unused) {
      const message = `Unused exemption, no violation matches it: ${JSON.stringify(exemption)}`;
      this.emit(stack, textOf({ message, fix }), "advisory");
    }
  }

  /** Reports unknown values and values that the API server will not decode. */
  reportNotes(object: KubernetesObject): void {
    this.reportUnknown(object);
    this.reportMalformed(object);
  }

  /** Reports what the API server will reject. */
  reportMalformed(object: KubernetesObject): void {
    if (object.notes.malformed.size === 0) return;
    this.report(object, {
      control: "malformed",
      message: `${title(object)} is invalid, and the API server will reject it:`,
      details: [...object.notes.malformed].map(([path, problem]) => `${path}: ${problem}`),
      why: "The update fails at this object, and the policy cannot check it in full.",
      fix: "correct these fields",
    });
  }

  /** Reports the unknown values that the policy had to read. */
  reportUnknown(object: KubernetesObject, { unknown }: Notes = object.notes): void {
    if (unknown.size === 0) return;
    const message = `${title(object)} was checked only in part. Unknown or encrypted values:`;
    this.reportUndetermined(object, message, [...unknown]);
  }

  /** Reports a possible violation: whether it is one depends on values that are unknown before the update. */
  reportUndetermined(subject: Subject, message: string, details: readonly string[]): void {
    this.report(subject, {
      control: "unknown",
      message,
      details,
      why: "Whether there is a violation depends on these.",
      fix: `use values that are known in the preview, or lower the setting "unknown" of ${this.facts.name}`,
      level: this.unknownLevel,
    });
  }

  get unknownLevel(): ViolationLevel {
    return this.settings.unknown ?? "advisory";
  }

  private controlsOf(control: string | undefined): readonly string[] {
    return control === undefined ? [this.facts.name] : [control, this.facts.name];
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
    // The policy SDK's server accepts an object in place of the message, whose level overrides the policy's level. Its
    // types do not declare this. `toString` makes other servers show the message.
    const text = `${this.facts.description}\n${message}`;
    const withLevel = { message: text, urn: subject.urn, enforcementLevel: level, toString: () => message };
    this.send(withLevel as unknown as string, subject.urn);
  }
}
