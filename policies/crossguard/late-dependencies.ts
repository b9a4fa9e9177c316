import { createRequire } from "node:module";

// The Pulumi SDK loads npm's resolver of dependencies, a third of the pack's start, for the serialization of functions, which no
// pack has to do. It is loaded when something asks for it.
const policySdk = createRequire(require.resolve("@pulumi/policy/package.json"));
const pulumiSdk = createRequire(policySdk.resolve("@pulumi/pulumi/package.json"));

function loadLate(name: string): void {
  let file: string;
  try {
    file = pulumiSdk.resolve(name);
  } catch {
    return; // Another version of the SDK can do without.
  }
  const load = (): Record<string | symbol, unknown> => {
    delete require.cache[file]; // the placeholder makes way
    return pulumiSdk(file) as Record<string | symbol, unknown>;
  };
  const exports = new Proxy({}, { get: (_, property) => (property === "__esModule" ? true : load()[property]) });
  require.cache[file] = { id: file, filename: file, loaded: true, exports } as NodeJS.Module;
}

loadLate("@npmcli/arborist");
