import { limit, outageOfMaster, type RedisOutage } from "../e2e/production/redis-failover.ts";
import { removeRedisClient, startRedisClient } from "../e2e/redis.ts";
import { distribution, type Measurement } from "./measure.ts";

/** Loses a master of Redis again and again, while a client writes. */
export async function redisFailover(rounds = 10): Promise<Measurement[]> {
  const seen: RedisOutage[] = [];
  await startRedisClient();
  try {
    for (let round = 0; round < rounds; round++) seen.push(await outageOfMaster(`failover-${round}`));
  } finally {
    await removeRedisClient();
  }
  const lost = seen.flatMap((outage) => outage.lost);
  const acknowledged = seen.reduce((sum, outage) => sum + outage.acknowledged, 0);
  return [
    distribution(
      `Redis: a master hangs, ${rounds} times: time without writes`,
      seen.map(({ gap }) => gap),
      limit,
    ),
    {
      name: "acknowledged writes that are lost; the limit is those of the last second before",
      measured: `${lost.length} of ${acknowledged}`,
      limit: String(lost.filter((age) => age <= 1).length),
      ratio: lost.some((age) => age > 1) ? Infinity : 0,
      isRequired: true,
    },
  ];
}
