import { attempt, type Result, succeed } from "./command.ts";
import { get, kubectl, type KubernetesObject } from "./kubernetes.ts";
import { launcherCommand, startCommand } from "./npm-start.ts";
import { pulumi } from "./stack.ts";

interface Secret extends KubernetesObject {
  readonly data: Readonly<Record<string, string>>;
}

const secret = { namespace: "nx-broker", name: "nx-redis-secret" };

const status = async (): Promise<Result> => attempt(...launcherCommand("status"));

/** The objects that `npm run status` reports, sorted. */
const differing = ({ stdout }: Result): string[] =>
  [...stdout.matchAll(/^object {3}differs +(.*)$/gm)].map(([, line = ""]) => line).sort();

const typesense = async (...request: string[]): Promise<string> =>
  succeed(...launcherCommand("connect", "typesense", "--", ...request));

/** Changes objects as somebody would by hand. */
async function changeByHand(): Promise<void> {
  const replicas = ["deployment/nx-pgbouncer", "--namespace=nx-persistent", "--replicas=0"];
  const port = '{"data":{"APP_ENV_TYPESENSE_PORT":"1"}}';
  const key = '{"data":{"TYPESENSE_API_KEY":"b3RoZXI="}}';
  const merge = ["--type=merge", "--patch"];
  await Promise.all([
    kubectl(["delete", "secret", secret.name, "--namespace", secret.namespace]),
    kubectl(["delete", "networkpolicy", "allow-from-pgbouncer", "--namespace=nx-persistent"]),
    kubectl(["delete", "statefulset", "nx-typesense", "--namespace=nx-search"]),
    kubectl(["scale", ...replicas]),
    kubectl(["patch", "configmap", "shared-config", "--namespace=nx-backend", ...merge, port]),
    kubectl(["patch", "secret", "nx-typesense-secret", "--namespace=nx-search", ...merge, key]),
    kubectl(["label", "service", "nx-kafka", "--namespace=nx-broker", "app.kubernetes.io/part-of=x", "--overwrite"]),
  ]);
}

test("an untouched layer: npm run status exits 0 and npm start repairs nothing", async () => {
  const [shown, started] = await Promise.all([status(), succeed(...startCommand())]);
  expect({ code: shown.code, differing: differing(shown) }).toEqual({ code: 0, differing: [] });
  expect(started).toMatch(/The data layer is running \(\d+ unchanged;/);
  expect(started).not.toContain("Repairing");
});

test("what somebody deleted or changed: npm run status names it and exits 1, npm start repairs it", async () => {
  const { data } = await get<Secret>("secret", secret);
  await typesense("POST", "/collections", '{"name":"drift","fields":[{"name":"title","type":"string"}]}');
  await changeByHand();

  const told = await status();
  expect(told.code).toBe(1);
  expect(differing(told)).toEqual([
    'ConfigMap nx-backend/shared-config: data.APP_ENV_TYPESENSE_PORT is "1" instead of "8108"',
    "Deployment nx-persistent/nx-pgbouncer: spec.replicas is 0 instead of 1",
    "NetworkPolicy nx-persistent/allow-from-pgbouncer: missing",
    "Secret nx-broker/nx-redis-secret: missing",
    "Secret nx-search/nx-typesense-secret: data.TYPESENSE_API_KEY has changed",
    'Service nx-broker/nx-kafka: metadata.labels["app.kubernetes.io/part-of"] is "x" instead of "bana-data-layer"',
    "StatefulSet nx-search/nx-typesense: missing",
  ]);

  const started = await succeed(...startCommand());
  expect(started).toContain("Repairing what differs from the stack");
  for (const line of differing(told)) expect(started).toContain(line);
  const after = await status();
  expect({ code: after.code, differing: differing(after) }).toEqual({ code: 0, differing: [] });
  await pulumi("preview", "--expect-no-changes");
  // the password and the volume are the former ones
  expect((await get<Secret>("secret", secret)).data).toEqual(data);
  expect(await typesense("DELETE", "/collections/drift")).toContain('"title"');
});
