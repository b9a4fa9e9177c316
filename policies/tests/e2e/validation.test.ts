import { validationCases } from "../validation-cases.ts";
import type { Json } from "../support.ts";
import { ApiServer } from "./api-server.ts";

/** What the API server refuses of the objects that `kubernetes/validation/` has rules for. */
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

  test("takes and refuses the same objects", async () => {
    const answers = await Promise.all(
      validationCases.map(async ([title, object, refused]) => {
        const { status, body } = await server.create(`${pathOf(object)}?dryRun=All`, object);
        return {
          title,
          kind: object.kind,
          expected: refused === undefined,
          taken: status === 201,
          message: body.message,
        };
      }),
    );
    const differing = answers.filter(({ expected, taken }) => expected !== taken);
    console.log(`${answers.length - differing.length} objects judged as the API server does`);
    expect(differing).toEqual([]);
  });
});

function pathOf({ kind }: Json): string {
  return pathsByKind[String(kind)] ?? "";
}
