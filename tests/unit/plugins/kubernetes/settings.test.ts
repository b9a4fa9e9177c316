import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterAccess } from "../../../../plugins/kubernetes/kubeconfig.ts";
import { diffSettings, parseSettings, settingsProblems } from "../../../../plugins/kubernetes/settings.ts";
import { unknown } from "../../../../plugins/kubernetes/values.ts";

const kubeconfig = (server: string): string =>
  JSON.stringify({
    "current-context": "one",
    clusters: [
      { name: "c1", cluster: { server, "certificate-authority-data": Buffer.from("ca").toString("base64") } },
      { name: "c2", cluster: { server: "https://two" } },
    ],
    users: [
      { name: "u1", user: { token: "t" } },
      { name: "u2", user: { username: "a", password: "b" } },
    ],
    contexts: [
      { name: "one", context: { cluster: "c1", user: "u1", namespace: "ns" } },
      { name: "two", context: { cluster: "c2", user: "u2" } },
    ],
  });

test("settings come from the variables, then from the environment", () => {
  const settings = parseSettings(
    new Map([
      ["enableSecretMutable", "true"],
      ["context", "c"],
    ]),
    {
      PULUMI_K8S_ENABLE_SECRET_MUTABLE: "false",
      PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE: "true",
    },
  );
  expect(settings).toMatchObject({
    context: "c",
    enableSecretMutable: true,
    enableConfigMapMutable: true,
    enableServerSideApply: true,
    deleteUnreachable: false,
  });
});

test("unsupported and unknown settings are refused by name, with a mend", () => {
  const problems = settingsProblems({ renderYamlToDirectory: "out", colour: "red" }, "");
  expect(problems).toEqual([
    { property: "colour", reason: expect.stringContaining("remove it") as string },
    { property: "renderYamlToDirectory", reason: expect.stringContaining("pulumi plugin install") as string },
  ]);
  expect(settingsProblems({ context: "c", kubeconfig: "x", version: "4.32.0" }, "")).toEqual([]);
});

test("strict mode wants an explicit provider with kubeconfig and context", () => {
  const urn = "urn:pulumi:s::p::pulumi:providers:kubernetes::default_4_32_0";
  expect(settingsProblems({ strictMode: "true" }, urn).map((problem) => problem.property)).toEqual([
    "",
    "kubeconfig",
    "context",
  ]);
});

describe("a change of settings", () => {
  test("replaces the resources when it leads to another cluster", () => {
    const change = diffSettings({ kubeconfig: kubeconfig("https://a") }, { kubeconfig: kubeconfig("https://b") });
    expect(change).toEqual({ diffs: ["kubeconfig"], replaces: ["kubeconfig"] });
    const context = diffSettings(
      { kubeconfig: kubeconfig("https://a"), context: "one" },
      { kubeconfig: kubeconfig("https://a"), context: "two" },
    );
    expect(context).toEqual({ diffs: ["context"], replaces: ["context"] });
  });

  test("replaces nothing when the cluster stays", () => {
    const olds = { kubeconfig: kubeconfig("https://a") };
    expect(diffSettings(olds, { ...olds, enableSecretMutable: "true" })).toEqual({
      diffs: ["enableSecretMutable"],
      replaces: [],
    });
    expect(diffSettings(olds, olds)).toEqual({ diffs: [], replaces: [] });
  });

  test("is decided by the cluster's identifier alone when there is one", () => {
    const olds = { clusterIdentifier: "x", kubeconfig: kubeconfig("https://a") };
    const moved = { clusterIdentifier: "x", kubeconfig: kubeconfig("https://b") };
    expect(diffSettings(olds, moved).replaces).toEqual([]);
    expect(diffSettings(olds, { ...olds, clusterIdentifier: "y" }).replaces).toEqual(["clusterIdentifier"]);
  });

  test("that is not known yet may lead anywhere", () => {
    expect(diffSettings({ kubeconfig: "a" }, { kubeconfig: unknown }).replaces).toEqual(["kubeconfig"]);
  });
});

describe("a kubeconfig", () => {
  test("gives server, trust, credentials and namespace of the current context", async () => {
    const access = await clusterAccess({ kubeconfig: kubeconfig("https://a/") });
    expect(access).toMatchObject({ server: "https://a", namespace: "ns", tls: { ca: Buffer.from("ca") } });
    expect(await access.authorization()).toBe("Bearer t");
  });

  test("gives those of a chosen context, cluster and namespace", async () => {
    const access = await clusterAccess({
      kubeconfig: kubeconfig("https://a"),
      context: "two",
      cluster: "c1",
      namespace: "mine",
    });
    expect(access).toMatchObject({ server: "https://a", namespace: "mine" });
    expect(await access.authorization()).toBe(`Basic ${Buffer.from("a:b").toString("base64")}`);
  });

  test("may be a path, and the paths in it are beside it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
    try {
      writeFileSync(join(folder, "token"), "from-file\n");
      const config = JSON.parse(kubeconfig("https://a")) as { users: { user: object }[] };
      config.users[0] = { ...config.users[0], user: { tokenFile: "token" } };
      writeFileSync(join(folder, "config"), JSON.stringify(config));
      const access = await clusterAccess({ kubeconfig: join(folder, "config") });
      expect(await access.authorization()).toBe("Bearer from-file");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    [{ context: "three" }, /no context "three" in the kubeconfig \(it has: one, two\)/],
    [{ cluster: "c3" }, /cluster "c3".*has no server/],
    [{ kubeconfig: "/no/such/file" }, /there is no file/],
    [{ kubeconfig: "nonsense" }, /neither the path nor the contents/],
  ])("%j is told what is wrong", async (choice, message) => {
    await expect(clusterAccess({ kubeconfig: kubeconfig("https://a"), ...choice })).rejects.toThrow(message);
  });
});
