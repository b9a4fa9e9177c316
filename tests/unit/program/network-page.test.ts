import { expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { flows } from "../../../components/network/flows.ts";
import {
  matrix,
  onAuthenticatedPorts,
  onCloudNativePg,
  onStrimzi,
  withSetting,
} from "../../../components/network/matrix.ts";
import { settingsSchema } from "../../../settings/schema.ts";

test("docs/network.md matches the flows (npm run docs regenerates it)", () => {
  const project = path.resolve(import.meta.dirname, "../../..");
  const page = path.join(project, "docs", "network.md");
  const introduction = readFileSync(path.join(project, "components", "network", "introduction.md"), "utf8");
  const settingsWith = (given: object) => settingsSchema.parse({ cluster: { context: "any" }, ...given });
  // All flows that settings can open.
  const own = flows(settingsWith({ typesense: { replicas: 3 } }));
  const postgresql = flows(
    settingsWith({
      postgresql: { implementation: "cloudnative-pg" },
      objectStore: { bucket: "backups", credentials: { secret: "nx-object-store" } },
    }),
  );
  const kafka = flows(
    settingsWith({
      typesense: { replicas: 3 },
      kafka: { implementation: "strimzi" },
      operators: { strimzi: { mode: "install", sha256: "0".repeat(64) } },
    }),
  );
  const authenticated = flows(
    settingsWith({ cluster: { context: "any", clientPorts: "authenticated" }, typesense: { replicas: 3 } }),
  );
  const chosen = [
    withSetting(onCloudNativePg, own, postgresql),
    withSetting(onStrimzi, own, kafka),
    withSetting(onAuthenticatedPorts, own, authenticated),
  ];
  const current = `${introduction}\n${[matrix(own), ...chosen].join("\n\n")}\n`;
  if (process.env["UPDATE_GOLDEN"]) writeFileSync(page, current);
  expect(readFileSync(page, "utf8")).toBe(current);
});
