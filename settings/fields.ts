import * as z from "zod";
import { bytes, parseQuantity, redisBytes } from "./quantity.ts";

/** Why a value is invalid, and the value that was probably meant. */
interface Problem {
  readonly message: string;
  readonly suggestion?: string;
}

/** A string for which `check` finds no problem. Accepts numbers too, because YAML reads an unquoted `2` as a number. */
const text = (check: (value: string) => Problem | undefined) =>
  z.union([z.string(), z.number()]).transform((value, context) => {
    const problem = check(String(value));
    if (problem) {
      context.addIssue({ code: "custom", message: problem.message, params: { suggestion: problem.suggestion } });
    }
    return String(value);
  });

/** Reads common misspellings of Ki, Mi, Gi and Ti: 20Gb, 20GiB, 20 GB, 20g. */
function likelyQuantity(value: string): string | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt])(?:i?b)?\s*$/i.exec(value);
  return match?.[1] && match[2] ? `${match[1]}${match[2].toUpperCase()}i` : undefined;
}

/** A Kubernetes quantity greater than zero: `500m` CPU, `20Gi` storage. */
export const quantity = () =>
  text((value) => {
    const amount = parseQuantity(value);
    if (amount === undefined) {
      const suggestion = likelyQuantity(value);
      const hint = suggestion ? ` (did you mean ${suggestion}?)` : ", such as 500m or 20Gi";
      return { message: `is not a Kubernetes quantity${hint}`, suggestion };
    }
    return amount > 0 ? undefined : { message: "must be greater than zero" };
  });

/** A Kubernetes quantity of bytes from `min` to `max`. */
export const byteSize = (min: string, max: string) =>
  quantity().superRefine((given, context) => {
    const amount = parseQuantity(given) ?? NaN;
    if (amount < (parseQuantity(min) ?? 0)) {
      context.addIssue({
        code: "custom",
        message: `is below the minimum of ${min}`,
        params: { suggestion: min },
      });
    }
    if (amount > (parseQuantity(max) ?? 0)) {
      context.addIssue({ code: "custom", message: `is above the maximum of ${max}`, params: { suggestion: max } });
    }
  });

/** An amount of memory or disk in PostgreSQL format: a whole number of kB, MB, GB or TB. */
export const postgresqlSize = () =>
  text((value) => {
    if (bytes(value) !== undefined) return undefined;
    const match = /^\s*(\d+)\s*([kmgt])i?b?\s*$/i.exec(value);
    const unit = match?.[2]?.toLowerCase();
    const suggestion = match?.[1] && unit ? `${match[1]}${unit === "k" ? "k" : unit.toUpperCase()}B` : undefined;
    return {
      message: `is not a size in PostgreSQL format${suggestion ? ` (did you mean ${suggestion}?)` : ", such as 512MB"}`,
      suggestion,
    };
  });

/** An amount of memory in Redis format: a whole number of kb, mb or gb, powers of 1024. */
export const redisSize = () =>
  text((value) => {
    const amount = redisBytes(value);
    if (amount !== undefined) return amount > 0 ? undefined : { message: "must be greater than zero" };
    const match = /^\s*(\d+)\s*([kmg])i?b?\s*$/i.exec(value);
    const suggestion = match?.[1] && match[2] ? `${match[1]}${match[2].toLowerCase()}b` : undefined;
    return {
      message: `is not a size in Redis format${suggestion ? ` (did you mean ${suggestion}?)` : ", such as 256mb"}`,
      suggestion,
    };
  });

const nameProblem = (value: string, limit: number, pattern: RegExp, what: string): Problem | undefined => {
  if (value.length > limit) {
    return { message: `is too long for ${what}: ${String(value.length)} characters, at most ${String(limit)}` };
  }
  return pattern.test(value) ? undefined : { message: `is not ${what}` };
};

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelText = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;

/** The name of a cluster-wide object such as a StorageClass. */
export const objectName = () =>
  text((value) => nameProblem(value, 253, subdomain, "a Kubernetes name (lower case letters, digits, `-` and `.`)"));

export const labelValue = () => text((value) => nameProblem(value, 63, labelText, "a label value"));

/** The key of a label or taint, with or without a DNS prefix. */
export const labelKey = () =>
  z.string().superRefine((value, context) => {
    const parts = value.split("/");
    const name = parts.pop() ?? "";
    const problem =
      parts.length > 1 || name === ""
        ? { message: "is not a label key" }
        : (nameProblem(name, 63, labelText, "the name of a label key") ??
          (parts[0] === undefined ? undefined : nameProblem(parts[0], 253, subdomain, "the prefix of a label key")));
    if (problem) context.addIssue({ code: "custom", message: problem.message });
  });

const imageReference =
  /^[a-z0-9]+([._/:-][a-z0-9]+|__[a-z0-9]+)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;

/** A container image with a tag other than `latest` or a digest: otherwise the version could change unnoticed. */
export const image = () =>
  text((value) => {
    if (!imageReference.test(value)) return { message: "is not an image reference, such as postgres:17-alpine" };
    const pinned = /(:[^/]+|@sha256:.+)$/.test(value) && !value.endsWith(":latest");
    return pinned ? undefined : { message: "is not pinned to a version: add a tag other than `latest` or a digest" };
  });

/** A whole number from `min` to `max`. */
export const count = (min: number, max: number) => z.int().min(min).max(max);

const ipv4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}\/(3[0-2]|[12]?\d)$/;

/** An IPv4 address range in CIDR notation. */
export const cidr = () => z.string().regex(ipv4, "is not an IPv4 address range, such as 10.0.0.0/8");
