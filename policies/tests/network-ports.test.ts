import { elsewhere, findings, ids, service, stackWithout, tcp, unknown, validStack } from "./network-support.ts";
import type { Json } from "./support.ts";

const undeclared: Json = { name: "app", image: "registry.example/app:1.0" };
const exporter: Json = { name: "exporter", image: "registry.example/exporter:1.0", ports: [{ containerPort: 9187 }] };

/** The valid stack with these server containers, and `ports` allowed at both ends. */
function stackWith(containers: readonly Json[], ...ports: readonly (number | string)[]) {
  const rule = { ports: tcp(...ports) };
  return validStack({ egress: rule, ingress: rule, db: { spec: { containers } } });
}

describe("a container that declares no ports may listen on any port", () => {
  test("reports the port as unknown, also beside a sidecar that declares ports", () => {
    expect(findings(stackWith([undeclared], 5432))).toEqual([]);
    expect(findings(stackWith([undeclared, exporter], 5432))).toEqual([]);
    expect(elsewhere(stackWith([undeclared, exporter], 5432))).toContainEqual(
      expect.stringContaining(
        "whether TCP 5432, which NetworkPolicy front/to-db opens (spec.egress[0].ports[0]), is a port of Deployment back/db (app)",
      ),
    );
  });

  test("reports nothing for a port that one of the containers declares", () => {
    expect(elsewhere(stackWith([undeclared, exporter], 9187))).toEqual([]);
  });

  test("reports a port name that no container declares", () => {
    expect(ids(findings(stackWith([undeclared, exporter], "pg")))).toEqual(["pod-ports"]);
  });

  test("reports an undeclared port if all containers declare ports", () => {
    expect(ids(findings(stackWith([exporter], 5432)))).toEqual(["pod-ports"]);
  });
});

describe("the Service port instead of the pod port", () => {
  const stack = (
    port: number,
    targetPort: number | string,
    containers: readonly Json[],
    ...ports: readonly number[]
  ) => [...stackWith(containers, ...ports), service("back", "db", port, targetPort)];
  const servicePort = expect.stringContaining(
    "80 is the port of Service back/db, whose pods listen on 5432.",
  ) as unknown;

  test("is reported, even if the container declares no ports", () => {
    const found = findings(stack(80, 5432, [undeclared], 80));
    expect(ids(found)).toEqual(["pod-ports"]);
    expect(found).toEqual([servicePort, servicePort]);
  });

  test.each<[string, ReturnType<typeof stack>]>([
    ["the pod port is allowed", stack(80, 5432, [undeclared], 5432)],
    ["both are allowed", stack(80, 5432, [undeclared], 80, 5432)],
    ["the two are equal", stack(80, 80, [undeclared], 80)],
    ["targetPort is a name", stack(80, "pg", [undeclared], 80)],
    ["targetPort is unknown", stack(80, unknown, [undeclared], 80)],
    ["another Service has this targetPort", [...stack(80, 5432, [undeclared], 80), service("back", "db", 8080, 80)]],
    ["the Service selects other pods", [...stackWith([undeclared], 80), service("back", "other", 80, 5432)]],
  ])("is not reported if %s", (_, resources) => {
    expect(findings(resources)).toEqual([]);
  });

  test("at one end only is one finding, without a missing counterpart", () => {
    const half = validStack({ egress: { ports: tcp(80) }, db: { spec: { containers: [undeclared] } } });
    const found = findings([...half, service("back", "db", 80, 5432)]);
    expect(found).toEqual([servicePort]);
    expect(found[0]).toContain("NetworkPolicy front/to-db");
  });

  test("is a missing counterpart if the pods declare that port, too", () => {
    const declared = { ...undeclared, ports: [{ containerPort: 80 }, { containerPort: 5432 }] };
    const half = validStack({ egress: { ports: tcp(80) }, db: { spec: { containers: [declared] } } });
    expect(ids(findings([...half, service("back", "db", 80, 5432)]))).toEqual(["counterpart"]);
  });
});

test("all-ports: 1 to 65535, in one range or several", () => {
  const range = (...ranges: readonly (readonly [number, number])[]) => {
    const ports = ranges.map(([port, endPort]) => ({ port, endPort }));
    return ids(findings(validStack({ egress: { ports }, ingress: { ports }, db: { ports: [5432, 50_000] } })));
  };
  expect(range([1, 65_535])).toEqual(["all-ports"]);
  expect(range([1, 30_000], [30_001, 65_535])).toEqual(["all-ports"]);
  expect(range([1, 65_534])).toEqual([]);
  expect(range([1, 30_000], [30_002, 65_535])).toEqual([]);
});

describe("pod-ports", () => {
  const pooled = (port: number) => [
    ...validStack({ db: { ports: [6432] }, egress: { ports: tcp(port) }, ingress: { ports: tcp(6432) } }),
    service("back", "db", 5432, 6432),
  ];

  test("reports the Service port instead of the pod port", () => {
    const found = findings(pooled(5432));
    expect(found).toContainEqual(
      expect.stringContaining(
        "pod-ports: NetworkPolicy front/to-db opens TCP 5432 (spec.egress[0].ports[0]), but none of these pods has that port: " +
          "Deployment back/db (TCP 6432). 5432 is the port of Service back/db, whose pods listen on 6432",
      ),
    );
    expect(findings(pooled(6432))).toEqual([]);
  });

  test.each<[string, Json[], boolean]>([
    ["a number that no container declares", tcp(9999), true],
    ["a name that no container declares", tcp("http"), true],
    ["another protocol", [{ protocol: "UDP", port: 5432 }], true],
    ["a range without the port", [{ port: 5433, endPort: 5500 }], true],
    ["a range with the port", [{ port: 5400, endPort: 5500 }], false],
    ["all ports of a protocol", [{ protocol: "TCP" }], false],
    ["a name that a container declares", tcp("postgres"), false],
  ])("%s", (_, ports, violates) => {
    const db = { ports: [{ containerPort: 5432, name: "postgres" }] };
    expect(ids(findings(validStack({ egress: { ports }, db }))).includes("pod-ports")).toBe(violates);
    expect(ids(findings(validStack({ ingress: { ports }, db }))).includes("pod-ports")).toBe(violates);
  });

  test("accepts any port of containers that declare none, and of pods that another stack creates", () => {
    const db = { ports: undefined } as unknown as { ports: number[] };
    const rule = { ports: tcp(7777) };
    expect(findings(validStack({ db, egress: rule, ingress: rule }))).toEqual([]);
    expect(ids(findings([...stackWithout("back-db"), service("back", "db", 5432, 6432)]))).not.toContain("pod-ports");
  });

  test("includes the ports of sidecars, but not of init containers", () => {
    const ports = [{ containerPort: 5432 }];
    const init = (restartPolicy?: string) => ({
      ports: [1],
      spec: { initContainers: [{ name: "side", ports, restartPolicy }] },
    });
    expect(ids(findings(validStack({ db: init("Always") })))).not.toContain("pod-ports");
    expect(ids(findings(validStack({ db: init() })))).toContain("pod-ports");
  });
});
