import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import type { Resource } from "../kubernetes/objects.ts";
import type { KubernetesPoliciesArgs } from "../policies.ts";

/** A violation, as the pack reports it to the engine. */
export interface Diagnostic {
  readonly policy: string;
  readonly level: string;
  readonly message: string;
  readonly urn: string;
}

/** The engine sends these values for a string and an object that are unknown in a preview. */
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const unknownObject = "dd056dcd-154b-4c76-9bd3-c8f88648b5ff";

export function secret(value: unknown): unknown {
  return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}

type Callback<T> = (error: grpc.ServiceError | null, response: T) => void;

/** The compiled pack in its own process, called over gRPC as by Pulumi's engine. */
export class RunningPack {
  private readonly process: ChildProcess;
  private readonly client: AnalyzerClient;
  private policies: readonly string[] = [];

  private constructor(process: ChildProcess, port: string) {
    this.process = process;
    this.client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
    });
  }

  static async start(): Promise<RunningPack> {
    const directory = join(__dirname, "..");
    const child = spawn(process.execPath, [join(directory, "bin", "pack.js")], {
      cwd: directory,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout });
    const [port] = (await once(lines, "line")) as [string];
    const pack = new RunningPack(child, port);
    const info = await call<proto.AnalyzerInfo>((done) => pack.client.getAnalyzerInfo(new Empty(), done));
    pack.policies = info.getPoliciesList().map((policy) => policy.getName());
    return pack;
  }

  async stop(): Promise<void> {
    this.client.close();
    this.process.kill();
    if (this.process.exitCode === null) await once(this.process, "exit");
  }

  /** Replaces the configuration of all policies, then analyzes the stack's root resource, as the engine does. */
  async configure(args: KubernetesPoliciesArgs = {}): Promise<void> {
    const request = new proto.ConfigureAnalyzerRequest();
    for (const policy of this.policies) {
      const given = args[policy as keyof KubernetesPoliciesArgs] ?? {};
      const { enforcementLevel, ...settings } = typeof given === "string" ? { enforcementLevel: given } : given;
      const config = new proto.PolicyConfig();
      config.setEnforcementlevel(levels[enforcementLevel ?? args.all ?? "advisory"]);
      config.setProperties(struct(settings));
      request.getPolicyconfigMap().set(policy, config);
    }
    await call((done: Callback<unknown>) => this.client.configure(request, done));
    await this.analyze({
      type: "pulumi:pulumi:Stack",
      name: "test",
      urn: "urn:pulumi:test::test::pulumi:pulumi:Stack::test",
      props: {},
    });
  }

  async analyze(resource: Resource): Promise<readonly Diagnostic[]> {
    const request = describe(resource, new proto.AnalyzeRequest());
    return diagnostics(await call((done) => this.client.analyze(request, done)));
  }

  async analyzeStack(resources: readonly Resource[]): Promise<readonly Diagnostic[]> {
    const request = new proto.AnalyzeStackRequest();
    request.setResourcesList(resources.map((resource) => describe(resource, new proto.AnalyzerResource())));
    return diagnostics(await call((done) => this.client.analyzeStack(request, done)));
  }

  /** Analyzes each resource, then the stack, as a preview or update does. */
  async analyzeAll(resources: readonly Resource[]): Promise<readonly Diagnostic[]> {
    const each: Diagnostic[] = [];
    for (const resource of resources) each.push(...(await this.analyze(resource)));
    return [...each, ...(await this.analyzeStack(resources))];
  }

  /** The properties after all remediations; undefined if nothing was changed. */
  async remediate(resource: Resource): Promise<unknown> {
    const request = describe(resource, new proto.AnalyzeRequest());
    const response = await call<proto.RemediateResponse>((done) => this.client.remediate(request, done));
    return response.getRemediationsList().at(-1)?.getProperties()?.toJavaScript();
  }
}

const levels = {
  advisory: proto.EnforcementLevel.ADVISORY,
  mandatory: proto.EnforcementLevel.MANDATORY,
  disabled: proto.EnforcementLevel.DISABLED,
  remediate: proto.EnforcementLevel.REMEDIATE,
};

function describe<T extends proto.AnalyzeRequest | proto.AnalyzerResource>(resource: Resource, message: T): T {
  message.setType(resource.type);
  message.setUrn(resource.urn);
  message.setName(resource.name);
  message.setProperties(struct(resource.props));
  message.setOptions(new proto.AnalyzerResourceOptions());
  if (resource.provider !== undefined) {
    const provider = new proto.AnalyzerProviderResource();
    provider.setProperties(struct(resource.provider.props));
    message.setProvider(provider);
  }
  return message;
}

function struct(value: unknown): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(value)) as Record<string, JavaScriptValue>);
}

function diagnostics(response: proto.AnalyzeResponse): readonly Diagnostic[] {
  const names = Object.entries(levels);
  return response.getDiagnosticsList().map((diagnostic) => ({
    policy: diagnostic.getPolicyname(),
    level: names.find(([, level]) => level === diagnostic.getEnforcementlevel())?.[0] ?? "",
    message: diagnostic.getMessage(),
    urn: diagnostic.getUrn(),
  }));
}

function call<T>(send: (done: Callback<T>) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    send((error, response) => (error === null ? resolve(response) : reject(error)));
  });
}
