import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ApplicationPod } from "./application-pod.ts";
import { attempt } from "./command.ts";
import { kubectlCommand } from "./kubernetes.ts";

/** A file that docs/clients.md shows, with what it prints; `expected` is missing for a file that another one reads. */
interface Example {
  readonly file: string;
  readonly text: string;
  readonly expected?: string;
}

interface Printed {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Code blocks whose first line names a file, each with the block `text` after it, by section of the page. */
const sections = readFileSync(join(__dirname, "../../docs/clients.md"), "utf8")
  .split(/^## /m)
  .map((section) =>
    [...section.matchAll(/^```\w+ (\S+)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?/gms)].map(
      ([, file = "", text = "", expected]): Example => ({ file, text, expected }),
    ),
  );
const manifests = sections.flat().filter(({ file }) => file.endsWith(".yaml"));
const programs = sections.flat().filter(({ expected }) => expected !== undefined);

const pod = new ApplicationPod("clients-page", "clients-page.mjs");
const clean = (): Promise<string> => pod.run(["clean"], { timeout: 60 });

beforeAll(async () => {
  await pod.start();
});
afterAll(() => pod.remove());

describe("an example of docs/clients.md", () => {
  let printed: Readonly<Record<string, Printed>>;

  beforeAll(async () => {
    await clean();
    const files = sections.map((section) => section.filter(({ file }) => !file.endsWith(".yaml")));
    printed = JSON.parse(await pod.run(["run", JSON.stringify(files)], { timeout: 180 })) as typeof printed;
  });
  afterAll(clean);

  test.each(programs)("$file prints what the page says", ({ file, expected }) => {
    expect(printed[file]).toMatchObject({ code: 0, stdout: expected });
  });

  test.each(manifests)("$file is within the Pod Security level of nx-backend", async ({ text }) => {
    const { command, args } = kubectlCommand(["apply", "--dry-run=server", "--filename=-"]);
    const { code, stderr } = await attempt(command, args, { input: text });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

describe("a time that the database wrote", () => {
  const hoursOff = async (variables: Readonly<Record<string, string>>): Promise<unknown> =>
    JSON.parse(
      await new ApplicationPod("clients-page", "time-zone.mjs").run([], { timeout: 60, variables }),
    ) as unknown;

  test("is read right with the time zone of shared-config", async () => {
    const right = { plain: 0, zoned: 0, written: 0 };
    expect(await hoursOff({})).toEqual({ "node-pg": right, TypeORM: right });
  });

  test("is read 7 hours ahead from `timestamp` in UTC, and right from `timestamptz`", async () => {
    const ahead = { plain: 7, zoned: 0, written: 0 };
    expect(await hoursOff({ TZ: "UTC" })).toEqual({ "node-pg": ahead, TypeORM: ahead });
  });
});
