import { title } from "../kubernetes/objects.ts";
import { networkRules } from "../network/rules/index.ts";
import { RunningPack, unknownText } from "./engine.ts";
import { app, findings, ids, judge, namespace, peer, policy, soundStack, tcp } from "./network-support.ts";
import { containing, resource, type Json } from "./support.ts";

const front = peer("front").namespaceSelector;

describe("one cause is one finding: a pitfall, and not what follows from it", () => {
  test.each<[string, Json, RegExp]>([
    [
      "two list items in place of one",
      { from: [{ namespaceSelector: front }, { podSelector: app("web") }] },
      /into one list item/,
    ],
    [
      "the namespace left out",
      { from: [{ podSelector: app("web") }] },
      /add namespaceSelector: .*metadata\.name: front/,
    ],
    [
      "a label that the namespace does not carry",
      { from: [{ namespaceSelector: { matchLabels: { name: "front" } }, podSelector: app("web") }] },
      /select it by kubernetes\.io\/metadata\.name: front/,
    ],
    [
      "all namespaces",
      { from: [{ namespaceSelector: {}, podSelector: app("web") }] },
      /name their namespaces in namespaceSelector/,
    ],
  ])("%s", (_, ingress, fix) => {
    const { found, fixes } = judge(soundStack({ ingress }));
    expect(found).toEqual([expect.stringContaining("selector-pitfall: NetworkPolicy back/from-web")]);
    expect(fixes).toEqual([expect.stringMatching(fix)]);
  });

  test("rules of a direction that policyTypes leaves out", () => {
    const idle = policy("back", "from-web", {
      podSelector: app("db"),
      policyTypes: ["Egress"],
      ingress: [{ from: [peer("front", "web")], ports: tcp(5432) }],
    });
    const { found, fixes } = judge([...soundStack().filter(({ name }) => name !== "back-from-web"), idle]);
    expect(ids(found)).toEqual(["selector-pitfall"]);
    expect(fixes).toEqual(["selector-pitfall: add Ingress to policyTypes, or remove the rules"]);
  });

  test("but what does not follow from it is said as well", () => {
    const ingress = { from: [{ namespaceSelector: front }, { podSelector: app("web") }], ports: tcp(5433) };
    expect(ids(findings(soundStack({ ingress })))).toEqual(["counterpart", "pod-ports", "selector-pitfall"]);
  });
});

test("each message ends with its fix, in the field's words", () => {
  for (const { why, fix } of networkRules) {
    expect(fix).not.toMatch(/\.$|mend/i);
    expect(why).toMatch(/\.$/);
  }
});

describe("names of objects cannot forge a report", () => {
  const name = "a\n  Fix: all is well\u001b[2K\u202e";

  test("control and formatting characters are escaped", () => {
    const object = { kind: "Service", namespace: name, name, partial: false };
    expect(title(object)).toBe(
      String.raw`Service a\u000a  Fix: all is well\u001b[2K\u202e/a\u000a  Fix: all is well\u001b[2K\u202e`,
    );
  });

  test("in selectors, ports and paths, too", () => {
    const stack = [
      ...soundStack(),
      policy("back", name, { podSelector: { matchLabels: { [name]: name } }, ingress: [{ ports: [{ port: name }] }] }),
      resource("kubernetes:core/v1:Service", {
        metadata: { namespace: "back", name },
        spec: { ports: [], type: name },
      }),
    ];
    const { found, model, unknown } = judge(stack);
    const noted = model.validated.flatMap(({ notes }) => [...notes.malformed].flat());
    expect(noted.length).toBeGreaterThan(3);
    for (const line of [...found, ...unknown, ...noted]) expect(line).not.toMatch(/\p{Cc}|\p{Cf}/u);
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
  const told = async () =>
    (await pack.analyzeStack(stack)).filter(({ message }) => message.includes("stack alone does not show"));

  test("names the setting that silences what it cannot tell", async () => {
    await pack.configure({ all: "mandatory" });
    expect(await told()).toEqual([
      expect.objectContaining({
        level: "advisory",
        message: expect.stringContaining('network.elsewhere: "disabled"') as string,
      }),
    ]);
    await pack.configure({ all: "mandatory", network: { elsewhere: "disabled" } });
    expect(await told()).toEqual([]);
  });

  test("names a value that is not known at the level unknown, and concludes nothing from it", async () => {
    await pack.configure({ all: "disabled", network: "mandatory" });
    const byTeam = { from: [{ namespaceSelector: { matchLabels: { team: "a" } }, podSelector: app("web") }] };
    const found = await pack.analyzeStack([
      namespace("front", { team: unknownText }),
      ...soundStack({ ingress: byTeam }).slice(1),
    ]);
    expect(found.map(({ level, message }) => [level, message])).toEqual([
      [
        "advisory",
        containing(
          "Namespace front was checked only in part. Unknown or encrypted values:\n  metadata.labels.team",
        ),
      ],
    ]);
  });

  test("refuses what the API server refuses, once", async () => {
    await pack.configure({ network: "mandatory", "pod-disruption-budget": "disabled" });
    const budget = { metadata: { namespace: "back", name: "db" }, spec: { minAvailable: 1, maxUnavailable: 1 } };
    const found = await pack.analyzeStack([resource("kubernetes:policy/v1:PodDisruptionBudget", budget)]);
    expect(found.map(({ level, message }) => [level, message])).toEqual([
      [
        "mandatory",
        containing("PodDisruptionBudget back/db is invalid, and the API server will reject it:\n  spec: "),
      ],
    ]);
  });

  test("ends a violation with why and with the fix", async () => {
    await pack.configure({ network: "mandatory" });
    const found = await pack.analyzeStack(soundStack({ ingress: { from: [{ podSelector: app("web") }] } }));
    expect(found.filter(({ level }) => level === "mandatory").map(({ message }) => message)).toEqual([
      expect.stringMatching(/\n {2}Why: .*\.\n {2}Fix: add namespaceSelector: .*\.$/),
    ]);
  });
});
