import type { NetworkRule } from "../rule.ts";
import { allowAll, allPorts } from "./allow-all.ts";
import { counterpart } from "./counterpart.ts";
import { defaultDeny, hostNetwork, isolation } from "./default-deny.ts";
import { dns } from "./dns.ts";
import { podPorts } from "./pod-ports.ts";
import { dangling, selectorPitfall } from "./selectors.ts";

export const networkRules: readonly NetworkRule[] = [
  defaultDeny,
  isolation,
  counterpart,
  podPorts,
  dangling,
  allowAll,
  allPorts,
  dns,
  selectorPitfall,
  hostNetwork,
];
