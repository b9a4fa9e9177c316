/** An event of a container's probe that failed, as the API server keeps it for an hour. */
export interface FailedProbe {
  readonly involvedObject: { readonly uid?: string; readonly fieldPath?: string };
  readonly message: string;
  readonly lastTimestamp: string;
}

/** What the probes of each container of a pod said last. */
export function reasons(uid: string, failedProbes: readonly FailedProbe[]): string[] {
  const ofPod = failedProbes.filter(({ involvedObject }) => involvedObject.uid === uid);
  const inOrder = [...ofPod].sort((a, b) => a.lastTimestamp.localeCompare(b.lastTimestamp));
  return [
    ...new Map(inOrder.map(({ involvedObject, message }) => [involvedObject.fieldPath, message.trim()])).values(),
  ];
}
