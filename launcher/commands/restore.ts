import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { redis, redisRestore } from "../../components/redis/endpoint.ts";
import type { Kubectl } from "../connect/kubectl.ts";
import { outputOf, run } from "../programs.ts";
import type { Target } from "../target.ts";
import { UsageError } from "../usage-error.ts";
import { kubectlFor } from "./connect.ts";

const { namespace } = redis;
const template = redisRestore.pods["app.kubernetes.io/name"];
const POLL_MS = 1000;

interface Container {
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

interface Job {
  readonly metadata: { readonly name?: string; readonly generateName?: string };
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly Container[]; readonly initContainers: readonly Container[] };
    };
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** `npm run restore`: starts the Job that restores a backup, prints its output, and ends with it. */
export async function restoreCommand(target: Target, args: readonly string[]): Promise<number> {
  const { from, intoExisting } = parseArguments(args);
  const kubectl = await kubectlFor(target);
  const create = ["create", "job", template, `--from=cronjob/${template}`, "--dry-run=client", "--output=json"];
  const { code, stdout, stderr } = await run(invocation(kubectl, create));
  if (code !== 0) {
    const cause = /not found/i.test(stderr) ? "Redis has no backups: set objectStore (docs/backups.md)" : stderr.trim();
    throw new Error(`The restore was not started. ${cause}`);
  }
  const job = withVariables(JSON.parse(stdout) as Job, { FROM: from, INTO_EXISTING: String(intoExisting) });
  const created = await outputOf(invocation(kubectl, ["create", "--filename=-", "--output=name"], JSON.stringify(job)));
  const name = created.trim().replace(/^.*\//, "");
  console.log(`Job ${name} restores ${from === "latest" ? "the newest backup" : `backup ${from}`}.`);
  const isComplete = await follow(kubectl, name);
  console.log(isComplete ? "Restored." : "The restore failed.");
  return isComplete ? 0 : 1;
}

function parseArguments(args: readonly string[]): { from: string; intoExisting: boolean } {
  const options = { from: { type: "string", default: "latest" }, "into-existing": { type: "boolean" } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (positionals.length !== 1 || positionals[0] !== "redis") throw new Error("Name the store to restore: redis");
    if (!/^(latest|\d{8}T\d{6}Z)$/.test(values.from)) {
      throw new Error(
        `"${values.from}" is not the name of a backup, such as 20261130T030000Z: npm run backups lists them`,
      );
    }
    return { from: values.from, intoExisting: values["into-existing"] ?? false };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nSee: npm run restore -- --help`);
  }
}

const invocation = ({ program, cluster, env }: Kubectl, args: readonly string[], input?: string) => ({
  argv: [program, ...cluster, "--namespace", namespace, ...args] as const,
  env,
  ...(input !== undefined && { input }),
});

/** The Job with a name of its own, and with other values of variables that its containers have. */
function withVariables(job: Job, values: Readonly<Record<string, string>>): Job {
  const changed = (containers: readonly Container[]): Container[] =>
    containers.map(({ env = [], ...container }) => ({
      ...container,
      env: env.map((variable) => {
        const value = values[variable.name];
        return value === undefined ? variable : { ...variable, value };
      }),
    }));
  const { spec } = job.spec.template;
  const pod = { ...spec, containers: changed(spec.containers), initContainers: changed(spec.initContainers) };
  const metadata = { ...job.metadata, name: undefined, generateName: `${template}-` };
  return { ...job, metadata, spec: { ...job.spec, template: { ...job.spec.template, spec: pod } } };
}

/** Prints the Job's output until it ends. Returns whether it succeeded. */
async function follow(kubectl: Kubectl, name: string): Promise<boolean> {
  let printed = 0;
  for (;;) {
    const job = JSON.parse(await outputOf(invocation(kubectl, ["get", "job", name, "--output=json"]))) as Job;
    const ended = job.status?.conditions?.find(
      ({ type, status }) => (type === "Complete" || type === "Failed") && status === "True",
    );
    // Fails while a container has not started.
    const logs = ["logs", `job/${name}`, "--all-containers", "--tail=-1"];
    const { stdout } = await run(invocation(kubectl, logs));
    const lines = stdout.split("\n").filter((line) => line !== "");
    for (const line of lines.slice(printed)) console.log(`  ${line}`);
    printed = Math.max(printed, lines.length);
    if (ended !== undefined) return ended.type === "Complete";
    await sleep(POLL_MS);
  }
}
