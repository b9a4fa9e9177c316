import { describe, expect, test } from "@jest/globals";
import { primary, replica, server } from "../../../components/postgresql/endpoints.ts";
import { otherServer, primaryPod, replicaPod } from "../../../components/postgresql/pods.ts";
import { serverNames } from "../../../settings.ts";
import { postgresql } from "../../../settings/postgresql.ts";

const podArgs = (name: (typeof serverNames)[number]) => ({
  name,
  settings: postgresql.parse({}),
  image: "postgres:17-alpine",
  pool: { nodeSelector: {}, tolerations: [] },
  secrets: { superuser: "s", app: "a", replication: "r" },
  checksums: {},
});

describe.each(serverNames)("%s", (name) => {
  test.each([
    { role: "primary", pod: primaryPod(podArgs(name)), service: primary },
    { role: "standby", pod: replicaPod(podArgs(name)), service: replica },
  ])("as the $role matches its StatefulSet and only the Service of its role", ({ pod, service }) => {
    const other = service === primary ? replica : primary;
    expect(pod.labels).toMatchObject(server(name).pods);
    expect(pod.labels).toMatchObject(service.pods);
    expect(pod.labels).not.toMatchObject(other.pods);
  });

  test("as the primary checks the other server before the promotion", () => {
    expect(primaryPod(podArgs(name)).initContainers[0]?.env).toMatchObject({
      FORMER_PRIMARY_HOST: `${otherServer(name)}-headless.nx-persistent.svc.cluster.local`,
      OTHER_SERVER_LOST: "false",
    });
  });
});
