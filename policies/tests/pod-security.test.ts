import type { Level } from "../pod-security/check.ts";
import { checks } from "../pod-security/checks/index.ts";
import { evaluate } from "../pod-security/evaluate.ts";
import { newestMinor, parseVersion } from "../pod-security/version.ts";
import type { Case } from "./pod-security-case.ts";
import { cases } from "./pod-security-cases.ts";
import { pod, restrictedContainer, restrictedSpec, verdict, type Json } from "./support.ts";

const minors = Array.from({ length: newestMinor + 3 }, (_, minor) => minor);
const lists = ["initContainers", "containers", "ephemeralContainers"] as const;

describe.each(checks.map(({ id }) => id))("%s", (check) => {
  const own = cases.filter((each) => each.check === check);
  test.each(own.map((each) => [each.title, each] as const))("%s", (_, each) => {
    for (const list of each.container === undefined ? [undefined] : lists) {
      const built = build(each, list);
      for (const level of ["baseline", "restricted"] as const) {
        expect({ list, level, minors: forbidding(built, level, check) }).toEqual({
          list,
          level,
          minors: expand(each[level]),
        });
      }
      expect(foundBy(built, check)).toEqual(
        each.message && (each.baseline ?? each.restricted) ? [each.message] : expect.anything(),
      );
    }
  });

  test("has a forbidden and an allowed case", () => {
    const failing = own.some((each) => !isAdmitted(each));
    expect({ failing, passing: own.some(isAdmitted) }).toEqual({ failing: true, passing: true });
  });
});

test("admits a restricted pod at every version", () => {
  const admitted = pod(restrictedSpec);
  for (const minor of [...minors, Infinity]) expect(evaluate(admitted, "restricted", minor)).toEqual([]);
});

test("level privileged has no checks", () => {
  expect(verdict(pod({ hostNetwork: true, containers: [{ name: "a" }] }), "privileged", "latest")).toEqual([]);
});

test("the cases cover every version boundary of every check", () => {
  for (const { id, versions } of checks) {
    const ends = cases
      .filter(({ check }) => check === id)
      .flatMap(({ baseline, restricted }) => bounds(baseline, restricted));
    const missing = Object.keys(versions).filter((version) => !ends.includes(parseVersion(version)));
    expect({ id, missing }).toEqual({ id, missing: [] });
  }
});

test("reports an unconfigured pod in Kubernetes' words and order", () => {
  const bare = pod({
    containers: [
      { name: "a", image: "nginx" },
      { name: "b", image: "nginx" },
    ],
    hostNetwork: true,
  });
  expect(verdict(bare, "restricted", "latest").join(", ")).toBe(
    "host namespaces (hostNetwork=true), " +
      'allowPrivilegeEscalation != false (containers "a", "b" must set securityContext.allowPrivilegeEscalation=false), ' +
      'unrestricted capabilities (containers "a", "b" must set securityContext.capabilities.drop=["ALL"]), ' +
      'runAsNonRoot != true (pod or containers "a", "b" must set securityContext.runAsNonRoot=true), ' +
      'seccompProfile (pod or containers "a", "b" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  );
});

test("with hostNetwork, container ports are host ports by default", () => {
  const container = { ...restrictedContainer, ports: [{ containerPort: 80 }, { containerPort: 81, hostPort: 82 }] };
  const spec = { ...restrictedSpec, hostNetwork: true, containers: [container], initContainers: [] };
  expect(verdict(pod(spec), "baseline", "latest")).toContain('hostPort (container "app" uses hostPorts 80, 82)');
  expect(verdict(pod({ ...spec, hostNetwork: false }), "baseline", "latest")).toEqual([
    'hostPort (container "app" uses hostPort 82)',
  ]);
});

test.each(["1.30", "v1", "v1.01", "v2.0", "newest", ""])("rejects the version %j", (version) => {
  expect(() => parseVersion(version)).toThrow(/must be "latest" or "v1.N"/);
});

function build(each: Case, list?: (typeof lists)[number]) {
  const spec: Json = merge({ ...restrictedSpec, containers: [{ name: "base" }] }, each.pod ?? {});
  spec.containers = (spec.containers as Json[]).map((container) => merge(restrictedContainer, container));
  if (list !== undefined) {
    const container = merge({ ...restrictedContainer, name: "it" }, each.container ?? {});
    spec[list] = [...((spec[list] as Json[] | undefined) ?? []), container];
  }
  return pod(spec, { annotations: each.annotations });
}

function merge(base: Json, over: Json): Json {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = isObject(value) && isObject(base[key]) ? merge(base[key], value) : value;
  }
  return merged;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function forbidding(of: ReturnType<typeof pod>, level: Level, check: string): readonly number[] {
  return [...minors, Infinity].filter((minor) => evaluate(of, level, minor).some((found) => found.check.id === check));
}

function foundBy(of: ReturnType<typeof pod>, check: string): readonly string[] | undefined {
  const texts = minors.flatMap((minor) =>
    (["baseline", "restricted"] as const).flatMap((level) =>
      evaluate(of, level, minor)
        .filter((found) => found.check.id === check)
        .map(({ reason, detail }) => `${reason} (${detail})`),
    ),
  );
  return [...new Set(texts)];
}

function expand(range: string | undefined): readonly number[] {
  if (range === undefined) return [];
  const [first = 0, last = Infinity] = range.split("-").map((end) => (end === "" ? Infinity : Number(end)));
  return [...minors, Infinity].filter((minor) => minor >= first && minor <= last);
}

function bounds(...ranges: readonly (string | undefined)[]): readonly number[] {
  return ranges.flatMap((range) => {
    const [first, last] = range?.split("-") ?? [];
    return [...(first ? [Number(first)] : []), ...(last ? [Number(last) + 1] : [])];
  });
}

function isAdmitted({ baseline, restricted }: Case): boolean {
  return baseline === undefined && restricted === undefined;
}
