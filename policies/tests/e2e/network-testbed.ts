import { isDeepStrictEqual } from "node:util";
import type { Json } from "../support.ts";
import type { ApiServer } from "./api-server.ts";

/** An image with busybox's `sh`, `nc` and `nslookup`. */
const image = process.env.PROBE_IMAGE ?? "local.bana/busybox:1";

const serverPorts = [
  { containerPort: 8080, name: "http" },
  { containerPort: 9090, name: "metrics" },
];

/** A workload with one pod. */
export interface Pod {
  readonly at: string;
  readonly name: string;
  /** The kind in Pulumi's type token. */
  readonly kind: "core/v1:Pod" | "batch/v1:Job" | "apps/v1:StatefulSet" | "apps/v1:Deployment";
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly containerPort: number; readonly name?: string }[];
  readonly hostNetwork: boolean;
}

export type DnsProtocol = "TCP" | "UDP";

/** Whether clients reach server ports and DNS. The keys are those of `connection` and `dnsQuery`. */
export type Connections = Readonly<Record<string, boolean>>;

export function connection(from: Pod, to: Pod, port: number): string {
  return `${from.at}/${from.name} -> ${to.name}:${port}`;
}

export function dnsQuery(from: Pod, protocol: DnsProtocol): string {
  return `${from.at}/${from.name} -> dns:${protocol}`;
}

/**
 * Two namespaces with servers, and with clients that continuously try to connect to them and to query DNS. Controllers
 * create some of the pods, and some pods are on the host network.
 */
export class Testbed {
  readonly namespaces: readonly [string, string];
  readonly servers: readonly Pod[];
  readonly clients: readonly Pod[];
  private readonly server: ApiServer;
  private readonly pods = new Map<Pod, { readonly name: string; readonly address: string }>();
  private dns = { service: "", pod: "" };

  constructor(server: ApiServer, index: number) {
    this.server = server;
    const [a, b] = (this.namespaces = [`netpol-${index}-a`, `netpol-${index}-b`]);
    const plain = { kind: "core/v1:Pod", hostNetwork: false, ports: [] } as const;
    const listening = { ...plain, ports: serverPorts };
    // On the host network, each testbed needs its own port.
    const onNode = { ...plain, hostNetwork: true, ports: [{ containerPort: 18_080 + index }] };
    this.servers = [
      { ...listening, at: a, name: "db", kind: "apps/v1:StatefulSet", labels: { app: "db" } },
      { ...listening, at: b, name: "cache", kind: "apps/v1:Deployment", labels: { app: "cache", tier: "back" } },
      { ...onNode, at: b, name: "agent", labels: { app: "agent" } },
    ];
    this.clients = [
      { ...plain, at: a, name: "web", labels: { app: "web", tier: "front" } },
      { ...plain, at: b, name: "web", labels: { app: "web" } },
      { ...plain, at: b, name: "job", kind: "batch/v1:Job", labels: { app: "job" } },
      { ...plain, at: b, name: "probe", hostNetwork: true, labels: { app: "probe" } },
    ];
  }

  async create(): Promise<void> {
    this.dns = await this.findDns();
    for (const name of this.namespaces) {
      await this.post("/api/v1/namespaces", { metadata: { name } });
      const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
      await eventually(async () => (await this.server.get(account)).status === 200);
    }
    await Promise.all(this.servers.map((pod) => this.run(pod, listenScript(pod))));
    await Promise.all(this.clients.map((pod) => this.run(pod, this.probeScript())));
  }

  async delete(): Promise<void> {
    for (const name of this.namespaces) await this.server.delete(`/api/v1/namespaces/${name}`);
  }

  /** The IP address of a pod, or of a DNS pod of the cluster. */
  address(of: Pod | "dns"): string {
    return of === "dns" ? this.dns.pod : (this.pods.get(of)?.address ?? "");
  }

  /** Applies policies while `work` runs. */
  async withPolicies(policies: readonly { readonly at: string; readonly spec: Json }[], work: () => Promise<void>) {
    const objects = policies.map(({ at, spec }, index) => ({
      path: `/apis/networking.k8s.io/v1/namespaces/${at}/networkpolicies`,
      object: { metadata: { name: `p${index}` }, spec },
    }));
    for (const { path, object } of objects) await this.post(path, object);
    await work();
    for (const { path, object } of objects) await this.server.delete(`${path}/${object.metadata.name}`);
  }

