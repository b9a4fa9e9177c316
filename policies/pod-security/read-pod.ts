import { containerName, containersOf, type ContainerList, type PodTemplate } from "../kubernetes/pods.ts";
import type { Value } from "../kubernetes/value.ts";
import type { Container, ContainerSecurityContext, Pod, PodSecurityContext, SecurityContext, Volume } from "./pod.ts";

/**
 * Decodes and defaults a pod template as the API server does before admission. For an unknown value (see `Value`) it
 * assumes the one that the strictest check accepts, so every violation found exists whatever the value becomes.
 */
export function readPod(template: PodTemplate): Pod {
  const { spec } = template;
  const annotations = template.metadata.get("annotations");
  const hostNetwork = spec.get("hostNetwork").flag(false) ?? false;
  const os = spec.get("os", "name");
  const hostUsers = spec.get("hostUsers");
  return {
    path: spec.path,
    annotations: readAnnotations(annotations),
    annotationsPath: annotations.path,
    os: os.text(os.isUnknown ? "windows" : undefined),
    hostNetwork,
    hostPID: spec.get("hostPID").flag(false) ?? false,
    hostIPC: spec.get("hostIPC").flag(false) ?? false,
    hostUsers: hostUsers.flag(hostUsers.isUnknown ? false : undefined),
    securityContext: readPodSecurityContext(spec.get("securityContext")),
    volumes: spec.get("volumes").items().map(readVolume),
    containers: containersOf(spec).map(({ list, value }) => readContainer(value, list, hostNetwork)),
  };
}

/** Notes unknown annotations only if a check reads them. */
function readAnnotations(annotations: Value): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const [key, value] of annotations.entries()) {
    if (value.isUnknown && !/^(container\.)?(seccomp|apparmor)\.security\./.test(key)) continue;
    const text = value.text();
    if (text !== undefined) known.set(key, text);
  }
  return known;
}

function readContainer(container: Value, list: ContainerList, hostNetwork: boolean): Container {
  return {
    path: container.path,
    name: containerName(container),
    image: container.get("image").textIfKnown(),
    securityContext: readContainerSecurityContext(container.get("securityContext")),
    hostPorts: readHostPorts(container, hostNetwork && list !== "ephemeralContainers"),
    handlerHosts: handlers(container).flatMap((handler) => {
      const host = handler.get("host");
      const name = host.text() ?? "";
      return name === "" ? [] : [{ path: host.path, host: name }];
    }),
  };
}

/** In a pod on the host network the API server defaults `hostPort` to `containerPort`. */
function readHostPorts(container: Value, isDefaulted: boolean): Container["hostPorts"] {
  return container
    .get("ports")
    .items()
    .flatMap((entry) => {
      const hostPort = entry.get("hostPort");
      const port = hostPort.integer(0) || (isDefaulted ? entry.get("containerPort").integer(0) : 0) || 0;
      return port === 0 ? [] : [{ path: hostPort.path, port }];
    });
}

function handlers(container: Value): readonly Value[] {
  const holders = [
    ...["livenessProbe", "readinessProbe", "startupProbe"].map((probe) => container.get(probe)),
    ...["postStart", "preStop"].map((hook) => container.get("lifecycle", hook)),
  ];
  return holders.filter((holder) => holder.isSet).flatMap((holder) => [holder.get("httpGet"), holder.get("tcpSocket")]);
}

function readSecurityContext(context: Value): SecurityContext {
  const seLinux = context.get("seLinuxOptions");
  return {
    runAsNonRoot: context.get("runAsNonRoot").flag(true),
    runAsUser: context.get("runAsUser").integer(),
    seccompType: readProfileType(context.get("seccompProfile"), "RuntimeDefault"),
    appArmorType: readProfileType(context.get("appArmorProfile"), undefined),
    seLinux: seLinux.isObject()
      ? { type: textOrEmpty(seLinux, "type"), user: textOrEmpty(seLinux, "user"), role: textOrEmpty(seLinux, "role") }
      : undefined,
    hostProcess: context.get("windowsOptions", "hostProcess").flag(false) ?? false,
  };
}

function readPodSecurityContext(context: Value): PodSecurityContext {
  return {
    ...readSecurityContext(context),
    sysctls: context
      .get("sysctls")
      .items()
      .flatMap((entry) => {
        const name = entry.get("name");
        const text = name.text();
        return name.isUnknown ? [] : [{ path: name.path, name: text ?? "" }];
      }),
  };
}

function readContainerSecurityContext(context: Value): ContainerSecurityContext {
  const dropped = context.get("capabilities", "drop");
  const listed = dropped.items().flatMap((capability) => capability.text("ALL") ?? []);
  return {
    ...readSecurityContext(context),
    privileged: context.get("privileged").flag(false) ?? false,
    allowPrivilegeEscalation: context.get("allowPrivilegeEscalation").flag(false),
    procMount: context.get("procMount").text(),
    addedCapabilities: context
      .get("capabilities", "add")
      .items()
      .flatMap((capability) => capability.text() ?? []),
    droppedCapabilities: dropped.isUnknownOrOmitted ? ["ALL"] : listed,
  };
}

function readProfileType(profile: Value, assume: string | undefined): string | undefined {
  if (profile.isUnknownOrOmitted) return profile.get("type").text(assume);
  return profile.isObject() ? (profile.get("type").text(assume) ?? "") : undefined;
}

function textOrEmpty(options: Value, key: string): string {
  return options.get(key).text() ?? "";
}

function readVolume(volume: Value): Volume {
  return {
    path: volume.path,
    name: volume.get("name").textIfKnown() ?? "",
    sources: volume
      .entries()
      .filter(([key, source]) => key !== "name" && source.isSet && !source.isUnknown && source.isObject())
      .map(([key]) => key),
  };
}
