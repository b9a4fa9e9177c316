import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { succeed } from "./command.ts";
import { connectFrom, end } from "./network-namespace.ts";
import type { Verdict } from "./probe.ts";
import { session } from "./session.ts";

/** Documentation addresses (RFC 5737): network policies treat them as public, and no real host has them. */
const network = { node: "203.0.113.1", outside: "203.0.113.2", prefix: 30 };
const link = "e2e-outside";

/** A host outside of the cluster that the cluster can reach: a separate network namespace with a link to the node. */
export interface OutsideHost {
  /** Its public address. */
  readonly address: string;
  /** Tries to open connections from the outside host to `HOST:PORT`s. */
  connect(targets: readonly string[]): Promise<Map<string, Verdict>>;
  /** Removes the host and its link. */
  remove(): Promise<void>;
}

/**
 * Adds an outside host that listens on the given ports, at its public address and at the addresses `others`. No packet
 * leaves this machine.
 */
export async function addOutsideHost(ports: readonly number[], others: readonly string[] = []): Promise<OutsideHost> {
  const { node } = session();
  // the node's `ip` command, since the machine may have none; it looks at the processes of the node's /proc
  const ip = async (namespace: string, ...args: string[]): Promise<string> =>
    succeed("nsenter", [`--target=${node}`, "--mount", "--pid", `--net=${namespace}`, "--", "ip", ...args]);
  const inside = `/proc/${node}/ns/net`;
  const outside = `/proc/${node}/root/run/netns/${link}`;
  await ip(inside, "netns", "add", link);
  await ip(inside, "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", link);
  await ip(inside, "address", "add", `${network.node}/${network.prefix}`, "dev", link);
  await ip(inside, "link", "set", link, "up");
  await ip(outside, "address", "add", `${network.outside}/${network.prefix}`, "dev", "eth0");
  await ip(outside, "link", "set", "eth0", "up");
  await ip(outside, "route", "add", "default", "via", network.node);
  for (const address of others) {
    await ip(outside, "address", "add", `${address}/32`, "dev", "eth0");
    await ip(inside, "route", "add", `${address}/32`, "via", network.outside);
  }

  const serve = [process.execPath, join(__dirname, "serve.mjs"), ...ports.map(String)];
  const server = spawn("nsenter", [`--net=${outside}`, "--", ...serve], { stdio: ["ignore", "pipe", "inherit"] });
  await once(server.stdout, "data");
  const { pid } = server;
  if (pid === undefined) throw new Error("nsenter did not start");

  return {
    address: network.outside,
    connect: async (targets) => connectFrom(pid, targets),
    // the kernel removes the namespace with its last process, and with it the link and its routes
    remove: async () => {
      await end(server);
      await ip(inside, "netns", "delete", link);
    },
  };
}
