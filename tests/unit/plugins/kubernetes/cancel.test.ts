import type { ServiceError } from "@grpc/grpc-js";
import { grpc } from "../../../../plugins/grpc.ts";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  emptyMessages,
  providerMessages as pb,
  providerService,
  statusMessages,
} from "../../../../plugins/kubernetes/protocol.ts";
import { ProviderServer } from "../../../../plugins/kubernetes/serve.ts";
import type { Fields } from "../../../../plugins/kubernetes/values.ts";
import { fromStruct, toStruct } from "../../../../plugins/kubernetes/wire.ts";

/** What `pulumi cancel` and Ctrl-C do to the operations that are under way. */

const inputs = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "database", namespace: "n" },
  spec: { replicas: 3 },
};
const uid = "11111111-1111-1111-1111-111111111111";
/** Two of three pods are ready, and so it stays. */
const live = {
  ...inputs,
  metadata: { ...inputs.metadata, uid, generation: 1, resourceVersion: "5" },
  status: { observedGeneration: 1, replicas: 3, readyReplicas: 2, currentRevision: "r", updateRevision: "r" },
};
const pod = {
  metadata: { name: "database-2", namespace: "n", uid: "2", ownerReferences: [{ uid }] },
  status: {
    phase: "Pending",
    containerStatuses: [
      { name: "server", state: { waiting: { reason: "ImagePullBackOff", message: "no such image" } } },
    ],
  },
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const json =
  (body: object): Answer =>
  (_request, response) =>
    response.end(JSON.stringify(body));

/** An API server with one namespace, one StatefulSet and its pod, whose watches stay silent. */
class ApiServer {
  readonly server: Server;
  readonly #watched = new Map<string, () => void>();
  /** Answers the creation of the StatefulSet. */
  create: Answer = json(live);

  constructor() {
    this.server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://server");
      response.setHeader("content-type", "application/json");
      if (searchParams.get("watch") === "true") {
        response.flushHeaders();
        this.#watched.get(pathname)?.();
        return;
      }
      const answer = request.method === "POST" ? this.create : this.#reads[pathname];
      if (answer !== undefined) return void answer(request, response);
      response.statusCode = 404;
      response.end("{}");
    });
  }

  /** Resolves at the next watch of this path. */
  watched(path: string): Promise<void> {
    return new Promise((resolve) => this.#watched.set(path, resolve));
  }

  readonly #reads: Readonly<Record<string, Answer>> = {
    "/version": json({ major: "1", minor: "34" }),
    "/apis/apps/v1": json({ resources: [{ kind: "StatefulSet", name: "statefulsets", namespaced: true }] }),
    "/apis/apps/v1/namespaces/n/statefulsets": json({
      apiVersion: "apps/v1",
      kind: "StatefulSetList",
      metadata: { resourceVersion: "5" },
      items: [live],
    }),
    "/api/v1/namespaces/n/pods": json({
      apiVersion: "v1",
      kind: "PodList",
      metadata: { resourceVersion: "5" },
      items: [pod],
    }),
    "/api/v1/namespaces/n/events": json({ apiVersion: "v1", kind: "EventList", metadata: {}, items: [] }),
  };
}

type Method = (request: unknown, answer: (error: ServiceError | null, value: unknown) => void) => void;
let api: ApiServer;
let provider: ProviderServer;
let client: InstanceType<typeof providerService.ResourceProviderClient>;

/** Calls a method as the engine does; a failure is an answer too. */
function call(method: string, request: unknown): Promise<ServiceError | null> {
  const found = (client as unknown as Record<string, Method>)[method];
  return new Promise((resolve) => found?.call(client, request, resolve));
}

beforeEach(async () => {
  api = new ApiServer();
  api.server.listen(0, "127.0.0.1");
  await once(api.server, "listening");
  const { port } = api.server.address() as AddressInfo;
  provider = new ProviderServer(undefined);
  const address = `127.0.0.1:${await provider.start()}`;
  client = new providerService.ResourceProviderClient(address, grpc.credentials.createInsecure());
  const configuration = new pb.ConfigureRequest();
  configuration.getVariablesMap().set(
    "kubernetes:config:kubeconfig",
    JSON.stringify({
      "current-context": "c",
      clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    }),
  );
  await call("configure", configuration);
});
afterEach(() => {
  client.close();
  provider.stop();
  api.server.closeAllConnections();
  api.server.close();
});

const creation = (): InstanceType<typeof pb.CreateRequest> =>
  new pb.CreateRequest()
    .setUrn("urn:pulumi:s::p::kubernetes:apps/v1:StatefulSet::database")
    .setProperties(toStruct(inputs));

/** What the engine records of an object that exists and is not ready. */
function recorded(error: ServiceError | null): { id: string; state: Fields; reasons: string[] } | undefined {
  const [details] = error?.metadata.get("grpc-status-details-bin") ?? [];
  if (details === undefined) return undefined;
  const [first] = statusMessages.Status.deserializeBinary(details as Buffer).getDetailsList();
  const failed = first?.unpack(
    (bytes) => pb.ErrorResourceInitFailed.deserializeBinary(bytes),
    "pulumirpc.ErrorResourceInitFailed",
  );
  if (failed === undefined || failed === null) return undefined;
  return { id: failed.getId(), state: fromStruct(failed.getProperties()), reasons: failed.getReasonsList() };
}

const cancelled =
  "StatefulSet n/database was created, but is not ready: " +
  'the wait for "database" was cancelled in this state: Waiting for Pods (2/3 ready)';

test("a wait ends at once, tells what it waited for and how far that was, and the object stays in the state", async () => {
  const waits = api.watched("/api/v1/namespaces/n/events");
  const creating = call("create", creation());
  await waits;
  const begun = performance.now();
  await call("cancel", new emptyMessages.Empty());
  const error = await creating;
  expect(performance.now() - begun).toBeLessThan(2000);
  expect(error?.details).toBe(cancelled);
  const { id, state, reasons } = recorded(error) ?? {};
  expect(id).toBe("n/database");
  expect(state).toMatchObject({ spec: { replicas: 3 }, status: { readyReplicas: 2 }, __inputs: inputs });
  expect(reasons).toEqual([cancelled, "2 of 3 Pods are ready", expect.stringMatching(/database-2.*no such image/)]);
});

test("a write that is under way is waited for: what the server has made is in the state", async () => {
  let made = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    api.create = (request, response) => {
      made = () => json(live)(request, response);
      resolve();
    };
  });
  const creating = call("create", creation());
  await asked;
  await call("cancel", new emptyMessages.Empty());
  made();
  const error = await creating;
  expect(recorded(error)).toMatchObject({ id: "n/database", state: { metadata: { uid } } });
  expect(error?.details).toBe(cancelled);
});

test("nothing is begun any more", async () => {
  const create = jest.spyOn(api, "create");
  await call("cancel", new emptyMessages.Empty());
  const error = await call("create", creation());
  expect(error?.details).toMatch(/the operation was cancelled/);
  expect(recorded(error)).toBeUndefined();
  expect(create).not.toHaveBeenCalled();
});
