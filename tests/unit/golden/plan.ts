import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

/** A resource as the program asks for it. */
export interface Planned {
  readonly type: string;
  readonly name: string;
  /** Name of the layer's component that it belongs to; of the layer itself for what belongs to no other. */
  readonly component: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Part of the SDK's request to the engine. */
interface RegisterResourceRequest {
  getName(): string;
  getType(): string;
  getParent(): string;
  getDependenciesList(): string[];
}

export const project = path.resolve(import.meta.dirname, "../../..");

/** The value with what `npm start` adds: the credentials of the embedded cluster's object store. */
function completed(key: string, value: unknown): unknown {
  if (!key.endsWith(":objectStore")) return value;
  return { credentials: { accessKeyId: "id", secretAccessKey: "key" }, ...(value as object) };
}

/** All configuration of a stack, as Pulumi hands it to the program: structured values as JSON. */
export function configurationOf(stack: string): Record<string, string> {
  const read = (file: string) =>
    parse(readFileSync(path.join(project, file), "utf8")) as { config: Record<string, unknown> };
  const { config: declared } = read("Pulumi.yaml");
  const { config: given } = read(`Pulumi.${stack}.yaml`);
  const defaults = Object.entries(declared).flatMap(([key, declaration]) =>
    typeof declaration === "object" && declaration !== null && "default" in declaration
      ? [[key, declaration.default] as const]
      : [],
  );
  const merged = Object.fromEntries(
    Object.entries({ ...Object.fromEntries(defaults), ...given }).map(([key, value]) => [key, completed(key, value)]),
  );
  return Object.fromEntries(
    Object.entries(merged).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** The configuration with short manifests of operators: the releases are not part of this repository. */
export function withManifests(config: Readonly<Record<string, string>>): Record<string, string> {
  const key = "bana-data-layer:operators";
  const given = JSON.parse(config[key] ?? "{}") as Partial<Record<string, object>>;
  const from = (name: string, file: string) => {
    const manifest = path.join(import.meta.dirname, "operators", file);
    const sha256 = createHash("sha256").update(readFileSync(manifest)).digest("hex");
    return { ...given[name], manifest, sha256 };
  };
  const operators = {
    ...given,
    cloudNativePg: from("cloudNativePg", "cloudnative-pg.yaml"),
    barmanCloud: from("barmanCloud", "barman-cloud.yaml"),
  };
  return { ...config, [key]: JSON.stringify(operators) };
}

/** What the program asks for and what it tells. */
export interface Plan {
  readonly resources: readonly Planned[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Names of what a resource waits for, by its type and name. */
  readonly waits: ReadonlyMap<string, readonly string[]>;
}

let planned: { readonly stack: string; readonly plan: Promise<Plan> } | undefined;

/**
 * What the program of a stack asks for, against stand-ins for engine and providers.
 * @throws Error when asked for a second stack: one a test file, for Pulumi keeps global state
 */
export async function planOf(stack: string): Promise<Plan> {
  planned ??= { stack, plan: run(stack) };
  if (planned.stack !== stack) throw new Error(`this file has run stack ${planned.stack} already`);
  return planned.plan;
}

/** "TYPE NAME", which is unique in a stack of ours. */
function typeAndName(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split("$").at(-1) ?? ""} ${name}`;
}

/** The ancestor right below the layer. */
function componentOf(resource: string, parents: ReadonlyMap<string, string>): string {
  const layer = "bana:data:DataLayer ";
  let [child, parent] = [resource, parents.get(resource) ?? ""];
  while (!parent.startsWith(layer) && parents.has(parent)) [child, parent] = [parent, parents.get(parent) ?? ""];
  return (child.startsWith("bana:") ? child : parent).split(" ")[1] ?? "";
}

const answerEmpty = (_request: unknown, done: (error: null, answer: object) => void): void => {
  done(null, {});
};

async function run(stack: string): Promise<Plan> {
  const resources: Planned[] = [];
  const parents = new Map<string, string>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        const own = inputs as Record<string, unknown>;
        if (!type.startsWith("bana:") && type !== "pulumi:pulumi:Stack")
          resources.push({ type, name, component: componentOf(`${type} ${name}`, parents), inputs: own });
        const generated = type.endsWith("Uuid") ? "00000000-0000-4000-8000-000000000000" : `generated-${name}`;
        const result = type.startsWith("random:") ? { result: generated } : {};
        return { id: id ?? name, state: { ...own, ...result } };
      },
      call: () => ({}),
    },
    "bana-data-layer",
    stack,
  );
  const waits = new Map<string, string[]>();
  const monitor = pulumi.runtime.getMonitor() as unknown as Record<string, (...args: unknown[]) => unknown>;
  const { registerResource } = monitor;
  Object.assign(monitor, {
    registerResource: (request: RegisterResourceRequest, ...rest: unknown[]) => {
      const resource = `${request.getType()} ${request.getName()}`;
      waits.set(
        resource,
        request.getDependenciesList().map((urn) => urn.split("::").at(-1) ?? ""),
      );
      parents.set(resource, typeAndName(request.getParent()));
      return registerResource?.call(monitor, request, ...rest);
    },
    // The SDK's stand-in for the engine does not know hooks.
    registerResourceHook: answerEmpty,
    registerErrorHook: answerEmpty,
  });
  pulumi.runtime.setAllConfig(withManifests(configurationOf(stack)));
  // There is no cluster to reach. It would have what the settings expect.
  jest.doMock("../../../components/cluster-access.ts", () => ({ checkClusterAccess: () => Promise.resolve() }));
  jest.doMock("../../../components/operators/cluster-reader.ts", () => ({
    clusterReader: () =>
      Promise.resolve({
        servedVersions: () => Promise.resolve(["v1"]),
        imageOf: () => Promise.resolve("quay.io/strimzi/operator:1.0.1"),
      }),
    installedOperators: () => Promise.resolve({ isOurs: () => Promise.resolve(false) }),
  }));
  jest.doMock("../../../components/postgresql/cloudnative-pg/deletion.ts", () => ({
    liveClusters: () => Promise.resolve([]),
    checkDeletions: () => Promise.resolve(),
  }));
  jest.doMock("../../../components/cluster-client.ts", () => ({ clientOf: () => Promise.resolve({}) }));
  const { program } = await import("../../../program.ts");
  const exported = await program();
  await pulumi.runtime.disconnect();
  const outputs = await new Promise<Record<string, unknown>>((resolve) => {
    pulumi.output<Record<string, unknown>>(exported).apply((values) => {
      resolve(values);
    });
  });
  return { resources, outputs, waits };
}
