import { attempt, failure, type Result, succeed } from "./command.ts";
import { eventually, type WaitOptions } from "./eventually.ts";
import { session } from "./session.ts";

/** Namespace and name of an object. */
export interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** The fields of an object that the tests read. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    /** Sequence number of the desired state; missing on kinds that have none. */
    readonly generation?: number;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
    readonly deletionTimestamp?: string;
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly restartCount: number;
  readonly ready: boolean;
  readonly containerID?: string;
}

/** The fields of a pod that the tests read. */
export interface Pod extends KubernetesObject {
  readonly spec: {
    readonly initContainers?: readonly { name: string }[];
    readonly containers: readonly { name: string }[];
  };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly initContainerStatuses?: readonly (ContainerStatus & { readonly state: { readonly running?: object } })[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** The kubectl command line for the tests' cluster, independent of the user's current context. */
export function kubectlCommand(args: readonly string[]): { command: string; args: string[] } {
  const { kubectl, kubeconfig, context } = session().cluster;
  return { command: kubectl, args: ["--kubeconfig", kubeconfig, "--context", context, ...args] };
}

/** Runs kubectl against the tests' cluster; throws when it fails. */
export async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const line = kubectlCommand(args);
  return succeed(line.command, line.args, { input });
}

/** An object, or `undefined` when there is none. */
export async function find<T extends KubernetesObject>(
  kind: string,
  { namespace, name }: Named,
): Promise<T | undefined> {
  const text = await kubectl(["get", kind, name, "--namespace", namespace, "--ignore-not-found", "--output=json"]);
  return text === "" ? undefined : (JSON.parse(text) as T);
}

/** An object; throws when there is none. */
export async function get<T extends KubernetesObject>(kind: string, named: Named): Promise<T> {
  const found = await find<T>(kind, named);
  if (found === undefined) throw new Error(`there is no ${kind} ${named.namespace}/${named.name}`);
  return found;
}

/** All objects of the kinds (`secrets,pods`) in one namespace, or in all namespaces. */
export async function list<T extends KubernetesObject>(kinds: string, namespace?: string): Promise<T[]> {
  const where = namespace === undefined ? ["--all-namespaces"] : ["--namespace", namespace];
  return (JSON.parse(await kubectl(["get", kinds, ...where, "--output=json"])) as { items: T[] }).items;
}

/** Runs a command in a container of a pod, by default the first, and returns its result even when it fails. */
export async function tryExec(
  pod: Named,
  command: readonly string[],
  options: { readonly container?: string; readonly input?: string; readonly timeout?: number } = {},
): Promise<Result> {
  const { container, input, timeout } = options;
  const where = [
    "--namespace",
    pod.namespace,
    pod.name,
    ...(container === undefined ? [] : ["--container", container]),
  ];
  const interactive = input === undefined ? [] : ["--stdin"];
  const line = kubectlCommand(["exec", ...interactive, ...where, "--", ...command]);
  return attempt(line.command, line.args, { input, timeout });
}

/** Runs a command in a container of a pod and returns its output; throws when it fails. */
export async function exec(
  pod: Named,
  command: readonly string[],
  options: Parameters<typeof tryExec>[2] = {},
): Promise<string> {
  const result = await tryExec(pod, command, options);
  if (result.code !== 0) throw new Error(failure(`in ${pod.namespace}/${pod.name}: ${command.join(" ")}`, result));
  return result.stdout;
}

/** Applies objects with `kubectl apply`. */
export async function apply(...objects: readonly object[]): Promise<void> {
  await kubectl(["apply", "--filename=-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
}

/** Whether the pod is Ready. */
export function isReady(pod: Pod | undefined): boolean {
  if (pod?.metadata.deletionTimestamp !== undefined) return false;
  return pod?.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

/** Waits for a Ready pod of that name whose uid is not `not`. */
export async function readyPod(named: Named, not?: string, options: WaitOptions = { timeout: 180 }): Promise<Pod> {
  return eventually(async () => {
    const pod = await get<Pod>("pod", named);
    if (pod.metadata.uid === not) throw new Error(`pod ${named.name} is still the old one`);
    if (!isReady(pod)) throw new Error(`pod ${named.name} is not Ready: ${JSON.stringify(pod.status)}`);
    return pod;
  }, options);
}

/** Deletes a pod and waits until its replacement with the same name is Ready. */
export async function replacePod(named: Named, options?: WaitOptions): Promise<Pod> {
  const old = await get<Pod>("pod", named);
  await deletePod(named);
  return readyPod(named, old.metadata.uid, options);
}

/** Deletes a pod and waits until it is gone. A replacement with the same name may exist by then. */
export async function deletePod(pod: Named): Promise<void> {
  const { uid } = (await get<Pod>("pod", pod)).metadata;
  // kubectl itself may miss that a pod is gone whose replacement has its name.
  await kubectl(["delete", "pod", pod.name, "--namespace", pod.namespace, "--wait=false"]);
  await eventually(async () => (await find<Pod>("pod", pod))?.metadata.uid !== uid, { timeout: 120 });
}
