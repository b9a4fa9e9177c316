import { testOwnStack } from "./own-stack.ts";

testOwnStack("production");
