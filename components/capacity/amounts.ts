import { parseQuantity } from "../../settings/quantity.ts";

/** CPU in cores and memory in bytes. */
export interface Amounts {
  readonly cpu: number;
  readonly memory: number;
}

export const none: Amounts = { cpu: 0, memory: 0 };

export const resources = ["cpu", "memory"] as const;

const each = (value: (resource: (typeof resources)[number]) => number): Amounts => ({
  // Binary numbers do not have all decimals of cores: sums of them would differ from what is written.
  cpu: Number(value("cpu").toFixed(6)),
  memory: value("memory"),
});

export const plus = (a: Amounts, b: Amounts): Amounts => each((resource) => a[resource] + b[resource]);

export const minus = (a: Amounts, b: Amounts): Amounts => each((resource) => a[resource] - b[resource]);

export const times = (count: number, a: Amounts): Amounts => each((resource) => count * a[resource]);

/** The higher one of each resource. */
export const highest = (a: Amounts, b: Amounts): Amounts => each((resource) => Math.max(a[resource], b[resource]));

export const total = (amounts: readonly Amounts[]): Amounts => amounts.reduce(plus, none);

/** Whether `part` fits into `whole`. */
export const fitsInto = (part: Amounts, whole: Amounts): boolean =>
  resources.every((resource) => part[resource] <= whole[resource]);

/** @throws Error if it is not a quantity: the settings refuse such ones before */
export function amountOf(quantity: string | number): number {
  const amount = parseQuantity(String(quantity));
  if (amount === undefined) throw new Error(`${String(quantity)} is not a Kubernetes quantity`);
  return amount;
}

const decimals = (value: number) => String(Number(value.toFixed(3)));

/** `250m`, or `1.5` for a core or more. */
export const cores = (amount: number): string =>
  amount > 0 && amount < 1 ? `${decimals(amount * 1000)}m` : decimals(amount);

/** `512Mi`, or `1.25Gi` for a GiB or more. */
export const bytes = (amount: number): string =>
  amount > 0 && amount < 2 ** 30 ? `${decimals(amount / 2 ** 20)}Mi` : `${decimals(amount / 2 ** 30)}Gi`;
