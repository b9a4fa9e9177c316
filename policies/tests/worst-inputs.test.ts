import type { Resource } from "../kubernetes/objects.ts";
import { KubernetesPolicies, type KubernetesPoliciesArgs } from "../policies.ts";
import { RunningPack, unknownText } from "./engine.ts";
import { resource, type Json } from "./support.ts";

/**
 * The size of each input in bytes. The inputs are the most expensive ones to evaluate. The tests do not measure time: a
 * quadratic algorithm takes many minutes on an input of this size and exceeds the test timeout.
 */
const size = 2 ** 20;
/** A text of repeated prefixes that never complete a match. */
const textOf = (part: string) => `a${part.repeat(Math.ceil(size / part.length))}!`;
/** As many items as have `size` bytes together. */
const listOf = <T>(make: (index: number) => T) =>
  Array.from({ length: Math.ceil(size / JSON.stringify(make(1000)).length) }, (_, index) => make(index));
const mapOf = (key: string) => Object.fromEntries(listOf((index) => [`${key}${index}`, "x"] as const));

const object = (type: string, metadata: Json, rest: Json): Resource =>
  resource(`kubernetes:${type}`, { metadata: { name: "it", namespace: "front", ...metadata }, ...rest });
const pod = (spec: Json, metadata: Json = {}) => object("core/v1:Pod", metadata, { spec });
const deployments = (spec: (index: number) => Json) =>
  listOf((index) => {
    const template = { metadata: { labels: { a: `${index}` } }, spec: spec(index) };
    return object("apps/v1:Deployment", {}, { spec: { replicas: 2, template } });
  });

const parts = ["a", "0", "aA", "\n", "*", "a.", "/", "a:", "a@"];
const secretParts = [
  ...[
    "://",
    "a://",
    "a://b:",
    "a://b:c",
    "a://:@",
    "$",
    "$(",
    "$(a",
    "${",
    "${a",
    "{{",
    "{{a",
    "<",
    "<a",
    "%s",
    "AKIA",
  ],
  ...[
    "-----BEGIN ",
    "-----BEGIN RSA ",
    "password=",
    ";password=",
    ";password=$",
    "?pwd=a;",
    "key",
    "secret_",
    "secretKey",
  ],
  ...["ghp_", "github_pat_", "glpat-", "xoxb-1", "sk_live_", "vault:", "12", "é"],
];

interface WorstInput {
  readonly config?: Json;
  /** Stacks, generated one by one: all of them together would not fit into memory. */
  readonly stacks: () => Iterable<readonly Resource[]>;
}

