import { show, type Check, type Rule } from "../check.ts";

const safe1_0 = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_unprivileged_port_start",
];
const safe1_27 = [...safe1_0, "net.ipv4.ip_local_reserved_ports"];
const safe1_29 = [
  ...safe1_27,
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
];
const safe1_32 = [...safe1_29, "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"];
const safe1_37 = [...safe1_32, "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"];

const onlySafe =
  (safe: readonly string[]): Rule =>
  (pod) => {
    const forbidden = pod.securityContext.sysctls.filter(({ name }) => !safe.includes(name));
    if (forbidden.length === 0) return undefined;
    return {
      reason: "forbidden sysctls",
      detail: forbidden.map(({ name }) => name).join(", "),
      fields: forbidden.map(({ path, name }) => ({ path, value: show(name) })),
      containers: [],
    };
  };

export const sysctls: Check = {
  id: "sysctls",
  level: "baseline",
  why: "Most sysctls apply to the whole node: one pod's setting affects all other pods.",
  fix: `remove every sysctl except ${safe1_37.join(", ")}`,
  versions: {
    "v1.0": onlySafe(safe1_0),
    "v1.27": onlySafe(safe1_27),
    "v1.29": onlySafe(safe1_29),
    "v1.32": onlySafe(safe1_32),
    "v1.37": onlySafe(safe1_37),
  },
};
