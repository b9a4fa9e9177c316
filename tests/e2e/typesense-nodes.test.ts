import { ApplicationPod } from "./application-pod.ts";
import { succeed } from "./command.ts";
import { eventually } from "./eventually.ts";
import { isReady, kubectl, list, type Named, type Pod, replacePod, tryExec } from "./kubernetes.ts";
import { containerProcess } from "./processes.ts";
import { recipe } from "./recipe.ts";
import { configure, copyOfConfiguration, pulumi, tryPulumi, unset } from "./stack.ts";

const namespace = "nx-search";
const ordinals = [0, 1, 2] as const;
const node = (ordinal: number): Named => ({ namespace, name: `nx-typesense-${String(ordinal)}` });
const host = (ordinal: number) => `${node(ordinal).name}.nx-typesense-headless.${namespace}.svc.cluster.local`;
/** For conditions that depend on new pods. */
const recovery = { timeout: 300 };

const client = new ApplicationPod("search-nodes-client", "typesense-nodes.mjs");

const pods = async (): Promise<Pod[]> =>
  (await list<Pod>("pods", namespace)).filter(({ metadata }) => /^nx-typesense-\d$/.test(metadata.name));
const addresses = async (): Promise<(string | undefined)[]> => (await pods()).map(({ status }) => status.podIP);

/** Waits until there are exactly `count` pods, all Ready. */
async function ready(count: number): Promise<void> {
  await eventually(async () => {
    const all = await pods();
    expect(all.map((pod) => isReady(pod))).toEqual(Array.from({ length: count }, () => true));
  }, recovery);
}

/** Ordinal of the node that reports itself as the Raft leader. */
async function leader(): Promise<number> {
  return eventually(async () => {
    const states = await Promise.all(
      ordinals.map(async (ordinal) => {
        const raftState = ["bash", "-c", 'bash /scripts/http.sh "$POD_IP" /raft_stat/default_group'];
        return (await tryExec(node(ordinal), raftState, { container: "peers", timeout: 10 })).stdout;
      }),
    );
    const leading = states.findIndex((state) => state.includes("state: LEADER"));
    expect(leading).not.toBe(-1);
    return leading;
  });
}

/** A client that writes documents one by one, retrying each until it is acknowledged. */
interface Writing {
  /** Waits until `count` more documents are acknowledged. */
  waitForMore(count: number): Promise<void>;
  /** Stops the client and expects every acknowledged document on every node. */
  stopAndVerify(nodes?: number): Promise<void>;
}