  /** Waits up to 60 s for two successive new rounds with the expected result. Returns the result of the last round. */
  async waitFor(expected: Connections): Promise<Connections> {
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

  /** The results of a client's completed rounds, from its log. */
  private async rounds(pod: Pod): Promise<readonly Connections[]> {
    const { body } = await this.server.get(`/api/v1/namespaces/${pod.at}/pods/${this.pods.get(pod)?.name ?? ""}/log`);
    const rounds = String(body.message ?? "").split("round\n");
    return rounds.slice(1, -1).map((round) => {
      const lines = [...round.matchAll(/^(\S+) (open|closed)$/gm)];
      return Object.fromEntries(
        lines.map(([, target, state]) => [`${pod.at}/${pod.name} -> ${target}`, state === "open"]),
      );
    });
  }

  private probeScript(): string {
    const connects = this.servers.flatMap((pod) =>
      pod.ports.map(({ containerPort: port }) => [`${pod.name}:${port}`, connect(this.address(pod), port)] as const),
    );
    const ask = `timeout 2 nslookup -type=a kubernetes.default.svc.cluster.local ${this.dns.service} >/dev/null 2>&1`;
    const probes = [...connects, ["dns:TCP", connect(this.dns.service, 53)] as const, ["dns:UDP", ask] as const].map(
      ([title, command]) => `{ ${command} && echo ${title} open || echo ${title} closed; } &`,
    );
    return `while :; do echo round; ${probes.join(" ")} wait; sleep 0.2; done`;
  }

  private async findDns(): Promise<{ readonly service: string; readonly pod: string }> {
    const service = (await this.server.get("/api/v1/namespaces/kube-system/services/kube-dns")).body as {
      spec?: { clusterIP?: string };
    };
    const [pod] = await this.podsOf("kube-system", "k8s-app=kube-dns");
    if (service.spec?.clusterIP === undefined || pod === undefined) throw new Error("the cluster has no DNS");
    return { service: service.spec.clusterIP, pod: pod.address };
  }

  private async run(pod: Pod, script: string): Promise<void> {
    const { path, object } = manifest(pod, script);
    await this.post(path.replace("{namespace}", pod.at), object);
    await eventually(async () => {
      const [running] = await this.podsOf(pod.at, `app=${pod.labels.app}`);
      if (running === undefined) return false;
      this.pods.set(pod, running);
      return true;
    });
  }

  /** The running pods that match a label selector and have an IP address. */
  private async podsOf(at: string, selector: string) {
    const path = `/api/v1/namespaces/${at}/pods?labelSelector=${encodeURIComponent(selector)}`;
    const { items = [] } = (await this.server.get(path)).body as {
      items?: readonly { metadata: { name: string }; status?: { phase?: string; podIP?: string } }[];
    };
    return items.flatMap(({ metadata, status }) => {
      const isUp = status?.phase === "Running" && status.podIP !== undefined;
      return isUp ? [{ name: metadata.name, address: status.podIP ?? "" }] : [];
    });
  }

  private async post(path: string, object: unknown): Promise<void> {
    const { status, body } = await this.server.create(path, object);
    if (status !== 201) throw new Error(`${path}: ${body.message ?? status}`);
  }
}

function connect(address: string, port: number): string {
  return `nc -w 1 ${address} ${port} </dev/null >/dev/null 2>&1`;
}

function listenScript({ ports }: Pod): string {
  return `${ports.map(({ containerPort }) => `nc -ll -p ${containerPort} -e true &`).join(" ")} wait`;
}

/** The manifest of a workload that runs a script. */
function manifest({ kind, name, labels, ports, hostNetwork }: Pod, script: string) {
  const container = { name: "probe", image, imagePullPolicy: "IfNotPresent", command: ["sh", "-c", script], ports };
  const restartPolicy = kind === "batch/v1:Job" ? "Never" : "Always";
  const grace = { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false };
  const spec = { ...grace, restartPolicy, hostNetwork, containers: [container] };
  const template = { metadata: { labels }, spec };
  const selector = { matchLabels: labels };
  switch (kind) {
    case "core/v1:Pod":
      return { path: "/api/v1/namespaces/{namespace}/pods", object: { metadata: { name, labels }, spec } };
    case "batch/v1:Job":
      return { path: "/apis/batch/v1/namespaces/{namespace}/jobs", object: { metadata: { name }, spec: { template } } };
    case "apps/v1:Deployment":
      return {
        path: "/apis/apps/v1/namespaces/{namespace}/deployments",
        object: { metadata: { name }, spec: { selector, template } },
      };
    case "apps/v1:StatefulSet":
      return {
        path: "/apis/apps/v1/namespaces/{namespace}/statefulsets",
        object: { metadata: { name }, spec: { serviceName: name, selector, template } },
      };
  }
}

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("timed out after 120 s");
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
