/** The name that selects the policy pack's tests. */
const policies = "policies";
/** The name that selects the tests of the production layer. */
const production = "production";

/** The end-to-end tests to run. Names are parts of test file names; an empty list stands for all files. */
export interface Choice {
  /** Tests of stack `local`; undefined for none. */
  readonly local?: readonly string[];
  /** Whether to run the policy pack's tests, on the cluster of stack `local`. */
  readonly policies: boolean;
  /** Tests of the production layer; undefined for none. */
  readonly production?: readonly string[];
}

/**
 * The tests that the words after `npm test -- e2e` choose: "production" and names of its files, or names of the files of
 * stack `local` and "policies"; without words, all tests.
 */
export function choiceOf(words: readonly string[]): Choice {
  if (words.length === 0) return { local: [], policies: true, production: [] };
  if (words.includes(production)) return { policies: false, production: words.filter((word) => word !== production) };
  const names = words.filter((word) => word !== policies);
  return { ...(names.length === 0 ? {} : { local: names }), policies: names.length < words.length };
}
