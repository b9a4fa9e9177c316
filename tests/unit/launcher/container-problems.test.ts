import { containerProblems, exitReasons, problemLine } from "../../../launcher/container-problems.ts";
import { settingOf } from "../../../launcher/image-setting.ts";

const waiting = (reason: string, message: string) => ({
  metadata: { namespace: "shop", name: "web-2" },
  status: {
    initContainerStatuses: [{ name: "init", image: "busybox:1", state: {} }],
    containerStatuses: [{ name: "web", image: "nginx:nope", state: { waiting: { reason, message } } }],
  },
});

test("an image that cannot be pulled is told with pod, container and the registry's answer", () => {
  const message = "rpc error: code = NotFound desc = failed to pull image: docker.io/library/nginx:nope: not found";
  expect(containerProblems([waiting("ErrImagePull", message)]).map(problemLine)).toEqual([
    "pod shop/web-2 cannot start: image nginx:nope (container web): " +
      "ErrImagePull: failed to pull image: docker.io/library/nginx:nope: not found",
  ]);
});

test.each([
  ["a container that starts", "ContainerCreating", ""],
  ["a crashed container: its pod's probes and log explain it", "CrashLoopBackOff", "back-off 10s"],
  [
    "a Secret that the kubelet has not read yet",
    "CreateContainerConfigError",
    "failed to sync secret cache: timed out",
  ],
])("%s is no problem", (_, reason, message) => {
  expect(containerProblems([waiting(reason, message)])).toEqual([]);
});

test("a pod that is being deleted is no problem", () => {
  const pod = waiting("ErrImagePull", "");
  const metadata = { ...pod.metadata, deletionTimestamp: "2026-01-31T00:00:00Z" };
  expect(containerProblems([{ ...pod, metadata }])).toEqual([]);
});

test("the setting of an image, with or without a registry before it", () => {
  const images = { registry: "mirror.example", postgresql: "postgres:17", redis: "redis:7-alpine" };
  expect(settingOf("redis:7-alpine", images)).toBe("redis");
  expect(settingOf("mirror.example/postgres:17", images)).toBe("postgresql");
  expect(settingOf("nginx:1", images)).toBeUndefined();
});

test("a failed container is told with the last line of its log, also while it waits for its restart", () => {
  const failed = { exitCode: 1, message: "preparing\nERROR: the volume is empty\n" };
  const pod = {
    metadata: { namespace: "shop", name: "web-2" },
    status: {
      initContainerStatuses: [
        { name: "migrate", image: "web:1", state: { terminated: { exitCode: 0, message: "done" } } },
        { name: "init", image: "web:1", state: { waiting: {} }, lastState: { terminated: failed } },
      ],
      containerStatuses: [{ name: "web", image: "web:1", state: { waiting: { reason: "PodInitializing" } } }],
    },
  };
  expect(exitReasons(pod)).toEqual(["init exited with 1: ERROR: the volume is empty"]);
});
