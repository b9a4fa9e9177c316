import { configure, copyOfConfiguration, tryPulumi } from "./stack.ts";

describe("a configuration full of mistakes", () => {
  let said: string;

  beforeAll(async () => {
    const spoilt = copyOfConfiguration("spoilt");
    await configure("postgresql.storage", "20Gb", spoilt);
    await configure("postgresql.stroage", "20Gi", spoilt);
    await configure("pgbouncer.maxClientConnections", "many", spoilt);
    await configure("postgresql.namePrefix", "a".repeat(80), spoilt);
    const { code, stdout, stderr } = await tryPulumi(["preview"], spoilt);
    expect(code).not.toBe(0);
    said = stdout + stderr;
  });

  test.each([
    ["a quantity that Kubernetes does not know", "postgresql.storage", "20Gb"],
    ["an unknown key", "postgresql.stroage", "stroage"],
    ["a wrong type", "pgbouncer.maxClientConnections", "many"],
  ])("fails in preview, naming %s with its value and remedy", (_mistake, key, value) => {
    expect(said).toContain(key);
    expect(said).toContain(value);
    expect(said).toMatch(/pulumi config (set|rm) --path '?bana-data-layer:/);
  });
});
