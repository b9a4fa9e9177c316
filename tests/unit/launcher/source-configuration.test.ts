import { sourceConfiguration } from "../../../launcher/source-configuration.ts";

const file = {
  config: {
    "bana-data-layer:cluster": { context: "bana-local-production", protect: false },
    "bana-data-layer:images": { redis: "local.bana/redis:7" },
    "bana-data-layer:postgresql": { implementation: "cloudnative-pg" },
    "bana-data-layer:operators": { cloudNativePg: { replicas: 1 } },
  },
};

test("an embedded cluster has its context and the operators' files", () => {
  expect(sourceConfiguration(file, { context: "bana-second", stateDir: "/state" })).toEqual({
    config: {
      ...file.config,
      "bana-data-layer:cluster": { context: "bana-second", protect: false },
      "bana-data-layer:operators": {
        cloudNativePg: { replicas: 1, manifest: "/state/operators/cnpg-1.30.0.yaml" },
        barmanCloud: {
          manifest: "/state/operators/plugin-barman-cloud-0.14.0.yaml",
          certificates: "/state/operators/certificates",
        },
      },
    },
  });
});

test("the user's cluster has upstream images and manifests", () => {
  const { config } = sourceConfiguration(file, { context: "mine" });
  expect(config).toEqual({
    "bana-data-layer:cluster": { context: "mine", protect: false },
    "bana-data-layer:postgresql": { implementation: "cloudnative-pg" },
    "bana-data-layer:operators": { cloudNativePg: { replicas: 1 } },
  });
});

test("the images of a stack for the user's cluster stay", () => {
  const own = { config: { "bana-data-layer:images": { registry: "mirror.example" } } };
  expect(sourceConfiguration(own, { context: "mine" })).toMatchObject(own);
});

test("a stack without operators gets no settings for them", () => {
  const { config } = sourceConfiguration({ config: {} }, { context: "bana-local", stateDir: "/state" });
  expect(config).toEqual({ "bana-data-layer:cluster": { context: "bana-local" } });
});
