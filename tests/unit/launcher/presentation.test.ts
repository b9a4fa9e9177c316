import { readFileSync } from "node:fs";
import path from "node:path";
import { stateNameOf } from "../../../launcher/contexts.ts";
import { storesTable } from "../../../launcher/table.ts";

test("context names become different directory names", () => {
  expect(stateNameOf("kind-dev.1")).toBe("context-kind-dev.1");
  expect(stateNameOf("arn:aws/x")).toBe("context-arn_3aaws_2fx");
  expect(stateNameOf("a_b")).not.toBe(stateNameOf("a:b"));
});

test("the module that builds the Pulumi CLI names the version of the SDK", () => {
  const root = path.join(__dirname, "../../..");
  const { dependencies } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const module = readFileSync(path.join(root, "launcher/go/pulumi/go.mod"), "utf8");
  expect(module).toContain(`github.com/pulumi/pulumi/pkg/v3 v${dependencies["@pulumi/pulumi"] ?? ""} `);
});

test("stores are a table where it fits, and stand one below the other where it does not", () => {
  const stores = [{ store: "S", endpoint: "host:1", secret: "n/s", connect: "kubectl x" }];
  expect(storesTable(stores, 80)).toBe("Store  Endpoint  Secret  Connect\nS      host:1    n/s     kubectl x");
  expect(storesTable(stores, 10)).toBe("S\n  endpoint  host:1\n  secret    n/s\n  connect   kubectl x");
});
