import { title } from "../../kubernetes/objects.ts";
import { allowed } from "../allowed.ts";
import type { Workload } from "../endpoints.ts";
import type { NetworkModel } from "../model.ts";
import { isAddress, isPods, type Rule } from "../objects.ts";
import { opens, showPort, type ContainerPort } from "../ports.ts";
import type { NetworkFinding, NetworkRule } from "../rule.ts";
import type { Service, ServicePort } from "../services.ts";
import { allOf, anyOf, type Verdict } from "../verdict.ts";
import type { Webhook } from "../webhooks.ts";

export const exposedService: NetworkRule = {
  id: "exposed-service",
  why: "External clients of a Service are not pods: only an ipBlock or a rule without peers allows them.",
  fix:
    "allow ingress on that pod port from the client addresses with an ipBlock (for everyone, add the port to the " +
    "setting allowedExternalPorts), or use a Service of type ClusterIP",
  *find(model, { elsewhere }) {
    for (const service of [...model.namespaces.values()].flatMap(({ services }) => services)) {
      if (service.isExposed !== "yes" || service.object.namespace === undefined) continue;
      for (const port of service.ports) {
        const closed = closedTo(model, service, port);
        if (closed === undefined) continue;
        const exposed = `${title(service.object)} exposes ${closed} outside the cluster`;
        if (model.namespace(service.object.namespace).object === undefined)
          elsewhere(`whether a NetworkPolicy allows external clients: ${exposed}`);
        else {
          const message = `${exposed}, but no NetworkPolicy allows external clients (${port.path}).`;
          yield { subject: service.object, message };
        }
      }
    }
  },
};

export const webhook: NetworkRule = {
  id: "webhook",
  why: "The API server is not a pod. If it cannot reach the Service, requests that need it fail or go unchecked.",
  fix: "allow ingress on that pod port from the addresses of the API server with an ipBlock",
  *find(model, { elsewhere }) {
    for (const called of model.webhooks) yield* unreachable(model, called, elsewhere);
  },
};

function* unreachable(
  model: NetworkModel,
  called: Webhook,
  elsewhere: (what: string) => void,
): Iterable<NetworkFinding> {
  const { object, path, namespace: at, service: name, port: number } = called;
  if (at === undefined || name === undefined || number === undefined) return;
  const what = `${title(object)} (${path})`;
  const namespace = model.namespaces.get(at);
  const service = namespace?.services.find(({ object: { knownName } }) => knownName === name);
  if (namespace?.object === undefined || service === undefined) {
    elsewhere(
      `whether the API server can reach Service ${at}/${name}, which ${what} calls and which is not in this stack`,
    );
    return;
  }
  const port = service.ports.find((each) => each.port === number && each.protocol === "TCP");
  if (service.isIncomplete || service.object.namespace === undefined) return;
  if (port === undefined) {
    const message = `${what} calls port ${number} of ${title(service.object)}, which has no such port.`;
    yield { subject: object, message, fix: "name a port of the Service" };
    return;
  }
  const closed = closedTo(model, service, port);
  if (closed === undefined) return;
  const message =
    `${what} makes the API server call ${title(service.object)}, ` +
    `but no NetworkPolicy allows it to reach ${closed}.`;
  yield { subject: object, message };
}

/** The pods behind a port of a Service, if all of them are certainly closed to clients that are not pods. */
function closedTo(model: NetworkModel, { selector, object }: Service, port: ServicePort): string | undefined {
  const namespace = model.namespace(object.namespace);
  if (selector === undefined) return undefined;
  const { certain, possible, onNode } = model.select(namespace, selector);
  const isWhole = possible.length + onNode.length === 0 && model.otherPodsOf(namespace).length === 0;
  if (certain.length === 0 || !isWhole) return undefined;
  const targets = certain.map((workload) => ({ workload, target: targetOf(workload, port) }));
  const isClosed = targets.every(({ workload, target }) => target && isOpenToOutside(model, workload, target) === "no");
  if (!isClosed) return undefined;
  const shown = targets.map(({ workload, target }) => {
    return target && `${workload.title} on ${showPort({ ...target, endPort: undefined })}`;
  });
  return [...new Set(shown)].join(", ");
}

/** The pod port that a Service port targets; undefined for a name that no container has. */
function targetOf({ ports }: Workload, { target, protocol }: ServicePort): ContainerPort | undefined {
  const own = ports.declared.find(
    ({ name, port, protocol: over }) => over === protocol && (name === target || port === target),
  );
  return own ?? (typeof target === "number" ? { name: undefined, port: target, protocol } : undefined);
}

function isOpenToOutside(model: NetworkModel, workload: Workload, port: ContainerPort): Verdict {
  return allowed(model, workload, "ingress", (rule) => allOf([opens(rule.ports, port), admitsExternalClients(rule)]));
}

function admitsExternalClients({ peers }: Rule): Verdict {
  if (peers === undefined) return "yes";
  return anyOf(peers.map((peer) => (isPods(peer) ? "no" : isAddress(peer) ? "yes" : "maybe")));
}
