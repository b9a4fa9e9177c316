import { describe, expect, test } from "@jest/globals";
import { unreadiness } from "../../../components/kafka/strimzi/conditions.ts";
import { kafkaCluster } from "../../../components/kafka/strimzi/kafka-cluster.ts";
import { nodePools } from "../../../components/kafka/strimzi/node-pools.ts";
import { kafkaTopic, objectNameOf, refuseFewerPartitions } from "../../../components/kafka/strimzi/topics.ts";
import { applicationAcls, captureAcls, checkUserName, kafkaUser } from "../../../components/kafka/strimzi/users.ts";
import { InvalidSettings, readSettings } from "../../../settings.ts";

const read = (kafka: object, operators: object = {}) =>
  readSettings("layer", {
    "layer:cluster": '{"context":"c"}',
    "layer:kafka": JSON.stringify(kafka),
    "layer:operators": JSON.stringify(operators),
  });

const given = (kafka: object) => read({ implementation: "strimzi", ...kafka }).kafka;

function problemsOf(kafka: object, operators: object = {}): string {
  try {
    read(kafka, operators);
  } catch (error) {
    if (error instanceof InvalidSettings) return error.problems.join("\n");
    throw error;
  }
  return "";
}

const pool = { nodeSelector: { "node.kubernetes.io/pool": "stateful" }, tolerations: [{ key: "data" }] };
const clusterOf = (kafka: object, registry?: string) => {
  const settings = given(kafka);
  return kafkaCluster({
    settings,
    strimzi: settings.strimzi,
    pool,
    operator: "1.0.1",
    registry,
    poolsChecksum: "digest",
  });
};
const poolsOf = (kafka: object) => {
  const settings = given(kafka);
  return nodePools({ settings, strimzi: settings.strimzi, storageClass: "disks", pool });
};

describe("settings", () => {
  test("those of Strimzi are refused for a StatefulSet, each by name", () => {
    const problems = problemsOf({
      strimzi: { version: "4.1.2", access: { topics: ["orders."] } },
      users: { orders: { access: { groups: ["orders."] } } },
    });
    for (const path of ["strimzi.version", "strimzi.access", "users.orders.access"]) {
      expect(problems).toContain(`kafka.${path}: `);
      expect(problems).toContain(`pulumi config rm --path layer:kafka.${path}`);
    }
    expect(problemsOf({})).toBe("");
  });

  test("Kafka must be of a version that the operator runs", () => {
    const strimzi = (version: string) => ({ implementation: "strimzi", strimzi: { version } });
    expect(problemsOf(strimzi("4.1.1"))).toBe("");
    expect(problemsOf(strimzi("4.3.0"))).toContain(
      '"4.3.0" is not run by Strimzi 1.0.1, which runs 4.1.0, 4.1.1, 4.1.2, 4.2.0. Strimzi 1.1.0 and 1.2.0 would run it',
    );
    expect(problemsOf(strimzi("4.1.1"), { strimzi: { version: "1.2.0" } })).toContain("which runs 4.2.0");
    expect(problemsOf(strimzi("4.1.1"), { strimzi: { version: "1.2.9" } })).toContain("is not known to this program");
    expect(problemsOf({}, { strimzi: { version: "1.2.9" } })).toBe("");
  });

  test("the metadata version cannot be newer than Kafka", () => {
    const strimzi = { version: "4.1.1", metadataVersion: "4.2-IV1" };
    expect(problemsOf({ implementation: "strimzi", strimzi })).toContain("is newer than Kafka 4.1.1 supports");
  });

  test("installing the operator needs the digest of its manifest, and tells how to compute it", () => {
    expect(problemsOf({}, { strimzi: { mode: "install" } })).toMatch(
      /operators\.strimzi\.sha256 is required .*curl -fsSL https:\/\/github\.com\/strimzi\/.*strimzi-cluster-operator-1\.0\.1\.yaml \| sha256sum/,
    );
    expect(problemsOf({}, { strimzi: { mode: "install", sha256: "0".repeat(64) } })).toBe("");
  });
});

