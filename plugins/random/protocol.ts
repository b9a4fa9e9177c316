/** Pulumi's provider protocol. Loaded with `require`: see `../grpc.ts`. */
import { createRequire } from "node:module";
import type * as PluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as ProviderService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type * as ProviderMessages from "@pulumi/pulumi/proto/provider_pb.js";
import type * as EmptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import type * as StructMessages from "google-protobuf/google/protobuf/struct_pb.js";

const require = createRequire(import.meta.url);

export const pluginMessages = require("@pulumi/pulumi/proto/plugin_pb.js") as typeof PluginMessages;
export const providerService = require("@pulumi/pulumi/proto/provider_grpc_pb.js") as typeof ProviderService;
export const providerMessages = require("@pulumi/pulumi/proto/provider_pb.js") as typeof ProviderMessages;
export const emptyMessages = require("google-protobuf/google/protobuf/empty_pb.js") as typeof EmptyMessages;
export const structMessages = require("google-protobuf/google/protobuf/struct_pb.js") as typeof StructMessages;
