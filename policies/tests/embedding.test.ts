import { KubernetesPolicies } from "../index.ts";

test("KubernetesPolicies returns policies and configuration for another pack, and starts no server", () => {
  const { policies, config } = new KubernetesPolicies({
    all: "mandatory",
    network: { elsewhere: "disabled" },
    probes: "disabled",
  });
  expect(policies.map(({ name }) => name)).toContain("pod-security");
  expect(config).toEqual({
    all: "mandatory",
    network: { enforcementLevel: "mandatory", elsewhere: "disabled" },
    probes: "disabled",
  });
});

test("instances do not share exemptions", () => {
  expect(new KubernetesPolicies().policies[0]).not.toBe(new KubernetesPolicies().policies[0]);
  expect(new KubernetesPolicies().config).toEqual({ all: "advisory" });
});
