import type { Resource } from "../kubernetes/objects.ts";
import { RunningPack, unknownObject, unknownText } from "./engine.ts";
import { workload } from "./network-support.ts";
import { containing, resource, type Json } from "./support.ts";

let pack: RunningPack;
beforeAll(async () => {
  pack = await RunningPack.start();
});
afterAll(() => pack.stop());
beforeEach(() => pack.configure({ all: "mandatory" }));

const pods = (spec: Json = {}, at: unknown = "front") => workload(at as string, "web", { spec });
const account = (automountServiceAccountToken: unknown, metadata: Json = {}, kind = "ServiceAccount") =>
  resource(`kubernetes:core/v1:${kind}`, {
    metadata: { namespace: "front", name: "web", ...metadata },
    automountServiceAccountToken,
  });
const patch = (automountServiceAccountToken: unknown, metadata: Json = {}) =>
  account(automountServiceAccountToken, metadata, "ServiceAccountPatch");
const asWeb = { serviceAccountName: "web" };
const field = "spec.template.spec.automountServiceAccountToken";
const undecided = "may mount a service account token";

const cases: readonly [
  title: string,
  expected: readonly [level: string, text: string] | undefined,
  resources: readonly Resource[],
][] = [
  ["false in the pod", undefined, [pods({ automountServiceAccountToken: false }), account(true)]],
  [
    "true in the pod",
    ["mandatory", `(${field}: true)`],
    [pods({ ...asWeb, automountServiceAccountToken: true }), account(false)],
  ],
  ["not set", ["mandatory", `(${field}: not set, and ServiceAccount default is not in this stack)`], [pods()]],
  ["false in its account", undefined, [pods(asWeb), account(false)]],
  [
    "true in its account",
    ["mandatory", `(${field}: not set, and ServiceAccount front/web allows it)`],
    [pods(asWeb), account(true)],
  ],
  ["not set in its account", ["mandatory", "ServiceAccount front/web allows it"], [pods(asWeb), account(undefined)]],
  ["the account in the deprecated field", undefined, [pods({ serviceAccount: "web" }), account(false)]],
  ["the default account is patched", undefined, [pods(), patch(false, { name: "default" })]],
  [
    "an empty account name means the default account",
    undefined,
    [pods({ serviceAccountName: "" }), patch(false, { name: "default" })],
  ],
  ["false in a patch of its account", undefined, [pods(asWeb), account(true), patch(false)]],
  [
    "true in a patch of its account",
    ["mandatory", "ServiceAccountPatch front/web allows it"],
    [pods(asWeb), account(false), patch(true)],
  ],
  ["not set in a patch of its account", undefined, [pods(asWeb), account(false), patch(undefined)]],
  [
    "an account with another name",
    ["mandatory", "ServiceAccount default is not in this stack"],
    [pods(), account(false)],
  ],
  [
    "an account of another namespace",
    ["mandatory", "ServiceAccount web is not in this stack"],
    [pods(asWeb), account(false, { namespace: "back" })],
  ],
  [
    "unknown in the pod",
    ["advisory", `${undecided}. It depends on:\n  ${field}`],
    [pods({ automountServiceAccountToken: unknownText })],
  ],
  ["unknown in the account", ["advisory", undecided], [pods(asWeb), account(unknownText)]],
  ["unknown in the patch", ["advisory", undecided], [pods(asWeb), account(false), patch(unknownText)]],
  ["contradicting patches", ["advisory", undecided], [pods(asWeb), patch(false), patch(true)]],
  [
    "an unknown account of the pod",
    ["advisory", "spec.template.spec.serviceAccountName"],
    [pods({ serviceAccountName: unknownText }), account(false)],
  ],
  ["an unknown namespace of the pod", ["advisory", undecided], [pods(asWeb, unknownText), account(false)]],
  ["an unknown name of the account", ["advisory", undecided], [pods(asWeb), account(false, { name: unknownText })]],
  [
    "an unknown namespace of the account",
    ["advisory", undecided],
    [pods(asWeb), account(false, { namespace: unknownText })],
  ],
  [
    "another account with an unknown name",
    undefined,
    [pods(asWeb), account(false), account(true, { name: unknownText })],
  ],
  [
    "a patch of an unknown account, which may be this one",
    ["advisory", undecided],
    [pods(asWeb), account(false), patch(true, { name: unknownText })],
  ],
  [
    "true in an account with an unknown name",
    ["mandatory", "mounts"],
    [pods(asWeb), account(true, { name: unknownText })],
  ],
  ["not set in a patch of a workload", undefined, [{ ...pods(), type: "kubernetes:apps/v1:DeploymentPatch" }]],
  [
    "true in a patch of a workload",
    ["mandatory", `(${field}: true)`],
    [{ ...pods({ automountServiceAccountToken: true }), type: "kubernetes:apps/v1:DeploymentPatch" }],
  ],
  [
    "an account that the API server rejects",
    ["mandatory", "automountServiceAccountToken: the string false"],
    [account("false")],
  ],
  [
    "an unknown spec, which pod-security reports",
    undefined,
    [resource("kubernetes:core/v1:Pod", { spec: unknownObject })],
  ],
  [
    "an account in a list",
    undefined,
    [pods(asWeb), resource("kubernetes:core/v1:ServiceAccountList", { items: [account(false).props] })],
  ],
];

test.each(cases)("%s", async (_, expected, resources) => {
  const found = (await pack.analyzeStack(resources)).filter(({ policy }) => policy === "service-account-token");
  expect(found.map(({ level, message }) => [level, message])).toEqual(
    expected === undefined ? [] : [[expected[0], containing(expected[1])]],
  );
});
