/** A Kubernetes event of reason Unhealthy: a failed probe. The API server keeps events for an hour. */
export interface FailedProbe {
  readonly involvedObject: { readonly uid?: string; readonly fieldPath?: string };
  readonly message: string;
  readonly lastTimestamp: string;
}

/** The latest probe failure of each container of a pod. */
export function latestProbeFailures(uid: string, failedProbes: readonly FailedProbe[]): string[] {
  const ofPod = failedProbes.filter(({ involvedObject }) => involvedObject.uid === uid);
  const byTime = [...ofPod].sort((a, b) => a.lastTimestamp.localeCompare(b.lastTimestamp));
  return [...new Map(byTime.map(({ involvedObject, message }) => [involvedObject.fieldPath, message.trim()])).values()];
}
