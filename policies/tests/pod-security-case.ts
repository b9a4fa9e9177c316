import type { Json } from "./support.ts";

/** A pod that a check forbids in exactly these policy versions. */
export interface Case {
  readonly check: string;
  readonly title: string;
  /** Merged into a pod spec that every version admits. */
  readonly pod?: Json;
  /** Merged into one container of the pod, in each container list in turn. */
  readonly container?: Json;
  readonly annotations?: Json;
  /** Minor versions that forbid the pod at level baseline: `8-24`, or `8-` without an end. Never if not set. */
  readonly baseline?: string;
  /** The same at level restricted. */
  readonly restricted?: string;
  /** The message of Pod Security admission. */
  readonly message?: string;
}

export const windowsPod = { os: { name: "windows" } };

export function inContainer(securityContext: Json): Json {
  return { container: { securityContext } };
}

export function atBothLevels(minors: string) {
  return { baseline: minors, restricted: minors };
}
