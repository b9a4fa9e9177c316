import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly if?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

const root = join(__dirname, "..", "..");
const { jobs } = parse(readFileSync(join(root, ".github", "workflows", "pulumi.yaml"), "utf8")) as {
  jobs: Record<string, Job>;
};

const pulumiSteps = (job: string) =>
  jobs[job]?.steps.filter(({ uses }) => uses?.startsWith("pulumi/actions@")).map((step) => step.with) ?? [];
const pack = { policyPacks: "policies", policyPackConfigs: "policies/mandatory.json" };

test("a pull request gets a preview with the mandatory pack as a comment", () => {
  expect(jobs.preview?.if).toContain("pull_request");
  expect(jobs.preview?.permissions).toEqual({ contents: "read", "pull-requests": "write" });
  expect(pulumiSteps("preview")).toMatchObject([{ command: "preview", "comment-on-pr": true, ...pack }]);
});

test("main is deployed to its environment after a preview with the pack", () => {
  expect(jobs.up?.environment).toBe("${{ matrix.stack }}");
  expect(pulumiSteps("up")).toMatchObject([
    { command: "preview", ...pack },
    { command: "up", ...pack },
  ]);
});

test("drift is detected every night", () => {
  expect(pulumiSteps("drift")).toMatchObject([{ command: "preview", refresh: true, "expect-no-changes": true }]);
});

test("the files of the workflow exist, and the pack is mandatory: it exempts only operators, which need the API server", () => {
  expect(existsSync(join(root, ".github", "actions", "prepare", "action.yaml"))).toBe(true);
  const operator = (namespace: string, name: string) => ({
    namespace,
    kind: "Deployment",
    name,
    reason: expect.stringMatching(/API server/) as string,
  });
  expect(JSON.parse(readFileSync(join(root, pack.policyPackConfigs), "utf8"))).toEqual({
    all: "mandatory",
    // The object store (S3) has no fixed addresses.
    network: { allowedExternalPorts: [443] },
    "service-account-token": {
      exemptions: [
        operator("cnpg-system", "cnpg-controller-manager"),
        operator("cnpg-system", "barman-cloud"),
        operator("strimzi", "strimzi-cluster-operator"),
      ],
    },
  });
});
