import type { NetworkRule } from "../rule.ts";
import { allowAll, allPorts } from "./allow-all.ts";
import { counterpart } from "./counterpart.ts";
import { dangling } from "./dangling.ts";
import { defaultDeny, isolation } from "./default-deny.ts";
import { dns } from "./dns.ts";
import { exposedService, webhook } from "./from-outside.ts";
import { hostNetwork } from "./host-network.ts";
import { podPorts } from "./pod-ports.ts";
import { selectorPitfall } from "./selector-pitfall.ts";

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
  exposedService,
  webhook,
];
