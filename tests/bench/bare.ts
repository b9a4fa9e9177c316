/** Copies of a StatefulSet's servers in plain pods. The difference between both is the overhead of the data layer. */
import { eventually } from "../e2e/eventually.ts";
import { apply, get, kubectl, type KubernetesObject, list, type Named, type Pod } from "../e2e/kubernetes.ts";

/** Namespace of the copies, without network policies and without a Pod Security level. */
export const bareNamespace = "bench";

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly object[];
  readonly resources?: object;
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly object[];
}

interface Volume {
  readonly configMap?: { readonly name: string };
  readonly secret?: { readonly secretName: string };
}

interface PodSpec {
  readonly securityContext?: { readonly runAsUser?: number; readonly runAsGroup?: number; readonly fsGroup?: number };
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly Volume[];
}

interface StatefulSet extends KubernetesObject {
  readonly spec: {
    readonly serviceName: string;
    readonly replicas: number;
    readonly template: { readonly spec: PodSpec };
    readonly volumeClaimTemplates: readonly { readonly metadata: { readonly name: string }; readonly spec: object }[];
  };
  readonly status: { readonly readyReplicas?: number };
}

interface Files extends KubernetesObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** Replaces DNS names of the layer's servers in a text with those of the bare servers. */
export const bare = (text: string): string => text.replaceAll(/\.nx-[a-z]+\.svc\./g, `.${bareNamespace}.svc.`);

/**
 * Runs a measurement while bare servers of a StatefulSet run. They have started, but may not accept connections yet.
 */
export async function withBareServers<T>(of: Named, measure: () => Promise<T>): Promise<T> {
  const { spec } = await get<StatefulSet>("statefulset", of);
  const files = await filesOf(of.namespace, spec.template.spec);
  const copies = [...files, ...services(of.name, spec), bareStatefulSet(of.name, spec)];
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: bareNamespace } };
  try {
    await apply(namespace, ...copies.map((copy) => JSON.parse(bare(JSON.stringify(copy))) as object));
    await eventually(
      async () => {
        const { status } = await get<StatefulSet>("statefulset", { ...of, namespace: bareNamespace });
        return status.readyReplicas === spec.replicas;
      },
      { timeout: 300 },
    );
    return await measure();
  } finally {
    await kubectl(["delete", "namespace", bareNamespace, "--ignore-not-found", "--wait=true", "--timeout=300s"]);
  }
}

/** Addresses of the bare servers. */
export async function bareAddresses(): Promise<string[]> {
  return (await list<Pod>("pods", bareNamespace)).map(({ status }) => status.podIP ?? "");
}

/** Copies of the ConfigMaps and Secrets that the pods mount. */
async function filesOf(namespace: string, { volumes = [] }: PodSpec): Promise<object[]> {
  const named = volumes.flatMap(({ configMap, secret }) => [
    ...(configMap === undefined ? [] : [{ kind: "configmap", name: configMap.name }]),
    ...(secret === undefined ? [] : [{ kind: "secret", name: secret.secretName }]),
  ]);
  return Promise.all(
    named.map(async ({ kind: kinds, name }) => {
      const { apiVersion, kind, type, data } = await get<Files>(kinds, { namespace, name });
      return { apiVersion, kind, type, data, metadata: { namespace: bareNamespace, name } };
    }),
  );
}

/** One Service for all pods and a headless one for their DNS names, as the layer has them. */
function services(name: string, { serviceName, template }: StatefulSet["spec"]): object[] {
  const ports = template.spec.containers
    .flatMap((container) => container.ports ?? [])
    .map((port) => ({ name: port.name, port: port.containerPort }));
  const service = (metadataName: string, spec: object) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace: bareNamespace, name: metadataName },
    spec: { ...spec, selector: { app: name }, ports },
  });
  return [service(name, {}), service(serviceName, { clusterIP: "None", publishNotReadyAddresses: true })];
}

/** Only what the servers need to run: no probes, hooks or Pod Security settings. */
function bareStatefulSet(name: string, { serviceName, replicas, template, volumeClaimTemplates }: StatefulSet["spec"]) {
  const { securityContext = {}, initContainers = [], containers, volumes } = template.spec;
  const { runAsUser, runAsGroup, fsGroup } = securityContext;
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { namespace: bareNamespace, name },
    spec: {
      serviceName,
      replicas,
      podManagementPolicy: "Parallel",
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          // their data is discarded
          terminationGracePeriodSeconds: 0,
          securityContext: { runAsUser, runAsGroup, fsGroup },
          initContainers: initContainers.map(bareContainer),
          containers: containers.map(bareContainer),
          volumes,
        },
      },
      volumeClaimTemplates: volumeClaimTemplates.map(({ metadata, spec }) => ({
        metadata: { name: metadata.name },
        spec,
      })),
    },
  };
}

const bareContainer = ({ name, image, command, args, env, resources, volumeMounts }: Container): Container => ({
  name,
  image,
  command,
  args,
  env,
  resources,
  volumeMounts,
});
