/** Exits when the parent process, Pulumi's engine, exits: a killed engine cannot stop its plugins. */
export function exitWithEngine(): void {
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) process.exit(1);
  }, 1000).unref();
}
