// Entry point of `npm start` and the other npm scripts. Runs on the machine's Node (18 or newer), installs missing
// dependencies, then runs launcher/main.ts on the Node 22 that the dependencies include.
import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const MINIMUM_NODE = 18;
const ERROR_LINES = 15;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

const checkout = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const modules = path.join(checkout, "node_modules");
const node = path.join(modules, "node", "bin", "node");

if (Number(process.versions.node.split(".")[0]) < MINIMUM_NODE) {
  fail(`Node ${process.versions.node} is too old. Install Node ${MINIMUM_NODE} or newer.`);
}
if (!isInstalled()) await install();
await runMain();

/**
 * Whether node_modules matches package-lock.json. npm writes node_modules/.package-lock.json last, so an interrupted
 * installation has none. It does not list packages for other platforms.
 */
function isInstalled() {
  const hiddenLockfile = path.join(modules, ".package-lock.json");
  if (!existsSync(hiddenLockfile) || !existsSync(node)) return false;
  const locked = JSON.parse(readFileSync(path.join(checkout, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(hiddenLockfile, "utf8")).packages;
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
  const startedAt = Date.now();
  const seconds = () => `${((Date.now() - startedAt) / 1000).toFixed(0)} s`;
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
    const lines = (output ?? "npm ci succeeded, but node_modules does not match package-lock.json").split("\n");
    const last = lines.filter((line) => line.trim() !== "" && !/^npm (warn|notice)/.test(line)).slice(-ERROR_LINES);
    fail(`Installing dependencies failed:\n${last.join("\n")}\nLog: ${log}\nFix the cause and rerun.`);
  }
  console.log(`ok       ${seconds().padStart(7)}  Installing dependencies`);
}

/** Runs a command and logs its output. Resolves with the output if the command failed, else with undefined. */
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
    child.once("error", (error) => resolve(`${program} did not start: ${error.message}`));
    child.once("close", (code) => resolve(code === 0 ? undefined : `${output}\n${program} exited with code ${code}`));
  });
}

/** Runs main.ts with the same arguments and exit code, and forwards signals: Node has no exec(). */
async function runMain() {
  const args = [
    "--disable-warning=ExperimentalWarning",
    path.join(checkout, "launcher", "main.ts"),
    ...process.argv.slice(2),
  ];
  // Nothing is written outside of the checkout and the cache: kubectl would keep its copies of the API in ~/.kube.
  const env = { KUBECACHEDIR: path.join(checkout, ".state", "kubectl"), ...process.env };
  const child = spawn(node, args, { stdio: "inherit", env });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  const [code, signal] = await new Promise((resolve) => child.once("exit", (...exit) => resolve(exit)));
  process.exitCode = code ?? 128 + constants.signals[signal];
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
