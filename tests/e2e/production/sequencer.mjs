import { inOrder } from "../order.mjs";

/**
 * Runs the files in a fixed order, since they share one stack, which the first one creates. Those that measure seconds
 * follow when the other suite, which may run beside, has ended.
 */
export default inOrder({
  first: [
    "provision.test.ts",
    "operators.test.ts",
    "custom-resources.test.ts",
    "backup.test.ts",
    "flows.test.ts",
    "recovery.test.ts",
  ],
  last: ["debezium.test.ts", "redis.test.ts", "typesense.test.ts", "failover.test.ts"],
});
