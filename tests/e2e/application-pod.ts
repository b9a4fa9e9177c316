import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { apply, exec, get, kubectl, type Named, type Pod } from "./kubernetes.ts";
import { type Conversation, type Running, startIn } from "./running.ts";

/**
 * A pod of an application in nx-backend, as far as the cluster can tell. Scripts of this folder run in it, with the client libraries of
 * all stores. Of the stores it knows what `shared-config` and `nx-shared-secret` say: as environment variables, and as files in
 * `/config` and `/secret`, which follow changes.
 */
export class ApplicationPod {
  readonly #pod: Named;
  readonly #script: string;

  /** @param script file of this folder */
  constructor(name: string, script: string) {
    this.#pod = { namespace: "nx-backend", name };
    this.#script = readFileSync(join(__dirname, script), "utf8");
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
   * Runs a command of the script to its end, and returns what it printed; throws when it fails.
   * @param options `timeout` in seconds; environment variables beside the pod's
   */
  async run(
    words: readonly string[],
    options: { readonly timeout: number; readonly variables?: Readonly<Record<string, string>> },
  ): Promise<string> {
    const { timeout, variables = {} } = options;
    const environment = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    return exec(this.#pod, ["env", ...environment, ...command(words)], { input: this.#script, timeout });
  }

  /** Starts a command of the script. */
  talk(words: readonly string[], conversation: Omit<Conversation, "input">): Running {
    return startIn(this.#pod, command(words), { ...conversation, input: this.#script });
  }

  /** Makes an empty file in the pod, for which a command of the script may wait. */
  async touch(file: string): Promise<void> {
    await exec(this.#pod, ["touch", file]);
  }

  async removeFile(file: string): Promise<void> {
    await exec(this.#pod, ["rm", file]);
  }
}

// modules are looked for from the folder that node runs in
const command = (words: readonly string[]): string[] => ["node", "--input-type=module", "-", ...words];

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
