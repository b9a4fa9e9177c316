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
const none =
  "has no requests.cpu, requests.memory, limits.cpu, limits.memory (spec.template.spec.containers[0].resources)";
const doubt =
  "may have containers without requests or limits. These LimitRanges may set them, but are not fully known:\n  LimitRange";
const unknownAt = (place: string) =>
  `Unknown or encrypted values:\n  spec.template.spec.containers[0].resources${place}`;

const cases: readonly [
  title: string,
  says: readonly [level: string, text: string] | undefined,
  resources: readonly Resource[],
][] = [
  ["none", ["mandatory", `Deployment front/web:\n  container "app" ${none}`], [pods()]],
  ["requests only", ["mandatory", "has no limits.cpu, limits.memory ("], [pods({ requests: all })]],
  ["limits, which are requests too", undefined, [pods({ limits: all })]],
  ["of the pod", undefined, [pods({}, { resources: { limits: all } })]],
  [
    "of the pod in part",
    ["mandatory", "has no requests.memory, limits.memory ("],
    [pods({}, { resources: { limits: { cpu: "1" } } })],
  ],
  ["the container's unknown, the pod's known", undefined, [pods(unknownObject, { resources: { limits: all } })]],
  ["unknown", ["advisory", unknownAt("")], [pods(unknownObject)]],
  ["an unknown quantity", ["advisory", unknownAt(".limits.cpu")], [pods({ limits: { ...all, cpu: unknownText } })]],
  [
    "an init container",
    ["mandatory", 'container "init" has no'],
    [pods({ limits: all }, { initContainers: [{ name: "init" }] })],
  ],
  ["a patch that says nothing of them", undefined, [{ ...pods(), type: "kubernetes:apps/v1:DeploymentPatch" }]],

  ["defaults of both", undefined, [pods(), range(defaults)]],
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
    "a default of one unit",
    ["mandatory", "has no requests.memory, limits.memory ("],
    [pods(), range({ type: "Container", default: { cpu: "1" } })],
  ],
  [
    "several ranges add up",
    undefined,
    [
      pods(),
      range({ type: "Container", default: { cpu: "1" } }),
      range({ type: "Container", default: { memory: "1Gi" } }, { name: "more" }),
    ],
  ],
  ["a range of pods has no defaults", ["mandatory", none], [pods(), range({ type: "Pod", max: all })]],
  ["a range of another namespace", ["mandatory", none], [pods(), range(defaults, { namespace: "back" })]],
  [
    "a default that is null",
    ["mandatory", none],
    [pods(), range({ type: "Container", default: { cpu: null, memory: null } })],
  ],
  [
    "an init container is given them, too",
    undefined,
    [pods({}, { initContainers: [{ name: "init" }] }), range(defaults)],
  ],
  [
    "a range in a list",
    undefined,
    [pods(), resource("kubernetes:core/v1:LimitRangeList", { items: [range(defaults).props] })],
  ],

  ["an unknown default", ["advisory", doubt], [pods(), range({ type: "Container", default: unknownObject })]],
  ["an unknown type", ["advisory", doubt], [pods(), range({ ...defaults, type: unknownText })]],
  ["an unknown namespace of the range", ["advisory", doubt], [pods(), range(defaults, { namespace: unknownText })]],
  ["an unknown namespace of the pods", ["advisory", doubt], [pods({}, {}, unknownText), range(defaults)]],
  ["an unknown namespace, and no range", ["mandatory", none], [pods({}, {}, unknownText)]],
  [
    "a range that a patch changes",
    ["advisory", doubt],
    [pods(), range(defaults), range(defaults, {}, "LimitRangePatch")],
  ],
  [
    "a patch of another range",
    undefined,
    [pods(), range(defaults), range(defaults, { name: "other" }, "LimitRangePatch")],
  ],
  [
    "a patch in another namespace",
    undefined,
    [pods(), range(defaults), range(defaults, { namespace: "back" }, "LimitRangePatch")],
  ],
  ["a patch of a range that lives elsewhere", ["advisory", doubt], [pods(), range(defaults, {}, "LimitRangePatch")]],
  [
    "a patch that leaves the limits alone",
    undefined,
    [
      pods(),
      range(defaults),
      resource("kubernetes:core/v1:LimitRangePatch", {
        metadata: { namespace: "front", name: "defaults", labels: {} },
      }),
    ],
  ],
  ["a doubtful range matters to nobody who needs none", undefined, [pods({ limits: all }), range(unknownObject)]],
  ["a range that the API server refuses", ["mandatory", "spec.limits[0]: the string no"], [range("no")]],
];

test.each(cases)("%s", async (_, says, resources) => {
  const found = (await pack.analyzeStack(resources)).filter(({ policy }) => policy === "requests-and-limits");
  expect(found.map(({ level, message }) => [level, message])).toEqual(
    says === undefined ? [] : [[says[0], containing(says[1])]],
  );
});
