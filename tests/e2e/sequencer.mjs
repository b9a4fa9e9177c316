import { basename } from "node:path";
import Base from "@jest/test-sequencer";

/**
 * Files with a place of their own: all tests stand on the first one, and the last ones take node and stack down. Nodes of Redis and
 * Typesense that were added cannot be taken away again, and the others count on three and one: right before everything is destroyed.
 * The API server checks the objects of a preview against those there are: stack staging is previewed when there are none.
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

/** Position of a file: the first ones, then the others by name, then the last ones. */
function place(path) {
  const name = basename(path);
  if (first.includes(name)) return first.indexOf(name) - first.length;
  return last.includes(name) ? last.indexOf(name) + 1 : 0;
}

/** Runs the files in a fixed order, because they share one stack. */
export default class Sequencer extends Base {
  sort(tests) {
    return [...tests].sort((a, b) => place(a.path) - place(b.path) || a.path.localeCompare(b.path));
  }
}
