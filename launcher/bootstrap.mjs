// What `npm start` and the other scripts run first, on whatever Node the machine has (18 or newer): it installs the
// project's dependencies if they are not there, and hands over to launcher/main.ts on the Node 22 that is among them.
import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = 18;
const LINES_IN_ERROR = 15;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

const checkout = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const modules = path.join(checkout, "node_modules");
const node = path.join(modules, "node", "bin", "node");

if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
  fail(
    `Node ${process.versions.node} is too old: install Node ${OLDEST_NODE} or newer (the project brings its own Node 22)`,
  );
}
if (!isInstalled()) await install();
await handOver();

/**
 * Whether node_modules holds what package-lock.json says. npm writes its own list at the very end of an installation, so
 * an interrupted one has none. Packages for other platforms are in the lock file only.
 */
function isInstalled() {
  const list = path.join(modules, ".package-lock.json");
  if (!existsSync(list) || !existsSync(node)) return false;
  const locked = JSON.parse(readFileSync(path.join(checkout, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(list, "utf8")).packages;
  return Object.entries(locked).every(
    ([name, { version, optional, link, peer }]) =>
      !name.startsWith("node_modules/") ||
      link ||
      installed[name]?.version === version ||
      (!installed[name] && (optional || peer)),
  );
}

async function install() {
  const log = path.join(checkout, ".state", "logs", "dependencies.log");
  mkdirSync(path.dirname(log), { recursive: true });
  const begun = Date.now();
  const seconds = () => `${((Date.now() - begun) / 1000).toFixed(0)} s`;
  const ticker = process.stdout.isTTY
    ? setInterval(() => process.stdout.write(`\r…        ${seconds().padStart(7)}  Installing dependencies`), 500)
    : undefined;
  if (!ticker) console.log("Installing dependencies (npm ci), about a minute");
  const output = await run(
    log,
    process.env.npm_execpath ? [process.execPath, process.env.npm_execpath, "ci"] : ["npm", "ci"],
  );
  clearInterval(ticker);
  if (ticker) process.stdout.write("\r");
  if (output !== undefined || !isInstalled()) {
    const lines = (output ?? "npm ci ended well, but node_modules does not hold what package-lock.json says").split(
      "\n",
    );
    const last = lines.filter((line) => line.trim() !== "" && !/^npm (warn|notice)/.test(line)).slice(-LINES_IN_ERROR);
    fail(`Installing dependencies failed:\n${last.join("\n")}\nLog: ${log}\nThe next run begins this phase anew.`);
  }
  console.log(`ok       ${seconds().padStart(7)}  Installing dependencies`);
}

/** Runs a command with its output in the log; gives the output if it failed. */
function run(log, [program, ...args]) {
  const file = createWriteStream(log);
  const child = spawn(program, args, { cwd: checkout, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
      file.write(chunk);
    });
  }
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`${program} cannot be started: ${error.message}`));
    child.once("close", (code) => resolve(code === 0 ? undefined : `${output}\n${program} ended with code ${code}`));
  });
}

/** Becomes main.ts, as far as Node lets a process become another one: same arguments, signals and exit code. */
async function handOver() {
  const args = [
    "--disable-warning=ExperimentalWarning",
    path.join(checkout, "launcher", "main.ts"),
    ...process.argv.slice(2),
  ];
  const child = spawn(node, args, { stdio: "inherit" });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  const [code, signal] = await new Promise((resolve) => child.once("exit", (...end) => resolve(end)));
  process.exitCode = code ?? 128 + constants.signals[signal];
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
