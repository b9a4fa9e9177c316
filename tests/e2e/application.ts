import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { apply, exec, get, kubectl, kubectlCommand, type Pod } from "./kubernetes.ts";

/** All stores, as an application in nx-backend knows them. */
export const stores = ["postgresql", "redis", "kafka", "typesense"] as const;
export type StoreName = (typeof stores)[number];

const pod = { namespace: "nx-backend", name: "application" };
const stopFile = "/tmp/stop";
const script = readFileSync(join(__dirname, "application.mjs"), "utf8");
const run = (...args: readonly string[]): string[] => ["node", "--input-type=module", "-", ...args];

/** Starts an application that knows nothing but `shared-config` and `nx-shared-secret`: see `application.mjs`. */
export async function startApplication(): Promise<void> {
  await apply({
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
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          resources: { requests: { cpu: "1m", memory: "64Mi" }, limits: { memory: "512Mi" } },
          volumeMounts: [
            { name: "config", mountPath: "/config" },
            { name: "secret", mountPath: "/secret" },
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
  await applicationRuns();
}

/** Waits until the application's container runs. */
export async function applicationRuns(): Promise<void> {
  await eventually(
    async () => (await get<Pod>("pod", pod)).status.containerStatuses?.every(({ ready }) => ready) ?? false,
    { timeout: 180 },
  );
}

/** Removes the application. */
export async function removeApplication(): Promise<void> {
  await kubectl(["delete", "pod", pod.name, "--namespace", pod.namespace, "--grace-period=0", "--force"]);
}

/** An application that writes numbers into all stores without a pause. */
export interface Writing {
  /** Numbers that the stores have acknowledged, so far, in their order. */
  readonly acknowledged: Numbers;
  /** What the stores have refused with, so far. */
  readonly complaints: readonly string[];
  /** Lets it end. */
  stop(): Promise<void>;
  /** Settles when it has ended, be it by itself. */
  readonly ended: Promise<void>;
}

/** Starts to write numbers that no run before has written. */
export function startWriting(): Writing {
  const first = (Math.floor(Date.now() / 1000) % 1_000_000) * 1000;
  const { command, args } = kubectlCommand([
    ...["exec", "--stdin", "--namespace", pod.namespace, pod.name, "--"],
    ...run("write", String(first), stopFile),
  ]);
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => {
      resolve();
    });
  });
  const acknowledged: Record<StoreName, number[]> = { postgresql: [], redis: [], kafka: [], typesense: [] };
  const complaints: string[] = [];
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const { store, number, error } = JSON.parse(line) as { store: StoreName; number?: number; error?: string };
      if (number === undefined) complaints.push(`${store}: ${error}`);
      else acknowledged[store].push(number);
    }
  });
  child.stdin.end(script);
  return {
    acknowledged,
    complaints,
    ended,
    stop: async () => {
      await exec(pod, ["touch", stopFile]);
      await ended;
      await exec(pod, ["rm", stopFile]);
    },
  };
}

/** Waits until the application has written `count` more numbers into every store. */
export async function written(writing: Writing, count: number, timeout: number): Promise<void> {
  const before = stores.map((store) => writing.acknowledged[store].length);
  await eventually(
    () => {
      const more = stores.map(
        (store, index) => [store, writing.acknowledged[store].length - (before[index] ?? 0)] as const,
      );
      const lagging = more.filter(([, written]) => written < count);
      if (lagging.length > 0)
        throw new Error(
          `${lagging.map(String).join("; ")}; last complaints: ${writing.complaints.slice(-5).join("\n")}`,
        );
    },
    { timeout },
  );
}

/** Numbers by store. */
export type Numbers = Readonly<Record<StoreName, readonly number[]>>;

/** Of the numbers, those that a store has not. Throws when one of the stores cannot be read. */
export async function missing(numbers: Numbers): Promise<Numbers> {
  const said = await exec(pod, run("read"), { input: script, timeout: 120 });
  const kept = JSON.parse(said) as Record<StoreName, readonly number[] | string>;
  const missingIn = (store: StoreName): readonly number[] => {
    const own = kept[store];
    if (typeof own === "string") throw new Error(`${store} cannot be read: ${own}`);
    const known = new Set(own);
    return numbers[store].filter((number) => !known.has(number));
  };
  return {
    postgresql: missingIn("postgresql"),
    redis: missingIn("redis"),
    kafka: missingIn("kafka"),
    typesense: missingIn("typesense"),
  };
}

/** What {@link missing} says when nothing is. */
export const none: Numbers = { postgresql: [], redis: [], kafka: [], typesense: [] };

/** Whether every store lets the application in with these settings in place of the shared ones: `true`, or what it says. */
export async function logIns(overrides: Readonly<Record<string, string>>): Promise<Record<StoreName, true | string>> {
  const command = ["env", `OVERRIDES=${JSON.stringify(overrides)}`, ...run("logIn")];
  const said = await exec(pod, command, { input: script, timeout: 120 });
  return JSON.parse(said) as Record<StoreName, true | string>;
}
