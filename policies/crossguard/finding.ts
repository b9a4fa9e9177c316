import { printable } from "../kubernetes/printable.ts";
import type { ContainerSubject } from "./exemptions.ts";
import type { ViolationLevel } from "./settings.ts";

/** A finding of a policy. Each of its texts is shown on one line, with control characters escaped. */
export interface Finding {
  /** States the object, the field and its value. */
  readonly message: string;
  /** Lines below the message, for example the violating fields. */
  readonly details?: readonly string[];
  readonly why?: string;
  readonly fix?: string;
  /** The control of the policy that found it. */
  readonly control?: string;
  readonly container?: ContainerSubject;
  /** The level of this finding unless the settings override it. @default the policy's level */
  readonly level?: ViolationLevel;
}

const maxDetails = 10;

/** Formats a finding: a limited number of details, each text on one line. */
export function textOf({ message, details = [], why, fix }: Omit<Finding, "control">, remark?: string): string {
  const shown = details.slice(0, maxDetails);
  const lines = [
    message,
    ...shown,
    ...(details.length > shown.length ? [`and ${details.length - shown.length} more`] : []),
    ...(why === undefined ? [] : [`Why: ${why}`]),
    ...(fix === undefined ? [] : [`Fix: ${fix}.`]),
    ...(remark === undefined ? [] : [remark]),
  ];
  return lines.map(printable).join("\n  ");
}
