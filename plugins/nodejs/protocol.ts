/** Pulumi's language host protocol. Loaded with `require`: see `../grpc.ts`. */
import { createRequire } from "node:module";
import type * as LanguageService from "@pulumi/pulumi/proto/language_grpc_pb.js";
import type * as LanguageMessages from "@pulumi/pulumi/proto/language_pb.js";
import type * as PluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as EmptyMessages from "google-protobuf/google/protobuf/empty_pb.js";

const require = createRequire(import.meta.url);

export const languageService = require("@pulumi/pulumi/proto/language_grpc_pb.js") as typeof LanguageService;
export const languageMessages = require("@pulumi/pulumi/proto/language_pb.js") as typeof LanguageMessages;
export const pluginMessages = require("@pulumi/pulumi/proto/plugin_pb.js") as typeof PluginMessages;
export const emptyMessages = require("google-protobuf/google/protobuf/empty_pb.js") as typeof EmptyMessages;