/** @param deadline seconds within which each document must be acknowledged */
async function write(name: string, deadline: number): Promise<Writing> {
  await client.run(["create", name], { timeout: 60 });
  let acknowledged = 0;
  const errors: string[] = [];
  const { ended } = client.stream(["write", name, String(deadline)], {
    onLine: (number) => (acknowledged = Number(number)),
    onErrorLine: (line) => errors.push(line),
  });
  const state = { ended: false };
  void ended.then(() => (state.ended = true));
  const waitForMore = async (count: number): Promise<void> => {
    const wanted = acknowledged + count;
    await eventually(() => {
      if (state.ended) throw new Error(`a document was not acknowledged within ${String(deadline)} s`);
      expect(acknowledged).toBeGreaterThanOrEqual(wanted);
    }, recovery);
  };
  await waitForMore(20);
  return {
    waitForMore,
    stopAndVerify: async (nodes = ordinals.length) => {
      const failed = state.ended;
      await client.touch(`/tmp/stop-${name}`);
      await ended;
      if (failed) throw new Error(`a document was not acknowledged: ${errors.slice(-10).join("\n")}`);
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
    // `kubectl scale` would take ownership of the field, and a later server-side apply that changes it would conflict
    `--patch={"spec":{"replicas":${String(replicas)}}}`,
  ]);

const gone = (ordinal: number): Promise<void> =>
  eventually(async () => {
    expect((await pods()).map(({ metadata }) => metadata.name)).not.toContain(node(ordinal).name);
  }, recovery).then(() => undefined);

beforeAll(() => client.start());
afterAll(() => client.remove());

test("preview refuses to scale one node to three, and the documented procedure does it", async () => {
  await configure("typesense.replicas", "3");
  const { code, stdout, stderr } = await tryPulumi(["preview"]);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain("nx-typesense has 1 pod and cannot be scaled up to 3");
  await unset("typesense.replicas");
  const commands = recipe("Run several Typesense nodes");
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
  test("accept writes within 15 s after the leader is killed, and lose nothing", async () => {
    const writing = await write("killed", 15);
    const leading = await leader();
    const { pid } = await containerProcess(node(leading), "typesense");
    process.kill(pid, "SIGKILL");
    await writing.waitForMore(50);
    await writing.stopAndVerify();
  });

  test("accept writes while one node is down, and bring it up to date when it returns", async () => {
    const writing = await write("down", 60);
    await scale(2);
    await gone(2);
    await writing.waitForMore(50);
    await scale(3);
    await ready(ordinals.length);
    await writing.stopAndVerify();
  });

  test("re-form a cluster without loss after all pods are deleted together and get new addresses", async () => {
    const writing = await write("deleted", 240);
    const before = await addresses();
    await Promise.all(ordinals.map((ordinal) => replacePod(node(ordinal), recovery)));
    await ready(ordinals.length);
    const after = await addresses();
    expect(after.filter((address) => before.includes(address))).toEqual([]);
    await writing.waitForMore(20);
    await writing.stopAndVerify();
  });

  describe("of which one missed the last writes", () => {
    let writing: Writing;

    test("report that there is no leader and acknowledge no write while only one is up", async () => {
      writing = await write("lagging", 240);
      await scale(2);
      await gone(2);
      await writing.waitForMore(30);
      await scale(1);
      await gone(1);
      await eventually(async () => {
        const { code, stdout } = await tryExec(node(0), ["bash", "/scripts/ready.sh"], { container: "peers" });
        expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining("no leader") as unknown });
      });
      await expect(client.run(["create", "alone"], { timeout: 60 })).rejects.toThrow();
    });

    test("elect a leader with all writes when all start together", async () => {
      await scale(0);
      await gone(0);
      await scale(3);
      await ready(ordinals.length);
      expect([0, 1]).toContain(await leader());
      await writing.waitForMore(20);
      await writing.stopAndVerify();
    });
  });

  test("re-sync a node that lost its volume when all start together: it cannot become leader before", async () => {
    const writing = await write("lost", 240);
    await scale(0);
    await Promise.all(ordinals.map(gone));
    // the first node: it would form a new cluster if the others were empty too
    await kubectl(["delete", "persistentvolumeclaim", "data-nx-typesense-0", "--namespace", namespace]);
    await scale(3);
    await ready(ordinals.length);
    expect([1, 2]).toContain(await leader());
    await writing.waitForMore(20);
    await writing.stopAndVerify();
  });

  test("roll one by one to a new API key while writes continue", async () => {
    const writing = await write("rotated", 240);
    const before = (await pods()).map(({ metadata }) => metadata.uid);
    await configure("typesense.passwordVersion", "11");
    await pulumi("up", "--yes", "--skip-preview");
    expect((await pods()).filter(({ metadata }) => before.includes(metadata.uid))).toEqual([]);
    await writing.waitForMore(20);
    await writing.stopAndVerify();
  });

  test("accept peering connections from each other only, not from other pods of their namespace", async () => {
    const other = (await list<Pod>("pods", namespace)).find(({ metadata }) => metadata.name.startsWith("nx-debezium-"));
    const reaches = async (from: Named, port: number, container?: string): Promise<boolean> => {
      const connect = ["timeout", "3", "bash", "-c", `exec 3<>/dev/tcp/${host(1)}/${String(port)}`];
      return (await tryExec(from, connect, { container })).code === 0;
    };
    expect(await reaches(node(0), 8107, "peers")).toBe(true);
    const name = other?.metadata.name ?? "";
    expect([await reaches({ namespace, name }, 8108), await reaches({ namespace, name }, 8107)]).toEqual([true, false]);
  });

  test("scale to five without a restart of the first three", async () => {
    const writing = await write("grown", 60);
    const before = (await pods()).map(({ metadata }) => metadata.uid);
    await configure("typesense.replicas", "5");
    await pulumi("up", "--yes", "--skip-preview");
    await ready(5);
    expect((await pods()).map(({ metadata }) => metadata.uid)).toEqual(expect.arrayContaining(before));
    await writing.waitForMore(20);
    await writing.stopAndVerify(5);
  });

  test("cannot be scaled down: removed nodes could be the only ones with the last acknowledged writes", async () => {
    const fewer = copyOfConfiguration("fewer-nodes");
    await configure("typesense.replicas", "3", fewer);
    const [{ code, stdout, stderr }] = await Promise.all([
      tryPulumi(["preview"], fewer),
      pulumi("preview", "--expect-no-changes"),
    ]);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("nx-typesense has 5 pods and cannot be scaled down to 3");
  });
});
