import { succeed } from "../command.ts";
import { eventually } from "../eventually.ts";
import { isReady, list, type Pod } from "../kubernetes.ts";
import { objectNames } from "../objects.ts";
import { saveValue } from "../saved-values.ts";
import { session } from "../session.ts";
import { planned, pulumi, pulumiCommand } from "../stack.ts";

/** Seconds for the bring-up: twice what a busy machine with two cores took. */
const bringUp = 1200;

describe("the production layer on an empty cluster", () => {
  test(
    "comes up",
    async () => {
      saveValue("objects of the empty cluster", await objectNames());
      // the outputs would crowd the cause of a failure out of its message
      const up = ["up", "--yes", "--skip-preview", "--suppress-outputs", ...session().mandatoryPolicies];
      const { command, args, options } = pulumiCommand(up);
      await succeed(command, args, { ...options, timeout: bringUp });
    },
    (bringUp + 60) * 1000,
  );

  // An active Pooler may have a pod that is not ready yet.
  test("has all pods Ready and all Jobs completed soon after up ends", async () => {
    await eventually(
      async () => {
        const unready = (await list<Pod>("pods")).filter((pod) => pod.status.phase !== "Succeeded" && !isReady(pod));
        expect(unready.map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`)).toEqual([]);
      },
      { timeout: 60 },
    );
    const pods = await list<Pod>("pods");
    const workloads = new Set(pods.map(({ metadata }) => metadata.name.replace(/-[^-]*$/, "")));
    expect([...workloads]).toEqual(expect.arrayContaining(["nx-postgresql", "nx-redis", "nx-kafka", "nx-typesense"]));
  });

  test("has no changes in a second preview", async () => {
    expect(await planned()).toEqual([]);
  });

  test("has no changes in a refresh", async () => {
    await pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  });
});
