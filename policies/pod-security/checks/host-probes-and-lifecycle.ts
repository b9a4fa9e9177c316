import { distinct, plural, quoted, show, type Check, type Rule } from "../check.ts";

const handlersNameNoHost: Rule = (pod) => {
  const containers = pod.containers.filter(({ handlerHosts }) => handlerHosts.length > 0);
  if (containers.length === 0) return undefined;
  const hosts = containers.flatMap(({ handlerHosts }) => handlerHosts);
  const names = distinct(containers.map(({ name }) => name));
  const values = distinct(hosts.map(({ host }) => host));
  return {
    reason: "probe or lifecycle host",
    detail:
      `${plural(names.length, "container")} ${quoted(names)} ${plural(names.length, "uses", "use")} ` +
      `${plural(values.length, "probe or lifecycle host")} ${quoted(values)}`,
    fields: hosts.map(({ path, host }) => ({ path, value: show(host) })),
    containers,
  };
};

export const hostProbesAndHostLifecycle: Check = {
  id: "hostProbesAndHostLifecycle",
  level: "baseline",
  why: "The kubelet sends these requests from the node, so the pod's author could reach any host from there.",
  fix: "remove host from httpGet and tcpSocket; the kubelet then connects to the pod's own IP",
  versions: { "v1.34": handlersNameNoHost },
};
