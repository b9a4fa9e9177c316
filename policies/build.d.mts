/** Whether bin/ is up to date with the sources. */
export function isCompiled(): boolean;
/** Compiles the sources if bin/ is outdated. Replaces bin/ as a whole or leaves it unchanged. */
export function compile(): Promise<void>;
