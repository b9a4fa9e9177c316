/** Waiting until an object is ready, telling what it waits for and, when that takes long, why. */
import { Cancelled } from "../api-error.ts";
import type { Severity } from "../log.ts";
import { nameOf, namespaceOf, uidOf } from "../metadata.ts";
import type { Objects } from "../objects.ts";
import { list, number, text, type Fields } from "../values.ts";
import type { Collections, Watch } from "./collection.ts";
import { version, warnings } from "./events.ts";
import { podProblems, type CrashedContainer } from "./pod-problems.ts";
import { ownedBy, relatedPaths, settleTime, type Related, type Rule, type Seen, type Verdict } from "./rule.ts";

export interface Surroundings {
  readonly objects: Objects;
  readonly collections: Collections;
  /** Shows a line beside the resource. */
  readonly status: (severity: Severity, message: string) => void;
}

/** The object exists, and is not ready: the state is kept, with the reasons. */
export class NotReady extends Error {
  readonly object: Fields;
  readonly reasons: readonly string[];
  constructor(message: string, object: Fields, reasons: readonly string[]) {
    super(message);
    this.object = object;
    this.reasons = reasons;
  }
}

/** How long a problem may pass by itself before it is shown, in milliseconds. */
const patience = 10_000;
const logLines = 10;

async function lastOutput(crashed: CrashedContainer, objects: Objects): Promise<string> {
  const path = `/api/v1/namespaces/${crashed.namespace}/pods/${crashed.pod}/log`;
  const query = { container: crashed.container, previous: String(crashed.previous), tailLines: String(logLines) };
  try {
    return (await objects.api.text(path, { query })).trimEnd();
  } catch {
    // The container may be gone, or its output forbidden to read; its status has been told already.
    return "";
  }
}

const indent = (lines: string): string => lines.replace(/^/gm, "\t    ");

/** Everything that explains an object which is not ready: its rule's reasons, its pods' problems, and events. */
export async function explain(
  seen: Seen,
  rule: Rule,
  verdict: Verdict,
  events: Iterable<Fields>,
  knownEvents: ReadonlySet<string>,
  objects: Objects,
): Promise<string[]> {
  const pods = rule.pods?.(seen) ?? [];
  const problems: string[] = [];
  for (const problem of pods.flatMap(podProblems)) {
    const output = problem.crashed === undefined ? "" : await lastOutput(problem.crashed, objects);
    problems.push(
      output === "" ? problem.message : `${problem.message}. The last lines of its output:\n${indent(output)}`,
    );
  }
  const about = [seen.object, ...ownedBy(seen.object, seen.related.replicaSets), ...pods];
  return [...new Set([...(verdict.reasons ?? []), ...problems, ...warnings(events, about, knownEvents)])];
}

class Wait {
  private readonly around: Surroundings;
  private readonly rule: Rule;
  private readonly written: Fields;
  private readonly before: Fields | undefined;
  private readonly watches = new Map<Related | "object" | "events", Watch>();
  private knownEvents: ReadonlySet<string> = new Set();
  private lastChange = Date.now();
  private wake: () => void = () => undefined;
  private shown = "";
  private readonly onCancel = (): void => this.wake();

  constructor(written: Fields, before: Fields | undefined, rule: Rule, around: Surroundings) {
    this.written = written;
    this.before = before;
    this.rule = rule;
    this.around = around;
  }

  private async watch(name: Related | "object" | "events", path: string, query: Record<string, string>): Promise<void> {
    const listener = (): void => {
      if (name !== "object" && name !== "events") this.lastChange = Date.now();
      this.wake();
    };
    this.watches.set(name, await this.around.collections.watch(path, query, listener));
  }

  private async open(): Promise<void> {
    const { objects } = this.around;
    const namespace = namespaceOf(this.written);
    const own = { fieldSelector: `metadata.name=${nameOf(this.written)}` };
    await this.watch("object", await objects.collection(this.written), own);
    for (const name of this.rule.related) await this.watch(name, relatedPaths[name](namespace), {});
    await this.watch("events", `/api/v1/namespaces/${namespace || "default"}/events`, {
      fieldSelector: "type=Warning",
    });
    // Events are about an object that did not exist before this operation, or of operations before it.
    if (this.before !== undefined) this.knownEvents = new Set([...this.events()].map(version));
  }

  close(): void {
    this.around.objects.api.cancelled.removeEventListener("abort", this.onCancel);
    for (const watch of this.watches.values()) watch.close();
  }

  private events(): Iterable<Fields> {
    return this.watches.get("events")?.items.values() ?? [];
  }

