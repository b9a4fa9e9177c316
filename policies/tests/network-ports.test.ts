import { elsewhere, findings, ids, service, soundStack, tcp, unknown } from "./network-support.ts";
import type { Json } from "./support.ts";

const silent: Json = { name: "app", image: "registry.example/app:1.0" };
const exporter: Json = { name: "exporter", image: "registry.example/exporter:1.0", ports: [{ containerPort: 9187 }] };

/** The sound stack with a server of these containers, and `port` opened at both ends. */
function opened(containers: readonly Json[], ...ports: readonly (number | string)[]) {
  const rule = { ports: tcp(...ports) };
  return soundStack({ egress: rule, ingress: rule, db: { spec: { containers } } });
}

describe("a container that declares no ports may listen on any", () => {
  test("a doubt, also beside a sidecar that declares its own", () => {
    expect(findings(opened([silent], 5432))).toEqual([]);
    expect(findings(opened([silent, exporter], 5432))).toEqual([]);
    expect(elsewhere(opened([silent, exporter], 5432))).toContainEqual(
      expect.stringContaining(
        "whether TCP 5432, which NetworkPolicy front/to-db opens (spec.egress[0].ports[0]), is a port of Deployment back/db (app)",
      ),
    );
  });

  test("no doubt about a port that one of them declares", () => {
    expect(elsewhere(opened([silent, exporter], 9187))).toEqual([]);
  });

  test("names are declared: one that nobody has lets nothing through", () => {
    expect(ids(findings(opened([silent, exporter], "pg")))).toEqual(["pod-ports"]);
  });

  test("where all declare theirs, another port is a violation", () => {
    expect(ids(findings(opened([exporter], 5432)))).toEqual(["pod-ports"]);
  });
});

describe("a Service's port in place of the pods'", () => {
  const stack = (
    port: number,
    targetPort: number | string,
    containers: readonly Json[],
    ...ports: readonly number[]
  ) => [...opened(containers, ...ports), service("back", "db", port, targetPort)];
  const mistake = expect.stringContaining(
    "80 is the port of Service back/db, whose pods listen on 5432.",
  ) as unknown;

  test("is named as that, even where the container declares nothing", () => {
    const found = findings(stack(80, 5432, [silent], 80));
    expect(ids(found)).toEqual(["pod-ports"]);
    expect(found).toEqual([mistake, mistake]);
  });

  test.each<[string, ReturnType<typeof stack>]>([
    ["the pods' port is opened", stack(80, 5432, [silent], 5432)],
    ["both are opened", stack(80, 5432, [silent], 80, 5432)],
    ["they are the same", stack(80, 80, [silent], 80)],
    ["the target is a name", stack(80, "pg", [silent], 80)],
    ["the target is not known", stack(80, unknown, [silent], 80)],
    ["another Service leads there", [...stack(80, 5432, [silent], 80), service("back", "db", 8080, 80)]],
    ["the Service leads to other pods", [...opened([silent], 80), service("back", "other", 80, 5432)]],
  ])("but not where %s", (_, resources) => {
    expect(findings(resources)).toEqual([]);
  });

  test("at one end only is one finding: that the other end opens the right one follows from it", () => {
    const half = soundStack({ egress: { ports: tcp(80) }, db: { spec: { containers: [silent] } } });
    const found = findings([...half, service("back", "db", 80, 5432)]);
    expect(found).toEqual([mistake]);
    expect(found[0]).toContain("NetworkPolicy front/to-db");
  });

  test("is none where the pods declare that port, too: the other end has to open it", () => {
    const declared = { ...silent, ports: [{ containerPort: 80 }, { containerPort: 5432 }] };
    const half = soundStack({ egress: { ports: tcp(80) }, db: { spec: { containers: [declared] } } });
    expect(ids(findings([...half, service("back", "db", 80, 5432)]))).toEqual(["counterpart"]);
  });
});

test("1 to 65535 is every port, in one range or in several", () => {
  const range = (...ranges: readonly (readonly [number, number])[]) => {
    const ports = ranges.map(([port, endPort]) => ({ port, endPort }));
    return ids(findings(soundStack({ egress: { ports }, ingress: { ports }, db: { ports: [5432, 50_000] } })));
  };
  expect(range([1, 65_535])).toEqual(["all-ports"]);
  expect(range([1, 30_000], [30_001, 65_535])).toEqual(["all-ports"]);
  expect(range([1, 65_534])).toEqual([]);
  expect(range([1, 30_000], [30_002, 65_535])).toEqual([]);
});
