/** The table of stores that `npm start` prints. */

/** A row of the stack's output `stores`. */
export interface Store {
  readonly store: string;
  readonly endpoint: string;
  readonly secret: string;
  readonly connect: string;
}

const columns = [
  ["store", "Store"],
  ["endpoint", "Endpoint"],
  ["secret", "Secret"],
  ["connect", "Connect"],
] as const;

/** The stores as a table, or as a list if the terminal is too narrow for the table. */
export function storesTable(stores: readonly Store[], width: number): string {
  const rows = [Object.fromEntries(columns) as unknown as Store, ...stores];
  const widths = columns.map(([key]) => Math.max(...rows.map((row) => row[key].length)));
  if (widths.reduce((sum, each) => sum + each + 2, -2) <= width) {
    return rows
      .map((row) =>
        columns
          .map(([key], index) => row[key].padEnd(widths[index] ?? 0))
          .join("  ")
          .trimEnd(),
      )
      .join("\n");
  }
  const block = (row: Store) => {
    const [, ...details] = columns;
    return [row.store, ...details.map(([key, title]) => `  ${title.toLowerCase().padEnd(8)}  ${row[key]}`)].join("\n");
  };
  return stores.map(block).join("\n");
}

/** Whether a value has the type of the stack output `stores`. */
export function isStores(value: unknown): value is Store[] {
  return (
    Array.isArray(value) &&
    value.every((row: unknown) =>
      columns.every(([key]) => typeof (row as Record<string, unknown> | null)?.[key] === "string"),
    )
  );
}
