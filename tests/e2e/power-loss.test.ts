import { setTimeout as sleep } from "node:timers/promises";
import {
  applicationRuns,
  missing,
  none,
  removeApplication,
  startApplication,
  startWriting,
  written,
} from "./application.ts";
import { succeed } from "./command.ts";
import { eventually } from "./eventually.ts";
import { isReady, list, type Pod } from "./kubernetes.ts";
import { startCommand } from "./npm-start.ts";
import { replicaStreams } from "./postgresql.ts";
import { session } from "./session.ts";
import { pulumi } from "./stack.ts";

/** The pods of the stores, without those of Jobs. */
const servers = async (): Promise<Pod[]> =>
  (await list<Pod>("pods")).filter(
    ({ metadata }) =>
      metadata.labels?.["app.kubernetes.io/part-of"] === "bana-data-layer" &&
      metadata.ownerReferences?.[0]?.kind !== "Job",
  );

const restarts = ({ status }: Pod): number =>
  (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);

beforeAll(startApplication);
afterAll(removeApplication);

test("npm start restores the stack after a power loss of the node while clients write, without loss", async () => {
  const before = new Map((await servers()).map((pod) => [pod.metadata.uid, restarts(pod)]));
  expect(before.size).toBe(11);
  const writing = startWriting();
  await written(writing, 20, 120);
  const settled = { ...writing.acknowledged, redis: [...writing.acknowledged.redis] };
  // appendfsync everysec: Redis may lose the last second of writes, or the last two when the disk is busy
  await sleep(2500);

  // the first process of the node's pid namespace: the kernel kills all others with it
  process.kill(session().node, "SIGKILL");
  await writing.ended;
  await succeed(...startCommand());

  await eventually(
    async () => {
      const now = await servers();
      expect(now.map(({ metadata }) => metadata.uid).sort()).toEqual([...before.keys()].sort());
      // a pod's status may still be from before the power loss: only restarted containers count
      const down = now.filter((pod) => !isReady(pod) || restarts(pod) <= (before.get(pod.metadata.uid) ?? 0));
      expect(down.map(({ metadata }) => metadata.name)).toEqual([]);
    },
    { timeout: 300 },
  );
  await applicationRuns();
  await eventually(async () => {
    expect(await missing(settled)).toEqual(none);
  });

  const again = startWriting();
  await written(again, 5, 120);
  await again.stop();
  await eventually(replicaStreams, { timeout: 120 });
  await pulumi("preview", "--expect-no-changes");
});
