import { diagnostics, progress } from "../../../launcher/pulumi-output.ts";

const unchanged = "Previewing update (local):\n\n@ previewing update....\n\nResources:\n    56 unchanged\n";

test("a preview is unchanged only if no resource and no output changes", () => {
  expect(progress.isUnchanged(unchanged)).toBe(true);
  expect(progress.isUnchanged(unchanged.replace("56 unchanged", "~ 1 to update\n    55 unchanged"))).toBe(false);
  expect(progress.isUnchanged(unchanged.replace("Resources:", "Outputs:\n  + a: 1\n\nResources:"))).toBe(false);
});

test("the summary gives the counts of changes", () => {
  const output =
    " +  random:index:RandomId id created (1s)\nResources:\n    + 3 created\n    ~ 1 updated\n    4 changes. 2 unchanged\n\nDuration: 3s\n";
  expect(progress.summary(output)).toBe("3 created, 1 updated, 4 changes. 2 unchanged");
});

test("a progress line gives its step, other lines give none", () => {
  expect(progress.step(" +  kubernetes:core/v1:Namespace nx-backend creating (0s)")).toBe(
    "Namespace nx-backend creating (0s)",
  );
  expect(progress.step("@ updating....")).toBeUndefined();
  expect(progress.step("    pulumi:pulumi:Stack bana-local running")).toBeUndefined();
});

test("diagnostics are Pulumi's, without warnings about plugins on PATH", () => {
  const output = [
    "@ updating",
    "Diagnostics:",
    "  pulumi:pulumi:Stack (s):",
    "    warning: using pulumi-resource-random from $PATH at /usr/bin/pulumi-resource-random",
    "    error: no",
    "",
    "Resources:",
    "    1 unchanged",
  ].join("\n");
  expect(diagnostics(output)).toBe("  pulumi:pulumi:Stack (s):\n    error: no");
  expect(diagnostics("error: no stack named 'x' found\n")).toBe("error: no stack named 'x' found");
});

test("diagnostics end with the mandatory policy violations", () => {
  const output = [
    "Policies:",
    "    ❌ kubernetes-policies@v0.1.0 (local: policies)",
    "        - [advisory] [severity: medium]  network  (kubernetes:core/v1:Namespace: shop)",
    "          Cannot be evaluated.",
    "        - [mandatory] [severity: medium]  image-tag  (kubernetes:core/v1:Pod: web)",
    "          Fix: use a version tag.",
    "",
    "Diagnostics:",
    "  pulumi:pulumi:Stack (s):",
    "    error: preview failed",
  ].join("\n");
  expect(diagnostics(output).split("\n")).toEqual([
    "  pulumi:pulumi:Stack (s):",
    "    error: preview failed",
    "        - [mandatory] [severity: medium]  image-tag  (kubernetes:core/v1:Pod: web)",
    "          Fix: use a version tag.",
  ]);
});

test("policies that Pulumi did not finish because of another error are no diagnostics", () => {
  const refused = '    error: Preview failed: before hook "refuse-shrinking" failed: volume data-nx-redis-2 has 1Gi';
  const canceled = [
    "  kubernetes:networking.k8s.io/v1:NetworkPolicy (nx-internal-allow-dns):",
    "    error: failed to run remediation: context canceled",
    "",
    "  kubernetes:core/v1:Service (nx-kafka):",
    "    error: failed to run policy: rpc error: code = Canceled desc = context canceled",
    "",
  ];
  const claim = ["  kubernetes:core/v1:PersistentVolumeClaim (data-nx-redis-2):", refused, ""];
  const report = (...lines: string[]) => ["Diagnostics:", ...lines, "Resources:", "    4 errored"].join("\n");
  expect(diagnostics(report(...claim, ...canceled))).toBe(claim.slice(0, 2).join("\n"));
  expect(diagnostics(report(...canceled, ...claim))).toBe(claim.slice(0, 2).join("\n"));
  expect(diagnostics(report(...canceled))).toContain("context canceled");
});
