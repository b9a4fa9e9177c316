import { flows } from "../../../components/network/flows.ts";
import { namespaces, operatorsNamespace } from "../../../components/names.ts";
import { settingsSchema } from "../../../settings/schema.ts";
import { allows, type Place, type Rules } from "../../e2e/flow-rules.ts";

const settings = settingsSchema.parse({
  cluster: { context: "any" },
  postgresql: { implementation: "cloudnative-pg" },
  objectStore: {
    ...{ endpoint: "http://s3.store.svc:7070", bucket: "any", credentials: { secret: "any" } },
    access: { namespace: "store", port: 7070 },
  },
});

const rules: Rules = {
  flows: flows(settings),
  namespaces: [...namespaces, operatorsNamespace],
  served: { store: [7070] },
};

const pod = (namespace: string, labels: Readonly<Record<string, string>> = {}): Place => ({
  ...{ namespace, labels, address: "10.244.0.9" },
});

const instance = pod("nx-persistent", {
  ...{ "app.kubernetes.io/name": "postgresql", "app.kubernetes.io/component": "database" },
  ...{ "cnpg.io/podRole": "instance", "cnpg.io/instanceRole": "replica" },
});
const operator = pod(operatorsNamespace, { "app.kubernetes.io/name": "cloudnative-pg" });
const commerce = pod("nx-backend", { "app.kubernetes.io/name": "commerce" });
const internet: Place = { address: "203.0.113.2" };
const node: Place = { address: "172.30.0.1" };

test.each<[string, Place, Place, number]>([
  ["a line of the table", operator, instance, 8000],
  ["a line for a whole namespace", pod("nx-backend"), instance, 5432],
  ["a line for applications by name", commerce, internet, 443],
  ["a line for address ranges", instance, node, 6443],
  ["an ingress line for address ranges, from a pod without policies", pod("default"), operator, 9443],
  ["the cluster's own policy, with a line for egress", instance, pod("store"), 7070],
  ["the cluster's own policy, from a pod without policies", pod("default"), pod("store"), 7070],
  ["no policy at either end", pod("default"), internet, 5432],
])("a connection is open by %s", (_, client, server, port) => {
  expect(allows(rules, client, server, port)).toBe(true);
});

test.each<[string, Place, Place, number]>([
  ["another port", pod("nx-backend"), instance, 8000],
  ["another namespace", pod("nx-app"), instance, 5432],
  ["other labels", pod("nx-persistent"), instance, 5432],
  ["another application", pod("nx-backend", { "app.kubernetes.io/name": "sale" }), internet, 443],
  ["an excluded address", commerce, { address: "169.254.169.254" }, 443],
  ["a pod without policies, which the server has no line for", pod("default"), instance, 5432],
  ["only an egress line, which reaches a server with policies", instance, pod("nx-internal"), 443],
  ["no egress line", pod("nx-backend"), pod("store"), 7070],
  ["a client whose namespace reaches nothing", pod("store"), internet, 443],
])("a connection is closed: %s", (_, client, server, port) => {
  expect(allows(rules, client, server, port)).toBe(false);
});
