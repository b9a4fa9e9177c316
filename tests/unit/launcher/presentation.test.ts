import { readFileSync } from "node:fs";
import path from "node:path";
import { connectionTo } from "../../../components/contract/connection.ts";
import { stateNameOf } from "../../../launcher/contexts.ts";
import { storesTable } from "../../../launcher/table.ts";

test("different context names give different directory names", () => {
  expect(stateNameOf("kind-dev.1")).toBe("context-kind-dev.1");
  expect(stateNameOf("arn:aws/x")).toBe("context-arn_3aaws_2fx");
  expect(stateNameOf("a_b")).not.toBe(stateNameOf("a:b"));
});

test.each([
  ["pulumi", "@pulumi/pulumi", (version: string) => `github.com/pulumi/pulumi/pkg/v3 v${version} `],
  ["kubernetes-provider", "@pulumi/kubernetes", (version: string) => ` // release ${version}\n`],
])("the Go module %s names the version of %s", (module, dependency, line) => {
  const root = path.join(__dirname, "../../..");
  const { dependencies } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  expect(readFileSync(path.join(root, `launcher/go/${module}/go.mod`), "utf8")).toContain(
    line(dependencies[dependency] ?? ""),
  );
});

test("stores are printed as a table, or as a list on a narrow terminal", () => {
  const connection = connectionTo({
    name: "s",
    title: "S",
    protocol: "http",
    namespace: "nx-app",
    service: "svc",
    port: 1,
    credential: { namespace: "nx-app", secret: "key", keys: { password: "password" } },
  });
  const [host, command] = ["svc.nx-app.svc.cluster.local:1", "kubectl port-forward --namespace nx-app service/svc 1:1"];
  expect(storesTable([connection], "kubectl", 120)).toBe(
    `Store  Endpoint                        Secret      Connect\nS      ${host}  nx-app/key  ${command}`,
  );
  expect(storesTable([connection], "kubectl", 10)).toBe(
    `S\n  endpoint  ${host}\n  secret    nx-app/key\n  connect   ${command}`,
  );
});
