/** Invalid arguments; the command exits with 2. */
export class UsageError extends Error {}
