import { ApplicationPod } from "./application-pod.ts";
import { eventually } from "./eventually.ts";

/** All stores that an application in nx-backend uses. */
export const stores = ["postgresql", "redis", "kafka", "typesense"] as const;
export type StoreName = (typeof stores)[number];

const pod = new ApplicationPod("application", "application.mjs");
const stopFile = "/tmp/stop";

/** Starts an application whose only settings are `shared-config` and `nx-shared-secret`: see `application.mjs`. */
export const startApplication = (): Promise<void> => pod.start();

/** Waits until the application's container runs. */
export const applicationRuns = (): Promise<void> => pod.runs();

export const removeApplication = (): Promise<void> => pod.remove();

/** An application that continuously writes numbers into all stores. */
export interface Writing {
  /** Numbers acknowledged so far, in order. */
  readonly acknowledged: Numbers;
  /** The stores' errors so far. */
  readonly errors: readonly string[];
  /** Stops it and waits until it has ended. */
  stop(): Promise<void>;
  /** Settles when it has ended, whether stopped or not. */
  readonly ended: Promise<void>;
}

/** Starts to write numbers that no earlier run has written. */
export function startWriting(): Writing {
  const first = (Math.floor(Date.now() / 1000) % 1_000_000) * 1000;
  const acknowledged: Record<StoreName, number[]> = { postgresql: [], redis: [], kafka: [], typesense: [] };
  const errors: string[] = [];
  const { ended } = pod.stream(["write", String(first), stopFile], {
    onLine: (text) => {
      const { store, number, error } = JSON.parse(text) as { store: StoreName; number?: number; error?: string };
      if (number === undefined) errors.push(`${store}: ${error}`);
      else acknowledged[store].push(number);
    },
  });
  return {
    acknowledged,
    errors,
    ended,
    stop: async () => {
      await pod.touch(stopFile);
      await ended;
      await pod.removeFile(stopFile);
    },
  };
}

/** Waits until the application has written `count` more numbers into every store. */
export async function written(writing: Writing, count: number, timeout: number): Promise<void> {
  const before = stores.map((store) => writing.acknowledged[store].length);
  await eventually(
    () => {
      const more = stores.map(
        (store, index) => [store, writing.acknowledged[store].length - (before[index] ?? 0)] as const,
      );
      const lagging = more.filter(([, written]) => written < count);
      if (lagging.length > 0)
        throw new Error(`${lagging.map(String).join("; ")}; last errors: ${writing.errors.slice(-5).join("\n")}`);
    },
    { timeout },
  );
}

/** Numbers by store. */
export type Numbers = Readonly<Record<StoreName, readonly number[]>>;

/** The numbers missing from each store. Throws when a store cannot be read. */
export async function missing(numbers: Numbers): Promise<Numbers> {
  const output = await pod.run(["read"], { timeout: 120 });
  const stored = JSON.parse(output) as Record<StoreName, readonly number[] | string>;
  const missingIn = (store: StoreName): readonly number[] => {
    const found = stored[store];
    if (typeof found === "string") throw new Error(`${store} cannot be read: ${found}`);
    const known = new Set(found);
    return numbers[store].filter((number) => !known.has(number));
  };
  return {
    postgresql: missingIn("postgresql"),
    redis: missingIn("redis"),
    kafka: missingIn("kafka"),
    typesense: missingIn("typesense"),
  };
}

/** The result of {@link missing} when nothing is missing. */
export const none: Numbers = { postgresql: [], redis: [], kafka: [], typesense: [] };

/**
 * Logs in to every store, with these settings instead of the shared ones. The result per store is `true` or the error.
 */
export async function logins(overrides: Readonly<Record<string, string>>): Promise<Record<StoreName, true | string>> {
  const output = await pod.run(["logIn"], { timeout: 120, variables: { OVERRIDES: JSON.stringify(overrides) } });
  return JSON.parse(output) as Record<StoreName, true | string>;
}
