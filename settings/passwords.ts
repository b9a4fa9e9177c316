import { count } from "./fields.ts";

const version = (secret: string) =>
  count(1, 1_000_000).describe(`Increase it to rotate ${secret} with the next \`pulumi up\``).default(1);

/** Version of a generated password: a changed number generates a new one. */
export const passwordVersion = (role: string) => version(`the password of \`${role}\``);

/** Version of a generated API key. */
export const apiKeyVersion = () => version("the API key");
