/** What a container may say of the resources that it needs and may take. */
export const quantities = ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"] as const;
export type Quantity = (typeof quantities)[number];
