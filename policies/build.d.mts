/** Whether bin/ is what the sources give. */
export function isCompiled(): boolean;
/** Compiles the sources, unless that is done already. What is in bin/ changes all at once, or not at all. */
export function compile(): Promise<void>;
