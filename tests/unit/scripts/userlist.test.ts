import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const script = path.resolve(import.meta.dirname, "../../../components/pgbouncer/write-userlist.sh");
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "bana-userlist-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function userlistOf(roles: Readonly<Record<string, readonly [string, string]>>): string {
  for (const [name, [username, password]] of Object.entries(roles)) {
    const role = path.join(folder, "credentials", name);
    mkdirSync(role, { recursive: true });
    writeFileSync(path.join(role, "username"), username);
    writeFileSync(path.join(role, "password"), password);
  }
  const userlist = path.join(folder, "userlist.txt");
  const env = { PATH: process.env["PATH"], CREDENTIALS: path.join(folder, "credentials"), USERLIST: userlist };
  expect(spawnSync("sh", [script], { env, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  expect(statSync(userlist).mode & 0o777).toBe(0o600);
  return readFileSync(userlist, "utf8");
}

test("every Secret becomes a line of the userlist", () => {
  expect(userlistOf({ app: ["nx_seller_operator", "secret"], superuser: ["postgres", "other"] })).toBe(
    '"nx_seller_operator" "secret"\n"postgres" "other"\n',
  );
});

test("special characters are preserved", () => {
  expect(userlistOf({ app: ['o"brien', 'a"b\\c$d%s e'] })).toBe('"o""brien" "a""b\\c$d%s e"\n');
});
