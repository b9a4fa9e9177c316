import { KubernetesPolicies } from "../index.ts";

test("the class gives policies and configuration to a pack of one's own, and starts nothing", () => {
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

test("each pack has exemptions of its own", () => {
  expect(new KubernetesPolicies().policies[0]).not.toBe(new KubernetesPolicies().policies[0]);
  expect(new KubernetesPolicies().config).toEqual({ all: "advisory" });
});
