/**
 * Pulumi's plugin protocol and what it is written with. These CommonJS packages are loaded with `require`: `import` would
 * first read through half a megabyte of generated code for export names, at every start.
 */
import { createRequire } from "node:module";
import type * as EngineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type * as EngineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import type * as PluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as ProviderService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type * as ProviderMessages from "@pulumi/pulumi/proto/provider_pb.js";
import type * as StatusMessages from "@pulumi/pulumi/proto/status_pb.js";
import type * as AnyMessages from "google-protobuf/google/protobuf/any_pb.js";
import type * as EmptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import type * as StructMessages from "google-protobuf/google/protobuf/struct_pb.js";

const require = createRequire(import.meta.url);

export const engineService = require("@pulumi/pulumi/proto/engine_grpc_pb.js") as typeof EngineService;
export const engineMessages = require("@pulumi/pulumi/proto/engine_pb.js") as typeof EngineMessages;
export const pluginMessages = require("@pulumi/pulumi/proto/plugin_pb.js") as typeof PluginMessages;
export const providerService = require("@pulumi/pulumi/proto/provider_grpc_pb.js") as typeof ProviderService;
export const providerMessages = require("@pulumi/pulumi/proto/provider_pb.js") as typeof ProviderMessages;
export const statusMessages = require("@pulumi/pulumi/proto/status_pb.js") as typeof StatusMessages;
export const anyMessages = require("google-protobuf/google/protobuf/any_pb.js") as typeof AnyMessages;
export const emptyMessages = require("google-protobuf/google/protobuf/empty_pb.js") as typeof EmptyMessages;
export const structMessages = require("google-protobuf/google/protobuf/struct_pb.js") as typeof StructMessages;
