import * as z from "zod";
import { cidr, count, objectName } from "./fields.ts";

export const cluster = z.strictObject({
  context: z
    .string()
    .min(1)
    .meta({ placeholder: "CONTEXT" })
    .describe("Context of the kubeconfig to deploy to. The current context is never used as a default"),
  storageClass: objectName().describe("StorageClass of all volumes").default("csi-sc-vnpaycloud"),
  protect: z.boolean().describe("Refuse to delete or replace namespaces and volumes").default(true),
  clientPorts: z
    .enum(["specified", "authenticated"])
    .describe(
      "Ports that other pods reach: those of the specification's table, some of them without a login; or only those where " +
        "clients log in (the poolers, Redis 6379, Kafka 9092, Typesense 8108), and each store's pods among themselves",
    )
    .default("specified"),
  apiServer: z
    .strictObject({
      cidrs: z
        .array(cidr().describe("An IPv4 address range"))
        .min(1)
        .describe(
          "its addresses behind the Service `kubernetes` (`kubectl get endpointslices kubernetes`), and those from which it calls webhooks. The default is all private addresses",
        )
        .default(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]),
      ports: z
        .array(count(1, 65_535).describe("A port"))
        .min(1)
        .describe("its ports at these addresses")
        .default([443, 6443]),
    })
    .describe("The API server, for the network policies of operators and their pods, the only ones that reach it")
    .prefault({}),
});
