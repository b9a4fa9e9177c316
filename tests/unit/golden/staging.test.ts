import { describeStack } from "./stack.ts";

describeStack("staging");
