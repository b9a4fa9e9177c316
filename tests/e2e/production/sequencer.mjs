import { inOrder } from "../order.mjs";

/** Runs the files in a fixed order, since they share one stack, which the first one creates. */
export default inOrder({ first: ["provision.test.ts"], last: [] });
