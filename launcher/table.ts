/** The table of stores that `npm start` prints. */
import { hostAndPort } from "../components/contract/address.ts";
import type { Connection } from "../components/contract/connection.ts";

const titles = { store: "Store", endpoint: "Endpoint", secret: "Secret", connect: "Connect" } as const;

type Row = Readonly<Record<keyof typeof titles, string>>;

const columns = Object.keys(titles) as readonly (keyof typeof titles)[];

function rowOf(connection: Connection, kubectl: string): Row {
  const { title, namespace, service, port, credential } = connection;
  return {
    store: title,
    endpoint: hostAndPort(connection),
    secret: credential === undefined ? "-" : `${credential.namespace}/${credential.secret}`,
    connect: `${kubectl} port-forward --namespace ${namespace} service/${service} ${String(port)}:${String(port)}`,
  };
}

/**
 * The stores as a table, or as a list if the terminal is too narrow for the table.
 * @param kubectl the command line that runs kubectl on the stores' cluster
 * @param width columns of the terminal
 */
export function storesTable(connections: readonly Connection[], kubectl: string, width: number): string {
  const rows = connections.map((connection) => rowOf(connection, kubectl));
  const lines = [titles, ...rows];
  const widths = columns.map((column) => Math.max(...lines.map((row) => row[column].length)));
  if (widths.reduce((sum, each) => sum + each + 2, -2) > width) return rows.map(asList).join("\n");
  return lines
    .map((row) =>
      columns
        .map((column, index) => row[column].padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function asList(row: Row): string {
  const [, ...details] = columns;
  return [row.store, ...details.map((column) => `  ${column.padEnd(8)}  ${row[column]}`)].join("\n");
}
