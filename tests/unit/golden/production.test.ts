import { describeCapacity } from "./capacity.ts";
import { describeStack } from "./stack.ts";

describeStack("production");
describeCapacity("production");