describe("the Kafka object", () => {
  test("has the specification's key configuration, on brokers and controllers", () => {
    expect(clusterOf({}).kafka.config).toMatchObject({
      "offsets.topic.replication.factor": 3,
      "transaction.state.log.replication.factor": 3,
      "transaction.state.log.min.isr": 2,
      "default.replication.factor": 3,
      "min.insync.replicas": 2,
      "num.partitions": 3,
      "log.retention.hours": 168,
      "log.retention.bytes": 2 ** 30,
      "log.segment.bytes": 2 ** 30,
      "auto.create.topics.enable": false,
    });
  });

  test("has one listener for clients, with passwords", () => {
    expect(clusterOf({}).kafka.listeners).toMatchObject([
      { name: "client", port: 9092, type: "internal", tls: false, authentication: { type: "scram-sha-512" } },
    ]);
  });

  test("keeps its metadata version through an upgrade of Kafka, if that is set", () => {
    expect(clusterOf({}).kafka).toMatchObject({ version: "4.1.1", metadataVersion: "4.1-IV1" });
    const upgrade = { strimzi: { version: "4.2.0", metadataVersion: "4.1-IV1" } };
    expect(clusterOf(upgrade).kafka).toMatchObject({ version: "4.2.0", metadataVersion: "4.1-IV1" });
  });

  test("changes with its pools, so that its status tells when the nodes have the change", () => {
    expect(clusterOf({}).kafka.template.bootstrapService.metadata.annotations).toEqual({ "checksum/pools": "digest" });
  });

  test("names images only for a mirror", () => {
    expect(clusterOf({}).kafka).not.toHaveProperty("image");
    expect(clusterOf({}, "mirror").kafka).toMatchObject({
      image: "mirror/quay.io/strimzi/kafka:1.0.1-kafka-4.1.1",
      brokerRackInitImage: "mirror/quay.io/strimzi/operator:1.0.1",
    });
  });
});

describe("node pools", () => {
  test("are three controllers, and brokers alone, with ids of their own", () => {
    expect(
      poolsOf({ brokers: 4 }).map(({ name, annotations, spec }) => [name, annotations, spec.roles, spec.replicas]),
    ).toEqual([
      ["controller", { "strimzi.io/next-node-ids": "[100-199]" }, ["controller"], 3],
      ["kafka", { "strimzi.io/next-node-ids": "[0-99]" }, ["broker"], 4],
    ]);
  });

  test("keep their volumes", () => {
    for (const { spec } of poolsOf({})) {
      expect(spec.storage.volumes).toMatchObject([{ type: "persistent-claim", deleteClaim: false, class: "disks" }]);
    }
  });

  test("spread over zones and nodes, on the nodes of the pool, and leave the volumes' group to the operator", () => {
    for (const { spec } of poolsOf({})) {
      const { pod } = spec.template;
      expect(pod.topologySpreadConstraints.map(({ topologyKey }) => topologyKey)).toEqual([
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
      ]);
      expect(JSON.stringify(pod)).toContain('{"key":"node.kubernetes.io/pool","operator":"In","values":["stateful"]}');
      expect(pod).toMatchObject({ tolerations: [{ key: "data" }] });
      expect(pod).not.toHaveProperty("securityContext");
    }
  });
});

