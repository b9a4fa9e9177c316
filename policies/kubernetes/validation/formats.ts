import { familyOf, parseAddress, parseCidr } from "../cidr.ts";

/** Returns what is wrong with a text or number; undefined if nothing is. */
export type Format<T = string> = (value: T) => string | undefined;

/** The first problem that one of the formats finds. */
export function both<T>(...formats: readonly Format<T>[]): Format<T> {
  return (value) => formats.map((format) => format(value)).find((problem) => problem !== undefined);
}

export const dnsLabel: Format = both(
  atMost(63),
  fits(
    /^[a-z0-9]$|^[a-z0-9][a-z0-9-]*[a-z0-9]$/,
    "must consist of lower case letters, digits and -, and start and end with a letter or digit",
  ),
);

export const dnsSubdomain: Format = both(atMost(253), (text) => {
  return text.split(".").every((part) => /^[a-z0-9]$|^[a-z0-9][a-z0-9-]*[a-z0-9]$/.test(part))
    ? undefined
    : "must consist of lower case letters, digits, - and ., and start and end with a letter or digit";
});

/** The format of Service names. */
export const dns1035Label: Format = both(
  dnsLabel,
  fits(/^[a-z]/, "must start with a letter, because it is a DNS label"),
);

/** The prefix of a generated name: the API server appends the rest. */
export function prefixOf(format: Format): Format {
  return (text) => format(text.length > 1 && text.endsWith("-") ? `${text.slice(0, -2)}a` : text);
}

const nameCharacters = "must consist of letters, digits, -, _ and ., and start and end with a letter or digit";
const namePart = both(atMost(63), fits(/^[A-Za-z0-9]$|^[A-Za-z0-9][A-Za-z0-9_.-]*[A-Za-z0-9]$/, nameCharacters));

/** Keys of labels and annotations: `name`, or `example.com/name`. */
export const qualifiedName: Format = (text) => {
  const parts = text.split("/");
  if (parts.length > 2) return "must have at most one /";
  const [first = "", second] = parts;
  return second === undefined ? namePart(first) : (dnsSubdomain(first) ?? namePart(second));
};

export const labelValue: Format = (text) => (text === "" ? undefined : namePart(text));

export const portNumber: Format<number> = (port) =>
  port >= 1 && port <= 65535 ? undefined : "must be between 1 and 65535";

export const portName: Format = both(
  atMost(15),
  fits(/^[a-z0-9-]+$/, "must consist of lower case letters, digits and -"),
  fits(/[a-z]/, "must contain a letter (write a port number without quotes)"),
  fits(/^[^-].*[^-]$|^[^-]$/, "must not begin or end with -"),
  (text) => (text.includes("--") ? "must not contain --" : undefined),
);

export const notNegative: Format<number> = (value) => (value >= 0 ? undefined : "must not be negative");

export const percentage: Format = (text) => {
  if (!/^[0-9]+%$/.test(text)) return "must be a number or a percentage such as 50%";
  return Number(text.slice(0, -1)) <= 100 ? undefined : "must not be more than 100%";
};

export const cidr: Format = (text) => {
  return parseCidr(text) === undefined ? "must be a CIDR such as 10.0.0.0/8 or fd00::/8" : undefined;
};

export const address: Format = (text) => {
  return parseAddress(text) === undefined ? "must be an IP address such as 10.0.0.1 or fd00::1" : undefined;
};

const specialBlocks = ["0.0.0.0/32", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/24"];
const specialBlocks6 = ["::/128", "::1/128", "fe80::/10", "ff02::/16"];

/** An address that other hosts can reach. */
export const reachableAddress: Format = both(address, (text) => {
  const value = parseAddress(text) ?? 0n;
  const blocks = (familyOf(text) === 6 ? specialBlocks6 : specialBlocks).flatMap((block) => parseCidr(block) ?? []);
  return blocks.some(({ first, last }) => first <= value && value <= last)
    ? "must not be unspecified, loopback or link-local"
    : undefined;
});

function atMost(length: number): Format {
  return (text) => (text.length <= length ? undefined : `must have no more than ${length} characters`);
}

function fits(expression: RegExp, problem: string): Format {
  return (text) => (expression.test(text) ? undefined : problem);
}
