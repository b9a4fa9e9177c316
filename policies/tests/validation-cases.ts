import type { Json } from "./support.ts";

/** An object, and its invalid field with a part of the pack's message; none if the API server accepts the object. */
export type ValidationCase = readonly [title: string, object: Json, invalid?: readonly [path: string, problem: string]];

const many = (length: number) => "a".repeat(length);

function networkPolicy(spec: Json, metadata: Json = {}): Json {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "it", ...metadata },
    spec: { podSelector: {}, ...spec },
  };
}

const port = (entry: unknown) => networkPolicy({ ingress: [{ ports: [entry] }] });
const peer = (entry: unknown) => networkPolicy({ ingress: [{ from: [entry] }] });
const at = (key: string) => `spec.ingress[0].ports[0].${key}`;
const block = (cidr: unknown, ...except: readonly unknown[]) => peer({ ipBlock: { cidr, except } });
const blockAt = (key: string) => `spec.ingress[0].from[0].ipBlock.${key}`;
const select = (podSelector: Json) => networkPolicy({ podSelector });
const expression = (...matchExpressions: unknown[]) => select({ matchExpressions });
const expressionAt = (key: string) => `spec.podSelector.matchExpressions[0].${key}`;

export const networkPolicyCases: readonly ValidationCase[] = [
  ["a port number", port({ port: 80 })],
  ["a port name", port({ port: "http" })],
  ["a port range", port({ port: 80, endPort: 90 })],
  ["a range of one port", port({ port: 80, endPort: 80 })],
  ["all ports", port({ port: 1, endPort: 65_535 })],
  ["a protocol without a port", port({ protocol: "SCTP" })],
  ["a port name with a digit and a hyphen", port({ port: "http-2" })],
  ["a port number in quotes", port({ port: "5432" }), [at("port"), "must contain a letter"]],
  ["an empty port name", port({ port: "" }), [at("port"), "lower case"]],
  ["a port name in upper case", port({ port: "HTTP" }), [at("port"), "lower case"]],
  ["a port name with two hyphens", port({ port: "a--b" }), [at("port"), "--"]],
  ["a port name that begins with a hyphen", port({ port: "-a" }), [at("port"), "begin or end"]],
  ["a long port name", port({ port: many(16) }), [at("port"), "15 characters"]],
  ["port 0", port({ port: 0 }), [at("port"), "between 1 and 65535"]],
  ["port 70000", port({ port: 70_000 }), [at("port"), "between 1 and 65535"]],
  ["port -1", port({ port: -1 }), [at("port"), "between 1 and 65535"]],
  ["a fraction as port", port({ port: 80.5 }), [at("port"), "an integer or a string"]],
  ["endPort with a port name", port({ port: "http", endPort: 90 }), [at("endPort"), "name"]],
  ["endPort below port", port({ port: 80, endPort: 79 }), [at("endPort"), "79 is lower than port 80"]],
  ["endPort without port", port({ endPort: 90 }), [at("endPort"), "without port"]],
  ["endPort 70000", port({ port: 80, endPort: 70_000 }), [at("endPort"), "between 1 and 65535"]],
  ["a protocol in lower case", port({ port: 80, protocol: "tcp" }), [at("protocol"), "TCP, UDP, SCTP"]],
  ["an empty protocol", port({ port: 80, protocol: "" }), [at("protocol"), "TCP, UDP, SCTP"]],
  ["an IPv4 block", block("10.0.0.0/8")],
  ["an IPv6 block", block("fd00::/8")],
  ["an address with host bits", block("10.1.2.3/8")],
  ["leading zeros", block("010.0.0.0/08")],
  ["an exception", block("10.0.0.0/8", "10.1.0.0/16")],
  [
    "an exception outside the block",
    block("10.0.0.0/8", "192.168.0.0/16"),
    [blockAt("except[0]"), "strict subset of 10.0.0.0/8"],
  ],
  ["an equal exception", block("10.0.0.0/8", "10.0.0.0/8"), [blockAt("except[0]"), "strict subset of 10.0.0.0/8"]],
  ["an exception of the other IP family", block("10.0.0.0/8", "fd00::/16"), [blockAt("except[0]"), "strict subset of"]],
  ["an exception without a prefix", block("10.0.0.0/8", "10.1.0.0"), [blockAt("except[0]"), "must be a CIDR"]],
  ["an address without a prefix", block("10.0.0.0"), [blockAt("cidr"), "must be a CIDR"]],
  ["a prefix of 33", block("10.0.0.0/33"), [blockAt("cidr"), "must be a CIDR"]],
  ["a domain name", block("example.org/8"), [blockAt("cidr"), "must be a CIDR"]],
  ["an ipBlock without cidr", peer({ ipBlock: {} }), [blockAt("cidr"), "missing"]],
  ["two selectors", peer({ podSelector: {}, namespaceSelector: {} })],
  [
    "a block together with a selector",
    peer({ podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } }),
    ["spec.ingress[0].from[0]", "both ipBlock"],
  ],
  ["an empty peer", peer({}), ["spec.ingress[0].from[0]", "has no podSelector"]],
  ["a label", select({ matchLabels: { "example.org/a": "b" } })],
  ["an empty label", select({ matchLabels: { a: "" } })],
  ["a label that is a number", select({ matchLabels: { a: 1 } }), ["spec.podSelector.matchLabels.a", "the number 1"]],
  [
    "a label with a space",
    select({ matchLabels: { a: "b c" } }),
    ["spec.podSelector.matchLabels.a", "letters, digits"],
  ],
  ["a long label", select({ matchLabels: { a: many(64) } }), ["spec.podSelector.matchLabels.a", "63"]],
  ["a key with a space", select({ matchLabels: { "a b": "c" } }), ['spec.podSelector.matchLabels["a b"]', "the key"]],
  ["a key with two slashes", select({ matchLabels: { "a/b/c": "d" } }), ['matchLabels["a/b/c"]', "at most one /"]],
  ["an expression", expression({ key: "a", operator: "In", values: ["b"] })],
  ["an expression without values", expression({ key: "a", operator: "Exists" })],
  [
    "an operator in lower case",
    expression({ key: "a", operator: "in", values: ["b"] }),
    [expressionAt("operator"), "In, NotIn"],
  ],
  ["no operator", expression({ key: "a" }), [expressionAt("operator"), "missing"]],
  ["no key", expression({ operator: "Exists" }), [expressionAt("key"), "missing"]],
  [
    "In without values",
    expression({ key: "a", operator: "In", values: [] }),
    [expressionAt("values"), "In requires values"],
  ],
  [
    "Exists with values",
    expression({ key: "a", operator: "Exists", values: ["b"] }),
    [expressionAt("values"), "must be empty"],
  ],
  [
    "a value with a space",
    expression({ key: "a", operator: "In", values: ["b c"] }),
    [expressionAt("values[0]"), "letters"],
  ],
  ["both policy types", networkPolicy({ policyTypes: ["Ingress", "Egress"] })],
  ["a type in lower case", networkPolicy({ policyTypes: ["ingress"] }), ["spec.policyTypes[0]", "Ingress, Egress"]],
  [
    "three policy types",
    networkPolicy({ policyTypes: ["Ingress", "Egress", "Ingress"] }),
    ["spec.policyTypes", "more than two"],
  ],
  ["an object name with dots", networkPolicy({}, { name: "a.b" })],
  ["an object name in upper case", networkPolicy({}, { name: "It" }), ["metadata.name", "lower case"]],
  ["a long object name", networkPolicy({}, { name: many(254) }), ["metadata.name", "253"]],
  ["an annotation key in upper case", networkPolicy({}, { annotations: { "Example.org/A": "b c" } })],
  [
    "an annotation key with a space",
    networkPolicy({}, { annotations: { "a b": "c" } }),
    ['metadata.annotations["a b"]', "the key"],
  ],
  [
    "annotations of more than 256 KiB",
    networkPolicy({}, { annotations: { a: many(262_144) } }),
    ["metadata.annotations", "262144"],
  ],
  ["a finalizer with a space", networkPolicy({}, { finalizers: ["a b"] }), ["metadata.finalizers[0]", "letters"]],
];