test("every container of the operator's pods is restricted, whatever security provider the operator has", () => {
  const { entityOperator, cruiseControl } = clusterOf({});
  const containers = [
    entityOperator.template.topicOperatorContainer,
    entityOperator.template.userOperatorContainer,
    cruiseControl.template.cruiseControlContainer,
    ...poolsOf({}).flatMap(({ spec }) => [spec.template.kafkaContainer, spec.template.initContainer]),
  ];
  for (const { securityContext } of containers) {
    expect(securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
  }
});

describe("users", () => {
  const access = { topics: ["orders."], groups: ["orders."] };

  test("the applications' may use their prefixes and the declared topics, and only read captured changes", () => {
    const acls = applicationAcls({ access, topics: ["invoices"], captured: "nx_seller_core" });
    const on = (name: string) => acls.filter(({ resource }) => resource.name === name);
    expect(on("orders.").map(({ resource }) => [resource.type, resource.patternType])).toEqual([
      ["topic", "prefix"],
      ["group", "prefix"],
      ["transactionalId", "prefix"],
    ]);
    expect(on("invoices")).toMatchObject([{ resource: { patternType: "literal" } }]);
    expect(on("nx_seller_core.").flatMap(({ operations }) => operations)).not.toContain("Write");
    expect(acls.flatMap(({ operations }) => operations)).not.toContain("Delete");
  });

  test("* stands for all names", () => {
    const acls = applicationAcls({ access: { topics: ["*"], groups: [] }, topics: [], captured: "nx" });
    expect(acls[0]).toMatchObject({ resource: { name: "*", patternType: "literal" } });
  });

  test("Debezium's may write captured changes, and keep Kafka Connect's own topics", () => {
    const names = captureAcls("nx_seller_core", "nx-debezium").map(
      ({ resource }) => `${resource.type} ${resource.name}`,
    );
    expect(names).toEqual([
      "topic nx_seller_core.",
      "topic __debezium-heartbeat.nx_seller_core",
      "topic nx-debezium-configs",
      "topic nx-debezium-offsets",
      "topic nx-debezium-status",
      "group nx-debezium",
    ]);
  });

  test("have their password from our Secret, and change with it", () => {
    const spec = kafkaUser("nx.production", [], "digest");
    expect(spec.authentication.password).toEqual({
      valueFrom: { secretKeyRef: { name: "nx-kafka-passwords", key: "nx.production" } },
    });
    expect(spec).not.toEqual(kafkaUser("nx.production", [], "another"));
  });

  test("need names that Kubernetes objects can have", () => {
    expect(() => checkUserName("nx.production")).not.toThrow();
    expect(() => checkUserName("nx.My_Stack")).toThrow("use a stack whose name has only lower case letters");
  });
});

describe("topics", () => {
  test("keep their names where Kubernetes allows them, and get unique ones elsewhere", () => {
    expect(objectNameOf("orders.created-1")).toBe("orders.created-1");
    const names = ["Orders", "orders_", "ORDERS", "_", "orders"].map(objectNameOf);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
  });

  test("are declared with their own name and configuration", () => {
    const topic = { partitions: 6, replicationFactor: 3, config: { "retention.ms": "1000" } };
    expect(kafkaTopic("Orders", topic)).toEqual({
      topicName: "Orders",
      partitions: 6,
      replicas: 3,
      config: { "retention.ms": "1000" },
    });
    expect(kafkaTopic("orders", { ...topic, config: {} })).toEqual({ partitions: 6, replicas: 3 });
  });

  test("never get fewer partitions", () => {
    const topic = (partitions: number) => ({ metadata: { name: "orders" }, spec: { partitions } });
    expect(() => {
      refuseFewerPartitions(topic(3), topic(6));
    }).not.toThrow();
    expect(() => {
      refuseFewerPartitions(topic(6), topic(3));
    }).toThrow("topic orders has 6 partitions and cannot be reduced to 3");
  });
});

describe("why an object is not ready", () => {
  const conditions = [
    { type: "Warning", status: "True", reason: "Deprecated", message: "a field is old" },
    { type: "NotReady", status: "True", reason: "FatalProblem", message: "no node pool has brokers" },
  ];

  test("is what its conditions tell", () => {
    expect(unreadiness({ metadata: { generation: 1 }, status: { observedGeneration: 1, conditions } })).toBe(
      "Warning: Deprecated: a field is old; NotReady: FatalProblem: no node pool has brokers",
    );
  });

  test("is that the operator is behind, or has never looked at it", () => {
    expect(unreadiness({ metadata: { generation: 2 }, status: { observedGeneration: 1 } })).toContain("not finished");
    expect(unreadiness({ metadata: { generation: 1 } })).toContain("the operator has not looked at it");
  });
});
