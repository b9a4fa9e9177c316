/**
 * Containers that the kubelet cannot start: above all, images that cannot be pulled. Pulumi reports them only when its
 * time limit for the rollout is over.
 */
import type { ClusterApi } from "./cluster-api.ts";

/** The fields of a pod that are used here. */
export interface PodStatus {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly deletionTimestamp?: string };
  readonly status?: {
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: Termination;
  };
  readonly lastState?: { readonly terminated?: Termination };
}

interface Termination {
  readonly exitCode: number;
  /** The end of the container's log, because of `terminationMessagePolicy: FallbackToLogsOnError`. */
  readonly message?: string;
}

export interface ContainerProblem {
  /** "nx-broker/nx-redis-2" */
  readonly pod: string;
  readonly container: string;
  readonly image: string;
  /** The kubelet's reason, such as "ErrImagePull". */
  readonly reason: string;
  readonly message: string;
}

const imageReasons: readonly string[] = ["ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"];
const reasons: readonly string[] = [...imageReasons, "CreateContainerConfigError"];

/** The kubelet has not read a new Secret or ConfigMap yet, and will do so by itself. */
const PASSING = /failed to sync \w+ cache/;

const POLL_MS = 2000;

/** The containers that cannot start, and why. */
export function containerProblems(pods: readonly PodStatus[]): ContainerProblem[] {
  return pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap(({ metadata, status }) => {
      const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
      return containers.flatMap(({ name, image, state }) => {
        const { reason = "", message = "" } = state?.waiting ?? {};
        if (!reasons.includes(reason) || PASSING.test(message)) return [];
        const pod = `${metadata.namespace}/${metadata.name}`;
        return [{ pod, container: name, image, reason, message: withoutProtocol(message) }];
      });
    });
}

/** The last line that each failed container of a pod has written: "init-primary exited with 1: ERROR: ...". */
export function exitReasons({ status }: PodStatus): string[] {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return containers.flatMap(({ name, state, lastState }) => {
    const { exitCode = 0, message = "" } = state?.terminated ?? lastState?.terminated ?? {};
    const line = message.trim().split("\n").at(-1) ?? "";
    return exitCode === 0 || line === "" ? [] : [`${name} exited with ${String(exitCode)}: ${line}`];
  });
}

/** Whether another image can solve the problem. */
export const isImageProblem = ({ reason }: ContainerProblem): boolean => imageReasons.includes(reason);

/** "pod nx-broker/nx-redis-2 cannot start: image redis:8 (container redis): ErrImagePull: ... not found" */
export function problemLine({ pod, container, image, reason, message }: ContainerProblem): string {
  const cause = [reason, message].filter((text) => text !== "").join(": ");
  return `pod ${pod} cannot start: image ${image} (container ${container}): ${cause}`;
}

/** The runtime's error without the marks of the protocol that carried it. */
function withoutProtocol(message: string): string {
  return message.replaceAll(/rpc error: code = \w+ desc = /g, "").trim();
}

/** Problems that the kubelet reports while something else runs. */
export interface ProblemWatch {
  /** The problems at the moment. */
  readonly current: readonly ContainerProblem[];
  stop(): void;
}

/**
 * Looks at the pods every two seconds.
 * @param told called once for each image and container that cannot start
 */
export function watchContainerProblems(
  api: ClusterApi,
  namespaces: readonly string[],
  told: (problem: ContainerProblem) => void,
): ProblemWatch {
  const known = new Set<string>();
  let current: readonly ContainerProblem[] = [];
  const look = async () => {
    const pods = await Promise.all(namespaces.map((namespace) => api.pods<PodStatus>(namespace)));
    current = containerProblems(pods.flat());
    for (const problem of current) {
      const key = `${problem.container} ${problem.image} ${String(isImageProblem(problem))}`;
      if (!known.has(key)) told(problem);
      known.add(key);
    }
  };
  // A failed look is not an error of its own: Pulumi reports a cluster that does not answer.
  const timer = setInterval(() => void look().catch(() => undefined), POLL_MS);
  return {
    get current() {
      return current;
    },
    stop: () => clearInterval(timer),
  };
}
