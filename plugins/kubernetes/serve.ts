/** The gRPC face of the provider: requests of the engine in, answers and failures out. */
import type { handleUnaryCall, ServiceError } from "@grpc/grpc-js";
import type * as plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as provider from "@pulumi/pulumi/proto/provider_pb.js";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { failure, grpc, listen, newServer, unary as answering } from "../grpc.ts";
import { EngineLog } from "./log.ts";
import { check } from "./operations/check.ts";
import { create } from "./operations/create.ts";
import { decodeYaml } from "./operations/decode-yaml.ts";
import { remove } from "./operations/delete.ts";
import { diff, type DiffAnswer } from "./operations/diff.ts";
import { InitFailed } from "./operations/failures.ts";
import { read } from "./operations/read.ts";
import { update } from "./operations/update.ts";
import {
  anyMessages,
  emptyMessages,
  pluginMessages,
  providerMessages as pb,
  providerService,
  statusMessages,
} from "./protocol.ts";
import { openSession, type Session } from "./session.ts";
import { diffSettings, parseSettings, settingsProblems } from "./settings.ts";
import { refuseFunction, refuseType } from "./unsupported.ts";
import { text } from "./values.ts";
import { fromStruct, toStruct } from "./wire.ts";

/** The version of the SDK, and of the official plugin, that this provider stands in for. */
export const version = "4.32.0";

