import { get, kubectl, type Named, type Pod, readyPod } from "./kubernetes.ts";

/**
 * Deletes the volumes of these pods and the pods themselves, all at once. A claim that is in use is deleted only when its
 * pod is gone; the pod's successor gets a new claim. Returns what {@link volumesReplaced} waits for.
 */
export const loseVolumes = async (...pods: readonly Named[]): Promise<readonly Pod[]> => lose(pods, []);

/** The same without a chance for the servers to hand anything over. */
export const loseVolumesByForce = async (...pods: readonly Named[]): Promise<readonly Pod[]> =>
  lose(pods, ["--force", "--grace-period=0"]);

async function lose(pods: readonly Named[], how: readonly string[]): Promise<readonly Pod[]> {
  const former = await Promise.all(pods.map(async (pod) => get<Pod>("pod", pod)));
  await Promise.all(
    pods.map(async ({ namespace, name }) => {
      await kubectl(["delete", "persistentvolumeclaim", `data-${name}`, "--namespace", namespace, "--wait=false"]);
      await kubectl(["delete", "pod", name, "--namespace", namespace, "--wait=false", ...how]);
    }),
  );
  return former;
}

/** Waits until successors of these pods are Ready. */
export async function volumesReplaced(former: readonly Pod[]): Promise<void> {
  await Promise.all(
    former.map(async ({ metadata: { namespace = "", name, uid } }) => readyPod({ namespace, name }, uid)),
  );
}
