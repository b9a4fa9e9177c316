import { describeStack } from "./stack.ts";

describeStack("production");
