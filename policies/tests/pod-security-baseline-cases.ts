import { atBothLevels, inContainer, type Case } from "./pod-security-case.ts";

/** Cases of the checks at level baseline. */
export const baselineCases: readonly Case[] = [
  // windowsHostProcess
  {
    check: "windowsHostProcess",
    title: "a container as host process",
    ...inContainer({ windowsOptions: { hostProcess: true } }),
    ...atBothLevels("0-"),
    message: 'hostProcess (container "it" must not set securityContext.windowsOptions.hostProcess=true)',
  },
  {
    check: "windowsHostProcess",
    title: "a pod as host process",
    pod: { securityContext: { windowsOptions: { hostProcess: true } } },
    ...atBothLevels("0-"),
    message: "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)",
  },
  {
    check: "windowsHostProcess",
    title: "hostProcess false",
    ...inContainer({ windowsOptions: { hostProcess: false } }),
  },

  // hostNamespaces
  {
    check: "hostNamespaces",
    title: "hostNetwork, hostPID and hostIPC",
    pod: { hostNetwork: true, hostPID: true, hostIPC: true },
    ...atBothLevels("0-"),
    message: "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)",
  },
  {
    check: "hostNamespaces",
    title: "hostPID",
    pod: { hostPID: true },
    ...atBothLevels("0-"),
    message: "host namespaces (hostPID=true)",
  },
  { check: "hostNamespaces", title: "all false", pod: { hostNetwork: false, hostPID: false, hostIPC: false } },

  // privileged
  {
    check: "privileged",
    title: "a privileged container",
    ...inContainer({ privileged: true }),
    ...atBothLevels("0-"),
    message: 'privileged (container "it" must not set securityContext.privileged=true)',
  },
  { check: "privileged", title: "privileged false", ...inContainer({ privileged: false }) },

  // capabilities_baseline
  {
    check: "capabilities_baseline",
    title: "NET_RAW",
    ...inContainer({ capabilities: { drop: ["ALL"], add: ["NET_RAW", "CHOWN"] } }),
    baseline: "0-",
    restricted: "0-21",
    message: 'non-default capabilities (container "it" must not include "NET_RAW" in securityContext.capabilities.add)',
  },
  {
    check: "capabilities_baseline",
    title: "the name in lower case",
    ...inContainer({ capabilities: { drop: ["ALL"], add: ["chown"] } }),
    baseline: "0-",
    restricted: "0-21",
  },
  {
    check: "capabilities_baseline",
    title: "the name with the prefix CAP_",
    ...inContainer({ capabilities: { drop: ["ALL"], add: ["CAP_CHOWN"] } }),
    baseline: "0-",
    restricted: "0-21",
  },
  {
    check: "capabilities_baseline",
    title: "default capabilities",
    ...inContainer({
      capabilities: { drop: ["ALL"], add: ["AUDIT_WRITE", "MKNOD", "NET_BIND_SERVICE", "SYS_CHROOT"] },
    }),
  },

  // hostPathVolumes
  {
    check: "hostPathVolumes",
    title: "a hostPath",
    pod: { volumes: [{ name: "a", hostPath: { path: "/" } }] },
    baseline: "0-",
    message: 'hostPath volumes (volume "a")',
  },
  { check: "hostPathVolumes", title: "an emptyDir", pod: { volumes: [{ name: "a", emptyDir: {}, hostPath: null }] } },

  // hostPorts
  {
    check: "hostPorts",
    title: "host ports",
    container: {
      ports: [
        { containerPort: 1, hostPort: 8080 },
        { containerPort: 2, hostPort: 443 },
      ],
    },
    ...atBothLevels("0-"),
    message: 'hostPort (container "it" uses hostPorts 443, 8080)',
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
      ...atBothLevels("34-"),
      message: 'probe or lifecycle host (container "it" uses probe or lifecycle host "10.0.0.1")',
    })),
  ),
  ...["postStart", "preStop"].flatMap((hook) =>
    ["httpGet", "tcpSocket"].map((handler) => ({
      check: "hostProbesAndHostLifecycle",
      title: `${hook}.${handler}`,
      container: { lifecycle: { [hook]: { [handler]: { host: "example.com", port: 80 } } } },
      ...atBothLevels("34-"),
      message: 'probe or lifecycle host (container "it" uses probe or lifecycle host "example.com")',
    })),
  ),
  {
    check: "hostProbesAndHostLifecycle",
    title: "no host, an empty host, and a gRPC probe",
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
    ...inContainer({ appArmorProfile: { type: "Unconfined" } }),
    ...atBothLevels("0-"),
    message: 'forbidden AppArmor profile (container "it" must not set AppArmor profile type to "Unconfined")',
  },
  {
    check: "appArmorProfile",
    title: "pod and annotation",
    pod: { securityContext: { appArmorProfile: { type: "" } } },
    annotations: { "container.apparmor.security.beta.kubernetes.io/ghost": "unconfined" },
    ...atBothLevels("0-"),
    message:
      'forbidden AppArmor profiles (pod and annotation must not set AppArmor profile type to "", ' +
      '"container.apparmor.security.beta.kubernetes.io/ghost="unconfined"")',
  },
  { check: "appArmorProfile", title: "Localhost", ...inContainer({ appArmorProfile: { type: "Localhost" } }) },
  {
    check: "appArmorProfile",
    title: "allowed annotations",
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
    ...inContainer({ seLinuxOptions: { type: "container_engine_t" } }),
    ...atBothLevels("0-30"),
    message: 'seLinuxOptions (container "it" set forbidden securityContext.seLinuxOptions: type "container_engine_t")',
  },
  {
    check: "seLinuxOptions",
    title: "type, user and role of the pod",
    pod: { securityContext: { seLinuxOptions: { type: "spc_t", user: "system_u", role: "object_r" } } },
    ...atBothLevels("0-"),
    message:
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; ' +
      "role may not be set)",
  },
  ...["", "container_t", "container_init_t", "container_kvm_t"].map((type) => ({
    check: "seLinuxOptions",
    title: `the type "${type}"`,
    ...inContainer({ seLinuxOptions: { type, level: "s0:c1", user: "" } }),
  })),

  // procMount
  {
    check: "procMount",
    title: "an unmasked /proc",
    ...inContainer({ procMount: "Unmasked" }),
    baseline: "0-",
    restricted: "0-34",
    message: 'procMount (container "it" must not set securityContext.procMount to "Unmasked")',
  },
  {
    check: "procMount",
    title: "an unmasked /proc in a user namespace",
    pod: { hostUsers: false },
    ...inContainer({ procMount: "Unmasked" }),
    ...atBothLevels("0-34"),
  },
  { check: "procMount", title: "the default", ...inContainer({ procMount: "Default" }) },

  // seccompProfile_baseline
  {
    check: "seccompProfile_baseline",
    title: "an annotation of the pod",
    annotations: { "seccomp.security.alpha.kubernetes.io/pod": "unconfined" },
    ...atBothLevels("0-18"),
    message: 'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
  },
  {
    check: "seccompProfile_baseline",
    title: "an annotation of a container",
    annotations: { "container.seccomp.security.alpha.kubernetes.io/it": "" },
    container: {},
    ...atBothLevels("0-18"),
    message: 'seccompProfile (forbidden annotation container.seccomp.security.alpha.kubernetes.io/it="")',
  },
  {
    check: "seccompProfile_baseline",
    title: "allowed annotations, and one of a missing container",
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
    ...inContainer({ seccompProfile: { type: "Unconfined" } }),
    baseline: "19-",
    message: 'seccompProfile (container "it" must not set securityContext.seccompProfile.type to "Unconfined")',
  },

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
    ...(minors && atBothLevels(minors)),
    message: `forbidden sysctls (${name})`,
  })),
];
