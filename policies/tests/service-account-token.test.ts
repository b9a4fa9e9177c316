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
const doubt = "may mount a service account token";

const cases: readonly [
  title: string,
  says: readonly [level: string, text: string] | undefined,
  resources: readonly Resource[],
][] = [
  ["the pod says false", undefined, [pods({ automountServiceAccountToken: false }), account(true)]],
  [
    "the pod says true",
    ["mandatory", `(${field}: true)`],
    [pods({ ...asWeb, automountServiceAccountToken: true }), account(false)],
  ],
  [
    "nobody says anything",
    ["mandatory", `(${field}: not set, and ServiceAccount default is not in this stack)`],
    [pods()],
  ],
  ["its account says false", undefined, [pods(asWeb), account(false)]],
  [
    "its account says true",
    ["mandatory", `(${field}: not set, and ServiceAccount front/web allows it)`],
    [pods(asWeb), account(true)],
  ],
  ["its account says nothing", ["mandatory", "ServiceAccount front/web allows it"], [pods(asWeb), account(undefined)]],
  ["its account, by the deprecated field", undefined, [pods({ serviceAccount: "web" }), account(false)]],
  ["the default account is patched", undefined, [pods(), patch(false, { name: "default" })]],
  [
    "an empty name is the default account's",
    undefined,
    [pods({ serviceAccountName: "" }), patch(false, { name: "default" })],
  ],
  ["a patch of its account says false", undefined, [pods(asWeb), account(true), patch(false)]],
  [
    "a patch of its account says true",
    ["mandatory", "ServiceAccountPatch front/web allows it"],
    [pods(asWeb), account(false), patch(true)],
  ],
  ["a patch of its account says nothing of it", undefined, [pods(asWeb), account(false), patch(undefined)]],
  [
    "the account of another name",
    ["mandatory", "ServiceAccount default is not in this stack"],
    [pods(), account(false)],
  ],
  [
    "the account of another namespace",
    ["mandatory", "ServiceAccount web is not in this stack"],
    [pods(asWeb), account(false, { namespace: "back" })],
  ],
  [
    "the pod's answer is unknown",
    ["advisory", `${doubt}. It depends on:\n  ${field}`],
    [pods({ automountServiceAccountToken: unknownText })],
  ],
  ["the account's answer is unknown", ["advisory", doubt], [pods(asWeb), account(unknownText)]],
  ["the patch's answer is unknown", ["advisory", doubt], [pods(asWeb), account(false), patch(unknownText)]],
  ["patches contradict each other", ["advisory", doubt], [pods(asWeb), patch(false), patch(true)]],
  [
    "the pod's account is unknown",
    ["advisory", "spec.template.spec.serviceAccountName"],
    [pods({ serviceAccountName: unknownText }), account(false)],
  ],
  ["the pod's namespace is unknown", ["advisory", doubt], [pods(asWeb, unknownText), account(false)]],
  ["the account's name is unknown", ["advisory", doubt], [pods(asWeb), account(false, { name: unknownText })]],
  [
    "the account's namespace is unknown",
    ["advisory", doubt],
    [pods(asWeb), account(false, { namespace: unknownText })],
  ],
  [
    "an unknown name cannot be that of an account of the stack",
    undefined,
    [pods(asWeb), account(false), account(true, { name: unknownText })],
  ],
  [
    "a patch of an unknown account may be of this one",
    ["advisory", doubt],
    [pods(asWeb), account(false), patch(true, { name: unknownText })],
  ],
  [
    "an unknown account that says true as well changes nothing",
    ["mandatory", "mounts"],
    [pods(asWeb), account(true, { name: unknownText })],
  ],
  [
    "a workload that is patched, and says nothing of it",
    undefined,
    [{ ...pods(), type: "kubernetes:apps/v1:DeploymentPatch" }],
  ],
  [
    "a workload that is patched, and says true",
    ["mandatory", `(${field}: true)`],
    [{ ...pods({ automountServiceAccountToken: true }), type: "kubernetes:apps/v1:DeploymentPatch" }],
  ],
  [
    "an account that the API server refuses",
    ["mandatory", "automountServiceAccountToken: the string false"],
    [account("false")],
  ],
  [
    "a spec unknown as a whole is for pod-security to name",
    undefined,
    [resource("kubernetes:core/v1:Pod", { spec: unknownObject })],
  ],
  [
    "an account in a list",
    undefined,
    [pods(asWeb), resource("kubernetes:core/v1:ServiceAccountList", { items: [account(false).props] })],
  ],
];

test.each(cases)("%s", async (_, says, resources) => {
  const found = (await pack.analyzeStack(resources)).filter(({ policy }) => policy === "service-account-token");
  expect(found.map(({ level, message }) => [level, message])).toEqual(
    says === undefined ? [] : [[says[0], containing(says[1])]],
  );
});
