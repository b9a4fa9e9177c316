import { pitfallsOf } from "../pitfalls.ts";
import type { NetworkRule } from "../rule.ts";

export const selectorPitfall: NetworkRule = {
  id: "selector-pitfall",
  why: "Selectors that read like one thing and mean another are the commonest mistake in network policies.",
  fix: "write what is meant",
  *find(model) {
    for (const policy of model.policies)
      for (const { found } of pitfallsOf(model, policy)) if (found) yield { subject: policy.object, ...found };
  },
};
