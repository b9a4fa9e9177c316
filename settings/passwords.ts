import { count } from "./fields.ts";

/** Counts the passwords a user has had: the generated one changes with it. */
export const passwordVersion = (role: string) =>
  count(1, 1_000_000)
    .describe(`Raise it to give \`${role}\` a new password everywhere with the next \`pulumi up\``)
    .default(1);
