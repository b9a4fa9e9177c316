import { type ChangeEvent, type Running, start } from "../cdc.ts";
import { eventually } from "../eventually.ts";
import type { Named } from "../kubernetes.ts";
import { type Login, query } from "../postgresql.ts";
import { startWriter } from "../writer.ts";
import { deleteByForce, killContainer, killPostgres, primaryPod, sql } from "./cluster.ts";

/** The specification's limit for a failover of PostgreSQL, in seconds. */
export const limit = 30;

/** How the primary is lost. */
export interface Loss {
  readonly loss: string;
  readonly lose: (primary: Named) => Promise<unknown>;
}

export const losses: readonly Loss[] = [
  { loss: "its pod is deleted by force", lose: deleteByForce },
  { loss: "its postgres is killed", lose: killPostgres },
  { loss: "its container is killed", lose: killContainer },
];

/** A client that writes through the pooler while the primary is lost. */
export interface Outage {
  readonly client: Named;
  readonly login: Login;
  readonly lose: Loss["lose"];
  /** A column of its rows has this text, so that change events tell the rows of several outages apart. */
  readonly during: string;
}

/** Loses the primary while the client writes, until it writes again. Returns the rows that were acknowledged. */
export async function outage({ client, login, lose, during }: Outage): Promise<readonly number[]> {
  await query(
    client,
    login,
    `drop table if exists written;
     create table written (
       id int primary key, at timestamptz not null default clock_timestamp(), during text not null default '${during}'
     )`,
  );
  const writer = startWriter(client, login);
  await eventually(() => writer.committed.length >= 20);
  await lose(await primaryPod());
  const before = writer.committed.length;
  await eventually(() => writer.committed.length >= before + 20, { timeout: 120 });
  return writer.stop();
}

/** The longest time between two rows of the last outage, in seconds. */
export async function longestGap(): Promise<number> {
  const gap = await sql(`select max(extract(epoch from at - before))
                           from (select at, lag(at) over (order by at) as before from written) as row`);
  return Number(gap);
}

/** Which of these rows the table no longer has. */
export async function lostRows({ client, login }: Outage, rows: readonly number[]): Promise<number[]> {
  const stored = new Set((await query(client, login, "select id from written")).split("\n").map(Number));
  return rows.filter((id) => !stored.has(id));
}

/** Follows the change events of the rows. */
export const followEvents = (): Running<ChangeEvent> => start("follow", "nx_seller_core.public.written");

/** Which of these rows have no event yet. */
export function withoutEvent(events: Running<ChangeEvent>, { during }: Outage, rows: readonly number[]): number[] {
  const captured = new Set(
    events.lines.flatMap(({ op, key, after }) => (op === "c" && after?.["during"] === during ? [key?.id] : [])),
  );
  return rows.filter((id) => !captured.has(id));
}
