/** The resource requests and limits of a container that the pack checks. */
export const quantities = ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"] as const;
export type Quantity = (typeof quantities)[number];
