import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();

const provider = new k8s.Provider("cluster", { context: config.require("context") });
for (let number = 0; number < config.requireNumber("count"); number++) {
  const metadata = { name: `bench-${number}`, namespace: "default" };
  new k8s.core.v1.ConfigMap(metadata.name, { metadata, data: { number: `${number}` } }, { provider });
}
