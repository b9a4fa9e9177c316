/** The Jobs that restore backups: each is made from a CronJob that never runs by itself. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Kubectl } from "../connect/kubectl.ts";
import { outputOf, run } from "../programs.ts";

const POLL_MS = 1000;

interface Container {
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

interface Volume {
  readonly name: string;
  readonly persistentVolumeClaim?: { readonly claimName: string };
}

interface Job {
  readonly metadata: { readonly name?: string; readonly generateName?: string };
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly Container[];
        readonly initContainers: readonly Container[];
        readonly volumes: readonly Volume[];
      };
    };
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

export interface RestoreJob {
  readonly namespace: string;
  /** Name of the CronJob. */
  readonly template: string;
  /** Values for variables that its containers have. */
  readonly variables: Readonly<Record<string, string>>;
  /** The claim of its volume. @default as in the CronJob */
  readonly claim?: string;
}

/** kubectl with these arguments, in a namespace. */
export const kubectlIn = (
  { program, cluster, env }: Kubectl,
  namespace: string,
  args: readonly string[],
  input?: string,
) => ({
  argv: [program, ...cluster, "--namespace", namespace, ...args] as const,
  env,
  ...(input !== undefined && { input }),
});

/** How a Job ended. */
export interface Ended {
  readonly isComplete: boolean;
  /** What it printed. */
  readonly lines: readonly string[];
}

/**
 * Starts the Job, prints its output, and ends with it.
 * @throws Error if it cannot be started
 */
export async function runJob(kubectl: Kubectl, wanted: RestoreJob): Promise<Ended> {
  const { namespace, template } = wanted;
  const create = ["create", "job", template, `--from=cronjob/${template}`, "--dry-run=client", "--output=json"];
  const { code, stdout, stderr } = await run(kubectlIn(kubectl, namespace, create));
  if (code !== 0) {
    const cause = /not found/i.test(stderr) ? "There are no backups: set objectStore (docs/backups.md)" : stderr.trim();
    throw new Error(`The restore was not started. ${cause}`);
  }
  const job = JSON.stringify(changed(JSON.parse(stdout) as Job, wanted));
  const created = await outputOf(kubectlIn(kubectl, namespace, ["create", "--filename=-", "--output=name"], job));
  const name = created.trim().replace(/^.*\//, "");
  console.log(`Job ${name}:`);
  try {
    return await follow(kubectl, namespace, name);
  } finally {
    // As long as it is listed, the claim cannot be deleted.
    if (wanted.claim !== undefined) await outputOf(kubectlIn(kubectl, namespace, ["delete", "job", name]));
  }
}

/** The Job with a name of its own, and with other values. */
function changed(job: Job, { template, variables, claim }: RestoreJob): Job {
  const withVariables = (containers: readonly Container[]): Container[] =>
    containers.map(({ env = [], ...container }) => ({
      ...container,
      env: env.map((variable) => {
        const value = variables[variable.name];
        return value === undefined ? variable : { ...variable, value };
      }),
    }));
  const { spec } = job.spec.template;
  const pod = {
    ...spec,
    containers: withVariables(spec.containers),
    initContainers: withVariables(spec.initContainers),
    volumes: spec.volumes.map((volume) =>
      volume.persistentVolumeClaim && claim !== undefined
        ? { ...volume, persistentVolumeClaim: { claimName: claim } }
        : volume,
    ),
  };
  const metadata = { ...job.metadata, name: undefined, generateName: `${template}-` };
  return { ...job, metadata, spec: { ...job.spec, template: { ...job.spec.template, spec: pod } } };
}

/** Prints the Job's output until it ends. */
async function follow(kubectl: Kubectl, namespace: string, name: string): Promise<Ended> {
  let printed = 0;
  for (;;) {
    const read = kubectlIn(kubectl, namespace, ["get", "job", name, "--output=json"]);
    const job = JSON.parse(await outputOf(read)) as Job;
    const ended = job.status?.conditions?.find(
      ({ type, status }) => (type === "Complete" || type === "Failed") && status === "True",
    );
    // Fails while a container has not started.
    const { stdout } = await run(
      kubectlIn(kubectl, namespace, ["logs", `job/${name}`, "--all-containers", "--tail=-1"]),
    );
    const lines = stdout.split("\n").filter((line) => line !== "");
    for (const line of lines.slice(printed)) console.log(`  ${line}`);
    printed = Math.max(printed, lines.length);
    if (ended !== undefined) return { isComplete: ended.type === "Complete", lines };
    await sleep(POLL_MS);
  }
}
