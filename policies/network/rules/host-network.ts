import { title } from "../../kubernetes/objects.ts";
import type { NetworkRule } from "../rule.ts";

export const hostNetwork: NetworkRule = {
  id: "host-network",
  why: "Network policies do not apply to pods on the node's network.",
  fix: "remove hostNetwork",
  *find(model) {
    for (const { hostNetwork: onNode, subject } of model.workloads) {
      if (onNode !== "yes") continue;
      yield {
        subject,
        message: `${title({ partial: false, ...subject })} sets hostNetwork, so no NetworkPolicy applies to its pods.`,
      };
    }
  },
};
