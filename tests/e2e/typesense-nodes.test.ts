import { ApplicationPod } from "./application-pod.ts";
import { succeed } from "./command.ts";
import { eventually } from "./eventually.ts";
import { isReady, kubectl, list, type Named, type Pod, replacePod, tryExec } from "./kubernetes.ts";
import { containerProcess } from "./processes.ts";
import { recipe } from "./recipe.ts";
import { configure, pulumi, tryPulumi, unset } from "./stack.ts";

const namespace = "nx-search";
const ordinals = [0, 1, 2] as const;
const node = (ordinal: number): Named => ({ namespace, name: `nx-typesense-${String(ordinal)}` });
const host = (ordinal: number) => `${node(ordinal).name}.nx-typesense-headless.${namespace}.svc.cluster.local`;
/** Seconds for what takes pods to be made anew. */
const recovery = { timeout: 300 };

const client = new ApplicationPod("search-nodes-client", "typesense-nodes.mjs");

const pods = async (): Promise<Pod[]> =>
  (await list<Pod>("pods", namespace)).filter(({ metadata }) => /^nx-typesense-\d$/.test(metadata.name));
const addresses = async (): Promise<(string | undefined)[]> => (await pods()).map(({ status }) => status.podIP);

/** Waits until so many pods are Ready, and there are no others. */
async function ready(count: number): Promise<void> {
  await eventually(async () => {
    const all = await pods();
    expect(all.map((pod) => isReady(pod))).toEqual(Array.from({ length: count }, () => true));
  }, recovery);
}

/** The number of the node that is the leader, as it says itself. */
async function leader(): Promise<number> {
  return eventually(async () => {
    const states = await Promise.all(
      ordinals.map(async (ordinal) => {
        const ask = ["bash", "-c", 'bash /scripts/http.sh "$POD_IP" /raft_stat/default_group'];
        return (await tryExec(node(ordinal), ask, { container: "peers", timeout: 10 })).stdout;
      }),
    );
    const leading = states.findIndex((state) => state.includes("state: LEADER"));
    expect(leading).not.toBe(-1);
    return leading;
  });
}

/** Documents that one after the other are written until they are acknowledged. */
interface Writing {
  /** Waits until so many more have been acknowledged. */
  more(count: number): Promise<void>;
  /** Ends it; all that were acknowledged must be on every node. */
  nothingIsMissing(nodes?: number): Promise<void>;
}

/** @param patience seconds within which every document has to be acknowledged */
async function write(name: string, patience: number): Promise<Writing> {
  await client.run(["create", name], { timeout: 60 });
  let acknowledged = 0;
  const troubles: string[] = [];
  const { ended } = client.talk(["write", name, String(patience)], {
    line: (number) => (acknowledged = Number(number)),
    errorLine: (line) => troubles.push(line),
  });
  const state = { over: false };
  void ended.then(() => (state.over = true));
  const more = async (count: number): Promise<void> => {
    const wanted = acknowledged + count;
    await eventually(() => {
      if (state.over) throw new Error(`a document was not acknowledged within ${String(patience)} s`);
      expect(acknowledged).toBeGreaterThanOrEqual(wanted);
    }, recovery);
  };
  await more(20);
  return {
    more,
    nothingIsMissing: async (nodes = ordinals.length) => {
      const failed = state.over;
      await client.touch(`/tmp/stop-${name}`);
      await ended;
      if (failed) throw new Error(`a document was not acknowledged: ${troubles.slice(-10).join("\n")}`);
      await ready(nodes);
      const hosts = Array.from({ length: nodes }, (_, ordinal) => host(ordinal));
      await eventually(async () => {
        expect(await client.run(["missing", name, String(acknowledged), ...hosts], { timeout: 60 })).toBe("");
      });
    },
  };
}

const scale = (replicas: number): Promise<string> =>
  kubectl([
    "patch",
    "statefulset",
    "nx-typesense",
    "--namespace",
    namespace,
    // `kubectl scale` would own the number from then on, and an update that changes it would be refused
    `--patch={"spec":{"replicas":${String(replicas)}}}`,
  ]);

const gone = (ordinal: number): Promise<void> =>
  eventually(async () => {
    expect((await pods()).map(({ metadata }) => metadata.name)).not.toContain(node(ordinal).name);
  }, recovery).then(() => undefined);

beforeAll(() => client.start());
afterAll(() => client.remove());

test("one node does not become several by itself: this is refused in preview, and there is a way", async () => {
  await configure("typesense.replicas", "3");
  const { code, stdout, stderr } = await tryPulumi(["preview"]);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain("nx-typesense has 1 pod and cannot be scaled up to 3");
  await unset("typesense.replicas");
  const commands = recipe("Have several nodes of Typesense");
  expect(commands.slice(2)).toEqual([
    expect.stringMatching(/config set --path bana-data-layer:typesense\.replicas 3$/),
    expect.stringMatching(/up --refresh$/),
  ]);
  for (const command of commands.slice(0, 2)) await succeed("sh", ["-euc", command], { timeout: 120 });
  await configure("typesense.replicas", "3");
  await pulumi("up", "--yes", "--skip-preview", "--refresh");
  await ready(ordinals.length);
  expect(ordinals).toContain(await leader());
  await pulumi("preview", "--expect-no-changes");
});

