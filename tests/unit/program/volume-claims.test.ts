import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { VolumeClaims } from "../../../components/volume-claims.ts";

/** Part of the SDK's request to the engine. */
interface RegisterResourceRequest {
  getName(): string;
  getRetainondelete(): boolean;
  getProtect(): boolean;
}

test("a claim stays in the cluster when its store leaves the stack, and is protected as the settings say", async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs as object }),
    call: () => ({}),
  });
  const asked: object[] = [];
  const monitor = pulumi.runtime.getMonitor() as unknown as Record<string, (...args: unknown[]) => unknown>;
  const { registerResource } = monitor;
  Object.assign(monitor, {
    registerResource: (request: RegisterResourceRequest, ...rest: unknown[]) => {
      const [name, retain, protect] = [request.getName(), request.getRetainondelete(), request.getProtect()];
      if (name.startsWith("data-")) asked.push({ name, retain, protect });
      return registerResource?.call(monitor, request, ...rest);
    },
    // The SDK's stand-in for the engine does not know hooks.
    registerResourceHook: (_request: unknown, done: (error: null, answer: object) => void) => {
      done(null, {});
    },
  });
  for (const protect of [true, false]) {
    const claims = new VolumeClaims({ storageClass: "standard", protect });
    const claim = claims.claim(`nx-postgresql-${String(protect)}-0`, "nx-persistent", "1Gi", {});
    await new Promise<void>((resolve) => {
      (claim as pulumi.CustomResource).id.apply(() => {
        resolve();
      });
    });
  }
  expect(asked).toEqual([
    { name: "data-nx-postgresql-true-0", retain: true, protect: true },
    { name: "data-nx-postgresql-false-0", retain: true, protect: false },
  ]);
});