const worstInputs: Readonly<Record<string, WorstInput>> = {
  exemptions: {
    config: { annotations: ["*a*a*a*a*b", "*"], list: [{ name: "*a*a*a*a*b", reason: "none" }] },
    *stacks() {
      for (const text of parts.map(textOf)) {
        const statement = `until 2027-01-31 because ${text}`;
        yield [pod({ hostPID: true }, { name: text, annotations: { "policies.bana/exempt-probes": statement } })];
        yield [pod({ hostPID: true }, { annotations: { [`policies.bana/exempt-${text}`]: text } })];
      }
      yield [pod({}, { annotations: mapOf("policies.bana/exempt-") })];
    },
  },
  "pod-security": {
    config: { version: "v1.18" },
    *stacks() {
      for (const text of parts.map(textOf)) {
        const annotations = { [text]: text, "seccomp.security.alpha.kubernetes.io/pod": text };
        yield [pod({ containers: [{ name: text }], securityContext: { sysctls: [{ name: text }] } }, { annotations })];
      }
      const unknown = { privileged: unknownText, runAsUser: unknownText };
      yield [pod({ containers: listOf(() => ({ name: "a", securityContext: unknown })) })];
      yield [
        pod({
          hostNetwork: true,
          containers: listOf((index) => ({ name: `${index}`, ports: [{ containerPort: 1 }] })),
        }),
      ];
      yield [pod({ containers: [{ securityContext: { capabilities: { add: listOf((index) => `C${index}`) } } }] })];
      yield [pod({ volumes: listOf((index) => ({ name: `${index}`, hostPath: {} })) })];
      yield [pod({}, { annotations: mapOf("container.apparmor.security.beta.kubernetes.io/") })];
    },
  },
  "pod-security-namespace": {
    *stacks() {
      for (const text of parts.map(textOf)) {
        const label = "pod-security.kubernetes.io/enforce";
        yield [
          object("core/v1:Namespace", { labels: { [label]: text, [`${label}-version`]: `v1.${text.slice(1)}` } }, {}),
        ];
      }
    },
  },
  "service-account-token": {
    *stacks() {
      yield [
        ...deployments((index) => ({ serviceAccountName: `${index}`, containers: [] })),
        ...listOf((index) => object("core/v1:ServiceAccount", { name: `${index}` }, {})),
        ...listOf(() =>
          object("core/v1:ServiceAccountPatch", { name: unknownText }, { automountServiceAccountToken: true }),
        ),
      ];
    },
  },
  "requests-and-limits": {
    *stacks() {
      const limits = [{ type: "Container" }];
      yield [
        ...deployments(() => ({ containers: [{}] })),
        ...listOf((index) => object("core/v1:LimitRange", { name: `${index}` }, { spec: { limits } })),
        ...listOf((index) => object("core/v1:LimitRangePatch", { name: `${index}` }, { spec: { limits } })),
      ];
      yield [
        pod({ containers: [{}] }),
        object("core/v1:LimitRange", {}, { spec: { limits: listOf(() => ({ type: unknownText })) } }),
      ];
      yield [pod({ containers: listOf(() => ({ resources: unknownText })) })];
    },
  },
  "allowed-registries": {
    config: { registries: ["*a*a*a*a*b", "*/*/*/*:*"] },
    *stacks() {
      for (const image of parts.map(textOf)) yield [pod({ containers: [{ image }] })];
    },
  },
  "image-tag": {
    *stacks() {
      for (const image of [...parts, "a/"].map(textOf)) yield [pod({ containers: [{ image }] })];
    },
  },
  "plain-secrets": {
    config: { names: ["*a*a*a*a*b"], harmlessNames: ["*A*A*A*A*b"] },
    *stacks() {
      for (const text of [...parts, ...secretParts].map(textOf)) {
        yield [object("core/v1:ConfigMap", {}, { data: { [text]: "x", TOKEN: text } })];
      }
    },
  },
  "pod-disruption-budget": {
    *stacks() {
      const selecting = (label: Json) => ({ spec: { selector: { matchLabels: label } } });
      yield [
        ...deployments(() => ({})),
        ...listOf((index) => object("policy/v1:PodDisruptionBudget", {}, selecting({ b: `${index}` }))),
        object("policy/v1:PodDisruptionBudget", {}, selecting({ b: unknownText })),
      ];
    },
  },
  "helm-release": {
    *stacks() {
      for (const text of ["a", "\n"].map(textOf))
        yield [resource("kubernetes:helm.sh/v3:Release", { chart: text, name: text })];
    },
  },
  network: {
    *stacks() {
      for (const text of [...parts, "1.", "ff:"].map(textOf)) {
        const rule = { to: [{ ipBlock: { cidr: `${text}/8` } }], ports: [{ port: text }] };
        const spec = { podSelector: { matchLabels: { [text]: "x" } }, egress: [rule] };
        yield [object("networking.k8s.io/v1:NetworkPolicy", {}, { spec })];
      }
      const server = pod({ containers: [{ ports: [{ containerPort: 1 }] }] }, { labels: { a: "b" } });
      const selecting = (index: number) => ({ podSelector: { matchLabels: { a: `${index}` } } });
      const rule = (to: unknown, ports: unknown) => ({ to, ports });
      const both = (egress: readonly ReturnType<typeof rule>[]) => {
        const ingress = egress.map(({ to, ports }) => ({ from: to, ports }));
        const spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"], ingress, egress };
        return [server, object("networking.k8s.io/v1:NetworkPolicy", {}, { spec })];
      };
      const ports = listOf((index) => ({ port: (index % 65_535) + 1 }));
      yield both([rule(listOf(selecting), ports)]);
      yield both(listOf((index) => rule([selecting(index)], [{ port: (index % 65_535) + 1 }])));
      const except = listOf((index) => `${index % 200}.${(index >> 8) % 256}.${index % 256}.0/24`);
      yield both([rule([{ ipBlock: { cidr: "0.0.0.0/0", except } }], ports)]);
    },
  },
};

const manyContainers: WorstInput = {
  *stacks() {
    yield [pod({ containers: listOf((index) => ({ name: `${index}` })) })];
    yield [pod({ hostUsers: textOf("a"), containers: [{ name: textOf("\n") }] })];
  },
};

let pack: RunningPack;
beforeAll(async () => {
  pack = await RunningPack.start();
});
afterAll(() => pack.stop());

const { policies } = new KubernetesPolicies();
const names = policies.map(({ name }) => name);
const stackPolicies = policies.filter((policy) => "validateStack" in policy).map(({ name }) => name);

test("covers exactly the policies of the pack", () => {
  const withoutInput = ["read-only-root-filesystem", "probes", "user-namespace"];
  expect([...Object.keys(worstInputs), ...withoutInput].sort()).toEqual([...names].sort());
});

describe.each(names)("%s", (policy) => {
  const { config, stacks } = worstInputs[policy] ?? manyContainers;

  test("evaluates 1 MiB of its worst input", async () => {
    const required = policy === "user-namespace" && { required: true };
    const exempted = policy === "exemptions" && { "pod-security": "advisory" };
    const own = { enforcementLevel: "advisory", ...config, ...required };
    await pack.configure({ all: "disabled", ...exempted, [policy]: own } as KubernetesPoliciesArgs);
    let found = 0;
    for (const stack of stacks()) {
      if (stackPolicies.includes(policy)) found += (await pack.analyzeStack(stack)).length;
      else for (const each of stack) found += (await pack.analyze(each)).length;
    }
    expect(found).toBeGreaterThan(0);
  }, 300_000);
});
