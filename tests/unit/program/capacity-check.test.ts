import { beforeAll, beforeEach, expect, jest, test } from "@jest/globals";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CapacityCheck, NoCapacity } from "../../../components/capacity/capacity-check.ts";
import { settingsSchema } from "../../../settings/schema.ts";

/** Names of what reached Pulumi's engine. */
const registered: string[] = [];

beforeAll(() =>
  pulumi.runtime.setMocks(
    {
      newResource: ({ name, inputs }) => {
        registered.push(name);
        return { id: name, state: inputs as object };
      },
      call: () => ({}),
    },
    "layer",
  ),
);

beforeEach(() => {
  registered.length = 0;
});

const nodeSelector = { pool: "any" };

/** A component whose Deployment has two pods of one core each. */
class Layer extends pulumi.ComponentResource {
  readonly deployment: pulumi.Resource;

  constructor(name: string, opts: pulumi.ComponentResourceOptions) {
    super("bana:data:Layer", name, {}, opts);
    const own = { parent: this };
    const resources = { requests: { cpu: "1", memory: "1Gi" } };
    new k8s.core.v1.Namespace(`${name}-namespace`, {}, own);
    this.deployment = new k8s.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata: { name: "two-cores", namespace: "any" },
        spec: {
          replicas: 2,
          selector: {},
          strategy: { type: "Recreate" },
          template: { spec: { nodeSelector, containers: [{ name: "main", resources }] } },
        },
      },
      own,
    );
    this.registerOutputs();
  }
}

function layerOn(name: string, count: number | undefined): { capacity: CapacityCheck; layer: Layer } {
  const nodes = count === undefined ? {} : { nodes: { count, cpu: 1, memory: "4Gi" } };
  const { nodePools } = settingsSchema.parse({
    cluster: { context: "any" },
    nodePools: { stateful: { nodeSelector, ...nodes } },
  });
  const capacity = new CapacityCheck(nodePools);
  return { capacity, layer: new Layer(name, capacity.options) };
}

const urnOf = (resource: pulumi.Resource): Promise<string> =>
  new Promise((resolve) => {
    resource.urn.apply(resolve);
  });

test("pods without a place end the program before anything is registered", async () => {
  const { capacity } = layerOn("refused", 1);
  expect(() => {
    capacity.run();
  }).toThrow(NoCapacity);
  // What is asked for later has been registered by now.
  await urnOf(new k8s.core.v1.Namespace("later", {}));
  expect(registered).toEqual(["later"]);
});

test("the message has the pods, says that nothing was changed, and comes without a stack", () => {
  const { capacity } = layerOn("explained", 1);
  try {
    capacity.run();
    throw new Error("it had a place");
  } catch (error) {
    expect(error).toMatchObject({
      stack: "",
      message: expect.stringMatching(
        /; nothing was changed\.\n {2}- layer:nodePools\.stateful\.nodes: .* 1 of two-cores\./,
      ),
    });
  }
});

test("pods with a place only while no node is down are a warning, and are registered", async () => {
  const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
  const { capacity, layer } = layerOn("warned", 2);
  capacity.run();
  expect(warn).toHaveBeenCalledWith(expect.stringContaining("only while no node is down"));
  await urnOf(layer.deployment);
  expect(registered).toContain("warned-deployment");
  warn.mockRestore();
});

test("pods on nodes that are not declared are registered without a word", async () => {
  const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
  const { capacity, layer } = layerOn("free", undefined);
  capacity.run();
  await urnOf(layer.deployment);
  expect(warn).not.toHaveBeenCalled();
  expect(registered).toContain("free-deployment");
  warn.mockRestore();
});
