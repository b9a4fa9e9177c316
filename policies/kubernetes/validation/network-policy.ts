import { contains, parseCidr } from "../cidr.ts";
import type { Value } from "../value.ts";
import { cidr, dnsSubdomain, portName, portNumber } from "./formats.ts";
import { labelSelector } from "./label-selector.ts";
import { metadata } from "./metadata.ts";
import { integer, integerOrText, list, object, oneOf, required, text, type Rule } from "./schema.ts";

const port = object(
  {
    protocol: oneOf("TCP", "UDP", "SCTP"),
    port: integerOrText(portNumber, portName),
    endPort: integer(portNumber),
  },
  (value) => {
    const [first, last] = [value.get("port"), value.get("endPort")];
    if (!last.isSet || first.isUnknown) return;
    const [from, to] = [first.integerOrText(), last.integer()];
    if (!first.isSet) last.reject("set without port");
    else if (typeof from === "string") last.reject(`set with the name ${first.shown}: a range needs a port number`);
    else if (from !== undefined && to !== undefined && to < from) last.reject(`${to} is lower than port ${from}`);
  },
);

const ipBlock = object({ cidr: required(text(cidr)), except: list(required(text(cidr))) }, (value) => {
  const outer = parseCidr(value.get("cidr").text() ?? "");
  if (outer === undefined) return;
  for (const exception of value.get("except").items()) {
    const inner = parseCidr(exception.text() ?? "");
    if (inner === undefined || (contains(outer, inner) && !contains(inner, outer))) continue;
    exception.reject(`${exception.shown} must be a strict subset of ${outer.text}`);
  }
});

const peer = object({ podSelector: labelSelector, namespaceSelector: labelSelector, ipBlock }, (value) => {
  const selectors = [value.get("podSelector"), value.get("namespaceSelector")];
  const block = value.get("ipBlock");
  if (block.isSet && !block.isUnknown && selectors.some((selector) => selector.isSet && !selector.isUnknown))
    value.reject("has both ipBlock and a selector: list them as two peers");
  if (!block.isSet && selectors.every((selector) => !selector.isSet) && !value.isPartial)
    value.reject("has no podSelector, namespaceSelector or ipBlock");
});

function atMostTwo(types: Value): void {
  if (types.items().length > 2) types.reject("more than two policyTypes");
}

export const networkPolicy: Rule = object({
  metadata: metadata(dnsSubdomain),
  spec: object({
    podSelector: labelSelector,
    ingress: list(object({ ports: list(port), from: list(peer) })),
    egress: list(object({ ports: list(port), to: list(peer) })),
    policyTypes: list(oneOf("Ingress", "Egress"), atMostTwo),
  }),
});
