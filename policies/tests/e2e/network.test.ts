import { isDeepStrictEqual } from "node:util";
import { contains, parseCidr } from "../../network/cidr.ts";
import type { Workload } from "../../network/endpoints.ts";
import { NetworkModel } from "../../network/model.ts";
import { isAddress, type Direction, type Peer } from "../../network/objects.ts";
import { overlap } from "../../network/ports.ts";
import { namespace, policy, workload } from "../network-support.ts";
import type { Json } from "../support.ts";
import { ApiServer } from "./api-server.ts";
import { networkCases } from "./network-cases.ts";

/** The network model against a cluster that enforces policies: who reaches whom, by connecting, under each form of policy. */
const kubeconfig = process.env.KUBECONFIG;
/** Any image with busybox's `sh` and `nc`. */
const image = process.env.PROBE_IMAGE ?? "local.bana/busybox:1";

const ports = [
  { containerPort: 8080, name: "http" },
  { containerPort: 9090, name: "metrics" },
];
const servers = [
  { at: "netpol-a", name: "db", labels: { app: "db" } },
  { at: "netpol-b", name: "cache", labels: { app: "cache", tier: "back" } },
] as const;
const clients = [
  { at: "netpol-a", name: "web", labels: { app: "web", tier: "front" } },
  { at: "netpol-b", name: "web", labels: { app: "web" } },
  { at: "netpol-b", name: "job", labels: { app: "job" } },
] as const;
const namespaces = ["netpol-a", "netpol-b"];

const suite = kubeconfig === undefined ? describe.skip : describe;

