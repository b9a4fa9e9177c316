import path from "node:path";
import { clusterDomain, layout, serviceCidr } from "../node/spec.ts";
import type { NodeSpec } from "../node/spec.ts";
import { acceptsConnections, hasQueueReader, respondsOk } from "./probes.ts";
import type { ServiceDefinition } from "./service.ts";

const ETCD = "https://127.0.0.1:2379";
const POLICY_QUEUE = 100;

/** Startup step that applies `manifests/`. Services that need those RBAC rules or objects list it in `after`. */
export const MANIFESTS = "manifests";

/** The components of the cluster and their dependencies. */
export function services(spec: NodeSpec): readonly ServiceDefinition[] {
  const { nodeAddress } = spec.link;
  const { config, kubeconfigs, pki } = layout(spec.stateDir);
  const inPki = (file: string) => path.join(pki, file);
  const inConfig = (file: string) => path.join(config, file);
  const kubeconfig = (user: string) => path.join(kubeconfigs, user);
  const kubernetes = (component: string, flags: Flags): ServiceDefinition["command"] => [
    spec.artifacts.kubernetes,
    component,
    ...flagList(flags),
  ];

  return [
    {
      name: "containerd",
      command: ["containerd", "--config", inConfig("containerd.toml")],
      env: { GOMEMLIMIT: "150MiB" },
      after: [],
      isReady: () => acceptsConnections("/run/containerd/containerd.sock"),
    },
    {
      name: "etcd",
      command: [
        "etcd",
        ...flagList({
          name: "node",
          "data-dir": "/var/lib/etcd/data",
          "listen-client-urls": ETCD,
          "advertise-client-urls": ETCD,
          "listen-peer-urls": "https://127.0.0.1:2380",
          "initial-advertise-peer-urls": "https://127.0.0.1:2380",
          "initial-cluster": "node=https://127.0.0.1:2380",
          "listen-metrics-urls": "http://127.0.0.1:2381",
          "client-cert-auth": "true",
          "trusted-ca-file": inPki("etcd-ca.crt"),
          "cert-file": inPki("etcd.crt"),
          "key-file": inPki("etcd.key"),
          "peer-client-cert-auth": "true",
          "peer-trusted-ca-file": inPki("etcd-ca.crt"),
          "peer-cert-file": inPki("etcd.crt"),
          "peer-key-file": inPki("etcd.key"),
          "snapshot-count": "10000",
          logger: "zap",
          "log-level": "warn",
        }),
      ],
      env: { GOMEMLIMIT: "200MiB" },
      after: [],
      isReady: () => respondsOk("http://127.0.0.1:2381/health"),
    },
    {
      name: "kube-apiserver",
      command: kubernetes("kube-apiserver", {
        "advertise-address": nodeAddress,
        "bind-address": nodeAddress,
        "secure-port": "6443",
        "allow-privileged": "true",
        "authentication-config": inConfig("authentication.yaml"),
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction,PodSecurity",
        "client-ca-file": inPki("ca.crt"),
        "tls-cert-file": inPki("apiserver.crt"),
        "tls-private-key-file": inPki("apiserver.key"),
        "etcd-servers": ETCD,
        "etcd-cafile": inPki("etcd-ca.crt"),
        "etcd-certfile": inPki("apiserver-etcd-client.crt"),
        "etcd-keyfile": inPki("apiserver-etcd-client.key"),
        "kubelet-certificate-authority": inPki("ca.crt"),
        "kubelet-client-certificate": inPki("apiserver-kubelet-client.crt"),
        "kubelet-client-key": inPki("apiserver-kubelet-client.key"),
        "kubelet-preferred-address-types": "InternalIP",
        "service-account-issuer": `https://kubernetes.default.svc.${clusterDomain}`,
        "service-account-key-file": inPki("service-account.pub"),
        "service-account-signing-key-file": inPki("service-account.key"),
        "service-cluster-ip-range": serviceCidr,
        profiling: "false",
      }),
      env: { GOGC: "50", GOMEMLIMIT: "500MiB" },
      after: ["etcd"],
      isReady: () => respondsOk(`https://${nodeAddress}:6443/readyz`),
    },
    {
      name: "kube-controller-manager",
      command: kubernetes("kube-controller-manager", {
        kubeconfig: kubeconfig("kube-controller-manager"),
        "bind-address": "127.0.0.1",
        "use-service-account-credentials": "true",
        "service-account-private-key-file": inPki("service-account.key"),
        "root-ca-file": inPki("ca.crt"),
        "cluster-signing-cert-file": inPki("ca.crt"),
        "cluster-signing-key-file": inPki("ca.key"),
        "leader-elect": "false",
        "node-monitor-period": "2s",
        profiling: "false",
      }),
      env: { GOGC: "50", GOMEMLIMIT: "150MiB" },
      after: ["kube-apiserver"],
      isReady: () => respondsOk("https://127.0.0.1:10257/healthz"),
    },
    {
      name: "kube-scheduler",
      command: kubernetes("kube-scheduler", {
        kubeconfig: kubeconfig("kube-scheduler"),
        "bind-address": "127.0.0.1",
        "leader-elect": "false",
        profiling: "false",
      }),
      env: { GOGC: "50", GOMEMLIMIT: "100MiB" },
      after: ["kube-apiserver"],
      isReady: () => respondsOk("https://127.0.0.1:10259/healthz"),
    },
    {
      name: "kube-proxy",
      command: kubernetes("kube-proxy", { config: inConfig("kube-proxy.yaml") }),
      env: { GOGC: "50", GOMEMLIMIT: "80MiB" },
      after: ["kube-apiserver"],
      isReady: () => respondsOk("http://127.0.0.1:10256/livez"),
    },
    {
      name: "kube-network-policies",
      command: [
        spec.artifacts.kubeNetworkPolicies,
        ...flagList({
          kubeconfig: kubeconfig("kube-network-policies"),
          "node-name": spec.nodeName,
          // Must match config/cni.conflist.
          "cni-network": "pods",
          "cni-leases": "/run/cni/networks/pods",
          "metrics-bind-address": "127.0.0.1:9080",
          "nfqueue-id": String(POLICY_QUEUE),
        }),
      ],
      env: { GOGC: "50", GOMEMLIMIT: "80MiB" },
      after: [MANIFESTS],
      isReady: () => hasQueueReader(POLICY_QUEUE),
    },
    {
      name: "kubelet",
      command: kubernetes("kubelet", {
        config: inConfig("kubelet.yaml"),
        kubeconfig: kubeconfig("kubelet"),
        "hostname-override": spec.nodeName,
        "node-ip": nodeAddress,
      }),
      env: { GOGC: "50", GOMEMLIMIT: "150MiB" },
      // No pod starts before policies are enforced. kube-proxy itself waits for the Node that the kubelet registers.
      after: ["containerd", "kube-network-policies"],
      isReady: () => respondsOk("http://127.0.0.1:10248/healthz"),
    },
  ];
}

type Flags = Readonly<Record<string, string>>;

function flagList(flags: Flags): string[] {
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
}
