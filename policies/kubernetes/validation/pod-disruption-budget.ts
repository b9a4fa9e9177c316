import { dnsSubdomain, notNegative, percentage } from "./formats.ts";
import { labelSelector } from "./label-selector.ts";
import { metadata } from "./metadata.ts";
import { integerOrText, object, oneOf, type Rule } from "./schema.ts";

const count = integerOrText(notNegative, percentage);

export const podDisruptionBudget: Rule = object({
  metadata: metadata(dnsSubdomain),
  spec: object(
    {
      minAvailable: count,
      maxUnavailable: count,
      selector: labelSelector,
      unhealthyPodEvictionPolicy: oneOf("IfHealthyBudget", "AlwaysAllow"),
    },
    (spec) => {
      const [least, most] = [spec.get("minAvailable"), spec.get("maxUnavailable")];
      if (least.isSet && most.isSet && !least.isUnknown && !most.isUnknown)
        spec.reject("minAvailable and maxUnavailable cannot both be set");
    },
  ),
});
