import { readFileSync, statSync } from "node:fs";

/** What the server is told at its start. */
export interface Options {
  readonly dataDirectory: string;
  /** Allows everything. */
  readonly apiKey: string;
  /** @default 0.0.0.0 */
  readonly address: string;
  /** @default 8108 */
  readonly port: number;
  /** @default true */
  readonly enableCors: boolean;
  /** @default 3600 */
  readonly snapshotIntervalSeconds: number;
}

const SHORT: Readonly<Record<string, string>> = { d: "data-dir", a: "api-key", h: "api-address", p: "api-port" };

// Options of Typesense's that change nothing that this server does.
const WITHOUT_EFFECT = [
  "cache-num-entries cors-domains db-compaction-interval disk-used-max-percentage enable-access-logging",
  "enable-search-logging healthy-read-lag healthy-write-lag log-dir log-slow-requests-time-ms",
  "log-slow-searches-time-ms max-per-page memory-used-max-percentage num-collections-parallel-load",
  "num-documents-parallel-load peering-address peering-port peering-subnet reset-peers-on-error thread-pool-size",
].flatMap((line) => line.split(" "));

const KNOWN = [
  "api-address api-key api-port config data-dir enable-cors nodes snapshot-interval-seconds".split(" "),
  WITHOUT_EFFECT,
].flat();

/**
 * Reads options as Typesense does: the environment (TYPESENSE_API_KEY), then the file named by --config, then the
 * command line, each before the one ahead of it.
 * @param warn told of options that Typesense does not have; they are ignored, as Typesense ignores them
 * @throws Error when something is missing or wrong
 */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  warn: (text: string) => void,
): Options {
  const fromEnvironment = Object.entries(env).flatMap(([name, value]) =>
    name.startsWith("TYPESENSE_") && value !== undefined
      ? [[name.slice("TYPESENSE_".length).toLowerCase().replaceAll("_", "-"), value] as const]
      : [],
  );
  const fromCommandLine = parseArguments(args);
  const named = new Map([...fromEnvironment, ...fromCommandLine]);
  const file = named.get("config");
  const all = new Map([...fromEnvironment, ...(file === undefined ? [] : parseFile(file)), ...fromCommandLine]);
  // The environment is not looked at for mistakes: Kubernetes puts TYPESENSE_PORT and the like into it.
  for (const [name] of fromCommandLine) if (!KNOWN.includes(name)) warn(`--${name} is no option of Typesense: ignored`);

  const dataDirectory = all.get("data-dir");
  const apiKey = all.get("api-key");
  if (!dataDirectory) throw new Error("Data directory is not specified.");
  if (!apiKey) throw new Error("API key is not specified.");
  if (!statSync(dataDirectory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`Data directory ${dataDirectory} does not exist.`);
  }
  refuseCluster(all.get("nodes"));
  return {
    dataDirectory,
    apiKey,
    address: all.get("api-address") ?? "0.0.0.0",
    port: wholeNumber("api-port", all.get("api-port") ?? "8108"),
    enableCors: !["false", "0"].includes((all.get("enable-cors") ?? "true").toLowerCase()),
    snapshotIntervalSeconds: wholeNumber("snapshot-interval-seconds", all.get("snapshot-interval-seconds") ?? "3600"),
  };
}

/** `--name=value`, `--name value`, `-d value`, and `--name` alone for true. */
function parseArguments(args: readonly string[]): [string, string][] {
  const options: [string, string][] = [];
  for (let index = 0; index < args.length; index++) {
    const [, dashes, written, , joined] = /^(--?)([^=]+)(=(.*))?$/s.exec(args[index] ?? "") ?? [];
    if (written === undefined) continue;
    const name = dashes === "-" ? (SHORT[written] ?? written) : written;
    const next = args[index + 1];
    if (joined !== undefined) options.push([name, joined]);
    else if (next !== undefined && !next.startsWith("-")) options.push([name, args[++index] ?? ""]);
    else options.push([name, "true"]);
  }
  return options;
}

/** The lines `name = value` of a file whose only section is [server]. */
function parseFile(file: string): [string, string][] {
  return [...readFileSync(file, "utf8").matchAll(/^\s*([a-z-]+)\s*=\s*(.*?)\s*$/gm)].map(
    ([, name = "", value = ""]) => [name, value],
  );
}

function refuseCluster(file: string | undefined): void {
  if (!file) return;
  const nodes = readFileSync(file, "utf8")
    .split(",")
    .filter((node) => node.trim() !== "");
  if (nodes.length > 1) {
    throw new Error(`${file} names ${nodes.length} nodes, but this stand-in for Typesense knows no clusters.`);
  }
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`--${name} is "${text}", which is not a whole number.`);
}