function service(spec: Json, metadata: Json = {}): Json {
  const given = { ports: [{ port: 80 }], ...spec };
  return { apiVersion: "v1", kind: "Service", metadata: { name: "it", ...metadata }, spec: given };
}

const ports = (...entries: unknown[]) => service({ ports: entries });
const ranges = { "service.beta.kubernetes.io/load-balancer-source-ranges": "10.0.0.0/8, 192.168.0.0/16" };

export const serviceCases: readonly ValidationCase[] = [
  ["a port", service({})],
  ["a port with a name and a targetPort", ports({ name: "http", port: 80, targetPort: "web" })],
  ["targetPort 0, which defaults to the port", ports({ port: 80, targetPort: 0 })],
  ["two named ports", ports({ name: "a", port: 80 }, { name: "b", port: 81 })],
  ["the same port over two protocols", ports({ name: "a", port: 53 }, { name: "b", port: 53, protocol: "UDP" })],
  ["two ports without names", ports({ port: 80 }, { name: "b", port: 81 }), ["spec.ports[0].name", "missing"]],
  [
    "two ports with one name",
    ports({ name: "a", port: 80 }, { name: "a", port: 81 }),
    ["spec.ports[1]", "the same name"],
  ],
  ["one port twice", ports({ name: "a", port: 80 }, { name: "b", port: 80 }), ["spec.ports[1]", "the same port"]],
  ["no ports", service({ ports: [] }), ["spec.ports", "missing"]],
  ["a headless Service without ports", service({ ports: [], clusterIP: "None" })],
  ["no port number", ports({ name: "a" }), ["spec.ports[0].port", "missing"]],
  ["port 0", ports({ port: 0 }), ["spec.ports[0].port", "between 1 and 65535"]],
  [
    "a targetPort number in quotes",
    ports({ port: 80, targetPort: "8080" }),
    ["spec.ports[0].targetPort", "must contain a letter"],
  ],
  ["targetPort 70000", ports({ port: 80, targetPort: 70_000 }), ["spec.ports[0].targetPort", "between 1 and 65535"]],
  ["an invalid protocol", ports({ port: 80, protocol: "ICMP" }), ["spec.ports[0].protocol", "TCP, UDP, SCTP"]],
  ["a port name in upper case", ports({ name: "HTTP", port: 80 }), ["spec.ports[0].name", "lower case"]],
  ["a nodePort of a ClusterIP Service", ports({ port: 80, nodePort: 30_080 }), ["spec.ports[0].nodePort", "ClusterIP"]],
  ["an invalid type", service({ type: "Ingress" }), ["spec.type", "ClusterIP, NodePort"]],
  ["a headless NodePort Service", service({ type: "NodePort", clusterIP: "None" }), ["spec.clusterIP", "NodePort"]],
  ["an externalName", service({ type: "ExternalName", externalName: "example.org." })],
  ["ExternalName without externalName", service({ type: "ExternalName" }), ["spec.externalName", "missing"]],
  ["a session affinity", service({ sessionAffinity: "ClientIP" })],
  ["an invalid session affinity", service({ sessionAffinity: "Cookie" }), ["spec.sessionAffinity", "ClientIP, None"]],
  [
    "a session affinity timeout of two days",
    service({ sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 172_800 } } }),
    ["spec.sessionAffinityConfig.clientIP.timeoutSeconds", "86400"],
  ],
  ["an invalid clusterIP", service({ clusterIP: "example" }), ["spec.clusterIP", "IP address"]],
  ["clusterIPs without clusterIP", service({ clusterIPs: ["None"] }), ["spec.clusterIPs", "without clusterIP"]],
  ["an external IP", service({ externalIPs: ["203.0.113.7"] })],
  ["a loopback address as external IP", service({ externalIPs: ["127.0.0.1"] }), ["spec.externalIPs[0]", "loopback"]],
  ["an invalid external IP", service({ externalIPs: ["example.org"] }), ["spec.externalIPs[0]", "IP address"]],
  ["an invalid IP family", service({ ipFamilies: ["IPv5"] }), ["spec.ipFamilies[0]", "IPv4, IPv6"]],
  [
    "an IP family twice",
    service({ ipFamilies: ["IPv4", "IPv4"], ipFamilyPolicy: "PreferDualStack" }),
    ["spec.ipFamilies[1]", "the same"],
  ],
  ["an invalid IP family policy", service({ ipFamilyPolicy: "Dual" }), ["spec.ipFamilyPolicy", "SingleStack"]],
  ["source ranges of a LoadBalancer", service({ type: "LoadBalancer", loadBalancerSourceRanges: [" 10.0.0.0/8"] })],
  [
    "source ranges of a ClusterIP Service",
    service({ loadBalancerSourceRanges: ["10.0.0.0/8"] }),
    ["spec.loadBalancerSourceRanges", "LoadBalancer"],
  ],
  [
    "an invalid source range",
    service({ type: "LoadBalancer", loadBalancerSourceRanges: ["10.0.0.0"] }),
    ["spec.loadBalancerSourceRanges[0]", "CIDR"],
  ],
  ["annotated source ranges of a LoadBalancer", service({ type: "LoadBalancer" }, { annotations: ranges })],
  [
    "annotated source ranges of a ClusterIP Service",
    service({}, { annotations: ranges }),
    ["metadata.annotations", "LoadBalancer"],
  ],
  [
    "loadBalancerClass of a ClusterIP Service",
    service({ loadBalancerClass: "a.b/c" }),
    ["spec.loadBalancerClass", "LoadBalancer"],
  ],
  [
    "allocateLoadBalancerNodePorts of a ClusterIP Service",
    service({ allocateLoadBalancerNodePorts: false }),
    ["spec.allocateLoadBalancerNodePorts", "LoadBalancer"],
  ],
  ["an external traffic policy", service({ type: "NodePort", externalTrafficPolicy: "Local" })],
  [
    "an external traffic policy of a ClusterIP Service",
    service({ externalTrafficPolicy: "Local" }),
    ["spec.externalTrafficPolicy", "outside"],
  ],
  [
    "an invalid internal traffic policy",
    service({ internalTrafficPolicy: "Node" }),
    ["spec.internalTrafficPolicy", "Cluster, Local"],
  ],
  [
    "healthCheckNodePort of a NodePort Service",
    service({ type: "NodePort", healthCheckNodePort: 30_099 }),
    ["spec.healthCheckNodePort", "Local"],
  ],
  ["an invalid distribution", service({ trafficDistribution: "Near" }), ["spec.trafficDistribution", "PreferClose"]],
  ["a selector with a space", service({ selector: { a: "b c" } }), ["spec.selector.a", "letters"]],
  ["a name that begins with a digit", service({}, { name: "1a" }), ["metadata.name", "start with a letter"]],
  ["a name with a dot", service({}, { name: "a.b" }), ["metadata.name", "lower case"]],
];

