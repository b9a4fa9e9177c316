import { describe, expect, test } from "@jest/globals";
import { nodesFile, typesensePod } from "../../../components/typesense/plan.ts";
import { restrictedPod } from "../../../components/pod.ts";
import { typesense } from "../../../settings/typesense.ts";
import { shortcomings } from "../golden/invariants.ts";

type Asked = Parameters<typeof typesense.parse>[0];

const podOf = (asked: Asked) =>
  typesensePod({
    settings: typesense.parse(asked),
    image: "typesense/typesense:27.1",
    pool: { nodeSelector: {}, tolerations: [] },
    checksums: {},
  });

describe("a single node", () => {
  test("has the specification's arguments, and its key by the environment only", () => {
    const { args, env, ports } = podOf({}).container;
    expect(args).toEqual(["--data-dir=/data", "--api-port=8108", "--enable-cors"]);
    expect(env).toEqual({ TYPESENSE_API_KEY: { secret: "nx-typesense-secret", key: "TYPESENSE_API_KEY" } });
    expect(ports).toEqual({ http: 8108 });
  });
});

describe("several nodes", () => {
  const pod = podOf({ replicas: 3 });

  test("know each other by names that are short enough for Typesense", () => {
    const names = nodesFile(3)["nodes"]?.split(",") ?? [];
    expect(names).toEqual([0, 1, 2].map((n) => `nx-typesense-${String(n)}.nx-typesense-headless:8107:8108`));
    expect(names.filter((name) => (name.split(":")[0] ?? "").length > 64)).toEqual([]);
  });

  test("read the list of nodes from its folder, which follows the ConfigMap as a single file would not", () => {
    expect(pod.container.args).toContain("--nodes=/etc/typesense/nodes");
    expect(pod.container.mounts["nodes"]).toBe("/etc/typesense");
    expect(pod.volumes["nodes"]).toEqual({ configMap: { name: "nx-typesense" } });
  });

  test("listen to each other at the pod's address, and find together again when all addresses are new", () => {
    expect(pod.container.env).toMatchObject({
      TYPESENSE_PEERING_ADDRESS: { field: "status.podIP" },
      TYPESENSE_RESET_PEERS_ON_ERROR: "TRUE",
    });
    expect(pod.container.ports).toEqual({ http: 8108, peering: 8107 });
  });

  test("run within restricted Pod Security", () => {
    expect(shortcomings(restrictedPod(pod) as Parameters<typeof shortcomings>[0])).toEqual([]);
  });
});

test("an even number of nodes is refused, with the next odd one as the mend", () => {
  const { error } = typesense.safeParse({ replicas: 2 });
  expect(error?.issues).toEqual([
    expect.objectContaining({
      path: ["replicas"],
      params: { suggestion: "3" },
      message: expect.stringMatching(/even/),
    }),
  ]);
});
