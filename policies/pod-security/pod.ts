/** A pod as Pod Security admission sees it: decoded, defaulted, and no more of it than the checks read. */
export interface Pod {
  /** Where the pod's spec stands in its object. */
  readonly path: string;
  readonly annotations: ReadonlyMap<string, string>;
  /** Where the annotations stand in its object. */
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

/** What pods and containers may both set. A profile or options object that is set to `{}` has an empty type. */
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
  /** Hosts that probes and lifecycle handlers name. */
  readonly handlerHosts: readonly { readonly path: string; readonly host: string }[];
}

export interface Volume {
  readonly path: string;
  readonly name: string;
  /** The sources that are set. None of them: the API server makes it an emptyDir before admission. */
  readonly sources: readonly string[];
}
