import { familyOf } from "../cidr.ts";
import type { Value } from "../value.ts";
import {
  address,
  cidr,
  dns1035Label,
  dnsLabel,
  dnsSubdomain,
  portName,
  portNumber,
  qualifiedName,
  reachableAddress,
} from "./formats.ts";
import { labels, metadata } from "./metadata.ts";
import {
  flag,
  integer,
  integerOrText,
  list,
  object,
  oneOf,
  reject,
  required,
  text,
  unique,
  type Rule,
} from "./schema.ts";

const sourceRanges = "service.beta.kubernetes.io/load-balancer-source-ranges";
const topologyMode = "service.kubernetes.io/topology-mode";
const topologyHints = "service.kubernetes.io/topology-aware-hints";
const maxAffinitySeconds = 86_400;

/** With 0, the API server chooses the port. */
const zeroOrPort = (port: number) => (port === 0 ? undefined : portNumber(port));

/** An empty text, like 0, means the Service's own port. */
const targetPort = integerOrText(zeroOrPort, (name) => (name === "" ? undefined : portName(name)));

const port = object({
  name: text(dnsLabel),
  port: required(integer(portNumber)),
  protocol: oneOf("", "TCP", "UDP", "SCTP"),
  targetPort,
  nodePort: integer(zeroOrPort),
  appProtocol: text(qualifiedName),
});

const ports = list(
  port,
  unique((item) => item.get("name").text() || undefined, "name"),
  unique((item) => protocolAnd(item, "port"), "port and protocol"),
  unique((item) => protocolAnd(item, "nodePort"), "nodePort and protocol"),
  (value) => {
    const items = value.items();
    if (items.length < 2) return;
    for (const item of items) required(text())(item.get("name"));
  },
);

function protocolAnd(item: Value, key: string): string | undefined {
  const [protocol, number] = [item.get("protocol"), item.get(key).integer()];
  return protocol.isUnknown || !number ? undefined : `${protocol.text() || "TCP"} ${number}`;
}

/** A field that only Services of some types may set. */
function onlyFor(types: readonly string[], field: string): Rule {
  return (spec) => {
    const type = typeOf(spec);
    const value = spec.get(field);
    if (type === undefined || types.includes(type) || !value.isSet || value.isUnknown || value.isEmpty) return;
    value.reject(`set for a Service of type ${type}, allowed only for ${types.join(", ")}`);
  };
}

/** Undefined while it is unknown. */
function typeOf(spec: Value): string | undefined {
  const type = spec.get("type");
  return type.isUnknownOrOmitted ? undefined : type.text() || "ClusterIP";
}

function isHeadless(spec: Value): boolean {
  return spec.get("clusterIP").text() === "None";
}

function requiresPorts(spec: Value): void {
  const [type, value] = [typeOf(spec), spec.get("ports")];
  if (type === undefined || type === "ExternalName" || isHeadless(spec) || spec.get("clusterIP").isUnknown) return;
  if (!value.isUnknownOrOmitted && value.items().length === 0)
    value.reject("missing, a Service with a cluster IP needs ports");
}

function validateExposure(spec: Value): void {
  const type = typeOf(spec);
  if ((type === "NodePort" || type === "LoadBalancer") && isHeadless(spec))
    spec.get("clusterIP").reject(`must not be None for a Service of type ${type}`);
  if (type === "ExternalName") required(text(trailingDot))(spec.get("externalName"));
  if (type === "ClusterIP") for (const item of spec.get("ports").items()) noNodePort(item.get("nodePort"));
  const policy = spec.get("externalTrafficPolicy");
  const isExternal = type !== "ClusterIP" || spec.get("externalIPs").isSet;
  if (type !== undefined && (!isExternal || type === "ExternalName") && policy.isSet && !policy.isEmpty)
    policy.reject("set for a Service that is not reachable from outside the cluster");
}

const trailingDot = (name: string) => dnsSubdomain(name.replace(/\.$/, ""));

function noNodePort(value: Value): void {
  if (value.integer()) value.reject("set for a Service of type ClusterIP");
}

function clusterIPs(spec: Value): void {
  const [single, several] = [spec.get("clusterIP"), spec.get("clusterIPs")];
  if (typeOf(spec) === "ExternalName" || single.isUnknownOrOmitted !== several.isUnknownOrOmitted) return;
  const all = several.items();
  const known = all.map((item) => item.text());
  if (all.length > 0 && single.isEmpty) several.reject("set without clusterIP");
  if (all.length > 2) several.reject("must have at most two addresses");
  if (all.length > 0 && known[0] !== undefined && !single.isEmpty && single.text() !== known[0])
    several.reject("the first address must equal clusterIP");
  if (all.length > 1 && known[0] === "None") several.reject("None must be the only value");
  const families = known.map((ip) => (ip === undefined ? undefined : familyOf(ip)));
  if (all.length === 2 && families[0] !== undefined && families[0] === families[1])
    several.reject("must have at most one address of each family");
}

