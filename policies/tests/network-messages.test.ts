import { title } from "../kubernetes/objects.ts";
import { networkRules } from "../network/rules/index.ts";
import { RunningPack, unknownText } from "./engine.ts";
import {
  app,
  findings,
  fromTeamA,
  ids,
  namespace,
  peer,
  policy,
  runRules,
  tcp,
  validStack,
} from "./network-support.ts";
import { containing, resource, type Json } from "./support.ts";

const front = peer("front").namespaceSelector;

describe("a selector pitfall is one finding, without its consequences", () => {
  test.each<[string, Json, RegExp]>([
    [
      "two list items instead of one",
      { from: [{ namespaceSelector: front }, { podSelector: app("web") }] },
      /into one list item/,
    ],
    ["no namespaceSelector", { from: [{ podSelector: app("web") }] }, /add namespaceSelector: .*metadata\.name: front/],
    [
      "a label that the namespace does not have",
      { from: [{ namespaceSelector: { matchLabels: { name: "front" } }, podSelector: app("web") }] },
      /select it by kubernetes\.io\/metadata\.name: front/,
    ],
    [
      "all namespaces",
      { from: [{ namespaceSelector: {}, podSelector: app("web") }] },
      /name their namespaces in namespaceSelector/,
    ],
  ])("%s", (_, ingress, fix) => {
    const { found, fixes } = runRules(validStack({ ingress }));
    expect(found).toEqual([expect.stringContaining("selector-pitfall: NetworkPolicy back/from-web")]);
    expect(fixes).toEqual([expect.stringMatching(fix)]);
  });

  test("rules of a direction that policyTypes does not list", () => {
    const idle = policy("back", "from-web", {
      podSelector: app("db"),
      policyTypes: ["Egress"],
      ingress: [{ from: [peer("front", "web")], ports: tcp(5432) }],
    });
    const { found, fixes } = runRules([...validStack().filter(({ name }) => name !== "back-from-web"), idle]);
    expect(ids(found)).toEqual(["selector-pitfall"]);
    expect(fixes).toEqual(["selector-pitfall: add Ingress to policyTypes, or remove the rules"]);
  });

  test("other violations of the rule are reported as well", () => {
    const ingress = { from: [{ namespaceSelector: front }, { podSelector: app("web") }], ports: tcp(5433) };
    expect(ids(findings(validStack({ ingress })))).toEqual(["counterpart", "pod-ports", "selector-pitfall"]);
  });
});

test("reasons are sentences, and fixes end without a period", () => {
  for (const { why, fix } of networkRules) {
    expect(fix).not.toMatch(/\.$/);
    expect(why).toMatch(/\.$/);
  }
});

describe("object names cannot forge report lines", () => {
  const name = "a\n  Fix: all is well\u001b[2K\u202e";

  test("control and formatting characters are escaped", () => {
    const object = { kind: "Service", namespace: name, name, partial: false };
    expect(title(object)).toBe(
      String.raw`Service a\u000a  Fix: all is well\u001b[2K\u202e/a\u000a  Fix: all is well\u001b[2K\u202e`,
    );
  });

  test("selectors, ports and paths are escaped, too", () => {
    const stack = [
      ...validStack(),
      policy("back", name, { podSelector: { matchLabels: { [name]: name } }, ingress: [{ ports: [{ port: name }] }] }),
      resource("kubernetes:core/v1:Service", {
        metadata: { namespace: "back", name },
        spec: { ports: [], type: name },
      }),
    ];
    const { found, model, unknown } = runRules(stack);
    const malformed = model.validated.flatMap(({ notes }) => [...notes.malformed].flat());
    expect(malformed.length).toBeGreaterThan(3);
    for (const line of [...found, ...unknown, ...malformed]) expect(line).not.toMatch(/\p{Cc}|\p{Cf}/u);
  });
});

describe("the pack", () => {
  let pack: RunningPack;
  beforeAll(async () => {
    pack = await RunningPack.start();
  });
  afterAll(() => pack.stop());

  const stack = [
    namespace("back"),
    resource("kubernetes:apps/v1:Deployment", {
      metadata: { namespace: "front", name: "web" },
      spec: { template: { metadata: {}, spec: { containers: [{ name: "web", image: "web:1" }] } } },
    }),
    resource("kubernetes:cilium.io/v2:CiliumNetworkPolicy", { metadata: { namespace: "back", name: "dns" }, spec: {} }),
  ];
  const undecided = async () =>
    (await pack.analyzeStack(stack)).filter(({ message }) => message.includes("this stack alone does not show"));

  test("names the setting that disables reports about other stacks", async () => {
    await pack.configure({ all: "mandatory" });
    expect(await undecided()).toEqual([
      expect.objectContaining({
        level: "advisory",
        message: expect.stringContaining('network.elsewhere: "disabled"') as string,
      }),
    ]);
    await pack.configure({ all: "mandatory", network: { elsewhere: "disabled" } });
    expect(await undecided()).toEqual([]);
  });

  test("reports an unknown value at the level `unknown`, and no violation", async () => {
    await pack.configure({ all: "disabled", network: "mandatory" });
    const found = await pack.analyzeStack([
      namespace("front", { team: unknownText }),
      ...validStack({ ingress: fromTeamA }).slice(1),
    ]);
    expect(found.map(({ level, message }) => [level, message])).toEqual([
      [
        "advisory",
        containing("Namespace front was checked only in part. Unknown or encrypted values:\n  metadata.labels.team"),
      ],
    ]);
  });

  test("reports what the API server rejects, once", async () => {
    await pack.configure({ network: "mandatory", "pod-disruption-budget": "disabled" });
    const budget = { metadata: { namespace: "back", name: "db" }, spec: { minAvailable: 1, maxUnavailable: 1 } };
    const found = await pack.analyzeStack([resource("kubernetes:policy/v1:PodDisruptionBudget", budget)]);
    expect(found.map(({ level, message }) => [level, message])).toEqual([
      ["mandatory", containing("PodDisruptionBudget back/db is invalid, and the API server will reject it:\n  spec: ")],
    ]);
  });

  test("ends a violation with its reason and fix", async () => {
    await pack.configure({ network: "mandatory" });
    const found = await pack.analyzeStack(validStack({ ingress: { from: [{ podSelector: app("web") }] } }));
    expect(found.filter(({ level }) => level === "mandatory").map(({ message }) => message)).toEqual([
      expect.stringMatching(/\n {2}Why: .*\.\n {2}Fix: add namespaceSelector: .*\.$/),
    ]);
  });
});
