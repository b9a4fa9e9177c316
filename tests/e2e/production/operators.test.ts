import type { Result } from "../command.ts";
import { configure, copyOfConfiguration, tryPulumi, unset } from "../stack.ts";

const otherHash = "0".repeat(64);

const textOf = ({ stdout, stderr }: Result): string => stdout + stderr;

test("a manifest with another SHA-256 ends the preview, which names both", async () => {
  const copy = copyOfConfiguration("other-hash");
  await configure("operators.cloudNativePg.sha256", otherHash, copy);
  const result = await tryPulumi(["preview"], copy);
  expect(result.code).not.toBe(0);
  expect(textOf(result)).toMatch(new RegExp(`its SHA-256 is [0-9a-f]{64}, expected ${otherHash}`));
});

test("operators that objects need are not removed: the preview ends and names the objects", async () => {
  const copy = copyOfConfiguration("existing-operators");
  for (const operator of ["cloudNativePg", "barmanCloud"]) {
    await unset(`operators.${operator}.manifest`, copy);
    await configure(`operators.${operator}.mode`, "existing", copy);
  }
  const result = await tryPulumi(["preview"], copy);
  expect(result.code).not.toBe(0);
  expect(textOf(result)).toMatch(
    /cnpg-controller-manager cannot be deleted while .* Cluster nx-persistent\/nx-postgresql,/,
  );
});
