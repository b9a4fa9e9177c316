import type { Json } from "./support.ts";

/** A pod that exactly one check forbids, in exactly these policy versions. */
export interface Case {
  readonly check: string;
  readonly title: string;
  /** Laid over a pod that every version admits. */
  readonly pod?: Json;
  /** Laid over one container of it, in each container list in turn. */
  readonly container?: Json;
  readonly annotations?: Json;
  /** Minor versions that forbid the pod, `8-24` or `8-` for ever after; never if left out. */
  readonly baseline?: string;
  readonly restricted?: string;
  /** What kubectl shows, without the container's name. */
  readonly says?: string;
}

const context = (securityContext: Json): Json => ({ container: { securityContext } });
const both = (minors: string) => ({ baseline: minors, restricted: minors });
const windows = { os: { name: "windows" } };

export const cases: readonly Case[] = [
  // windowsHostProcess
  {
    check: "windowsHostProcess",
    title: "a container as host process",
    ...context({ windowsOptions: { hostProcess: true } }),
    ...both("0-"),
    says: 'hostProcess (container "it" must not set securityContext.windowsOptions.hostProcess=true)',
  },
  {
    check: "windowsHostProcess",
    title: "a pod as host process",
    pod: { securityContext: { windowsOptions: { hostProcess: true } } },
    ...both("0-"),
    says: "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)",
  },
  { check: "windowsHostProcess", title: "hostProcess false", ...context({ windowsOptions: { hostProcess: false } }) },

  // hostNamespaces
  {
    check: "hostNamespaces",
    title: "all three",
    pod: { hostNetwork: true, hostPID: true, hostIPC: true },
    ...both("0-"),
    says: "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)",
  },
  {
    check: "hostNamespaces",
    title: "hostPID",
    pod: { hostPID: true },
    ...both("0-"),
    says: "host namespaces (hostPID=true)",
  },
  { check: "hostNamespaces", title: "all false", pod: { hostNetwork: false, hostPID: false, hostIPC: false } },

  // privileged
  {
    check: "privileged",
    title: "a privileged container",
    ...context({ privileged: true }),
    ...both("0-"),
    says: 'privileged (container "it" must not set securityContext.privileged=true)',
  },
  { check: "privileged", title: "privileged false", ...context({ privileged: false }) },

  // capabilities
  {
    check: "capabilities_baseline",
    title: "NET_RAW",
    ...context({ capabilities: { drop: ["ALL"], add: ["NET_RAW", "CHOWN"] } }),
    baseline: "0-",
    restricted: "0-21",
    says: 'non-default capabilities (container "it" must not include "NET_RAW" in securityContext.capabilities.add)',
  },
  {
    check: "capabilities_baseline",
    title: "the name in lower case",
    ...context({ capabilities: { drop: ["ALL"], add: ["chown"] } }),
    baseline: "0-",
    restricted: "0-21",
  },
  {
    check: "capabilities_baseline",
    title: "the name with its prefix",
    ...context({ capabilities: { drop: ["ALL"], add: ["CAP_CHOWN"] } }),
    baseline: "0-",
    restricted: "0-21",
  },
  {
    check: "capabilities_baseline",
    title: "default capabilities",
    ...context({ capabilities: { drop: ["ALL"], add: ["AUDIT_WRITE", "MKNOD", "NET_BIND_SERVICE", "SYS_CHROOT"] } }),
  },
  {
    check: "capabilities_restricted",
    title: "a default capability",
    ...context({ capabilities: { drop: ["ALL"], add: ["CHOWN", "AUDIT_WRITE"] } }),
    restricted: "22-",
    says:
      'unrestricted capabilities (container "it" must not include "AUDIT_WRITE", "CHOWN" in ' +
      "securityContext.capabilities.add)",
  },
  {
    check: "capabilities_restricted",
    title: "one dropped by name",
    ...context({ capabilities: { drop: ["NET_RAW"] } }),
    restricted: "22-",
    says: 'unrestricted capabilities (container "it" must set securityContext.capabilities.drop=["ALL"])',
  },
  {
    check: "capabilities_restricted",
    title: "all in lower case",
    ...context({ capabilities: { drop: ["all"] } }),
    restricted: "22-",
  },
  { check: "capabilities_restricted", title: "none dropped", ...context({ capabilities: null }), restricted: "22-" },
  {
    check: "capabilities_restricted",
    title: "none dropped on Windows",
    pod: windows,
    ...context({ capabilities: null }),
    restricted: "22-24",
  },
  {
    check: "capabilities_restricted",
    title: "NET_BIND_SERVICE",
    ...context({ capabilities: { drop: ["NET_RAW", "ALL"], add: ["NET_BIND_SERVICE"] } }),
  },

  // volumes
  {
    check: "hostPathVolumes",
    title: "a hostPath",
    pod: { volumes: [{ name: "a", hostPath: { path: "/" } }] },
    baseline: "0-",
    says: 'hostPath volumes (volume "a")',
  },
  { check: "hostPathVolumes", title: "an emptyDir", pod: { volumes: [{ name: "a", emptyDir: {}, hostPath: null }] } },
  {
    check: "restrictedVolumes",
    title: "a hostPath",
    pod: { volumes: [{ name: "a", hostPath: { path: "/" } }] },
    restricted: "0-",
    says: 'restricted volume types (volume "a" uses restricted volume type "hostPath")',
  },
  {
    check: "restrictedVolumes",
    title: "two types",
    pod: {
      volumes: [
        { name: "a", nfs: {} },
        { name: "b", azureFile: {} },
        { name: "c", nfs: {} },
      ],
    },
    restricted: "0-",
    says: 'restricted volume types (volumes "a", "b", "c" use restricted volume types "azureFile", "nfs")',
  },
  {
    check: "restrictedVolumes",
    title: "a type that nobody knows",
    pod: { volumes: [{ name: "a", novel: {} }] },
    restricted: "0-",
    says: 'restricted volume types (volume "a" uses restricted volume type "unknown")',
  },
  { check: "restrictedVolumes", title: "no source: an emptyDir by default", pod: { volumes: [{ name: "a" }] } },
  { check: "restrictedVolumes", title: "a source that is null", pod: { volumes: [{ name: "a", hostPath: null }] } },
  ...[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
  ].map((source) => ({ check: "restrictedVolumes", title: source, pod: { volumes: [{ name: "a", [source]: {} }] } })),
  ...[
    ...[
      "gcePersistentDisk",
      "awsElasticBlockStore",
      "gitRepo",
      "nfs",
      "iscsi",
      "glusterfs",
      "rbd",
      "flexVolume",
      "cinder",
    ],
    ...["cephfs", "flocker", "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk", "photonPersistentDisk"],
    ...["portworxVolume", "scaleIO", "storageos"],
  ].map((source) => ({
    check: "restrictedVolumes",
    title: source,
    pod: { volumes: [{ name: "a", [source]: {} }] },
    restricted: "0-",
    says: `restricted volume types (volume "a" uses restricted volume type "${source}")`,
  })),

  // hostPorts
  {
    check: "hostPorts",
    title: "ports on the host",
    container: {
      ports: [
        { containerPort: 1, hostPort: 8080 },
        { containerPort: 2, hostPort: 443 },
      ],
    },
    ...both("0-"),
    says: 'hostPort (container "it" uses hostPorts 443, 8080)',
  },
  {
    check: "hostPorts",
    title: "port 0",
    container: { ports: [{ containerPort: 80, hostPort: 0 }, { containerPort: 81 }] },
  },

  // hostProbesAndHostLifecycle
  ...["livenessProbe", "readinessProbe", "startupProbe"].flatMap((probe) =>
    ["httpGet", "tcpSocket"].map((handler) => ({
      check: "hostProbesAndHostLifecycle",
      title: `${probe}.${handler}`,
      container: { [probe]: { [handler]: { host: "10.0.0.1", port: 80 } } },
      ...both("34-"),
      says: 'probe or lifecycle host (container "it" uses probe or lifecycle host "10.0.0.1")',
    })),
  ),
  ...["postStart", "preStop"].flatMap((hook) =>
    ["httpGet", "tcpSocket"].map((handler) => ({
      check: "hostProbesAndHostLifecycle",
      title: `${hook}.${handler}`,
      container: { lifecycle: { [hook]: { [handler]: { host: "example.com", port: 80 } } } },
      ...both("34-"),
      says: 'probe or lifecycle host (container "it" uses probe or lifecycle host "example.com")',
    })),
  ),
  {
    check: "hostProbesAndHostLifecycle",
    title: "no host, an empty one, and a gRPC probe",
    container: {
      livenessProbe: { httpGet: { port: 80, host: "" } },
      readinessProbe: { grpc: { port: 80 } },
      startupProbe: { tcpSocket: { port: 80 } },
      lifecycle: { preStop: { exec: { command: ["true"] } } },
    },
  },

  // appArmorProfile
  {
    check: "appArmorProfile",
    title: "an unconfined container",
    ...context({ appArmorProfile: { type: "Unconfined" } }),
    ...both("0-"),
    says: 'forbidden AppArmor profile (container "it" must not set AppArmor profile type to "Unconfined")',
  },
  {
    check: "appArmorProfile",
    title: "pod and annotation",
    pod: { securityContext: { appArmorProfile: { type: "" } } },
    annotations: { "container.apparmor.security.beta.kubernetes.io/ghost": "unconfined" },
    ...both("0-"),
    says:
      'forbidden AppArmor profiles (pod and annotation must not set AppArmor profile type to "", ' +
      '"container.apparmor.security.beta.kubernetes.io/ghost="unconfined"")',
  },
  { check: "appArmorProfile", title: "Localhost", ...context({ appArmorProfile: { type: "Localhost" } }) },
  {
    check: "appArmorProfile",
    title: "annotations that confine",
    annotations: {
      "container.apparmor.security.beta.kubernetes.io/a": "runtime/default",
      "container.apparmor.security.beta.kubernetes.io/b": "localhost/mine",
      "container.apparmor.security.beta.kubernetes.io/c": "",
    },
  },

  // seLinuxOptions
  {
    check: "seLinuxOptions",
    title: "the type container_engine_t",
    ...context({ seLinuxOptions: { type: "container_engine_t" } }),
    ...both("0-30"),
    says: 'seLinuxOptions (container "it" set forbidden securityContext.seLinuxOptions: type "container_engine_t")',
  },
  {
    check: "seLinuxOptions",
    title: "type, user and role of the pod",
    pod: { securityContext: { seLinuxOptions: { type: "spc_t", user: "system_u", role: "object_r" } } },
    ...both("0-"),
    says:
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; ' +
      "role may not be set)",
  },
  ...["", "container_t", "container_init_t", "container_kvm_t"].map((type) => ({
    check: "seLinuxOptions",
    title: `the type "${type}"`,
    ...context({ seLinuxOptions: { type, level: "s0:c1", user: "" } }),
  })),

  // procMount
  {
    check: "procMount",
    title: "an unmasked /proc",
    ...context({ procMount: "Unmasked" }),
    baseline: "0-",
    restricted: "0-34",
    says: 'procMount (container "it" must not set securityContext.procMount to "Unmasked")',
  },
  {
    check: "procMount_restricted",
    title: "an unmasked /proc",
    ...context({ procMount: "Unmasked" }),
    restricted: "35-",
    says: 'procMount (container "it" must not set securityContext.procMount to "Unmasked")',
  },
  {
    check: "procMount",
    title: "an unmasked /proc in a user namespace",
    pod: { hostUsers: false },
    ...context({ procMount: "Unmasked" }),
    ...both("0-34"),
  },
  {
    check: "procMount_restricted",
    title: "an unmasked /proc in a user namespace",
    pod: { hostUsers: false },
    ...context({ procMount: "Unmasked" }),
    restricted: "35-",
  },
  { check: "procMount", title: "the default", ...context({ procMount: "Default" }) },
  { check: "procMount_restricted", title: "the default", ...context({ procMount: "Default" }) },

  // seccompProfile
  {
    check: "seccompProfile_baseline",
    title: "an annotation of the pod",
    annotations: { "seccomp.security.alpha.kubernetes.io/pod": "unconfined" },
    ...both("0-18"),
    says: 'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
  },
  {
    check: "seccompProfile_baseline",
    title: "an annotation of a container",
    annotations: { "container.seccomp.security.alpha.kubernetes.io/it": "" },
    container: {},
    ...both("0-18"),
    says: 'seccompProfile (forbidden annotation container.seccomp.security.alpha.kubernetes.io/it="")',
  },
  {
    check: "seccompProfile_baseline",
    title: "annotations that confine, or of no container",
    annotations: {
      "seccomp.security.alpha.kubernetes.io/pod": "docker/default",
      "container.seccomp.security.alpha.kubernetes.io/it": "localhost/mine",
      "container.seccomp.security.alpha.kubernetes.io/ghost": "unconfined",
    },
    container: {},
  },
  {
    check: "seccompProfile_baseline",
    title: "an unconfined container",
    ...context({ seccompProfile: { type: "Unconfined" } }),
    baseline: "19-",
    says: 'seccompProfile (container "it" must not set securityContext.seccompProfile.type to "Unconfined")',
  },
  {
    check: "seccompProfile_restricted",
    title: "an unconfined container",
    ...context({ seccompProfile: { type: "Unconfined" } }),
    restricted: "19-",
    says: 'seccompProfile (container "it" must not set securityContext.seccompProfile.type to "Unconfined")',
  },
  {
    check: "seccompProfile_restricted",
    title: "an unconfined Windows container",
    pod: windows,
    ...context({ seccompProfile: { type: "Unconfined" } }),
    restricted: "19-24",
  },
  {
    check: "seccompProfile_restricted",
    title: "an unconfined pod whose containers say nothing",
    pod: { securityContext: { seccompProfile: { type: "Unconfined" } } },
    restricted: "19-",
    says: 'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
  },
  {
    check: "seccompProfile_restricted",
    title: "no profile",
    pod: { securityContext: { seccompProfile: null } },
    restricted: "19-",
    says:
      'seccompProfile (pod or container "base" must set securityContext.seccompProfile.type to "RuntimeDefault" or ' +
      '"Localhost")',
  },
  { check: "seccompProfile_restricted", title: "Localhost", ...context({ seccompProfile: { type: "Localhost" } }) },

  // sysctls
  ...[
    ["kernel.shm_rmid_forced", undefined],
    ["net.ipv4.ip_local_port_range", undefined],
    ["net.ipv4.tcp_syncookies", undefined],
    ["net.ipv4.ping_group_range", undefined],
    ["net.ipv4.ip_unprivileged_port_start", undefined],
    ["net.ipv4.ip_local_reserved_ports", "0-26"],
    ["net.ipv4.tcp_keepalive_time", "0-28"],
    ["net.ipv4.tcp_fin_timeout", "0-28"],
    ["net.ipv4.tcp_keepalive_intvl", "0-28"],
    ["net.ipv4.tcp_keepalive_probes", "0-28"],
    ["net.ipv4.tcp_rmem", "0-31"],
    ["net.ipv4.tcp_wmem", "0-31"],
    ["net.ipv4.tcp_slow_start_after_idle", "0-36"],
    ["net.ipv4.tcp_notsent_lowat", "0-36"],
    ["kernel.msgmax", "0-"],
  ].map(([name = "", minors]) => ({
    check: "sysctls",
    title: name,
    pod: { securityContext: { sysctls: [{ name, value: "0" }] } },
    ...(minors && both(minors)),
    says: `forbidden sysctls (${name})`,
  })),

  // allowPrivilegeEscalation
  {
    check: "allowPrivilegeEscalation",
    title: "left out",
    ...context({ allowPrivilegeEscalation: null }),
    restricted: "8-",
    says: 'allowPrivilegeEscalation != false (container "it" must set securityContext.allowPrivilegeEscalation=false)',
  },
  { check: "allowPrivilegeEscalation", title: "false", ...context({ allowPrivilegeEscalation: false }) },
  {
    check: "allowPrivilegeEscalation",
    title: "true",
    ...context({ allowPrivilegeEscalation: true }),
    restricted: "8-",
  },
  {
    check: "allowPrivilegeEscalation",
    title: "left out on Windows",
    pod: windows,
    ...context({ allowPrivilegeEscalation: null }),
    restricted: "8-24",
  },
  {
    check: "allowPrivilegeEscalation",
    title: "left out on Linux",
    pod: { os: { name: "linux" } },
    ...context({ allowPrivilegeEscalation: null }),
    restricted: "8-",
  },

  // runAsNonRoot
  {
    check: "runAsNonRoot",
    title: "left out everywhere",
    pod: { securityContext: { runAsNonRoot: null } },
    restricted: "0-",
    says: 'runAsNonRoot != true (pod or container "base" must set securityContext.runAsNonRoot=true)',
  },
  {
    check: "runAsNonRoot",
    title: "a container that refuses",
    ...context({ runAsNonRoot: false }),
    restricted: "0-",
    says: 'runAsNonRoot != true (container "it" must not set securityContext.runAsNonRoot=false)',
  },
  {
    check: "runAsNonRoot",
    title: "a pod that refuses while all its containers agree",
    pod: {
      securityContext: { runAsNonRoot: false },
      containers: [{ name: "base", securityContext: { runAsNonRoot: true } }],
    },
    restricted: "0-",
    says: "runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)",
  },
  {
    check: "runAsNonRoot",
    title: "only the containers say so",
    pod: {
      securityContext: { runAsNonRoot: null },
      containers: [{ name: "base", securityContext: { runAsNonRoot: true } }],
    },
  },
  {
    check: "runAsNonRoot",
    title: "left out in a user namespace",
    pod: { hostUsers: false, securityContext: { runAsNonRoot: null } },
    restricted: "0-34",
  },
  {
    check: "runAsNonRoot",
    title: "left out in the host's user namespace",
    pod: { hostUsers: true, securityContext: { runAsNonRoot: null } },
    restricted: "0-",
  },

  // runAsUser
  {
    check: "runAsUser",
    title: "a container as root",
    ...context({ runAsUser: 0 }),
    restricted: "23-",
    says: 'runAsUser=0 (container "it" must not set runAsUser=0)',
  },
  {
    check: "runAsUser",
    title: "a pod as root",
    pod: { securityContext: { runAsUser: 0 } },
    restricted: "23-",
    says: "runAsUser=0 (pod must not set runAsUser=0)",
  },
  {
    check: "runAsUser",
    title: "root in a user namespace",
    pod: { hostUsers: false, securityContext: { runAsUser: 0 } },
    restricted: "23-34",
  },
  { check: "runAsUser", title: "another user", ...context({ runAsUser: 70 }) },
];
