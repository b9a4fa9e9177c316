import type { ServiceError } from "@grpc/grpc-js";
import { grpc } from "../../../../plugins/grpc.ts";
import { providerMessages as pb, providerService, statusMessages } from "../../../../plugins/kubernetes/protocol.ts";
import { InitFailed } from "../../../../plugins/kubernetes/operations/failures.ts";
import { ProviderServer, toServiceError } from "../../../../plugins/kubernetes/serve.ts";
import { Secret, unknown, type Fields } from "../../../../plugins/kubernetes/values.ts";
import { fromStruct, toStruct } from "../../../../plugins/kubernetes/wire.ts";

const nobodyListens = JSON.stringify({
  "current-context": "c",
  clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
  users: [],
  contexts: [{ name: "c", context: { cluster: "c", user: "u", namespace: "here" } }],
});
const urnOf = (type: string): string => `urn:pulumi:s::p::kubernetes:${type}::settings`;

type Method = (request: unknown, answer: (error: ServiceError | null, value: unknown) => void) => void;
const server = new ProviderServer(undefined);
let client: InstanceType<typeof providerService.ResourceProviderClient>;

/** Calls a method as the engine does. */
function call<Answer>(method: string, request: unknown): Promise<Answer> {
  const method_ = (client as unknown as Record<string, Method>)[method];
  return new Promise((resolve, reject) => {
    method_?.call(client, request, (error, value) => {
      if (error === null) resolve(value as Answer);
      else reject(error);
    });
  });
}

beforeAll(async () => {
  const port = await server.start();
  client = new providerService.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const configuration = new pb.ConfigureRequest();
  configuration.getVariablesMap().set("kubernetes:config:kubeconfig", nobodyListens);
  await call("configure", configuration);
});
afterAll(() => {
  client.close();
  server.stop();
});

const check = async (type: string, news: Fields): Promise<Fields> => {
  const request = new pb.CheckRequest()
    .setUrn(urnOf(type))
    .setNews(toStruct(news))
    .setRandomseed(new Uint8Array([1]));
  return fromStruct((await call<InstanceType<typeof pb.CheckResponse>>("check", request)).getInputs());
};

describe("without a cluster", () => {
  test("inputs are completed with name and namespace, and secrets stay secret", async () => {
    const news = { apiVersion: "v1", kind: "Secret", stringData: { a: new Secret("b") } };
    expect(await check("core/v1:Secret", news)).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: expect.stringMatching(/^settings-[0-9a-f]{8}$/) as string,
        namespace: "here",
        annotations: { "pulumi.com/autonamed": "true" },
      },
      data: new Secret({ a: "Yg==" }),
    });
  });

  test("cluster-scoped objects get no namespace, unknown values stay", async () => {
    const news = { apiVersion: "v1", kind: "Namespace", metadata: { name: "n", labels: { a: unknown } } };
    expect(await check("core/v1:Namespace", news)).toEqual(news);
  });

  test("a changed object of a fixed name is deleted before it is replaced", async () => {
    const inputs = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace: "n" }, data: { a: "1" } };
    const request = new pb.DiffRequest()
      .setUrn(urnOf("core/v1:ConfigMap"))
      .setOlds(toStruct({ ...inputs, __inputs: inputs }))
      .setNews(toStruct({ ...inputs, data: { a: "2" } }));
    const answer = await call<InstanceType<typeof pb.DiffResponse>>("diff", request);
    expect(answer.getReplacesList()).toEqual(["data.a"]);
    expect(answer.getDeletebeforereplace()).toBe(true);
  });

  test("a preview shows the inputs, an update fails and says why", async () => {
    const properties = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace: "n" } };
    const request = new pb.CreateRequest().setUrn(urnOf("core/v1:ConfigMap")).setProperties(toStruct(properties));
    const preview = await call<InstanceType<typeof pb.CreateResponse>>("create", request.clone().setPreview(true));
    expect(fromStruct(preview.getProperties())).toEqual(properties);
    await expect(call("create", request)).rejects.toThrow(
      /cluster is unreachable: https:\/\/127.0.0.1:1.*ECONNREFUSED/,
    );
  });
});

test("what only the official plugin can do is refused by name", async () => {
  await expect(check("helm.sh/v3:Release", {})).rejects.toThrow(
    /kubernetes:helm.sh\/v3:Release is not supported.*pulumi plugin install/,
  );
  await expect(call("invoke", new pb.InvokeRequest().setTok("kubernetes:helm:template"))).rejects.toThrow(
    /helm template/,
  );
  await expect(check("core/v1:ConfigMapList", { kind: "ConfigMapList" })).rejects.toThrow(
    /one resource for each element/,
  );
});

test("a failed initialization carries the state and the reasons", () => {
  const failure = new InitFailed("not ready", "n/d", { a: new Secret("b") }, ["because"]);
  const [details] = toServiceError(failure).metadata?.get("grpc-status-details-bin") ?? [];
  const status = statusMessages.Status.deserializeBinary(details as Buffer);
  const failed = status
    .getDetailsList()[0]
    ?.unpack((bytes) => pb.ErrorResourceInitFailed.deserializeBinary(bytes), "pulumirpc.ErrorResourceInitFailed");
  expect(failed?.getId()).toBe("n/d");
  expect(failed?.getReasonsList()).toEqual(["not ready", "because"]);
  expect(fromStruct(failed?.getProperties())).toEqual({ a: new Secret("b") });
});
