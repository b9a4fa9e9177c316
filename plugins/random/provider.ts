/** Pulumi's provider protocol for the `random` package. */
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type * as proto from "@pulumi/pulumi/proto/provider_pb.js";
import { unary } from "../grpc.ts";
import { emptyMessages, pluginMessages, providerMessages as pb } from "./protocol.ts";
import { Secret, type Fields } from "./values.ts";
import { fromStruct, toStruct } from "./wire.ts";
import { changes, inputsOf, planned, preview, problems, state } from "./plan.ts";
import { kinds, type Kind } from "./resources.ts";

function kindOf(urn: string): Kind {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const kind = kinds[type];
  if (kind !== undefined) return kind;
  throw new Error(
    `${type} is not supported by this project's substitute for pulumi-resource-random. Install the official plugin: pulumi plugin install resource random`,
  );
}

function withSecrets(kind: Kind, outputs: Fields): Fields {
  const secrets = kind.secret.flatMap((name) => {
    const value = outputs[name];
    return value === undefined ? [] : [[name, new Secret(value)] as const];
  });
  return { ...outputs, ...Object.fromEntries(secrets) };
}

function check(request: proto.CheckRequest): proto.CheckResponse {
  const response = new pb.CheckResponse();
  response.setInputs(request.getNews());
  const failures = problems(kindOf(request.getUrn()), fromStruct(request.getNews())).map(({ property, reason }) => {
    const failure = new pb.CheckFailure();
    failure.setProperty(property);
    failure.setReason(`${property} ${reason}`);
    return failure;
  });
  response.setFailuresList(failures);
  return response;
}

function diff(request: proto.DiffRequest): proto.DiffResponse {
  const { changed, replacing } = changes(
    kindOf(request.getUrn()),
    fromStruct(request.getOlds()),
    fromStruct(request.getNews()),
  );
  const response = new pb.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  response.setChanges(changed.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setDiffsList(changed);
  response.setReplacesList(replacing);
  return response;
}

async function create(request: proto.CreateRequest): Promise<proto.CreateResponse> {
  const kind = kindOf(request.getUrn());
  const inputs = fromStruct(request.getProperties());
  const response = new pb.CreateResponse();
  if (request.getPreview()) {
    response.setProperties(toStruct(withSecrets(kind, preview(kind, inputs))));
    return response;
  }
  const attributes = planned(kind, inputs);
  const made = await kind.create(attributes);
  response.setId(made.id);
  response.setProperties(toStruct(withSecrets(kind, state(kind, attributes, made))));
  return response;
}

/** There is nothing to read but the state itself; without one, the resource is imported by its id. */
async function read(request: proto.ReadRequest): Promise<proto.ReadResponse> {
  const kind = kindOf(request.getUrn());
  const response = new pb.ReadResponse();
  const known = fromStruct(request.getProperties());
  if (Object.keys(known).length > 0) {
    response.setId(request.getId());
    response.setInputs(request.getInputs());
    response.setProperties(toStruct(withSecrets(kind, known)));
    return response;
  }
  if (kind.adopt === undefined) throw new Error("this resource cannot be imported");
  const made = await kind.adopt(request.getId());
  const adopted = state(kind, {}, made);
  response.setId(made.id);
  response.setInputs(toStruct(inputsOf(kind, adopted)));
  response.setProperties(toStruct(withSecrets(kind, adopted)));
  return response;
}

/** Only changes that keep what was drawn come here. */
function update(request: proto.UpdateRequest): proto.UpdateResponse {
  const kind = kindOf(request.getUrn());
  const drawn = fromStruct(request.getOlds());
  for (const name of Object.keys(kind.attributes)) delete drawn[name];
  const response = new pb.UpdateResponse();
  const outputs = { ...drawn, ...planned(kind, fromStruct(request.getNews())) };
  response.setProperties(toStruct(withSecrets(kind, outputs)));
  return response;
}

/** The methods of the protocol, for a plugin of this version. */
export function provider(version: string): UntypedServiceImplementation {
  return {
    checkConfig: unary((request: proto.CheckRequest) => {
      const response = new pb.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),
    diffConfig: unary(() => new pb.DiffResponse()),
    configure: unary(() => {
      const response = new pb.ConfigureResponse();
      response.setSupportspreview(true);
      response.setAcceptresources(true);
      return response;
    }),
    getPluginInfo: unary(() => {
      const response = new pluginMessages.PluginInfo();
      response.setVersion(version);
      return response;
    }),
    check: unary(check),
    diff: unary(diff),
    create: unary(create),
    read: unary(read),
    update: unary(update),
    delete: unary(() => new emptyMessages.Empty()),
    cancel: unary(() => new emptyMessages.Empty()),
  };
}
