import { readFileSync } from "node:fs";
import path from "node:path";
import { backupAnnotations } from "../../components/object-store/annotations.ts";
import { claimOf, typesense, typesenseRestore } from "../../components/typesense/endpoint.ts";
import type { Kubectl } from "../connect/kubectl.ts";
import { outputOf, run } from "../programs.ts";
import { kubectlIn, runJob } from "./job.ts";
import type { RestoreOptions } from "./options.ts";

const { namespace } = typesense;
const template = typesenseRestore.pods["app.kubernetes.io/name"];
const set = "statefulset/nx-typesense";
const selector = Object.entries(typesense.pods)
  .map(([key, value]) => `${key}=${value}`)
  .join(",");

/**
 * Gives every node the data of a backup. They are stopped meanwhile, since a node takes its data only when it starts, and
 * nodes with different data would overwrite each other. With equal data, they elect a leader by Raft's rules.
 */
export async function restoreTypesense(kubectl: Kubectl, { from, intoExisting }: RestoreOptions): Promise<boolean> {
  const nodes = await nodesOf(kubectl);
  if (!intoExisting) await refuseCollections(kubectl);
  let backup = from;
  const restore = async (ordinal: number): Promise<boolean> => {
    const claim = claimOf(ordinal);
    const { isComplete, lines } = await runJob(kubectl, { namespace, template, variables: { FROM: backup }, claim });
    // All nodes get the same one, also if a newer one is finished meanwhile.
    backup =
      lines.map((line) => /^backup (\S+) was read$/.exec(line)?.[1]).find((name) => name !== undefined) ?? backup;
    return isComplete;
  };
  console.log("Typesense stops until its nodes have the backup.");
  await scale(kubectl, 0);
  await outputOf(
    kubectlIn(kubectl, namespace, ["wait", "--for=delete", "pod", `--selector=${selector}`, "--timeout=5m"]),
  );
  let restored = 0;
  try {
    while (restored < nodes && (await restore(restored))) restored++;
  } finally {
    // What is wrong with the backup or the object store ends the first node's Job before it changes anything.
    if (restored === 0 || restored === nodes) await start(kubectl, nodes);
  }
  if (restored === 0) console.log("Typesense runs again, with the data that it had.");
  else if (restored < nodes) {
    console.log(
      `Only ${String(restored)} of ${String(nodes)} nodes have the backup, so Typesense stays stopped. ` +
        "Repeat the command, with --into-existing.",
    );
  }
  return restored === nodes;
}

async function nodesOf(kubectl: Kubectl): Promise<number> {
  const read = ["get", "cronjob", template, "--output=json", "--ignore-not-found"];
  const found = await outputOf(kubectlIn(kubectl, namespace, read));
  if (found === "") throw new Error("There are no backups: set objectStore (docs/backups.md)");
  const { metadata } = JSON.parse(found) as { metadata: { annotations?: Record<string, string> } };
  return Number(metadata.annotations?.[backupAnnotations.nodes] ?? 1);
}

/** @throws Error if there are collections, or if that is not known */
async function refuseCollections(kubectl: Kubectl): Promise<void> {
  const script = readFileSync(path.join(import.meta.dirname, "../../components/typesense/backup/request.sh"), "utf8");
  const exec = ["exec", "--stdin", "nx-typesense-0", "--container=typesense", "--", "bash", "-s"];
  const { code, stdout, stderr } = await run(
    kubectlIn(kubectl, namespace, [...exec, "--", "GET", "/collections"], script),
  );
  const repeat = "To replace all that Typesense has by the backup, repeat the command with --into-existing.";
  if (code !== 0) {
    const cause = (stderr || stdout).trim();
    throw new Error(`Typesense does not say whether it has collections: ${cause}. Nothing was changed. ${repeat}`);
  }
  const names = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
  if (names.length === 0) return;
  throw new Error(`Typesense has collections (${names.join(", ")}), and nothing was changed. ${repeat}`);
}

const scale = (kubectl: Kubectl, nodes: number): Promise<string> =>
  outputOf(kubectlIn(kubectl, namespace, ["scale", set, `--replicas=${String(nodes)}`]));

async function start(kubectl: Kubectl, nodes: number): Promise<void> {
  console.log("The nodes start and elect a leader.");
  await scale(kubectl, nodes);
  await outputOf(kubectlIn(kubectl, namespace, ["rollout", "status", set, "--timeout=10m"]));
}
