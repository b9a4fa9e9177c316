import * as z from "zod";
import { bytes, parseQuantity, redisBytes } from "./quantity.ts";

/** A complaint about a value, and the value that would have been right if that can be told. */
interface Complaint {
  readonly message: string;
  readonly suggestion?: string;
}

/** A string that `complain` has nothing against; numbers are taken as they are written, for YAML has no `2` that is a string. */
const text = (complain: (value: string) => Complaint | undefined) =>
  z.union([z.string(), z.number()]).transform((value, context) => {
    const complaint = complain(String(value));
    if (complaint) {
      context.addIssue({ code: "custom", message: complaint.message, params: { suggestion: complaint.suggestion } });
    }
    return String(value);
  });

/** What people write for Ki, Mi, Gi and Ti: 20Gb, 20GiB, 20 GB, 20g. */
function likelyQuantity(value: string): string | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt])(?:i?b)?\s*$/i.exec(value);
  return match?.[1] && match[2] ? `${match[1]}${match[2].toUpperCase()}i` : undefined;
}

/** A Kubernetes quantity that is more than nothing: `500m` CPU, `20Gi` storage. */
export const quantity = () =>
  text((value) => {
    const amount = parseQuantity(value);
    if (amount === undefined) {
      const suggestion = likelyQuantity(value);
      const hint = suggestion ? ` (did you mean ${suggestion}?)` : ", such as 500m or 20Gi";
      return { message: `is not a Kubernetes quantity${hint}`, suggestion };
    }
    return amount > 0 ? undefined : { message: "has to be more than nothing" };
  });

/** An amount of memory or disk as PostgreSQL writes it: a whole number of kB, MB, GB or TB. */
export const postgresqlSize = () =>
  text((value) => {
    if (bytes(value) !== undefined) return undefined;
    const match = /^\s*(\d+)\s*([kmgt])i?b?\s*$/i.exec(value);
    const unit = match?.[2]?.toLowerCase();
    const suggestion = match?.[1] && unit ? `${match[1]}${unit === "k" ? "k" : unit.toUpperCase()}B` : undefined;
    return {
      message: `is not a size as PostgreSQL writes it${suggestion ? ` (did you mean ${suggestion}?)` : ", such as 512MB"}`,
      suggestion,
    };
  });

/** An amount of memory as Redis writes it: a whole number of kb, mb or gb, each 1024 of the one before. */
export const redisSize = () =>
  text((value) => {
    const amount = redisBytes(value);
    if (amount !== undefined) return amount > 0 ? undefined : { message: "has to be more than nothing" };
    const match = /^\s*(\d+)\s*([kmg])i?b?\s*$/i.exec(value);
    const suggestion = match?.[1] && match[2] ? `${match[1]}${match[2].toLowerCase()}b` : undefined;
    return {
      message: `is not a size as Redis writes it${suggestion ? ` (did you mean ${suggestion}?)` : ", such as 256mb"}`,
      suggestion,
    };
  });

const nameComplaint = (value: string, limit: number, pattern: RegExp, what: string): Complaint | undefined => {
  if (value.length > limit) {
    return { message: `is too long for ${what}: ${String(value.length)} characters, at most ${String(limit)}` };
  }
  return pattern.test(value) ? undefined : { message: `is not ${what}` };
};

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelText = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;

/** The name of a cluster-wide object such as a StorageClass. */
export const objectName = () =>
  text((value) => nameComplaint(value, 253, subdomain, "a Kubernetes name (lower case letters, digits, `-` and `.`)"));

/** The value of a label. */
export const labelValue = () => text((value) => nameComplaint(value, 63, labelText, "a label value"));

/** The key of a label or taint, with or without a DNS prefix. */
export const labelKey = () =>
  z.string().superRefine((value, context) => {
    const parts = value.split("/");
    const name = parts.pop() ?? "";
    const complaint =
      parts.length > 1 || name === ""
        ? { message: "is not a label key" }
        : (nameComplaint(name, 63, labelText, "the name of a label key") ??
          (parts[0] === undefined ? undefined : nameComplaint(parts[0], 253, subdomain, "the prefix of a label key")));
    if (complaint) context.addIssue({ code: "custom", message: complaint.message });
  });

const imageReference =
  /^[a-z0-9]+([._/:-][a-z0-9]+|__[a-z0-9]+)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;

/** A container image with a tag or a digest: without one, what runs would depend on the day. */
export const image = () =>
  text((value) => {
    if (!imageReference.test(value)) return { message: "is not an image reference, such as postgres:17-alpine" };
    const pinned = /(:[^/]+|@sha256:.+)$/.test(value) && !value.endsWith(":latest");
    return pinned ? undefined : { message: "names no version: add a tag other than `latest`, or a digest" };
  });

/** A whole number from `least` to `most`. */
export const count = (least: number, most: number) => z.int().min(least).max(most);
