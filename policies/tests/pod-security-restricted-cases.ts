import { inContainer, windowsPod, type Case } from "./pod-security-case.ts";

/** Cases of the checks at level restricted. */
export const restrictedCases: readonly Case[] = [
  // restrictedVolumes
  {
    check: "restrictedVolumes",
    title: "a hostPath",
    pod: { volumes: [{ name: "a", hostPath: { path: "/" } }] },
    restricted: "0-",
    message: 'restricted volume types (volume "a" uses restricted volume type "hostPath")',
  },
  {
    check: "restrictedVolumes",
    title: "volumes of two types",
    pod: {
      volumes: [
        { name: "a", nfs: {} },
        { name: "b", azureFile: {} },
        { name: "c", nfs: {} },
      ],
    },
    restricted: "0-",
    message: 'restricted volume types (volumes "a", "b", "c" use restricted volume types "azureFile", "nfs")',
  },
  {
    check: "restrictedVolumes",
    title: "an unknown type",
    pod: { volumes: [{ name: "a", novel: {} }] },
    restricted: "0-",
    message: 'restricted volume types (volume "a" uses restricted volume type "unknown")',
  },
  { check: "restrictedVolumes", title: "no source, which defaults to emptyDir", pod: { volumes: [{ name: "a" }] } },
  { check: "restrictedVolumes", title: "a null source", pod: { volumes: [{ name: "a", hostPath: null }] } },
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
    message: `restricted volume types (volume "a" uses restricted volume type "${source}")`,
  })),

  // allowPrivilegeEscalation
  {
    check: "allowPrivilegeEscalation",
    title: "not set",
    ...inContainer({ allowPrivilegeEscalation: null }),
    restricted: "8-",
    message:
      'allowPrivilegeEscalation != false (container "it" must set securityContext.allowPrivilegeEscalation=false)',
  },
  { check: "allowPrivilegeEscalation", title: "false", ...inContainer({ allowPrivilegeEscalation: false }) },
  {
    check: "allowPrivilegeEscalation",
    title: "true",
    ...inContainer({ allowPrivilegeEscalation: true }),
    restricted: "8-",
  },
  {
    check: "allowPrivilegeEscalation",
    title: "not set on Windows",
    pod: windowsPod,
    ...inContainer({ allowPrivilegeEscalation: null }),
    restricted: "8-24",
  },
  {
    check: "allowPrivilegeEscalation",
    title: "not set on Linux",
    pod: { os: { name: "linux" } },
    ...inContainer({ allowPrivilegeEscalation: null }),
    restricted: "8-",
  },

  // runAsNonRoot
  {
    check: "runAsNonRoot",
    title: "not set",
    pod: { securityContext: { runAsNonRoot: null } },
    restricted: "0-",
    message: 'runAsNonRoot != true (pod or container "base" must set securityContext.runAsNonRoot=true)',
  },
  {
    check: "runAsNonRoot",
    title: "false in a container",
    ...inContainer({ runAsNonRoot: false }),
    restricted: "0-",
    message: 'runAsNonRoot != true (container "it" must not set securityContext.runAsNonRoot=false)',
  },
  {
    check: "runAsNonRoot",
    title: "false in the pod, true in all containers",
    pod: {
      securityContext: { runAsNonRoot: false },
      containers: [{ name: "base", securityContext: { runAsNonRoot: true } }],
    },
    restricted: "0-",
    message: "runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)",
  },
  {
    check: "runAsNonRoot",
    title: "true in all containers, not set in the pod",
    pod: {
      securityContext: { runAsNonRoot: null },
      containers: [{ name: "base", securityContext: { runAsNonRoot: true } }],
    },
  },
  {
    check: "runAsNonRoot",
    title: "not set in a user namespace",
    pod: { hostUsers: false, securityContext: { runAsNonRoot: null } },
    restricted: "0-34",
  },
  {
    check: "runAsNonRoot",
    title: "not set in the host's user namespace",
    pod: { hostUsers: true, securityContext: { runAsNonRoot: null } },
    restricted: "0-",
  },

  // runAsUser
  {
    check: "runAsUser",
    title: "a container as root",
    ...inContainer({ runAsUser: 0 }),
    restricted: "23-",
    message: 'runAsUser=0 (container "it" must not set runAsUser=0)',
  },
  {
    check: "runAsUser",
    title: "a pod as root",
    pod: { securityContext: { runAsUser: 0 } },
    restricted: "23-",
    message: "runAsUser=0 (pod must not set runAsUser=0)",
  },
  {
    check: "runAsUser",
    title: "root in a user namespace",
    pod: { hostUsers: false, securityContext: { runAsUser: 0 } },
    restricted: "23-34",
  },
  { check: "runAsUser", title: "a user other than root", ...inContainer({ runAsUser: 70 }) },

  // seccompProfile_restricted
  {
    check: "seccompProfile_restricted",
    title: "an unconfined container",
    ...inContainer({ seccompProfile: { type: "Unconfined" } }),
    restricted: "19-",
    message: 'seccompProfile (container "it" must not set securityContext.seccompProfile.type to "Unconfined")',
  },
  {
    check: "seccompProfile_restricted",
    title: "an unconfined Windows container",
    pod: windowsPod,
    ...inContainer({ seccompProfile: { type: "Unconfined" } }),
    restricted: "19-24",
  },
  {
    check: "seccompProfile_restricted",
    title: "an unconfined pod, and no profile in its containers",
    pod: { securityContext: { seccompProfile: { type: "Unconfined" } } },
    restricted: "19-",
    message: 'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
  },
  {
    check: "seccompProfile_restricted",
    title: "no profile",
    pod: { securityContext: { seccompProfile: null } },
    restricted: "19-",
    message:
      'seccompProfile (pod or container "base" must set securityContext.seccompProfile.type to "RuntimeDefault" or ' +
      '"Localhost")',
  },
  { check: "seccompProfile_restricted", title: "Localhost", ...inContainer({ seccompProfile: { type: "Localhost" } }) },

  // capabilities_restricted
  {
    check: "capabilities_restricted",
    title: "a default capability",
    ...inContainer({ capabilities: { drop: ["ALL"], add: ["CHOWN", "AUDIT_WRITE"] } }),
    restricted: "22-",
    message:
      'unrestricted capabilities (container "it" must not include "AUDIT_WRITE", "CHOWN" in ' +
      "securityContext.capabilities.add)",
  },
  {
    check: "capabilities_restricted",
    title: "one capability dropped",
    ...inContainer({ capabilities: { drop: ["NET_RAW"] } }),
    restricted: "22-",
    message: 'unrestricted capabilities (container "it" must set securityContext.capabilities.drop=["ALL"])',
  },
  {
    check: "capabilities_restricted",
    title: "ALL in lower case",
    ...inContainer({ capabilities: { drop: ["all"] } }),
    restricted: "22-",
  },
  {
    check: "capabilities_restricted",
    title: "none dropped",
    ...inContainer({ capabilities: null }),
    restricted: "22-",
  },
  {
    check: "capabilities_restricted",
    title: "none dropped on Windows",
    pod: windowsPod,
    ...inContainer({ capabilities: null }),
    restricted: "22-24",
  },
  {
    check: "capabilities_restricted",
    title: "NET_BIND_SERVICE",
    ...inContainer({ capabilities: { drop: ["NET_RAW", "ALL"], add: ["NET_BIND_SERVICE"] } }),
  },

  // procMount_restricted
  {
    check: "procMount_restricted",
    title: "an unmasked /proc",
    ...inContainer({ procMount: "Unmasked" }),
    restricted: "35-",
    message: 'procMount (container "it" must not set securityContext.procMount to "Unmasked")',
  },
  {
    check: "procMount_restricted",
    title: "an unmasked /proc in a user namespace",
    pod: { hostUsers: false },
    ...inContainer({ procMount: "Unmasked" }),
    restricted: "35-",
  },
  { check: "procMount_restricted", title: "the default", ...inContainer({ procMount: "Default" }) },
];
