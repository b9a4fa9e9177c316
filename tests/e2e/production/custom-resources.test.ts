import { kafkaTopic, objectNameOf } from "../../../components/kafka/strimzi/topics.ts";
import { customObjectsOf } from "../../validate/objects.ts";
import { kubectl } from "../kubernetes.ts";

/** Folder with Strimzi's CustomResourceDefinitions, which no package registry has. */
const source = process.env["BANA_CRDS"];

/** A topic, of which stack production declares none. */
const topic = {
  title: "KafkaTopic nx-broker/Orders",
  content: {
    apiVersion: "kafka.strimzi.io/v1",
    kind: "KafkaTopic",
    metadata: { name: objectNameOf("Orders"), namespace: "nx-broker", labels: { "strimzi.io/cluster": "nx" } },
    spec: kafkaTopic("Orders", { partitions: 3, replicationFactor: 3, config: { "retention.ms": "86400000" } }),
  },
};

const objects = [...customObjectsOf("production").filter(({ group }) => group === "kafka.strimzi.io"), topic];

// Strimzi's operator cannot run on the embedded cluster. The API server checks its objects, rules in CEL included.
(source === undefined ? describe.skip : describe)("the API server accepts Strimzi's objects (BANA_CRDS)", () => {
  beforeAll(async () => {
    await kubectl(["apply", "--server-side", "--filename", source ?? ""]);
    await kubectl(["wait", "--for=condition=Established", "--timeout=60s", "--filename", source ?? ""]);
  });

  afterAll(async () => {
    await kubectl(["delete", "--filename", source ?? ""]);
  });

  test.each(objects.map(({ title, content }) => [title, content] as const))("%s", async (_, content) => {
    const created = await kubectl(
      ["create", "--dry-run=server", "--validate=strict", "--output=json", "--filename=-"],
      JSON.stringify(content),
    );
    // Fields that a definition lacks would be missing.
    expect(JSON.parse(created)).toMatchObject({ spec: (content as { spec: object }).spec });
  });
});
