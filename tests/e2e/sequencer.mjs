import { basename } from "node:path";
import Base from "@jest/test-sequencer";

/**
 * Files with a fixed position. All tests need the stack that the first one creates. The last ones take down the node or
 * the stack. Tests that add nodes to Redis and Typesense run right before the stack is destroyed, because the other
 * tests expect three and one and added nodes cannot be removed. Stack staging is previewed on an empty cluster, because
 * the API server validates a preview's objects against existing ones.
 */
const first = ["provision.test.ts"];
const last = [
  "power-loss.test.ts",
  "redis-replicas.test.ts",
  "typesense-nodes.test.ts",
  "destroy.test.ts",
  "staging.test.ts",
  "interrupted-up.test.ts",
];

/** Sort key of a file: negative for the first ones, 0 for those sorted by name, positive for the last ones. */
function position(path) {
  const name = basename(path);
  if (first.includes(name)) return first.indexOf(name) - first.length;
  return last.includes(name) ? last.indexOf(name) + 1 : 0;
}

/** Runs the files in a fixed order, since they share one stack. */
export default class Sequencer extends Base {
  sort(tests) {
    return [...tests].sort((a, b) => position(a.path) - position(b.path) || a.path.localeCompare(b.path));
  }
}
