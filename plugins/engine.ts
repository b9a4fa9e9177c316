/** Ends this process with the engine that has started it: one that was killed cannot tell its plugins to stop. */
export function endWithEngine(): void {
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) process.exit(1);
  }, 1000).unref();
}
