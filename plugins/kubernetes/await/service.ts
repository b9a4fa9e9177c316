import { nameOf } from "../metadata.ts";
import { at, fields, list, text, type Fields } from "../values.ts";
import { ready, waiting, type Rule } from "./rule.ts";

/** Whether requests to the service end at pods that its selector finds. */
export function hasSelectedPods(service: Fields): boolean {
  return (
    text(service, "spec", "type") !== "ExternalName" &&
    text(service, "spec", "clusterIP") !== "None" &&
    Object.keys(fields(service, "spec", "selector")).length > 0
  );
}

/** The endpoints of a service that count: those of pods that are not on their way out. */
export const endpointsOf = (service: string, slices: readonly Fields[] | undefined): Fields[] =>
  (slices ?? [])
    .filter((slice) => text(slice, "metadata", "labels", "kubernetes.io/service-name") === service)
    .flatMap((slice) => list(slice, "endpoints"))
    .filter((endpoint) => at(endpoint, "conditions", "terminating") !== true);

export const isReadyEndpoint = (endpoint: Fields): boolean => at(endpoint, "conditions", "ready") !== false;

/** Ready when all pods behind it are, be there any or none, and a load balancer has its address. */
export const service: Rule = {
  related: ["endpointSlices"],
  onRead: true,
  judge({ object, related, settled }) {
    const balanced = text(object, "spec", "type") === "LoadBalancer";
    if (balanced && list(object, "status", "loadBalancer", "ingress").length === 0) {
      return waiting(
        "Waiting for an address from the load balancer",
        "no address was allocated; the cluster may have no controller for Services of type LoadBalancer",
      );
    }
    if (!hasSelectedPods(object)) return ready("The Service is there");
    const endpoints = endpointsOf(nameOf(object), related.endpointSlices);
    const pending = endpoints.filter((endpoint) => !isReadyEndpoint(endpoint)).length;
    if (pending > 0) {
      return waiting(
        `Waiting for the Pods behind the Service (${endpoints.length - pending}/${endpoints.length} ready)`,
        `${pending} of the ${endpoints.length} Pods that the selector finds are not ready`,
      );
    }
    return settled ? ready("The Service has its endpoints") : waiting("Waiting for the endpoints to settle");
  },
};
