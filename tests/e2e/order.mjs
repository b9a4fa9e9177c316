import { basename } from "node:path";
import Base from "@jest/test-sequencer";

/**
 * A sequencer of test files that share one stack.
 * @param first names of the files that run first, in this order
 * @param last names of the files that run last; the others run by name before them
 */
export function inOrder({ first, last }) {
  /** Sort key of a file: negative for the first ones, 0 for those sorted by name, positive for the last ones. */
  const position = (path) => {
    const name = basename(path);
    if (first.includes(name)) return first.indexOf(name) - first.length;
    return last.includes(name) ? last.indexOf(name) + 1 : 0;
  };
  return class Sequencer extends Base {
    sort(tests) {
      return [...tests].sort((a, b) => position(a.path) - position(b.path) || a.path.localeCompare(b.path));
    }
  };
}
