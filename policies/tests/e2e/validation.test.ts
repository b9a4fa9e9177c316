import { validationCases } from "../validation-cases.ts";
import type { Json } from "../support.ts";
import { ApiServer } from "./api-server.ts";

/** The rules of `kubernetes/validation/` against the API server's own validation. */
const kubeconfig = process.env.KUBECONFIG;
const suite = kubeconfig === undefined ? describe.skip : describe;

const pathsByKind: Readonly<Record<string, string>> = {
  NetworkPolicy: "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies",
  Service: "/api/v1/namespaces/default/services",
  Namespace: "/api/v1/namespaces",
  PodDisruptionBudget: "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
};

suite("the API server of KUBECONFIG", () => {
  const server = new ApiServer(kubeconfig ?? "");
  afterAll(() => server.close());

  test("accepts and rejects the same objects", async () => {
    const results = await Promise.all(
      validationCases.map(async ([title, object, invalid]) => {
        const { status, body } = await server.create(`${pathOf(object)}?dryRun=All`, object);
        return {
          title,
          kind: object.kind,
          expected: invalid === undefined,
          accepted: status === 201,
          message: body.message,
        };
      }),
    );
    const differing = results.filter(({ expected, accepted }) => expected !== accepted);
    console.log(`${results.length - differing.length} objects validated as by the API server`);
    expect(differing).toEqual([]);
  });
});

function pathOf({ kind }: Json): string {
  return pathsByKind[String(kind)] ?? "";
}