/** A failure as the engine expects it: what is known of an object that exists goes into the error's details. */
export function toServiceError(error: unknown): Partial<ServiceError> {
  const metadata = new grpc.Metadata();
  if (error instanceof InitFailed) {
    const failed = new pb.ErrorResourceInitFailed();
    failed.setId(error.id);
    failed.setProperties(toStruct(error.state));
    failed.setReasonsList([...error.reasons]);
    if (error.inputs !== undefined) failed.setInputs(toStruct(error.inputs));
    const details = new anyMessages.Any();
    details.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new statusMessages.Status();
    status.setCode(grpc.status.UNKNOWN);
    status.setMessage(error.message);
    status.addDetails(details);
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  return { ...failure(error), metadata };
}

const unary = <Request, Answer>(
  answer: (request: Request) => Answer | Promise<Answer>,
): handleUnaryCall<Request, Answer> => answering(answer, toServiceError);

const changeKinds = {
  add: [pb.PropertyDiff.Kind.ADD, pb.PropertyDiff.Kind.ADD_REPLACE],
  delete: [pb.PropertyDiff.Kind.DELETE, pb.PropertyDiff.Kind.DELETE_REPLACE],
  update: [pb.PropertyDiff.Kind.UPDATE, pb.PropertyDiff.Kind.UPDATE_REPLACE],
} as const;

function diffResponse(answer: DiffAnswer): provider.DiffResponse {
  const { DIFF_SOME, DIFF_NONE } = pb.DiffResponse.DiffChanges;
  const response = new pb.DiffResponse();
  response.setChanges(answer.changed ? DIFF_SOME : DIFF_NONE);
  response.setReplacesList([...answer.replaces]);
  response.setDeletebeforereplace(answer.deleteBeforeReplace);
  response.setHasdetaileddiff(true);
  for (const [path, change] of answer.details) {
    const detail = new pb.PropertyDiff();
    const [inPlace, replacing] = changeKinds[change.kind];
    detail.setKind(change.replaces ? replacing : inPlace);
    // The previous value is to be looked up in the inputs when the new state has none.
    detail.setInputdiff(change.kind === "delete");
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

const empty = (): Empty => new emptyMessages.Empty();

export class ProviderServer {
  private readonly log = new EngineLog();
  private readonly cancelling = new AbortController();
  private readonly server = newServer();
  private session: Promise<Session> | undefined;

  /** @param engine Address of the engine; undefined when it attaches later. */
  constructor(engine: string | undefined) {
    if (engine !== undefined) this.log.connect(engine);
  }

  private configured(): Promise<Session> {
    if (this.session === undefined) throw new Error("the provider is used before it is configured");
    return this.session;
  }

  private readonly configure = (request: provider.ConfigureRequest): provider.ConfigureResponse => {
    const variables = new Map<string, string>();
    for (const [name, value] of request.getVariablesMap().entries()) {
      variables.set(name.replace(/^kubernetes:config:/, ""), value);
    }
    const [problem] = settingsProblems(Object.fromEntries(variables), "");
    if (problem !== undefined) throw new Error(`kubernetes:${problem.property}: ${problem.reason}`);
    // The connection is made while the engine goes on; the first operation waits for it.
    this.session = openSession(parseSettings(variables, process.env), this.log, this.cancelling.signal);
    return new pb.ConfigureResponse()
      .setAcceptsecrets(true)
      .setSupportspreview(true)
      .setSupportsAutonamingConfiguration(true);
  };

  private readonly checkConfig = (request: provider.CheckRequest): provider.CheckResponse => {
    const response = new pb.CheckResponse().setInputs(request.getNews());
    const problems = settingsProblems(fromStruct(request.getNews()), request.getUrn());
    return response.setFailuresList(
      problems.map(({ property, reason }) => new pb.CheckFailure().setProperty(property).setReason(reason)),
    );
  };

  private readonly diffConfig = (request: provider.DiffRequest): provider.DiffResponse => {
    const { diffs, replaces } = diffSettings(fromStruct(request.getOlds()), fromStruct(request.getNews()));
    const { DIFF_SOME, DIFF_NONE } = pb.DiffResponse.DiffChanges;
    return new pb.DiffResponse()
      .setChanges(diffs.length > 0 ? DIFF_SOME : DIFF_NONE)
      .setDiffsList(diffs)
      .setReplacesList(replaces);
  };

  private readonly check = async (request: provider.CheckRequest): Promise<provider.CheckResponse> => {
    refuseType(request.getUrn());
    const autonaming = request.getAutonaming();
    const { DISABLE } = pb.CheckRequest.AutonamingOptions.Mode;
    const inputs = await check(
      {
        urn: request.getUrn(),
        olds: fromStruct(request.getOlds()),
        news: fromStruct(request.getNews()),
        randomSeed: request.getRandomseed_asU8(),
        autonaming: autonaming && {
          disabled: autonaming.getMode() === DISABLE,
          proposedName: autonaming.getProposedName(),
        },
      },
      await this.configured(),
    );
    return new pb.CheckResponse().setInputs(toStruct(inputs));
  };

  private readonly diff = async (request: provider.DiffRequest): Promise<provider.DiffResponse> => {
    const answer = await diff(
      {
        urn: request.getUrn(),
        state: fromStruct(request.getOlds()),
        news: fromStruct(request.getNews()),
        ignoreChanges: request.getIgnorechangesList(),
      },
      await this.configured(),
    );
    return diffResponse(answer);
  };

  private readonly create = async (request: provider.CreateRequest): Promise<provider.CreateResponse> => {
    const { id, state } = await create(
      {
        urn: request.getUrn(),
        properties: fromStruct(request.getProperties()),
        timeout: request.getTimeout(),
        preview: request.getPreview(),
      },
      await this.configured(),
    );
    return new pb.CreateResponse().setId(id).setProperties(toStruct(state));
  };

  private readonly read = async (request: provider.ReadRequest): Promise<provider.ReadResponse> => {
    refuseType(request.getUrn());
    const answer = await read(
      {
        urn: request.getUrn(),
        id: request.getId(),
        state: fromStruct(request.getProperties()),
        inputs: fromStruct(request.getInputs()),
      },
      await this.configured(),
    );
    const response = new pb.ReadResponse();
    if (answer === undefined) return response;
    return response.setId(answer.id).setProperties(toStruct(answer.state)).setInputs(toStruct(answer.inputs));
  };

  private readonly update = async (request: provider.UpdateRequest): Promise<provider.UpdateResponse> => {
    const state = await update(
      {
        urn: request.getUrn(),
        state: fromStruct(request.getOlds()),
        news: fromStruct(request.getNews()),
        timeout: request.getTimeout(),
        ignoreChanges: request.getIgnorechangesList(),
        preview: request.getPreview(),
      },
      await this.configured(),
    );
    return new pb.UpdateResponse().setProperties(toStruct(state));
  };

  private readonly delete = async (request: provider.DeleteRequest): Promise<Empty> => {
    const { urn, id, timeout } = { urn: request.getUrn(), id: request.getId(), timeout: request.getTimeout() };
    await remove({ urn, id, timeout, state: fromStruct(request.getProperties()) }, await this.configured());
    return empty();
  };

  private readonly invoke = async (request: provider.InvokeRequest): Promise<provider.InvokeResponse> => {
    if (request.getTok() !== "kubernetes:yaml:decode") refuseFunction(request.getTok());
    const args = fromStruct(request.getArgs());
    const objects = await decodeYaml(text(args, "text"), text(args, "defaultNamespace"), await this.configured());
    return new pb.InvokeResponse().setReturn(toStruct({ result: objects }));
  };

  private readonly construct = (request: provider.ConstructRequest): provider.ConstructResponse => {
    refuseType(`urn:pulumi:stack::project::${request.getType()}::${request.getName()}`);
    throw new Error(`${request.getType()} is not a component of this provider`);
  };

  private readonly attach = (request: plugin.PluginAttach): Empty => {
    this.log.connect(request.getAddress());
    return empty();
  };

  private readonly cancel = (): Empty => {
    this.cancelling.abort();
    return empty();
  };

  /** Starts to serve on a free port of the loopback interface, and returns the port. */
  start(): Promise<number> {
    this.server.addService(providerService.ResourceProviderService, {
      attach: unary(this.attach),
      cancel: unary(this.cancel),
      check: unary(this.check),
      checkConfig: unary(this.checkConfig),
      configure: unary(this.configure),
      construct: unary(this.construct),
      create: unary(this.create),
      delete: unary(this.delete),
      diff: unary(this.diff),
      diffConfig: unary(this.diffConfig),
      getPluginInfo: unary(() => new pluginMessages.PluginInfo().setVersion(version)),
      getSchema: unary(() => new pb.GetSchemaResponse().setSchema(JSON.stringify({ name: "kubernetes", version }))),
      invoke: unary(this.invoke),
      read: unary(this.read),
      update: unary(this.update),
    });
    return listen(this.server);
  }

  /** Ends all operations and connections at once. */
  stop(): void {
    this.cancelling.abort();
    this.server.forceShutdown();
  }
}
