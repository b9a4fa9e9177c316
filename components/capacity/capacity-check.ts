import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import { capacityFindings } from "./findings.ts";
import { poolsOf } from "./pools.ts";
import type { PlannedResource } from "./workload.ts";
import { workloadsOf } from "./workloads.ts";

/** Pods have no place on the nodes that the settings declare. The message lists all of them, each with the fix. */
export class NoCapacity extends pulumi.RunError {
  /** Pulumi would print it in addition to the message. */
  override readonly stack = "";

  constructor(problems: readonly string[]) {
    super(
      "The declared nodes have no place for all pods; nothing was changed.\n" +
        problems.map((problem) => `  - ${problem}`).join("\n"),
    );
  }
}

/**
 * Counts what a component's pods request, before any of its resources is registered: the component depends on the check,
 * and Pulumi registers children after their parents. The requests come from the resources themselves, so that they are
 * those that take effect, with those of operators' manifests.
 */
export class CapacityCheck {
  readonly #nodePools: Settings["nodePools"];
  readonly #planned: PlannedResource[] = [];
  readonly #passed: Promise<[]>;
  #pass: () => void = () => undefined;

  constructor(nodePools: Settings["nodePools"]) {
    this.#nodePools = nodePools;
    this.#passed = new Promise((resolve) => {
      this.#pass = () => {
        resolve([]);
      };
    });
  }

  /** Options of the component. */
  get options(): pulumi.ComponentResourceOptions {
    return {
      dependsOn: this.#passed,
      transformations: [
        ({ type, props }) => {
          this.#planned.push({ type, inputs: props });
          return undefined;
        },
      ],
    };
  }

  /**
   * Lets the component's resources be registered. Call it when the component is made.
   * @throws NoCapacity if pods have no place on the declared nodes
   */
  run(): void {
    const pools = poolsOf(workloadsOf(this.#planned), this.#nodePools);
    const { problems, warnings } = capacityFindings(pulumi.getProject(), pools);
    if (problems.length > 0) throw new NoCapacity(problems);
    for (const warning of warnings) void pulumi.log.warn(warning);
    this.#pass();
  }
}
