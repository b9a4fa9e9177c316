import { printable } from "../kubernetes/printable.ts";
import type { ContainerSubject } from "./exemptions.ts";
import type { ViolationLevel } from "./settings.ts";

/** Something that a policy found. Each of its texts is one line: control characters in them are escaped. */
export interface Finding {
  /** Names the object, the field and its value. */
  readonly message: string;
  /** Lines under the message, for example the fields at fault. */
  readonly details?: readonly string[];
  readonly why?: string;
  readonly fix?: string;
  /** Which control of the policy it is about. */
  readonly control?: string;
  readonly container?: ContainerSubject;
  /** A level for this finding unless the settings say otherwise; the policy's own if left out. */
  readonly level?: ViolationLevel;
}

const mostDetails = 10;

/** A finding as it is shown: no more details than a reader takes in, and each text on one line, whatever names hold. */
export function textOf({ message, details = [], why, fix }: Omit<Finding, "control">, remark?: string): string {
  const shown = details.slice(0, mostDetails);
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