  private seen(): Seen {
    const live = this.watches.get("object")?.items.get(uidOf(this.written)) ?? this.written;
    const generation = (object: Fields): number => number(object, "metadata", "generation") ?? 0;
    const related: Partial<Record<Related, Fields[]>> = {};
    for (const name of this.rule.related) related[name] = [...(this.watches.get(name)?.items.values() ?? [])];
    return {
      object: generation(live) < generation(this.written) ? this.written : live,
      ...(this.before === undefined ? {} : { before: this.before }),
      related,
      settled: Date.now() - this.lastChange >= settleTime,
    };
  }

  private show(severity: Severity, message: string): void {
    if (message === this.shown || message === "") return;
    this.shown = message;
    this.around.status(severity, message);
  }

  /** Resolves at the next change in what is watched, or after the time. */
  private change(milliseconds: number): Promise<void> {
    if (this.around.objects.api.cancelled.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        // Changes come in bursts.
        setTimeout(resolve, 50);
      };
    });
  }

  private async reasons(seen: Seen, verdict: Verdict): Promise<string[]> {
    return explain(seen, this.rule, verdict, this.events(), this.knownEvents, this.around.objects);
  }

  /** Says in which state a cancelled wait leaves the object, as far as that was seen; nothing is asked any more. */
  async cancelled(): Promise<NotReady> {
    const seen = this.seen();
    const verdict = this.rule.judge(seen);
    const what = `the wait for "${nameOf(this.written)}" was cancelled in this state: ${verdict.status}`;
    return new NotReady(what, seen.object, await this.reasons(seen, verdict));
  }

  async until(deadline: number): Promise<Fields> {
    const { cancelled } = this.around.objects.api;
    const name = nameOf(this.written);
    cancelled.addEventListener("abort", this.onCancel, { once: true });
    await this.open();
    let nextExplanation = Date.now() + patience;
    for (;;) {
      const seen = this.seen();
      const verdict = this.rule.judge(seen);
      if (verdict.ready) {
        if (verdict.warning !== undefined) this.show("warning", verdict.warning);
        return seen.object;
      }
      if (verdict.failed === true) {
        throw new NotReady(`"${name}" has failed`, seen.object, await this.reasons(seen, verdict));
      }
      if (cancelled.aborted) throw await this.cancelled();
      if (Date.now() >= deadline) {
        throw new NotReady(`"${name}" was not ready in time`, seen.object, await this.reasons(seen, verdict));
      }
      this.show("info", verdict.status);
      if (Date.now() >= nextExplanation) {
        nextExplanation = Date.now() + patience;
        const problems = (await this.reasons(seen, { ...verdict, reasons: [] })).map((line) => line.split("\n")[0]);
        if (problems.length > 0) this.show("warning", `${verdict.status}; ${problems.join("; ")}`);
      }
      const untilSettled = this.lastChange + settleTime - Date.now();
      await this.change(
        Math.max(50, Math.min(untilSettled > 0 ? untilSettled : patience, deadline - Date.now(), patience)),
      );
    }
  }
}

/**
 * Waits until the rule says that an object is ready, and returns it as it is then.
 * @param written The answer of the create or update.
 * @param before The object before an update.
 * @param seconds The longest wait.
 * @throws NotReady with the reasons, when it fails, takes too long, or the engine cancels.
 */
export async function waitUntilReady(
  written: Fields,
  before: Fields | undefined,
  rule: Rule,
  seconds: number,
  around: Surroundings,
): Promise<Fields> {
  const wait = new Wait(written, before, rule, around);
  try {
    return await wait.until(Date.now() + seconds * 1000);
  } catch (error) {
    throw error instanceof Cancelled ? await wait.cancelled() : error;
  } finally {
    wait.close();
  }
}

/** Looks once whether an object is ready, as a refresh does. @throws NotReady with the reasons. */
export async function checkReady(object: Fields, rule: Rule, objects: Objects): Promise<void> {
  const items = async (path: string): Promise<Fields[]> => list(await objects.api.request(path), "items");
  const related: Partial<Record<Related, Fields[]>> = {};
  for (const name of rule.related) related[name] = await items(relatedPaths[name](namespaceOf(object)));
  const seen: Seen = { object, related, settled: true };
  const verdict = rule.judge(seen);
  if (verdict.ready) return;
  const events = await items(`/api/v1/namespaces/${namespaceOf(object)}/events`);
  const reasons = await explain(seen, rule, verdict, events, new Set(), objects);
  throw new NotReady(`"${text(object, "metadata", "name")}" is not ready`, object, reasons);
}
