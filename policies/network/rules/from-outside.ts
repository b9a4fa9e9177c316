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
  why: "Who comes in through a LoadBalancer or NodePort is no pod: only addresses, or anyone, let them in.",
  fix:
    "allow ingress on that pod port from the addresses that may come in (an ipBlock; for anyone, with the setting " +
    "allowedExternalPorts), or make it a Service of type ClusterIP",
  *find(model, { elsewhere }) {
    for (const service of [...model.namespaces.values()].flatMap(({ services }) => services)) {
      if (service.isExposed !== "yes" || service.object.namespace === undefined) continue;
      for (const port of service.ports) {
        const closed = closedTo(model, service, port);
        if (closed === undefined) continue;
        const what = `${title(service.object)} takes in connections from outside for ${closed}, to which no NetworkPolicy allows them`;
        if (model.namespace(service.object.namespace).object === undefined) elsewhere(`whether ${what}`);
        else yield { subject: service.object, message: `${what} (${port.path}).` };
      }
    }
  },
};

export const webhook: NetworkRule = {
  id: "webhook",
  why: "The API server is no pod: while it cannot reach a webhook, what the webhook is for is refused, or not checked.",
  fix: "allow ingress on that pod port from the addresses of the API server, in an ipBlock",
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
      `whether the API server may reach Service ${at}/${name}, which ${what} calls and which is not of this stack`,
    );
    return;
  }
  const port = service.ports.find((each) => each.port === number && each.protocol === "TCP");
  if (service.isOpen || service.object.namespace === undefined) return;
  if (port === undefined) {
    const message = `${what} calls port ${number} of ${title(service.object)}, which has no such port.`;
    yield { subject: object, message, fix: "name a port of the Service" };
    return;
  }
  const closed = closedTo(model, service, port);
  if (closed === undefined) return;
  const message = `${what} has the API server call ${title(service.object)}, and no NetworkPolicy allows it to reach ${closed}.`;
  yield { subject: object, message };
}

/** The pods behind a port of a Service, if all of them are surely closed to whoever is no pod. */
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

/** The port of the pods that a Service's leads to; undefined for a name that none of their containers has. */
function targetOf({ ports }: Workload, { target, protocol }: ServicePort): ContainerPort | undefined {
  const own = ports.declared.find(
    ({ name, port, protocol: over }) => over === protocol && (name === target || port === target),
  );
  return own ?? (typeof target === "number" ? { name: undefined, port: target, protocol } : undefined);
}

function isOpenToOutside(model: NetworkModel, workload: Workload, port: ContainerPort): Verdict {
  return allowed(model, workload, "ingress", (rule) => allOf([opens(rule.ports, port), meansOutside(rule)]));
}

function meansOutside({ peers }: Rule): Verdict {
  if (peers === undefined) return "yes";
  return anyOf(peers.map((peer) => (isPods(peer) ? "no" : isAddress(peer) ? "yes" : "maybe")));
}
