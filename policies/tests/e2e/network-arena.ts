import { isDeepStrictEqual } from "node:util";
import type { Json } from "../support.ts";
import type { ApiServer } from "./api-server.ts";

/** Any image with busybox's `sh` and `nc`. */
const image = process.env.PROBE_IMAGE ?? "local.bana/busybox:1";

export const serverPorts = [
  { containerPort: 8080, name: "http" },
  { containerPort: 9090, name: "metrics" },
];

export interface Pod {
  readonly at: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Whether a client reaches a port of a server, by `connection`. */
export type Connections = Readonly<Record<string, boolean>>;

export function connection(from: Pod, to: Pod, port: number): string {
  return `${from.at}/${from.name} -> ${to.name}:${port}`;
}

/** Two namespaces with pods of which some listen and the others never stop trying to connect to them. */
export class Arena {
  readonly namespaces: readonly [string, string];
  readonly servers: readonly Pod[];
  readonly clients: readonly Pod[];
  private readonly server: ApiServer;
  private readonly addresses = new Map<Pod, string>();

  constructor(server: ApiServer, name: string) {
    this.server = server;
    const [first, second] = (this.namespaces = [`${name}-a`, `${name}-b`]);
    this.servers = [
      { at: first, name: "db", labels: { app: "db" } },
      { at: second, name: "cache", labels: { app: "cache", tier: "back" } },
    ];
    this.clients = [
      { at: first, name: "web", labels: { app: "web", tier: "front" } },
      { at: second, name: "web", labels: { app: "web" } },
      { at: second, name: "job", labels: { app: "job" } },
    ];
  }

  async open(): Promise<void> {
    for (const name of this.namespaces) {
      await this.create("/api/v1/namespaces", { metadata: { name } });
      const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
      await eventually(async () => (await this.server.get(account)).status === 200);
    }
    const listen = serverPorts.map(({ containerPort }) => `nc -ll -p ${containerPort} -e true &`).join(" ");
    await Promise.all(this.servers.map((pod) => this.run(pod, `${listen} wait`, serverPorts)));
    await Promise.all(this.clients.map((pod) => this.run(pod, this.probeScript())));
  }

  async close(): Promise<void> {
    for (const name of this.namespaces) await this.server.delete(`/api/v1/namespaces/${name}`);
  }

  address(pod: Pod): string {
    return this.addresses.get(pod) ?? "";
  }

  /** Has policies in force while `work` runs. */
  async under(policies: readonly { readonly at: string; readonly spec: Json }[], work: () => Promise<void>) {
    const objects = policies.map(({ at, spec }, index) => ({
      path: `/apis/networking.k8s.io/v1/namespaces/${at}/networkpolicies`,
      object: { metadata: { name: `p${index}` }, spec },
    }));
    for (const { path, object } of objects) await this.create(path, object);
    await work();
    for (const { path, object } of objects) await this.server.delete(`${path}/${object.metadata.name}`);
  }

  /** Waits until two rounds in a row that began after the call found what is expected; gives what was found last. */
  async settled(expected: Connections): Promise<Connections> {
    const before = await Promise.all(this.clients.map(async (each) => (await this.rounds(each)).length));
    const deadline = Date.now() + 60_000;
    for (;;) {
      const seen = await Promise.all(
        this.clients.map(async (each, index) => (await this.rounds(each)).slice((before[index] ?? 0) + 1)),
      );
      const found = (back: number) => Object.assign({}, ...seen.map((rounds) => rounds.at(-back))) as Connections;
      const isSettled = seen.every((rounds) => rounds.length >= 2) && isDeepStrictEqual(found(2), expected);
      if ((isSettled && isDeepStrictEqual(found(1), expected)) || Date.now() > deadline) return found(1);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }

  /** What a client found in each of its completed rounds. */
  private async rounds(pod: Pod): Promise<readonly Connections[]> {
    const { body } = await this.server.get(`/api/v1/namespaces/${pod.at}/pods/${pod.name}/log`);
    const rounds = String(body.message ?? "").split("round\n");
    return rounds.slice(1, -1).map((round) => {
      const lines = [...round.matchAll(/^(\S+) (open|closed)$/gm)];
      return Object.fromEntries(
        lines.map(([, target, state]) => [`${pod.at}/${pod.name} -> ${target}`, state === "open"]),
      );
    });
  }

  private probeScript(): string {
    const targets = this.servers.flatMap((pod) =>
      serverPorts.map(({ containerPort }) => ({
        title: `${pod.name}:${containerPort}`,
        at: this.address(pod),
        containerPort,
      })),
    );
    const probes = targets.map(
      ({ title, at, containerPort }) =>
        `{ nc -w 1 ${at} ${containerPort} </dev/null >/dev/null 2>&1 && echo ${title} open || echo ${title} closed; } &`,
    );
    return `while :; do echo round; ${probes.join(" ")} wait; sleep 0.2; done`;
  }

  private async run(pod: Pod, script: string, ports: Json[] = []): Promise<void> {
    const path = `/api/v1/namespaces/${pod.at}/pods`;
    const container = { name: "probe", image, imagePullPolicy: "IfNotPresent", command: ["sh", "-c", script], ports };
    const spec = { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, containers: [container] };
    await this.create(path, { metadata: { name: pod.name, labels: pod.labels }, spec });
    await eventually(async () => {
      const { status } = (await this.server.get(`${path}/${pod.name}`)).body as {
        status?: { phase?: string; podIP?: string };
      };
      if (status?.phase !== "Running" || status.podIP === undefined) return false;
      this.addresses.set(pod, status.podIP);
      return true;
    });
  }

  private async create(path: string, object: unknown): Promise<void> {
    const { status, body } = await this.server.create(path, object);
    if (status !== 201) throw new Error(`${path}: ${body.message ?? status}`);
  }
}

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("gave up after 120 s");
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
