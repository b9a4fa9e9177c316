import { removeApplication, startApplication } from "../e2e/cdc.ts";
import { removeClients, startClients } from "../e2e/clients.ts";
import { eventually } from "../e2e/eventually.ts";
import { hosts, passwordOf, query } from "../e2e/postgresql.ts";
import { clientImage, isWhole } from "../e2e/production/cluster.ts";
import {
  followEvents,
  limit,
  longestGap,
  losses,
  lostRows,
  type Outage,
  outage,
  withoutEvent,
} from "../e2e/production/failover.ts";
import { distribution, type Measurement, noneOf } from "./measure.ts";

const client = { namespace: "nx-backend", name: "bench", image: clientImage };
const user = "nx_seller_operator";
const repaired = { timeout: 180 };

/** What was seen while the primary was lost once. */
interface Seen {
  /** Seconds between two writes. */
  readonly gap: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly withoutEvent: number;
}

/** Loses PostgreSQL's primary in several ways, while a client writes through the pooler. */
export async function failover(rounds = 10): Promise<Measurement[]> {
  await Promise.all([startClients(client), startApplication()]);
  const events = followEvents();
  const login = { host: hosts.pgbouncer, user, password: await passwordOf(user) };
  const once = async (given: Outage): Promise<Seen> => {
    await eventually(isWhole, repaired);
    const rows = await outage(given);
    const gap = await longestGap();
    const lost = (await lostRows(given, rows)).length;
    const missing = (): number => withoutEvent(events, given, rows).length;
    // those that are still missing then are counted
    await eventually(() => missing() === 0, repaired).catch(() => undefined);
    return { gap, acknowledged: rows.length, lost, withoutEvent: missing() };
  };
  try {
    const measurements: Measurement[] = [];
    for (const { loss, lose } of losses) {
      const seen: Seen[] = [];
      for (let round = 0; round < rounds; round++) {
        seen.push(await once({ client, login, lose, during: `${loss}, ${round}` }));
      }
      measurements.push(...summary(loss, seen));
    }
    await eventually(isWhole, repaired);
    return measurements;
  } finally {
    events.stop();
    await query(client, login, "drop table if exists written");
    await Promise.all([removeClients(), removeApplication()]);
  }
}

function summary(loss: string, seen: readonly Seen[]): Measurement[] {
  const sum = (value: (each: Seen) => number): number => seen.reduce((total, each) => total + value(each), 0);
  const acknowledged = sum((each) => each.acknowledged);
  return [
    distribution(
      `primary: ${loss}, ${seen.length} times: time without writes`,
      seen.map(({ gap }) => gap),
      limit,
    ),
    noneOf(
      "acknowledged rows that are lost",
      sum((each) => each.lost),
      acknowledged,
    ),
    noneOf(
      "acknowledged rows without a change event",
      sum((each) => each.withoutEvent),
      acknowledged,
    ),
  ];
}
