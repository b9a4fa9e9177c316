import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { attempt } from "./command.ts";
import { session } from "./session.ts";
import { pulumiCommand } from "./stack.ts";

interface Kubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: object }[];
  readonly users: readonly { readonly name: string; readonly user: object }[];
  readonly contexts: readonly { readonly name: string }[];
}

const wrong = [
  {
    fault: "a context that is not in the kubeconfig",
    change: (config: Kubeconfig) => ({
      ...config,
      contexts: config.contexts.map((each) => ({ ...each, name: "other" })),
    }),
    cause: /There is no context "[^"]+" in .*: it has "other"\./,
    fix: "pulumi config set --path bana-data-layer:cluster.context NAME",
  },
  {
    fault: "a cluster that does not answer",
    change: (config: Kubeconfig) => ({
      ...config,
      clusters: config.clusters.map((each) => ({
        ...each,
        cluster: { ...each.cluster, server: "https://127.0.0.1:1" },
      })),
    }),
    cause: /The cluster of context "[^"]+", https:\/\/127\.0\.0\.1:1, does not answer: .*ECONNREFUSED/,
    fix: "cluster-info",
  },
  {
    fault: "credentials that are refused",
    change: (config: Kubeconfig) => ({
      ...config,
      users: config.users.map(({ name }) => ({ name, user: { token: "expired" } })),
    }),
    cause: /The cluster of context "[^"]+", https:.*, refuses the credentials \(HTTP 401\)/,
    fix: "auth whoami",
  },
];

describe.each(wrong)("$fault", ({ fault, change, cause, fix }) => {
  test.each(["preview", "up --yes", "up --yes --skip-preview"])(
    "ends pulumi %s with the cause and the fix, before anything is planned",
    async (command) => {
      const { cluster, stateDir } = session();
      const file = join(stateDir, `kubeconfig-${fault.replaceAll(" ", "-")}`);
      writeFileSync(file, stringify(change(parse(readFileSync(cluster.kubeconfig, "utf8")) as Kubeconfig)));
      const line = pulumiCommand(command.split(" "));
      const env = { ...line.options.env, KUBECONFIG: file };
      const { code, stdout, stderr } = await attempt(line.command, line.args, { ...line.options, env, timeout: 60 });
      const output = stdout + stderr;
      expect(code).not.toBe(0);
      expect(output).toMatch(cause);
      expect(output).toContain(fix);
      expect(output).not.toMatch(/\d+ (to create|to update|created|updated)/);
    },
  );
});
