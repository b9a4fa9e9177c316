import { inOrder } from "./order.mjs";

/**
 * Runs the files in a fixed order, since they share one stack. All tests need the stack that the first one creates. The
 * last ones take down the node or the stack. Tests that add nodes to Redis and Typesense run late, because the other tests
 * expect three and one and added nodes cannot be removed. Stacks staging and production are previewed on an empty cluster,
 * because the API server validates a preview's objects against existing ones. The production layer starts beside the last
 * ones (tests/runner/e2e.ts).
 */
export default inOrder({
  first: ["provision.test.ts"],
  last: [
    "power-loss.test.ts",
    "redis-replicas.test.ts",
    "typesense-nodes.test.ts",
    "kafka.test.ts",
    "destroy.test.ts",
    "own-configuration.test.ts",
    "interrupted-up.test.ts",
  ],
});