function namespace(metadata: Json, spec: Json = {}): Json {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: "it-is-new", ...metadata }, spec };
}

export const namespaceCases: readonly ValidationCase[] = [
  ["a label", namespace({ labels: { team: "a" } })],
  ["a label that is a boolean", namespace({ labels: { team: true } }), ["metadata.labels.team", "the boolean true"]],
  ["a label with a space", namespace({ labels: { team: "a b" } }), ["metadata.labels.team", "letters"]],
  ["a name with a dot", namespace({ name: "a.b" }), ["metadata.name", "lower case"]],
  ["a long name", namespace({ name: many(64) }), ["metadata.name", "63"]],
  ["a finalizer", namespace({}, { finalizers: ["example.org/a"] })],
  ["an invalid finalizer", namespace({}, { finalizers: ["a"] }), ["spec.finalizers[0]", "standard finalizer"]],
];

function budget(spec: Json): Json {
  return { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "it" }, spec };
}

export const budgetCases: readonly ValidationCase[] = [
  ["a number", budget({ maxUnavailable: 1 })],
  ["a percentage", budget({ minAvailable: "50%" })],
  ["neither limit", budget({ selector: {} })],
  ["both limits", budget({ minAvailable: 1, maxUnavailable: 1 }), ["spec", "cannot both be set"]],
  ["a negative number", budget({ minAvailable: -1 }), ["spec.minAvailable", "negative"]],
  ["more than 100%", budget({ maxUnavailable: "101%" }), ["spec.maxUnavailable", "100%"]],
  ["a number in quotes", budget({ maxUnavailable: "1" }), ["spec.maxUnavailable", "percentage"]],
  ["an unhealthy pod eviction policy", budget({ unhealthyPodEvictionPolicy: "AlwaysAllow" })],
  [
    "an invalid unhealthy pod eviction policy",
    budget({ unhealthyPodEvictionPolicy: "Never" }),
    ["spec.unhealthyPodEvictionPolicy", "IfHealthyBudget"],
  ],
  [
    "an invalid selector operator",
    budget({ selector: { matchExpressions: [{ key: "a", operator: "in", values: ["b"] }] } }),
    ["spec.selector.matchExpressions[0].operator", "In, NotIn"],
  ],
];

export const validationCases: readonly ValidationCase[] = [
  ...networkPolicyCases,
  ...serviceCases,
  ...namespaceCases,
  ...budgetCases,
];
