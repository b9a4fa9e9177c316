import { describe, expect, test } from "@jest/globals";
import { peerNames, peerScripts, typesensePod } from "../../../components/typesense/pods.ts";
import { restrictedPod } from "../../../components/pod.ts";
import { typesense } from "../../../settings/typesense.ts";
import { shortcomings } from "../golden/invariants.ts";

type Input = Parameters<typeof typesense.parse>[0];

const podOf = (input: Input) =>
  typesensePod({
    settings: typesense.parse(input),
    image: "typesense/typesense:27.1",
    pool: { nodeSelector: {}, tolerations: [] },
    checksums: {},
  });

describe("a single node", () => {
  test("has the specification's arguments, and gets its key only from the environment", () => {
    const { args, env, ports } = podOf({}).container;
    expect(args).toEqual(["--data-dir=/data", "--api-port=8108", "--enable-cors"]);
    expect(env).toEqual({ TYPESENSE_API_KEY: { secret: "nx-typesense-secret", key: "TYPESENSE_API_KEY" } });
    expect(ports).toEqual({ http: 8108 });
  });
});

describe("several nodes", () => {
  const pod = podOf({ replicas: 3 });
  const [peers] = pod.sidecars ?? [];

  test("are listed in a file on the volume before Typesense starts", () => {
    expect(pod.container.args).toContain("--nodes=/data/nodes");
    expect(peers?.env).toMatchObject({ NODES: "/data/nodes", STARTED: "/tmp/started" });
    expect(peers?.startupProbe).toMatchObject({ exec: { command: ["test", "-e", "/tmp/started"] } });
    expect(peers?.mounts).toMatchObject({ data: "/data", tmp: "/tmp", scripts: "/scripts" });
  });

  test("know all DNS names, by ordinal", () => {
    expect(peerNames(3)["names"]?.trim().split(" ")).toEqual(
      [0, 1, 2].map((n) => `nx-typesense-${String(n)}.nx-typesense-headless.nx-search.svc.cluster.local`),
    );
  });

  test("have all scripts of the sidecar", () => {
    expect(peers?.command).toEqual(["bash", "/scripts/peers.sh"]);
    expect(Object.keys(peerScripts())).toEqual(
      expect.arrayContaining(["peers.sh", "alive.sh", "elect.sh", "http.sh", "raft.sh", "ready.sh"]),
    );
  });

  test("use the pod's IP for peering, without an option that lets a node elect itself", () => {
    expect(pod.container.env).toEqual({
      TYPESENSE_API_KEY: { secret: "nx-typesense-secret", key: "TYPESENSE_API_KEY" },
      TYPESENSE_PEERING_ADDRESS: { field: "status.podIP" },
    });
    expect(pod.container.ports).toEqual({ http: 8108, peering: 8107 });
  });

  test("have a native sidecar and satisfy restricted Pod Security", () => {
    const template = restrictedPod(pod) as Parameters<typeof shortcomings>[0];
    expect(template.spec.initContainers).toEqual([
      expect.objectContaining({ name: "peers", image: "typesense/typesense:27.1", restartPolicy: "Always" }),
    ]);
    expect(shortcomings(template)).toEqual([]);
  });
});

test("an even number of nodes is refused and the next odd number suggested", () => {
  const { error } = typesense.safeParse({ replicas: 2 });
  expect(error?.issues).toEqual([
    expect.objectContaining({
      path: ["replicas"],
      params: { suggestion: "3" },
      message: expect.stringMatching(/even/),
    }),
  ]);
});
