import { describeStack } from "./stack.ts";

describeStack("local-production");
