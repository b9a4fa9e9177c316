import { ApplicationPod } from "./application-pod.ts";
import { eventually } from "./eventually.ts";

/** All stores, as an application in nx-backend knows them. */
export const stores = ["postgresql", "redis", "kafka", "typesense"] as const;
export type StoreName = (typeof stores)[number];

const pod = new ApplicationPod("application", "application.mjs");
const stopFile = "/tmp/stop";

/** Starts an application that knows nothing but `shared-config` and `nx-shared-secret`: see `application.mjs`. */
export const startApplication = (): Promise<void> => pod.start();

/** Waits until the application's container runs. */
export const applicationRuns = (): Promise<void> => pod.runs();

export const removeApplication = (): Promise<void> => pod.remove();

/** An application that writes numbers into all stores without a pause. */
export interface Writing {
  /** Numbers that the stores have acknowledged, so far, in their order. */
  readonly acknowledged: Numbers;
  /** What the stores have refused with, so far. */
  readonly complaints: readonly string[];
  /** Lets it end. */
  stop(): Promise<void>;
  /** Settles when it has ended, be it by itself. */
  readonly ended: Promise<void>;
}

/** Starts to write numbers that no run before has written. */
export function startWriting(): Writing {
  const first = (Math.floor(Date.now() / 1000) % 1_000_000) * 1000;
  const acknowledged: Record<StoreName, number[]> = { postgresql: [], redis: [], kafka: [], typesense: [] };
  const complaints: string[] = [];
  const { ended } = pod.talk(["write", String(first), stopFile], {
    line: (text) => {
      const { store, number, error } = JSON.parse(text) as { store: StoreName; number?: number; error?: string };
      if (number === undefined) complaints.push(`${store}: ${error}`);
      else acknowledged[store].push(number);
    },
  });
  return {
    acknowledged,
    complaints,
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
        throw new Error(
          `${lagging.map(String).join("; ")}; last complaints: ${writing.complaints.slice(-5).join("\n")}`,
        );
    },
    { timeout },
  );
}

/** Numbers by store. */
export type Numbers = Readonly<Record<StoreName, readonly number[]>>;

/** Of the numbers, those that a store has not. Throws when one of the stores cannot be read. */
export async function missing(numbers: Numbers): Promise<Numbers> {
  const said = await pod.run(["read"], { timeout: 120 });
  const kept = JSON.parse(said) as Record<StoreName, readonly number[] | string>;
  const missingIn = (store: StoreName): readonly number[] => {
    const own = kept[store];
    if (typeof own === "string") throw new Error(`${store} cannot be read: ${own}`);
    const known = new Set(own);
    return numbers[store].filter((number) => !known.has(number));
  };
  return {
    postgresql: missingIn("postgresql"),
    redis: missingIn("redis"),
    kafka: missingIn("kafka"),
    typesense: missingIn("typesense"),
  };
}

/** What {@link missing} says when nothing is. */
export const none: Numbers = { postgresql: [], redis: [], kafka: [], typesense: [] };

/** Whether every store lets the application in with these settings in place of the shared ones: `true`, or what it says. */
export async function logIns(overrides: Readonly<Record<string, string>>): Promise<Record<StoreName, true | string>> {
  const said = await pod.run(["logIn"], { timeout: 120, variables: { OVERRIDES: JSON.stringify(overrides) } });
  return JSON.parse(said) as Record<StoreName, true | string>;
}
