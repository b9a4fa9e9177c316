import { pitfallsOf } from "../pitfalls.ts";
import type { NetworkRule } from "../rule.ts";

export const selectorPitfall: NetworkRule = {
  id: "selector-pitfall",
  why: "The policy allows other connections than it appears to allow.",
  fix: "correct the selector",
  *find(model) {
    for (const policy of model.policies)
      for (const { found } of pitfallsOf(model, policy)) if (found) yield { subject: policy.object, ...found };
  },
};
