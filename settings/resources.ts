import * as z from "zod";
import { quantity } from "./fields.ts";
import { parseQuantity } from "./quantity.ts";

interface Amounts {
  readonly cpu: string;
  readonly memory: string;
}

const amounts = (kind: string, owner: string, { cpu, memory }: Amounts) =>
  z
    .strictObject({
      cpu: quantity().describe(`CPU ${kind} of ${owner}`).default(cpu),
      memory: quantity().describe(`Memory ${kind} of ${owner}`).default(memory),
    })
    .prefault({});

/**
 * Requests and limits of a container; the defaults are the specification's.
 * @param owner whose resources they are, for the descriptions
 */
export const resources = (owner: string, requests: Amounts, limits: Amounts) =>
  z
    .strictObject({
      requests: amounts("request", owner, requests),
      limits: amounts("limit", owner, limits),
    })
    .superRefine((given, context) => {
      for (const resource of ["cpu", "memory"] as const) {
        const [request, limit] = [given.requests[resource], given.limits[resource]];
        if ((parseQuantity(request) ?? 0) > (parseQuantity(limit) ?? Infinity)) {
          context.addIssue({
            code: "custom",
            path: ["requests", resource],
            message: `exceeds the limit of ${limit}`,
            params: { suggestion: limit },
          });
        }
      }
    })
    .prefault({});

/** Refuses a JVM heap above three quarters of the memory limit; suggests half of it, at least `minMi` MiB. */
export const heapFitsMemoryLimit =
  (minMi: number) =>
  (given: HeapSettings, context: z.core.$RefinementCtx): void => {
    const memory = parseQuantity(given.resources.limits.memory) ?? 0;
    if ((parseQuantity(given.heap) ?? 0) > (memory * 3) / 4) {
      context.addIssue({
        code: "custom",
        path: ["heap"],
        message: `is more than three quarters of the memory limit (${given.resources.limits.memory})`,
        params: { suggestion: `${String(Math.max(minMi, Math.floor((memory / 2 ** 20) * 0.5)))}Mi` },
      });
    }
  };

interface HeapSettings {
  readonly heap: string;
  readonly resources: ResourceSettings;
}

export type ResourceSettings = z.output<ReturnType<typeof resources>>;
