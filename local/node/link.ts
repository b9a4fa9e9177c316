import { existsSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";

/** Network link between the host and the node: a veth pair with a /30 network. */
export interface Link {
  /** Interface name on the host; at most 15 characters. */
  readonly name: string;
  readonly hostAddress: string;
  readonly nodeAddress: string;
  readonly prefix: number;
}

/** IPv4 networks as [first address, number of addresses]. */
type Range = readonly [first: number, size: number];

const POOL: Range = [0x0ad50000, 0x10000];
const LINK_SIZE = 4;

/** `POOL` in CIDR notation. */
export const linkPool = "10.213.0.0/16";

/**
 * A free /30 network in 10.213.0.0/16 for cluster `id` (hexadecimal). The same id gets the same network unless it is in
 * use. `inUse`: networks that this machine has addresses in or routes to. Undefined if none is free.
 */
export function chooseLink(id: string, inUse: readonly Range[]): Link | undefined {
  const slots = POOL[1] / LINK_SIZE;
  const preferred = parseInt(id, 16) % slots;
  for (let attempt = 0; attempt < slots; attempt++) {
    const first = POOL[0] + ((preferred + attempt) % slots) * LINK_SIZE;
    if (inUse.some((range) => overlap([first, LINK_SIZE], range))) continue;
    return { name: `bana-${id}`, hostAddress: dotted(first + 1), nodeAddress: dotted(first + 2), prefix: 30 };
  }
  return undefined;
}

/** Networks this machine has addresses in or routes to, without the default route and the interface `except`. */
export function networksInUse(except: string): Range[] {
  const addressed = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    name === except ? [] : (addresses ?? []).flatMap(({ family, cidr }) => (family === "IPv4" ? rangeOf(cidr) : [])),
  );
  const routes = existsSync("/proc/net/route") ? readFileSync("/proc/net/route", "utf8") : "";
  return [...addressed, ...routedNetworks(routes, except)];
}

/** Destinations in /proc/net/route, whose addresses are hexadecimal and little-endian. */
export function routedNetworks(table: string, except: string): Range[] {
  return table
    .split("\n")
    .slice(1)
    .flatMap((line): Range[] => {
      const [name, destination, , , , , , mask] = line.split(/\s+/);
      if (name === undefined || destination === undefined || mask === undefined || name === except) return [];
      const size = 0x100000000 - littleEndian(mask);
      return littleEndian(mask) === 0 ? [] : [[littleEndian(destination), size]];
    });
}

function rangeOf(cidr: string | null): Range[] {
  const [address, prefix] = cidr?.split("/") ?? [];
  if (address === undefined || prefix === undefined) return [];
  const size = 2 ** (32 - Number(prefix));
  const value = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return [[value - (value % size), size]];
}

function overlap([first, size]: Range, [otherFirst, otherSize]: Range): boolean {
  return first < otherFirst + otherSize && otherFirst < first + size;
}

function littleEndian(hexadecimal: string): number {
  return Buffer.from(hexadecimal, "hex").readUInt32LE();
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");
}
