import { setTimeout as sleep } from "node:timers/promises";
import path from "node:path";
import { layout } from "../node/spec.ts";
import type { NodeSpec } from "../node/spec.ts";
import { applyManifests } from "./manifests.ts";
import { stopPods } from "./pods.ts";
import { Service } from "./service.ts";
import { MANIFESTS, services } from "./services.ts";
import { StatusFile } from "./status.ts";
import type { NodeStatus } from "./status.ts";
import { VolumeExpansion } from "./volume-expansion.ts";

const RETRY_MS = 1000;
const LOG_CHECK_MS = 30_000;
const PODS_STOP_MS = 10_000;

/** Runs the servers of one node: each as soon as those it needs are ready, all until `stop`. */
export class Supervisor {
  readonly #spec: NodeSpec;
  readonly #services: readonly Service[];
  readonly #since = Date.now();
  readonly #ready = new Map<string, Promise<void>>();
  readonly #statusFile: StatusFile;
  readonly #volumeExpansion: VolumeExpansion;
  #phase: NodeStatus["phase"] = "starting";
  #problem: string | undefined;

  constructor(spec: NodeSpec) {
    const { kubeconfigs, logs } = layout(spec.stateDir);
    this.#spec = spec;
    this.#statusFile = new StatusFile(spec.stateDir);
    this.#services = services(spec).map((definition) => new Service(definition, logs, () => this.#report()));
    this.#volumeExpansion = new VolumeExpansion(path.join(kubeconfigs, "volume-expansion"));
  }

  /** Resolves when every server is ready; they go on until `stop`. */
  async start(): Promise<void> {
    this.#report();
    setInterval(() => this.#services.forEach((service) => service.boundLog()), LOG_CHECK_MS);
    await Promise.all(this.#services.map(({ definition }) => this.#isReady(definition.name)));
    this.#phase = this.#phase === "starting" ? "running" : this.#phase;
    this.#report();
    await this.#volumeExpansion.run();
  }

  /** Ends everything in the order that loses nothing: what starts pods, the pods, the servers, and etcd last. */
  async stop(): Promise<void> {
    this.#phase = "stopping";
    this.#report();
    this.#volumeExpansion.stop();
    await this.#end(["kubelet"]);
    await Promise.all([
      stopPods(PODS_STOP_MS)
        .catch((error: unknown) => console.error(`stopping pods: ${String(error)}`))
        .then(() => this.#end(["containerd", "kube-network-policies", "kube-proxy"])),
      this.#end(["kube-controller-manager", "kube-scheduler", "kube-apiserver"]),
    ]);
    await this.#end(["etcd"]);
  }

  async #end(names: readonly string[]): Promise<void> {
    const services = this.#services.filter(({ definition }) => names.includes(definition.name));
    await Promise.all(services.map((service) => service.stop()));
  }

  /** When the named service, or the manifests, are ready for the first time; begins them when asked first. */
  #isReady(name: string): Promise<void> {
    const known = this.#ready.get(name);
    if (known !== undefined) return known;
    const begun = name === MANIFESTS ? this.#applyManifests() : this.#run(name);
    this.#ready.set(name, begun);
    return begun;
  }

  async #run(name: string): Promise<void> {
    const service = this.#services.find(({ definition }) => definition.name === name);
    if (service === undefined) throw new Error(`there is no service ${name}`);
    await Promise.all(service.definition.after.map((each) => this.#isReady(each)));
    if (this.#phase !== "stopping") await service.run();
  }

  /** Tried until it succeeds: the API server may be killed and started again meanwhile. */
  async #applyManifests(): Promise<void> {
    await this.#isReady("kube-apiserver");
    while (this.#phase !== "stopping") {
      try {
        await applyManifests(this.#spec);
        this.#problem = undefined;
        return;
      } catch (error) {
        this.#problem = `the cluster's own objects (local/manifests) cannot be applied: ${String(error)}`;
        this.#report();
        await sleep(RETRY_MS);
      }
    }
  }

  #report(): void {
    this.#statusFile.write({
      phase: this.#phase,
      since: this.#since,
      services: this.#services.map(({ status }) => status),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    });
  }
}
