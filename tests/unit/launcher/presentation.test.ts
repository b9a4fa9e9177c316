import { readFileSync } from "node:fs";
import path from "node:path";
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
  const stores = [{ store: "S", endpoint: "host:1", secret: "n/s", connect: "kubectl x" }];
  expect(storesTable(stores, 80)).toBe("Store  Endpoint  Secret  Connect\nS      host:1    n/s     kubectl x");
  expect(storesTable(stores, 10)).toBe("S\n  endpoint  host:1\n  secret    n/s\n  connect   kubectl x");
});