describe("three nodes", () => {
  test("go on within 15 s when the leader is killed, and lose nothing", async () => {
    const writing = await write("killed", 15);
    const leading = await leader();
    const { pid } = await containerProcess(node(leading), "typesense");
    process.kill(pid, "SIGKILL");
    await writing.more(50);
    await writing.nothingIsMissing();
  });

  test("go on while one is away, and fill it when it is back", async () => {
    const writing = await write("away", 60);
    await scale(2);
    await gone(2);
    await writing.more(50);
    await scale(3);
    await ready(ordinals.length);
    await writing.nothingIsMissing();
  });

  test("find together again when all are deleted at once and come back with new addresses, and lose nothing", async () => {
    const writing = await write("deleted", 240);
    const before = await addresses();
    await Promise.all(ordinals.map((ordinal) => replacePod(node(ordinal), recovery)));
    await ready(ordinals.length);
    const after = await addresses();
    expect(after.filter((address) => before.includes(address))).toEqual([]);
    await writing.more(20);
    await writing.nothingIsMissing();
  });

  test("have a leader that lacks nothing when one of them, now back, was away during the last writes", async () => {
    const writing = await write("lagging", 240);
    await scale(2);
    await gone(2);
    await writing.more(30);
    await scale(0);
    await Promise.all([gone(0), gone(1)]);
    await scale(3);
    await ready(ordinals.length);
    expect([0, 1]).toContain(await leader());
    await writing.more(20);
    await writing.nothingIsMissing();
  });

  test("fill one that lost its volume, when all come back at once: it has no say before", async () => {
    const writing = await write("lost", 240);
    await scale(0);
    await Promise.all(ordinals.map(gone));
    // the first one, which would found a cluster if the others were as empty
    await kubectl(["delete", "persistentvolumeclaim", "data-nx-typesense-0", "--namespace", namespace]);
    await scale(3);
    await ready(ordinals.length);
    expect([1, 2]).toContain(await leader());
    await writing.more(20);
    await writing.nothingIsMissing();
  });

  test("say that they have no leader while one is alone, and acknowledge nothing", async () => {
    await scale(1);
    await Promise.all([gone(1), gone(2)]);
    await eventually(async () => {
      const { code, stdout } = await tryExec(node(0), ["bash", "/scripts/ready.sh"], { container: "peers" });
      expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining("no leader") as unknown });
    });
    await expect(client.run(["create", "alone"], { timeout: 60 })).rejects.toThrow();
    await scale(3);
    await ready(ordinals.length);
  });

  test("take a new key one after the other, and writes go on", async () => {
    const writing = await write("rotated", 240);
    const before = (await pods()).map(({ metadata }) => metadata.uid);
    await configure("typesense.passwordVersion", "11");
    await pulumi("up", "--yes", "--skip-preview");
    expect((await pods()).filter(({ metadata }) => before.includes(metadata.uid))).toEqual([]);
    await writing.more(20);
    await writing.nothingIsMissing();
  });

  test("listen to each other where nobody else can, not even in their namespace", async () => {
    const other = (await list<Pod>("pods", namespace)).find(({ metadata }) => metadata.name.startsWith("nx-debezium-"));
    const reaches = async (from: Named, port: number, container?: string): Promise<boolean> => {
      const connect = ["timeout", "3", "bash", "-c", `exec 3<>/dev/tcp/${host(1)}/${String(port)}`];
      return (await tryExec(from, connect, { container })).code === 0;
    };
    expect(await reaches(node(0), 8107, "peers")).toBe(true);
    const name = other?.metadata.name ?? "";
    expect([await reaches({ namespace, name }, 8108), await reaches({ namespace, name }, 8107)]).toEqual([true, false]);
  });

  test("become five, and none of the three is touched", async () => {
    const writing = await write("grown", 60);
    const before = (await pods()).map(({ metadata }) => metadata.uid);
    await configure("typesense.replicas", "5");
    await pulumi("up", "--yes", "--skip-preview");
    await ready(5);
    expect((await pods()).map(({ metadata }) => metadata.uid)).toEqual(expect.arrayContaining(before));
    await writing.more(20);
    await writing.nothingIsMissing(5);
  });

  test("are never fewer: those that go could be all that have what was acknowledged last", async () => {
    await configure("typesense.replicas", "3");
    const { code, stdout, stderr } = await tryPulumi(["preview"]);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("nx-typesense has 5 pods and cannot be scaled down to 3");
    await configure("typesense.replicas", "5");
    await pulumi("preview", "--expect-no-changes");
  });
});
