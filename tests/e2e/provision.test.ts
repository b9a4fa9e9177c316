import { readFileSync } from "node:fs";
import { isReady, list, type Pod } from "./kubernetes.ts";
import { created, objectNames } from "./objects.ts";
import { hosts, passwordOf, primary, replica, replicaStreams } from "./postgresql.ts";
import { saveValue } from "./saved-values.ts";
import { session } from "./session.ts";
import { outputs, planned, pulumi } from "./stack.ts";

describe("a stack on an empty cluster", () => {
  test("comes up", async () => {
    saveValue("objects of the empty cluster", await objectNames());
    await pulumi("up", "--yes", "--skip-preview", ...session().mandatoryPolicies);
    saveValue("created", await created());
    saveValue("configuration", readFileSync(session().configFile, "utf8"));
  });

  test("has all eleven pods Ready, all Jobs completed and a streaming replica when up ends", async () => {
    const pods = await list<Pod>("pods");
    const ours = pods.filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/part-of"] === "bana-data-layer");
    const ofJobs = ours.filter(({ metadata }) => metadata.ownerReferences?.[0]?.kind === "Job");
    const serving = ours.filter((pod) => !ofJobs.includes(pod));
    const names = ["nx-debezium-", ...[0, 1, 2].map((ordinal) => `nx-kafka-${ordinal}`), "nx-pgbouncer-", primary.name];
    names.push(replica.name, ...[0, 1, 2].map((ordinal) => `nx-redis-${ordinal}`), "nx-typesense-0");
    expect(serving.map(({ metadata }) => metadata.name).sort()).toEqual(
      names.map((name) => (name.endsWith("-") ? (expect.stringMatching(`^${name}`) as unknown) : name)),
    );
    expect(serving.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata.name)).toEqual([]);
    expect(ofJobs.filter(({ status }) => status.phase !== "Succeeded").map(({ metadata }) => metadata.name)).toEqual(
      [],
    );
    expect(await replicaStreams()).toBe(true);
  });

  test("has no changes in a second preview", async () => {
    expect(await planned()).toEqual([]);
  });

  test("has no changes in a refresh", async () => {
    await pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  });

  test("has connection details in its outputs, and encrypts passwords in outputs and state", async () => {
    const password = await passwordOf("nx_seller_operator");
    expect(JSON.stringify(await outputs("--show-secrets"))).toContain(password);
    const plain = JSON.stringify(await outputs());
    expect(plain).toContain(hosts.pgbouncer);
    expect(plain).not.toContain(password);
    expect(await pulumi("stack", "export")).not.toContain(password);
  });
});
