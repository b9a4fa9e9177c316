/** A pod as Pod Security admission sees it, decoded and defaulted, with only the fields that the checks read. */
export interface Pod {
  /** Path of the pod spec in its object. */
  readonly path: string;
  readonly annotations: ReadonlyMap<string, string>;
  /** Path of the annotations in the object. */
  readonly annotationsPath: string;
  readonly os: string | undefined;
  readonly hostNetwork: boolean;
  readonly hostPID: boolean;
  readonly hostIPC: boolean;
  readonly hostUsers: boolean | undefined;
  readonly securityContext: PodSecurityContext;
  readonly volumes: readonly Volume[];
  /** Init containers, containers and ephemeral containers, in this order. */
  readonly containers: readonly Container[];
}

/** The fields common to pods and containers. A profile or options object that is `{}` has an empty type. */
export interface SecurityContext {
  readonly runAsNonRoot: boolean | undefined;
  readonly runAsUser: number | undefined;
  readonly seccompType: string | undefined;
  readonly appArmorType: string | undefined;
  readonly seLinux: SELinuxOptions | undefined;
  readonly hostProcess: boolean;
}

export interface PodSecurityContext extends SecurityContext {
  readonly sysctls: readonly { readonly path: string; readonly name: string }[];
}

export interface ContainerSecurityContext extends SecurityContext {
  readonly privileged: boolean;
  readonly allowPrivilegeEscalation: boolean | undefined;
  readonly procMount: string | undefined;
  readonly addedCapabilities: readonly string[];
  readonly droppedCapabilities: readonly string[];
}

export interface SELinuxOptions {
  readonly type: string;
  readonly user: string;
  readonly role: string;
}

export interface Container {
  readonly path: string;
  readonly name: string;
  readonly image: string | undefined;
  readonly securityContext: ContainerSecurityContext;
  readonly hostPorts: readonly { readonly path: string; readonly port: number }[];
  /** The `host` fields of probes and lifecycle handlers. */
  readonly handlerHosts: readonly { readonly path: string; readonly host: string }[];
}

export interface Volume {
  readonly path: string;
  readonly name: string;
  /** The sources that are set. If empty, the API server defaults the volume to an emptyDir before admission. */
  readonly sources: readonly string[];
}
