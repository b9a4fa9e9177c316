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

/** Runs the components of one node until `stop`; each starts when its dependencies are ready. */
export class Supervisor {
  readonly #spec: NodeSpec;
  readonly #services: readonly Service[];
  readonly #startedAt = Date.now();
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

  /** Starts all components, then follows volume expansions until `stop`. */
  async start(): Promise<void> {
    this.#report();
    setInterval(() => this.#services.forEach((service) => service.rotateLog()), LOG_CHECK_MS);
    await Promise.all(this.#services.map(({ definition }) => this.#whenReady(definition.name)));
    this.#phase = this.#phase === "starting" ? "running" : this.#phase;
    this.#report();
    await this.#volumeExpansion.run();
  }

  /** Stops the kubelet first, so that no pod restarts, then pods and the other components, and etcd last. */
  async stop(): Promise<void> {
    this.#phase = "stopping";
    this.#report();
    this.#volumeExpansion.stop();
    await this.#stopServices(["kubelet"]);
    await Promise.all([
      stopPods(PODS_STOP_MS)
        .catch((error: unknown) => console.error(`cannot stop pods: ${String(error)}`))
        .then(() => this.#stopServices(["containerd", "kube-network-policies", "kube-proxy"])),
      this.#stopServices(["kube-controller-manager", "kube-scheduler", "kube-apiserver"]),
    ]);
    await this.#stopServices(["etcd"]);
  }

  async #stopServices(names: readonly string[]): Promise<void> {
    const services = this.#services.filter(({ definition }) => names.includes(definition.name));
    await Promise.all(services.map((service) => service.stop()));
  }

  /** Resolves when the service, or the `MANIFESTS` step, is first ready; starts it on the first call. */
  #whenReady(name: string): Promise<void> {
    const started = this.#ready.get(name);
    if (started !== undefined) return started;
    const ready = name === MANIFESTS ? this.#applyManifests() : this.#run(name);
    this.#ready.set(name, ready);
    return ready;
  }

  async #run(name: string): Promise<void> {
    const service = this.#services.find(({ definition }) => definition.name === name);
    if (service === undefined) throw new Error(`unknown service ${name}`);
    await Promise.all(service.definition.after.map((each) => this.#whenReady(each)));
    if (this.#phase !== "stopping") await service.run();
  }

  /** Retries until it succeeds, because the API server may restart meanwhile. */
  async #applyManifests(): Promise<void> {
    await this.#whenReady("kube-apiserver");
    while (this.#phase !== "stopping") {
      try {
        await applyManifests(this.#spec);
        this.#problem = undefined;
        return;
      } catch (error) {
        this.#problem = `cannot apply local/manifests: ${String(error)}`;
        this.#report();
        await sleep(RETRY_MS);
      }
    }
  }

  #report(): void {
    this.#statusFile.write({
      phase: this.#phase,
      startedAt: this.#startedAt,
      services: this.#services.map(({ status }) => status),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    });
  }
}
