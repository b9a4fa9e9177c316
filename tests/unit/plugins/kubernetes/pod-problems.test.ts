import { warnings } from "../../../../plugins/kubernetes/await/events.ts";
import { podProblems } from "../../../../plugins/kubernetes/await/pod-problems.ts";
import type { Fields } from "../../../../plugins/kubernetes/values.ts";

const pod = (status: Fields, metadata: Fields = {}): Fields => ({
  metadata: { name: "p", namespace: "n", ...metadata },
  status,
});
const container = (status: Fields): Fields => pod({ containerStatuses: [{ name: "c", ready: false, ...status }] });
const messages = (object: Fields): string[] => podProblems(object).map((problem) => problem.message);

test("a ready, a finished and a starting pod have no problems", () => {
  expect(podProblems(pod({ conditions: [{ type: "Ready", status: "True" }] }))).toEqual([]);
  expect(podProblems(pod({ phase: "Succeeded" }))).toEqual([]);
  expect(podProblems(container({ state: { waiting: { reason: "ContainerCreating" } } }))).toEqual([]);
});

test("a pod that cannot be scheduled says why", () => {
  const condition = { type: "PodScheduled", status: "False", message: "0/1 nodes are available" };
  expect(messages(pod({ conditions: [condition] }))).toEqual(["Pod p: cannot be scheduled: 0/1 nodes are available"]);
});

test("an image that cannot be pulled is named", () => {
  const waiting = { reason: "ImagePullBackOff", message: 'Back-off pulling image "x"' };
  expect(messages(container({ state: { waiting } }))).toEqual([
    'Pod p: container "c": ImagePullBackOff: Back-off pulling image "x"',
  ]);
});

test("a crash loop tells the exit code, and whose previous output explains it", () => {
  const [problem] = podProblems(
    container({
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
    }),
  );
  expect(problem).toEqual({
    message:
      'Pod p: container "c" ended with exit code 137 (OOMKilled), and does so again and again (CrashLoopBackOff)',
    crashed: { namespace: "n", pod: "p", container: "c", previous: true },
  });
});

test("a failed init container is told, a running one that is not ready too", () => {
  const init = pod({ initContainerStatuses: [{ name: "i", state: { terminated: { exitCode: 2 } } }] });
  expect(messages(init)).toEqual(['Pod p: container "i" ended with exit code 2']);
  expect(messages(container({ state: { running: { startedAt: "now" } } }))).toEqual([
    'Pod p: container "c" runs, but its readiness probe does not succeed yet',
  ]);
});

describe("warnings", () => {
  const event = (uid: string, reason: string, message: string, lastTimestamp: string, type = "Warning"): Fields => ({
    metadata: { uid: `${uid}${reason}${lastTimestamp}`, resourceVersion: "1" },
    type,
    reason,
    message,
    lastTimestamp,
    involvedObject: { uid, kind: "Pod", name: "p" },
  });
  const about = [{ metadata: { uid: "u" } }];

  test("are the newest of each reason, of the objects in question", () => {
    const events = [
      event("u", "FailedMount", "new", "2"),
      event("u", "FailedMount", "old", "1"),
      event("u", "FailedCreate", "first", "0"),
      event("other", "FailedMount", "not ours", "3"),
      event("u", "Pulled", "normal", "3", "Normal"),
    ];
    expect(warnings(events, about, new Set())).toEqual(["Pod p: FailedCreate: first", "Pod p: FailedMount: new"]);
  });

  test("of an earlier operation are left out, unless they happen again", () => {
    const old = event("u", "FailedMount", "old", "1");
    expect(warnings([old], about, new Set(["uFailedMount1:1"]))).toEqual([]);
    const again = { ...old, metadata: { uid: "uFailedMount1", resourceVersion: "2" } };
    expect(warnings([again], about, new Set(["uFailedMount1:1"]))).toEqual(["Pod p: FailedMount: old"]);
  });
});