function familiesFitAddresses(spec: Value): void {
  const families = spec.get("ipFamilies").items();
  const [single, several] = [spec.get("clusterIP"), spec.get("clusterIPs").items()];
  const ips = several.length > 0 ? several : single.isEmpty ? [] : [single];
  ips.forEach((ip, index) => {
    const [family, known] = [families[index]?.text(), ip.text()];
    if (family !== undefined && known !== undefined && known !== "None" && family !== `IPv${familyOf(known)}`)
      ip.reject(`${ip.shown} must be an ${family} address, as ipFamilies requires`);
  });
}

/** The default is SingleStack, except for a headless Service without a selector. */
function familyPolicyFits(spec: Value): void {
  const policy = spec.get("ipFamilyPolicy");
  if (policy.isUnknown || spec.get("selector").isUnknownOrOmitted || typeOf(spec) === "ExternalName") return;
  const isHeadlessWithoutSelector = isHeadless(spec) && spec.get("selector").entries().length === 0;
  if (policy.isSet ? policy.text() !== "SingleStack" : isHeadlessWithoutSelector) return;
  for (const list of [spec.get("clusterIPs"), spec.get("ipFamilies")])
    if (list.items().length > 1) list.reject("must have one value, because ipFamilyPolicy is SingleStack");
}

function affinity(spec: Value): void {
  const config = spec.get("sessionAffinityConfig", "clientIP", "timeoutSeconds");
  if (spec.get("sessionAffinity").text() !== "ClientIP") return;
  integer((seconds) => {
    return seconds > 0 && seconds <= maxAffinitySeconds ? undefined : `must be between 1 and ${maxAffinitySeconds}`;
  })(config);
}

function healthCheck(spec: Value): void {
  const value = spec.get("healthCheckNodePort");
  const [type, policy] = [typeOf(spec), spec.get("externalTrafficPolicy")];
  if (type === undefined || policy.isUnknownOrOmitted || !value.integer()) return;
  if (type !== "LoadBalancer" || policy.text() !== "Local")
    value.reject("set without type LoadBalancer and externalTrafficPolicy Local");
}

function sourceRangesAnnotation(service: Value): void {
  const value = service.get("metadata", "annotations", sourceRanges);
  const known = value.text();
  const type = typeOf(service.get("spec"));
  if (known === undefined || type === undefined || service.get("spec", "loadBalancerSourceRanges").isSet) return;
  if (type !== "LoadBalancer") value.reject(`set for a Service of type ${type}, allowed only for LoadBalancer`);
  const blocks = known.trim() === "" ? [] : known.split(",");
  for (const block of blocks) reject(value, cidr(block.trim()));
}

/** Both annotations set the same value; topologyHints is the older name. */
function topologyAnnotations(service: Value): void {
  const annotations = service.get("metadata", "annotations");
  const [mode, hints] = [annotations.get(topologyMode), annotations.get(topologyHints)].map((each) => each.text());
  if (mode !== undefined && hints !== undefined && mode !== hints)
    annotations.get(topologyMode).reject(`must equal ${topologyHints}`);
}

const clusterIP = text((ip) => (ip === "None" ? undefined : address(ip)));

export const service: Rule = object(
  {
    metadata: metadata(dns1035Label),
    spec: object(
      {
        type: oneOf("", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
        ports,
        selector: labels,
        sessionAffinity: oneOf("", "ClientIP", "None"),
        clusterIP,
        clusterIPs: list(clusterIP),
        ipFamilies: list(
          oneOf("IPv4", "IPv6"),
          unique((item) => item.text(), "family"),
        ),
        ipFamilyPolicy: oneOf("SingleStack", "PreferDualStack", "RequireDualStack"),
        externalIPs: list(text(reachableAddress)),
        loadBalancerSourceRanges: list(text((block) => cidr(block.trim()))),
        loadBalancerClass: text(qualifiedName),
        allocateLoadBalancerNodePorts: flag,
        externalTrafficPolicy: oneOf("", "Cluster", "Local"),
        internalTrafficPolicy: oneOf("Cluster", "Local"),
        healthCheckNodePort: integer(zeroOrPort),
        trafficDistribution: oneOf("PreferClose", "PreferSameZone", "PreferSameNode"),
      },
      requiresPorts,
      validateExposure,
      clusterIPs,
      familiesFitAddresses,
      familyPolicyFits,
      affinity,
      healthCheck,
      onlyFor(["LoadBalancer"], "loadBalancerSourceRanges"),
      onlyFor(["LoadBalancer"], "allocateLoadBalancerNodePorts"),
      onlyFor(["LoadBalancer"], "loadBalancerClass"),
      onlyFor(["ClusterIP", "NodePort", "LoadBalancer"], "clusterIPs"),
      onlyFor(["ClusterIP", "NodePort", "LoadBalancer"], "ipFamilies"),
      onlyFor(["ClusterIP", "NodePort", "LoadBalancer"], "ipFamilyPolicy"),
    ),
  },
  sourceRangesAnnotation,
  topologyAnnotations,
);
