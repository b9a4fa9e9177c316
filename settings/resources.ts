import * as z from "zod";
import { quantity } from "./fields.ts";
import { parseQuantity } from "./quantity.ts";

const amounts = (cpu: string, memory: string) =>
  z
    .strictObject({
      cpu: quantity().describe("cores").default(cpu),
      memory: quantity().describe("memory").default(memory),
    })
    .prefault({});

interface Amounts {
  readonly cpu: string;
  readonly memory: string;
}

/** What a container asks for and what it may take; defaults are the specification's. */
export const resources = (requests: Amounts, limits: Amounts) =>
  z
    .strictObject({
      requests: amounts(requests.cpu, requests.memory).describe("set aside"),
      limits: amounts(limits.cpu, limits.memory).describe("at most"),
    })
    .superRefine((given, context) => {
      for (const resource of ["cpu", "memory"] as const) {
        const [request, limit] = [given.requests[resource], given.limits[resource]];
        if ((parseQuantity(request) ?? 0) > (parseQuantity(limit) ?? Infinity)) {
          context.addIssue({
            code: "custom",
            path: ["requests", resource],
            message: `is more than the limit of ${limit}`,
            params: { suggestion: limit },
          });
        }
      }
    })
    .prefault({});

/** Complains of a JVM's heap that leaves too little of the pod's memory to the rest of the JVM; suggests half, and not below `least` MiB. */
export const heapFitsMemoryLimit =
  (least: number) =>
  (given: HeapSettings, context: z.core.$RefinementCtx): void => {
    const memory = parseQuantity(given.resources.limits.memory) ?? 0;
    if ((parseQuantity(given.heap) ?? 0) > (memory * 3) / 4) {
      context.addIssue({
        code: "custom",
        path: ["heap"],
        message: `is more than three quarters of the pod's memory limit (${given.resources.limits.memory})`,
        params: { suggestion: `${String(Math.max(least, Math.floor((memory / 2 ** 20) * 0.5)))}Mi` },
      });
    }
  };

interface HeapSettings {
  readonly heap: string;
  readonly resources: ResourceSettings;
}

export type ResourceSettings = z.output<ReturnType<typeof resources>>;
