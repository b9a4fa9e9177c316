import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { copyTo, Journal } from "./journal.ts";
import { parseSchema } from "./schema.ts";
import type { Change, State } from "./state.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "journal-test-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const schema = parseSchema({ name: "c", fields: [{ name: "n", type: "int32" }] });
const made: Change = { change: "collection", schema, createdAt: 1, sequence: 0 };
const put = (id: string): Change => ({ change: "put", collection: "c", documents: [{ id, n: 1 }] });
const record = async (journal: Journal, state: State, ...changes: Change[]) => {
  for (const change of changes) state.apply(change);
  await journal.append(changes);
};
const ids = (state: State) => [...(state.find("c")?.documents.keys() ?? [])];
const reopened = async () => {
  const { journal, state } = await Journal.open(directory);
  await journal.close();
  return state;
};

test("what was appended is there again, also without an orderly end", async () => {
  const { journal, state } = await Journal.open(directory);
  await record(journal, state, made, put("1"));
  await Promise.all(["2", "3", "4"].map((id) => record(journal, state, put(id))));
  expect(ids(await reopened())).toEqual(["1", "2", "3", "4"]);
  await journal.close();
});

test("a snapshot takes the log's place, and what is appended meanwhile is not lost", async () => {
  const { journal, state } = await Journal.open(directory);
  await record(journal, state, made, put("1"));
  const all = [record(journal, state, put("2")), journal.snapshot(state), record(journal, state, put("3"))];
  await Promise.all(all);
  expect(readdirSync(directory).sort()).toEqual(["log-1", "snapshot-1"]);
  expect(journal.changesSinceSnapshot).toBe(1);
  const again = await reopened();
  expect(ids(again)).toEqual(["1", "2", "3"]);
  expect(again.find("c")?.sequence).toBe(3);
  await journal.close();
});

test("a line that a kill cut off is nothing, and the next one begins anew", async () => {
  const first = await Journal.open(directory);
  await record(first.journal, first.state, made, put("1"));
  await first.journal.close();
  appendFileSync(path.join(directory, "log-0"), '[{"change":"put","coll');
  const second = await Journal.open(directory);
  await record(second.journal, second.state, put("2"));
  await second.journal.close();
  expect(ids(await reopened())).toEqual(["1", "2"]);
});

test("damage elsewhere is told, not passed over", async () => {
  const { journal, state } = await Journal.open(directory);
  await record(journal, state, made);
  await journal.close();
  const log = path.join(directory, "log-0");
  writeFileSync(log, `${readFileSync(log, "utf8")}rubbish\n[]\n`);
  await expect(Journal.open(directory)).rejects.toThrow(/log-0 is damaged at byte \d+/);
});

test("of a snapshot that was not finished nothing is taken", async () => {
  const { journal, state } = await Journal.open(directory);
  await record(journal, state, made, put("1"));
  await journal.close();
  writeFileSync(path.join(directory, "snapshot-1.tmp"), "half");
  expect(ids(await reopened())).toEqual(["1"]);
  expect(readdirSync(directory)).toEqual(["log-0"]);
});

test("a copy elsewhere can be opened", async () => {
  const { journal, state } = await Journal.open(path.join(directory, "here"));
  await record(journal, state, made, put("1"), { change: "alias", name: "x", collection: "c" });
  await copyTo(path.join(directory, "there"), state);
  const copy = await Journal.open(path.join(directory, "there"));
  expect(ids(copy.state)).toEqual(["1"]);
  expect(copy.state.aliases.get("x")).toBe("c");
  await Promise.all([journal.close(), copy.journal.close()]);
});