suite("the network of KUBECONFIG's cluster", () => {
  const server = new ApiServer(kubeconfig ?? "");
  const addresses = new Map<string, string>();

  beforeAll(async () => {
    for (const name of namespaces) await mustCreate("/api/v1/namespaces", { metadata: { name } });
    for (const name of namespaces)
      await eventually(
        async () => (await server.get(`/api/v1/namespaces/${name}/serviceaccounts/default`)).status === 200,
      );
    const listen = ports.map(({ containerPort }) => `nc -ll -p ${containerPort} -e true &`).join(" ");
    for (const each of servers)
      await mustCreate(`/api/v1/namespaces/${each.at}/pods`, podOf(each, `${listen} wait`, ports));
    for (const each of servers) addresses.set(each.name, await addressOf(each));
    for (const each of clients) await mustCreate(`/api/v1/namespaces/${each.at}/pods`, podOf(each, probeScript()));
    for (const each of clients) addresses.set(`${each.at}/${each.name}`, await addressOf(each));
  }, 180_000);

  afterAll(async () => {
    for (const name of namespaces) await server.delete(`/api/v1/namespaces/${name}`);
    server.close();
  }, 60_000);

  test("opens and closes what the model says", async () => {
    let compared = 0;
    for (const [title, ...policies] of networkCases((name) => addresses.get(name) ?? "")) {
      for (const { path, object } of policies.map(policyObject)) await mustCreate(path, object);
      const expected = predicted(policies);
      await expectConnections(title, expected);
      compared += Object.keys(expected).length;
      for (const { path, object } of policies.map(policyObject)) await server.delete(`${path}/${object.metadata.name}`);
    }
    console.log(`${compared} connections as the model says`);
  }, 900_000);

  /** Whether each client reaches each port of each server, by the model. */
  function predicted(policies: readonly { readonly at: string; readonly spec: Json }[]): Record<string, boolean> {
    const pods = [...servers, ...clients].map(({ at, name, labels }) =>
      workload(at, name, { labels, ports: isServer(name) ? ports : [] }),
    );
    const stack = [
      ...namespaces.map((name) => namespace(name)),
      ...pods,
      ...policies.map(({ at, spec }, index) => policy(at, `p${index}`, spec)),
    ];
    const model = new NetworkModel(stack);
    const find = (at: string, name: string) =>
      model.workloads.find((each) => each.namespace.name === at && each.subject.name === name);
    const reach: Record<string, boolean> = {};
    for (const from of clients) {
      for (const to of servers) {
        for (const { containerPort } of ports) {
          const ends = [find(from.at, from.name), find(to.at, to.name)];
          reach[`${from.at}/${from.name} -> ${to.name}:${containerPort}`] = ends.every(
            (near, index) =>
              near !== undefined &&
              allows(model, near, ends[1 - index], index === 0 ? "egress" : "ingress", containerPort),
          );
        }
      }
    }
    return reach;
  }

  function allows(
    model: NetworkModel,
    near: Workload,
    far: Workload | undefined,
    direction: Direction,
    port: number,
  ): boolean {
    const isolating = near.policies.filter((each) => each.isolates.has(direction));
    const serverPorts = (direction === "egress" ? far : near)?.ports;
    const wanted = [{ path: "", protocol: "TCP" as const, port, endPort: undefined }];
    const means = (peer: Peer, each: (typeof isolating)[number]) =>
      far !== undefined && (isAddress(peer) ? hasAddress(peer, far) : model.mayAdmit(peer, each, far));
    return (
      isolating.length === 0 ||
      isolating.some((each) =>
        each.rules[direction].some(
          (rule) => overlap(wanted, rule.ports, serverPorts) && (rule.peers?.some((peer) => means(peer, each)) ?? true),
        ),
      )
    );
  }

  function hasAddress({ cidr, except }: Extract<Peer, { cidr: unknown }>, { subject }: Workload): boolean {
    const address = addresses.get(isServer(subject.name) ? subject.name : `${subject.namespace}/${subject.name}`);
    const own = parseCidr(`${address}/32`);
    return own !== undefined && contains(cidr, own) && !except.some((hole) => contains(hole, own));
  }

  /** Waits until two rounds that began after the change agree with what is expected. */
  async function expectConnections(title: string, expected: Record<string, boolean>): Promise<void> {
    const before = await Promise.all(clients.map(async (each) => (await rounds(each)).length));
    const deadline = Date.now() + 60_000;
    for (;;) {
      const seen = await Promise.all(
        clients.map(async (each, index) => (await rounds(each)).slice((before[index] ?? 0) + 1)),
      );
      const settled = seen.every((of) => of.length >= 2);
      const agrees = (back: number) => isDeepStrictEqual(merged(seen.map((of) => of.at(-back))), expected);
      if (settled && agrees(1) && agrees(2)) return;
      if (Date.now() > deadline) {
        expect({ title, connections: merged(seen.map((of) => of.at(-1))) }).toEqual({
          title,
          connections: expected,
        });
        throw new Error(`${title}: the connections do not settle`);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  /** What a client found in each of its completed rounds. */
  async function rounds({ at, name }: (typeof clients)[number]): Promise<readonly Record<string, boolean>[]> {
    const { body } = await server.get(`/api/v1/namespaces/${at}/pods/${name}/log`);
    return String(body.message ?? "")
      .split("round\n")
      .slice(1, -1)
      .map((round) =>
        Object.fromEntries(
          [...round.matchAll(/^(\S+) (open|closed)$/gm)].map(([, target, state]) => [
            `${at}/${name} -> ${target}`,
            state === "open",
          ]),
        ),
      );
  }

  function probeScript(): string {
    const targets = servers.flatMap(({ name }) =>
      ports.map(({ containerPort }) => ({ name, containerPort, address: addresses.get(name) })),
    );
    const probe = targets.map(
      ({ name, containerPort, address }) =>
        `{ nc -w 2 ${address} ${containerPort} </dev/null >/dev/null 2>&1 && echo ${name}:${containerPort} open || echo ${name}:${containerPort} closed; } &`,
    );
    return `while :; do echo round; ${probe.join(" ")} wait; sleep 0.3; done`;
  }

  async function addressOf({ at, name }: { readonly at: string; readonly name: string }): Promise<string> {
    let address: string | undefined;
    await eventually(async () => {
      const { status } = (await server.get(`/api/v1/namespaces/${at}/pods/${name}`)).body as {
        status?: { phase?: string; podIP?: string };
      };
      address = status?.phase === "Running" ? status.podIP : undefined;
      return address !== undefined;
    });
    return address ?? "";
  }

  async function mustCreate(path: string, object: unknown): Promise<void> {
    const { status, body } = await server.create(path, object);
    if (status !== 201) throw new Error(`${path}: ${body.message ?? status}`);
  }
});

function podOf(
  { name, labels }: { readonly name: string; readonly labels: Json },
  script: string,
  containerPorts: Json[] = [],
): Json {
  return {
    metadata: { name, labels },
    spec: {
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      containers: [
        { name: "probe", image, imagePullPolicy: "IfNotPresent", command: ["sh", "-c", script], ports: containerPorts },
      ],
    },
  };
}

function policyObject({ at, spec }: { readonly at: string; readonly spec: Json }, index: number) {
  return {
    path: `/apis/networking.k8s.io/v1/namespaces/${at}/networkpolicies`,
    object: { metadata: { name: `p${index}` }, spec },
  };
}

function isServer(name: string): boolean {
  return servers.some((each) => each.name === name);
}

function merged(records: readonly (Record<string, boolean> | undefined)[]): Record<string, boolean> {
  return Object.fromEntries(records.flatMap((record) => Object.entries(record ?? {})));
}

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("gave up after 120 s");
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
