import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { apply, exec, get, kubectl, type Named, type Pod } from "./kubernetes.ts";
import { type Running, startIn, type Streams } from "./running.ts";

/**
 * A pod in nx-backend like an application's. It runs a script of this folder, with the client libraries of all stores.
 * It has `shared-config` and `nx-shared-secret` as environment variables, and as files in `/config` and `/secret`,
 * which the kubelet updates.
 */
export class ApplicationPod {
  readonly #pod: Named;
  readonly #script: string;

  /** @param script file of this folder */
  constructor(name: string, script: string) {
    this.#pod = { namespace: "nx-backend", name };
    this.#script = readFileSync(join(import.meta.dirname, script), "utf8");
  }

  /** Starts the pod, and waits until it runs. */
  async start(): Promise<void> {
    await apply(manifest(this.#pod));
    await this.runs();
  }

  /** Waits until the pod runs. */
  async runs(): Promise<void> {
    await eventually(
      async () => (await get<Pod>("pod", this.#pod)).status.containerStatuses?.every(({ ready }) => ready) ?? false,
      { timeout: 180 },
    );
  }

  async remove(): Promise<void> {
    const { namespace, name } = this.#pod;
    await kubectl(["delete", "pod", name, "--namespace", namespace, "--grace-period=0", "--force"]);
  }

  /**
   * Runs a command of the script to completion and returns its output. Throws when it fails.
   * @param options `timeout` in seconds; `variables` are added to the pod's environment
   */
  async run(
    args: readonly string[],
    options: { readonly timeout: number; readonly variables?: Readonly<Record<string, string>> },
  ): Promise<string> {
    const { timeout, variables = {} } = options;
    const environment = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    return exec(this.#pod, ["env", ...environment, ...command(args)], { input: this.#script, timeout });
  }

  /** Starts a command of the script in the background and passes on its output line by line. */
  stream(args: readonly string[], streams: Omit<Streams, "input">): Running {
    return startIn(this.#pod, command(args), { ...streams, input: this.#script });
  }

  /** Creates an empty file in the pod, which stops a command of the script that watches for it. */
  async touch(file: string): Promise<void> {
    await exec(this.#pod, ["touch", file]);
  }

  async removeFile(file: string): Promise<void> {
    await exec(this.#pod, ["rm", file]);
  }
}

// a script from standard input imports modules relative to the working directory
const command = (args: readonly string[]): string[] => ["node", "--input-type=module", "-", ...args];

const manifest = (pod: Named): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: pod,
  spec: {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 0,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name: "application",
        image: "local.bana/test-clients:1",
        command: ["sleep", "infinity"],
        envFrom: [{ configMapRef: { name: "shared-config" } }, { secretRef: { name: "nx-shared-secret" } }],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        resources: { requests: { cpu: "1m", memory: "64Mi" }, limits: { memory: "512Mi" } },
        volumeMounts: [
          { name: "config", mountPath: "/config", readOnly: true },
          { name: "secret", mountPath: "/secret", readOnly: true },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [
      { name: "config", configMap: { name: "shared-config" } },
      { name: "secret", secret: { secretName: "nx-shared-secret" } },
      { name: "tmp", emptyDir: {} },
    ],
  },
});
