/** The user asked for something that there is not. */
export class UsageError extends Error {}
