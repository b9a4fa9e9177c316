import fc from "fast-check";
import type { Json } from "./support.ts";

const profile = fc.oneof(
  { arbitrary: fc.constant({ type: "RuntimeDefault" }), weight: 4 },
  { arbitrary: fc.constant({ type: "Localhost", localhostProfile: "profiles/a.json" }), weight: 1 },
  { arbitrary: fc.constant({ type: "Unconfined" }), weight: 1 },
);

const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const rarely = <T>(value: fc.Arbitrary<T>) =>
  fc.option(fc.oneof({ arbitrary: value, weight: 1 }, { arbitrary: fc.constant(undefined), weight: 9 }), {
    nil: undefined,
  });
const usually = <T>(value: T, other: fc.Arbitrary<T | undefined>) =>
  fc.oneof({ arbitrary: fc.constant(value), weight: 5 }, { arbitrary: other, weight: 1 });

const shared = {
  runAsNonRoot: usually<boolean | undefined>(true, fc.option(fc.boolean(), { nil: undefined })),
  runAsUser: sometimes(fc.constantFrom(0, 70, 1000)),
  seccompProfile: sometimes(profile),
  seLinuxOptions: rarely(
    fc.constantFrom<Json>(
      { type: "container_t" },
      { type: "container_engine_t" },
      { type: "spc_t" },
      { user: "system_u" },
      { role: "r", level: "s0" },
    ),
  ),
  appArmorProfile: rarely(profile),
};

const containerContext = fc.record({
  ...shared,
  privileged: rarely(fc.boolean()),
  allowPrivilegeEscalation: usually<boolean | undefined>(false, fc.option(fc.boolean(), { nil: undefined })),
  procMount: rarely(fc.constantFrom("Default")),
  capabilities: usually<Json | undefined>(
    { drop: ["ALL"] },
    fc.record({
      add: sometimes(
        fc.uniqueArray(fc.constantFrom("NET_BIND_SERVICE", "CHOWN", "NET_RAW", "NET_ADMIN", "KILL"), { maxLength: 2 }),
      ),
      drop: sometimes(fc.constantFrom(["ALL"], ["NET_RAW"], ["KILL", "ALL"])),
    }),
  ),
});

const probe = fc.constantFrom<Json>(
  { httpGet: { port: 80 } },
  { httpGet: { port: 80, host: "10.0.0.1" } },
  { tcpSocket: { port: 80, host: "a.example" } },
  { exec: { command: ["true"] } },
);

const container = (name: string, isInit: boolean) =>
  fc.record({
    name: fc.constant(name),
    image: fc.constant("registry.example/app:1"),
    securityContext: sometimes(containerContext),
    ports: sometimes(
      fc.constantFrom<Json[]>(
        [{ containerPort: 8080 }],
        [{ containerPort: 8080, hostPort: 0 }],
        [{ containerPort: 8080, hostPort: 8080 }],
      ),
    ),
    ...(isInit ? {} : { livenessProbe: rarely(probe), lifecycle: rarely(probe.map((preStop) => ({ preStop }))) }),
  });

const volume = fc.constantFrom<Json>(
  {},
  { emptyDir: {} },
  { secret: { secretName: "a" } },
  { configMap: { name: "a" } },
  { hostPath: { path: "/tmp" } },
  { nfs: { server: "a", path: "/" } },
  { persistentVolumeClaim: { claimName: "a" } },
  { csi: { driver: "a.example" } },
);

const sysctl = fc.constantFrom(
  "kernel.shm_rmid_forced",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.ip_local_reserved_ports",
  "kernel.msgmax",
  "net.ipv4.tcp_notsent_lowat",
);

/** Pod specs that the API server can decode. It admits about half of them at level restricted. */
export const arbitraryPodSpec: fc.Arbitrary<Json> = fc
  .record({
    hostNetwork: rarely(fc.constant(true)),
    hostPID: rarely(fc.boolean()),
    hostIPC: rarely(fc.boolean()),
    hostUsers: rarely(fc.boolean()),
    securityContext: sometimes(
      fc.record({
        ...shared,
        sysctls: rarely(
          fc.uniqueArray(sysctl, { maxLength: 2 }).map((names) => names.map((name) => ({ name, value: "0" }))),
        ),
      }),
    ),
    volumes: sometimes(
      fc
        .array(volume, { maxLength: 3 })
        .map((volumes) => volumes.map((source, index) => ({ name: `v${index}`, ...source }))),
    ),
    initContainers: sometimes(fc.tuple(container("init", true))),
    containers: fc.oneof(fc.tuple(container("a", false)), fc.tuple(container("a", false), container("b", false))),
  })
  .map((spec) => JSON.parse(JSON.stringify(spec)) as Json);
