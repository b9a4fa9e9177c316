import { drift, preview, run, up } from "./ci-commands.ts";
import { get, kubectl } from "./kubernetes.ts";

describe("the commands for CI", () => {
  test("preview a stack with the mandatory policy pack", async () => {
    const local = await run(preview, "local");
    expect(local).toMatchObject({ code: 0, stdout: expect.stringContaining("kubernetes-policies@") as unknown });
  });

  test("update a stack with the mandatory policy pack", async () => {
    expect(await run(up, "local")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("kubernetes-policies@") as unknown,
    });
  });

  test("detect a manual change as drift, and report no drift otherwise", async () => {
    expect(await run(drift, "local")).toMatchObject({ code: 0 });
    const service = ["service", "nx-pgbouncer", "--namespace", "nx-persistent"];
    const label = (change: string) => kubectl(["label", "--overwrite", ...service, change]);
    const { metadata } = await get("service", { namespace: "nx-persistent", name: "nx-pgbouncer" });
    const [[name, value] = []] = Object.entries(metadata.labels ?? {});
    await label(`${name}=by-hand`);
    const { code, stdout } = await run(drift, "local");
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/Service nx-pgbouncer update/);
    await label(`${name}=${value}`);
    expect(await run(drift, "local")).toMatchObject({ code: 0 });
  });
});
