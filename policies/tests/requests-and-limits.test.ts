import type { Resource } from "../kubernetes/objects.ts";
import { RunningPack, unknownObject, unknownText } from "./engine.ts";
import { workload } from "./network-support.ts";
import { containing, resource, restrictedContainer, type Json } from "./support.ts";

let pack: RunningPack;
beforeAll(async () => {
  pack = await RunningPack.start();
});
afterAll(() => pack.stop());
beforeEach(() => pack.configure({ all: "mandatory" }));

const all = { cpu: "1", memory: "1Gi" };
const pods = (resources: unknown = {}, spec: Json = {}, at: unknown = "front") =>
  workload(at as string, "web", { spec: { containers: [{ ...restrictedContainer, resources }], ...spec } });
const range = (item: unknown, metadata: Json = {}, kind = "LimitRange") =>
  resource(`kubernetes:core/v1:${kind}`, {
    metadata: { namespace: "front", name: "defaults", ...metadata },
    spec: { limits: [item] },
  });
const defaults = { type: "Container", default: all };
const missing =
  "has no requests.cpu, requests.memory, limits.cpu, limits.memory (spec.template.spec.containers[0].resources)";
const undecided =
  "may have containers without requests or limits. These LimitRanges may set them, but are not fully known:\n  LimitRange";
const unknownAt = (path: string) => `Unknown or encrypted values:\n  spec.template.spec.containers[0].resources${path}`;

const cases: readonly [
  title: string,
  expected: readonly [level: string, text: string] | undefined,
  resources: readonly Resource[],
][] = [
  ["nothing set", ["mandatory", `Deployment front/web:\n  container "app" ${missing}`], [pods()]],
  ["requests only", ["mandatory", "has no limits.cpu, limits.memory ("], [pods({ requests: all })]],
  ["limits, which default the requests", undefined, [pods({ limits: all })]],
  ["pod-level limits", undefined, [pods({}, { resources: { limits: all } })]],
  [
    "pod-level limits of one resource",
    ["mandatory", "has no requests.memory, limits.memory ("],
    [pods({}, { resources: { limits: { cpu: "1" } } })],
  ],
  ["unknown in the container, known in the pod", undefined, [pods(unknownObject, { resources: { limits: all } })]],
  ["unknown resources", ["advisory", unknownAt("")], [pods(unknownObject)]],
  ["an unknown quantity", ["advisory", unknownAt(".limits.cpu")], [pods({ limits: { ...all, cpu: unknownText } })]],
  [
    "an init container",
    ["mandatory", 'container "init" has no'],
    [pods({ limits: all }, { initContainers: [{ name: "init" }] })],
  ],
  ["a patch without resources", undefined, [{ ...pods(), type: "kubernetes:apps/v1:DeploymentPatch" }]],

  ["a LimitRange with default limits", undefined, [pods(), range(defaults)]],
  ["default limits are default requests", undefined, [pods(), range({ type: "Container", default: all })]],
  ["a maximum is the default limit", undefined, [pods(), range({ type: "Container", max: all })]],
  [
    "a minimum is the default request only",
    ["mandatory", "has no limits.cpu, limits.memory ("],
    [pods(), range({ type: "Container", min: all })],
  ],
  [
    "default requests only",
    ["mandatory", "has no limits.cpu, limits.memory ("],
    [pods(), range({ type: "Container", defaultRequest: all })],
  ],
  [
    "a default limit of one resource",
    ["mandatory", "has no requests.memory, limits.memory ("],
    [pods(), range({ type: "Container", default: { cpu: "1" } })],
  ],
  [
    "several LimitRanges add up",
    undefined,
    [
      pods(),
      range({ type: "Container", default: { cpu: "1" } }),
      range({ type: "Container", default: { memory: "1Gi" } }, { name: "more" }),
    ],
  ],
  ["a LimitRange of type Pod has no defaults", ["mandatory", missing], [pods(), range({ type: "Pod", max: all })]],
  ["a LimitRange of another namespace", ["mandatory", missing], [pods(), range(defaults, { namespace: "back" })]],
  [
    "null defaults",
    ["mandatory", missing],
    [pods(), range({ type: "Container", default: { cpu: null, memory: null } })],
  ],
  [
    "defaults also apply to init containers",
    undefined,
    [pods({}, { initContainers: [{ name: "init" }] }), range(defaults)],
  ],
  [
    "a LimitRange in a list",
    undefined,
    [pods(), resource("kubernetes:core/v1:LimitRangeList", { items: [range(defaults).props] })],
  ],

  ["an unknown default", ["advisory", undecided], [pods(), range({ type: "Container", default: unknownObject })]],
  ["an unknown type", ["advisory", undecided], [pods(), range({ ...defaults, type: unknownText })]],
  [
    "an unknown namespace of the LimitRange",
    ["advisory", undecided],
    [pods(), range(defaults, { namespace: unknownText })],
  ],
  ["an unknown namespace of the pods", ["advisory", undecided], [pods({}, {}, unknownText), range(defaults)]],
  ["an unknown namespace, and no LimitRange", ["mandatory", missing], [pods({}, {}, unknownText)]],
  [
    "a LimitRange that a patch changes",
    ["advisory", undecided],
    [pods(), range(defaults), range(defaults, {}, "LimitRangePatch")],
  ],
  [
    "a patch of another LimitRange",
    undefined,
    [pods(), range(defaults), range(defaults, { name: "other" }, "LimitRangePatch")],
  ],
  [
    "a patch in another namespace",
    undefined,
    [pods(), range(defaults), range(defaults, { namespace: "back" }, "LimitRangePatch")],
  ],
  [
    "a patch of a LimitRange outside this stack",
    ["advisory", undecided],
    [pods(), range(defaults, {}, "LimitRangePatch")],
  ],
  [
    "a patch that does not change the limits",
    undefined,
    [
      pods(),
      range(defaults),
      resource("kubernetes:core/v1:LimitRangePatch", {
        metadata: { namespace: "front", name: "defaults", labels: {} },
      }),
    ],
  ],
  ["an unknown LimitRange, and containers with limits", undefined, [pods({ limits: all }), range(unknownObject)]],
  ["a LimitRange that the API server rejects", ["mandatory", "spec.limits[0]: the string no"], [range("no")]],
];

test.each(cases)("%s", async (_, expected, resources) => {
  const found = (await pack.analyzeStack(resources)).filter(({ policy }) => policy === "requests-and-limits");
  expect(found.map(({ level, message }) => [level, message])).toEqual(
    expected === undefined ? [] : [[expected[0], containing(expected[1])]],
  );
});
