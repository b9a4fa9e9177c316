import { nameOf } from "../metadata.ts";
import { list, text, type Fields } from "../values.ts";
import { endpointsOf } from "./service.ts";
import { ready, waiting, type Rule } from "./rule.ts";

const backends = (ingress: Fields): string[] => [
  ...new Set(
    list(ingress, "spec", "rules")
      .flatMap((rule) => list(rule, "http", "paths"))
      .map((path) => text(path, "backend", "service", "name") || text(path, "backend", "serviceName"))
      .filter(Boolean),
  ),
];

/** Ready when its controller gave it an address, and every service that it names has endpoints or has settled without. */
export const ingress: Rule = {
  related: ["services", "endpointSlices"],
  onRead: true,
  judge({ object, related, settled }) {
    const external = (related.services ?? [])
      .filter((item) => text(item, "spec", "type") === "ExternalName")
      .map(nameOf);
    const missing = backends(object).filter(
      (name) => !external.includes(name) && endpointsOf(name, related.endpointSlices).length === 0,
    );
    if (missing.length > 0 && !settled) return waiting(`Waiting for endpoints of ${missing.join(", ")}`);
    const warning = missing.length > 0 ? `No Pods are behind ${missing.join(", ")}` : undefined;
    if (list(object, "status", "loadBalancer", "ingress").length === 0) {
      return waiting(
        "Waiting for an address from the ingress controller",
        "no address was allocated; the cluster may have no ingress controller for this class",
        ...(warning === undefined ? [] : [warning]),
      );
    }
    return { ...ready("The Ingress has its address"), ...(warning === undefined ? {} : { warning }) };
  },
};
