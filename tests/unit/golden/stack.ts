import { beforeAll, describe, expect, test } from "@jest/globals";
import { namespaces } from "../../../components/names.ts";
import { hostAndPort } from "../../../components/contract/address.ts";
import type { Connection } from "../../../components/contract/connection.ts";
import { podMakers } from "../../../components/network/pod-makers.ts";
import { comparedWithGolden } from "./compare.ts";
import { occurrences, podsIn, shortcomings } from "./invariants.ts";
import { planOf } from "./plan.ts";
import type { Planned } from "./plan.ts";

interface NamedObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
}

interface Service extends NamedObject {
  readonly spec: { readonly ports: readonly { readonly port: number }[] };
}

/** The tests that hold for the program under a stack's configuration. */
export function describeStack(stack: string): void {
  describe(`stack ${stack}`, () => {
    let resources: readonly Planned[];
    let outputs: Readonly<Record<string, unknown>>;
    let waits: ReadonlyMap<string, readonly string[]>;

    beforeAll(async () => {
      ({ resources, outputs, waits } = await planOf(stack));
    }, 60_000);

    test("plans what tests/golden has (npm run golden accepts a change)", () => {
      const { expected, planned } = comparedWithGolden(stack, resources);
      expect(planned).toEqual(expected);
    });

    test("creates only pods that satisfy restricted Pod Security and this project's rules", () => {
      const pods = podsIn(resources);
      expect(pods.length).toBeGreaterThan(0);
      expect(Object.fromEntries(pods.map(({ owner, pod }) => [owner, shortcomings(pod)]))).toEqual(
        Object.fromEntries(pods.map(({ owner }) => [owner, []])),
      );
    });

    test("creates pods after all network policies, and objects after their namespace", () => {
      const policies = resources.filter(({ type }) => type.endsWith(":NetworkPolicy")).map(({ name }) => name);
      expect(policies.length).toBeGreaterThan(0);
      const missing = resources.flatMap(({ type, name, inputs }) => {
        const { namespace } = (inputs["metadata"] ?? {}) as { namespace?: string };
        const runsPods = podMakers.has(type);
        const first = [...(namespace === undefined ? [] : [namespace]), ...(runsPods ? policies : [])];
        const known = waits.get(`${type} ${name}`) ?? [];
        return first.filter((each) => !known.includes(each)).map((each) => `${name} does not wait for ${each}`);
      });
      expect(missing).toEqual([]);
    });

    test("deletes Kafka's Service before the brokers, and their headless Service after them", () => {
      if (!resources.some(({ type, name }) => type.endsWith(":StatefulSet") && name === "nx-kafka")) return;
      expect(waits.get("kubernetes:core/v1:Service nx-kafka")).toContain("nx-kafka");
      expect(waits.get("kubernetes:apps/v1:StatefulSet nx-kafka")).toContain("nx-kafka-headless");
    });

    test("denies all traffic and enforces restricted Pod Security in all six namespaces", () => {
      for (const namespace of namespaces) {
        const own = resources.find(({ type, name }) => type === "kubernetes:core/v1:Namespace" && name === namespace);
        expect(own?.inputs["metadata"]).toMatchObject({
          labels: {
            "pod-security.kubernetes.io/enforce": "restricted",
            "pod-security.kubernetes.io/warn": "restricted",
            "pod-security.kubernetes.io/audit": "restricted",
            "pod-security.kubernetes.io/enforce-version": expect.stringMatching(/^v1\.\d+$/) as unknown,
          },
        });
        const deny = resources.find(({ name }) => name === `${namespace}-default-deny-all`);
        expect(deny?.inputs["spec"]).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
      }
    });

    test("stores passwords in Secrets only", () => {
      const secrets = /^(Secret|RandomPassword) /;
      expect(occurrences(resources, "generated-").filter((place) => !secrets.test(place))).toEqual([]);
    });

    test("gives every Kubernetes object a fixed name", () => {
      const nameless = resources.filter(
        ({ type, inputs }) =>
          type.startsWith("kubernetes:") && (inputs["metadata"] as { name?: string } | undefined)?.name === undefined,
      );
      expect(nameless.map(({ name }) => name)).toEqual([]);
    });

    test("exports how to connect to each store", () => {
      expect(outputs).toMatchObject({
        postgresqlHost: "nx-pgbouncer.nx-persistent.svc.cluster.local",
        postgresqlPort: 5432,
        postgresqlAppSecret: "nx-postgresql-app-secret",
      });
      const objects = (kind: string) =>
        resources.flatMap(({ type, inputs }) => (type === `kubernetes:core/v1:${kind}` ? [inputs] : []));
      const places = (objects("Service") as unknown as Service[]).flatMap(({ metadata, spec }) =>
        spec.ports.map(({ port }) => `${metadata.name}.${metadata.namespace}.svc.cluster.local:${String(port)}`),
      );
      const secrets = (objects("Secret") as unknown as NamedObject[]).map(
        ({ metadata }) => `${metadata.namespace}/${metadata.name}`,
      );
      const stores = outputs["stores"] as readonly Connection[];
      expect(stores.map(({ name }) => name)).toEqual(
        expect.arrayContaining(["pgbouncer", "postgres", "redis", "kafka", "typesense", "debezium"]),
      );
      expect(places).toEqual(expect.arrayContaining(stores.map(hostAndPort)));
      const logins = stores.flatMap(({ credential }) => (credential === undefined ? [] : [credential]));
      expect(secrets).toEqual(expect.arrayContaining(logins.map(({ namespace, secret }) => `${namespace}/${secret}`)));
    });

    test("names existing keys of the stores' Secrets", () => {
      const secrets = new Map(
        resources.flatMap(({ type, inputs }) => {
          const { metadata, stringData } = inputs as { metadata?: NamedObject["metadata"]; stringData?: object };
          if (!type.endsWith(":Secret") || metadata === undefined) return [];
          const { value = stringData } = (stringData ?? {}) as { value?: object };
          return [[metadata.name, Object.keys(value ?? {})]];
        }),
      );
      for (const { credential } of outputs["stores"] as readonly Connection[]) {
        if (credential === undefined) continue;
        expect(secrets.get(credential.secret)).toEqual(expect.arrayContaining(Object.values(credential.keys)));
      }
    });
  });
}
