import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApplicationPod } from "./application-pod.ts";
import { session } from "./session.ts";

const pod = new ApplicationPod("events", "events.mjs");
const page = "docs/events.md";

/** A client library that reads events. */
export type Library = "kafkajs" | "librdkafka";

/** A message of a topic, as a client library delivers it. */
export interface Message {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  /** Absent for a long value, which has `bytes` and `digest` instead. */
  readonly value?: string | null;
  readonly bytes?: number;
  /** SHA-256 in hexadecimal. */
  readonly digest?: string;
}

type Row = Readonly<Record<string, unknown>>;

/** The value of a message that is not a tombstone. */
export interface ChangeEvent {
  readonly op: string;
  readonly before: Row | null;
  readonly after: Row | null;
  readonly source: { readonly schema: string; readonly table: string; readonly snapshot: string; readonly lsn: number };
}

export const startReader = (): Promise<void> => pod.start();
export const removeReader = (): Promise<void> => pod.remove();

/** Runs SQL as an application: through the pooler, as the owner of the database. Returns PostgreSQL's warnings. */
export async function query(statements: string): Promise<string[]> {
  return lines<{ warning: string }>(await pod.run(["query", statements], { timeout: 120 })).map(
    ({ warning }) => warning,
  );
}

const lines = <T>(printed: string): T[] =>
  printed
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);

/** Waits until a topic has `count` messages and returns them, each partition in its order. */
export async function read(library: Library, table: string, count: number, timeout = 60): Promise<Message[]> {
  return lines(await pod.run([library, `nx_seller_core.${table}`, String(count)], { timeout }));
}

export const eventOf = ({ value }: Message): ChangeEvent | null => JSON.parse(value ?? "null") as ChangeEvent | null;

/** All messages of a table, in the order of the changes: a tombstone follows its `d`. */
export function inOrder(messages: readonly Message[]): Message[] {
  const position = (message: Message): number =>
    eventOf(message)?.source.lsn ??
    eventOf(
      messages.find(({ partition, offset }) => partition === message.partition && offset === message.offset - 1) ??
        message,
    )?.source.lsn ??
    NaN;
  // a changed key gives a `d`, its tombstone and a `c` at one position
  const rank = (message: Message): number => ["d", "tombstone", "c"].indexOf(eventOf(message)?.op ?? "tombstone");
  return [...messages].sort((a, b) => position(a) - position(b) || rank(a) - rank(b));
}

/** The JSON text of each column of `after`: parsed, a large number would be rounded. */
export function columnTexts({ value }: Message): ReadonlyMap<string, string> {
  const [, after = ""] = /"after":\{(.*?)\},"source":/.exec(value ?? "") ?? [];
  const column = /"(\w+)":("(?:[^"\\]|\\.)*"|\[[^\]]*\]|\{[^}]*\}|[^,]+)/g;
  return new Map([...after.matchAll(column)].map(([, name = "", text = ""]) => [name, text]));
}

/** Times and positions differ in every run. */
const stable = (value: string): string =>
  value
    .replace(/"ts_ms":\d+/g, '"ts_ms":1769866620123')
    .replace(/"ts_us":\d+/g, '"ts_us":1769866620123456')
    .replace(/"ts_ns":\d+/g, '"ts_ns":1769866620123456000')
    .replace(/"txId":\d+/, '"txId":774')
    .replace(/"lsn":\d+/, '"lsn":33554440')
    .replace(/"sequence":"(?:[^"\\]|\\.)*"/, '"sequence":"[\\"33554400\\",\\"33554440\\"]"');

/** A message as a block of Markdown. */
export const block = ({ key, value }: Message): string =>
  [
    "```json",
    JSON.stringify(JSON.parse(stable(`{"key":${key ?? "null"},"value":${value ?? "null"}}`)), undefined, 2),
    "```",
  ].join("\n");

/**
 * Compares an example of docs/events.md, between its markers, with what the running layer gave. With UPDATE_GOLDEN=1 it
 * writes the example.
 */
export function expectExample(name: string, current: string): void {
  const path = join(session().checkout, page);
  const text = readFileSync(path, "utf8");
  const [begin, end] = [`<!-- example: ${name} -->\n\n`, "\n\n<!-- end -->"];
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end, from);
  if (from < begin.length || to < 0) throw new Error(`${page} has no example ${name}`);
  if (process.env["UPDATE_GOLDEN"]) writeFileSync(path, text.slice(0, from) + current + text.slice(to));
  else expect(text.slice(from, to)).toBe(current);
}
