/** Pulumi's provider protocol for the `random` package. */
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type * as proto from "@pulumi/pulumi/proto/provider_pb.js";
import { unary } from "../grpc.ts";
import { emptyMessages, pluginMessages, providerMessages as pb } from "./protocol.ts";
import { Secret, type Fields } from "./values.ts";
import { fromStruct, toStruct } from "./wire.ts";
import { changes, inputsFromState, preview, problems, state, withDefaults } from "./plan.ts";
import { type ResourceType, resourceTypes } from "./resources.ts";

function typeOf(urn: string): ResourceType {
  const token = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const type = resourceTypes[token];
  if (type !== undefined) return type;
  throw new Error(
    `${token} is not supported by this project's substitute for pulumi-resource-random. ` +
      "Install the official plugin with: pulumi plugin install resource random",
  );
}

function withSecrets(type: ResourceType, outputs: Fields): Fields {
  const secrets = type.secret.flatMap((name) => {
    const value = outputs[name];
    return value === undefined ? [] : [[name, new Secret(value)] as const];
  });
  return { ...outputs, ...Object.fromEntries(secrets) };
}

function check(request: proto.CheckRequest): proto.CheckResponse {
  const response = new pb.CheckResponse();
  response.setInputs(request.getNews());
  const failures = problems(typeOf(request.getUrn()), fromStruct(request.getNews())).map(({ property, reason }) => {
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
    typeOf(request.getUrn()),
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
  const type = typeOf(request.getUrn());
  const inputs = fromStruct(request.getProperties());
  const response = new pb.CreateResponse();
  if (request.getPreview()) {
    response.setProperties(toStruct(withSecrets(type, preview(type, inputs))));
    return response;
  }
  const attributes = withDefaults(type, inputs);
  const created = await type.create(attributes);
  response.setId(created.id);
  response.setProperties(toStruct(withSecrets(type, state(type, attributes, created))));
  return response;
}

/** Returns the state, if there is one: a random value exists nowhere else. Otherwise imports the resource by its id. */
async function read(request: proto.ReadRequest): Promise<proto.ReadResponse> {
  const type = typeOf(request.getUrn());
  const response = new pb.ReadResponse();
  const current = fromStruct(request.getProperties());
  if (Object.keys(current).length > 0) {
    response.setId(request.getId());
    response.setInputs(request.getInputs());
    response.setProperties(toStruct(withSecrets(type, current)));
    return response;
  }
  if (type.importById === undefined) throw new Error("resources of this type cannot be imported");
  const imported = await type.importById(request.getId());
  const outputs = state(type, {}, imported);
  response.setId(imported.id);
  response.setInputs(toStruct(inputsFromState(type, outputs)));
  response.setProperties(toStruct(withSecrets(type, outputs)));
  return response;
}

/** Handles changes that do not replace the resource: keeps the generated outputs and updates the attributes. */
function update(request: proto.UpdateRequest): proto.UpdateResponse {
  const type = typeOf(request.getUrn());
  const generated = fromStruct(request.getOlds());
  for (const name of Object.keys(type.attributes)) delete generated[name];
  const response = new pb.UpdateResponse();
  const outputs = { ...generated, ...withDefaults(type, fromStruct(request.getNews())) };
  response.setProperties(toStruct(withSecrets(type, outputs)));
  return response;
}

/** The protocol's methods. `version` is the plugin version that the engine gets. */
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
