import { printable } from "./printable.ts";

/** The values of one resource that could not be read. */
export class Notes {
  /** Paths of values that are unknown before the update, or redacted as secrets. */
  readonly unknown = new Set<string>();
  /** Paths of values that the API server would reject, with the problem. */
  readonly malformed = new Map<string, string>();
}

const UNKNOWN = Symbol("unknown");

/** Replaces a secret of any type in an exported state if it cannot be decrypted. */
const REDACTED = "[secret]";

/**
 * A value at a path of an untrusted object, from a program, a chart or a state file. Reading never throws: a missing
 * value reads as unset, and an unknown or malformed value is noted once, with its path.
 *
 * `null` is unset, as for the API server. Readers can pass a value to assume for an unknown one, so that one unknown
 * value does not hide other violations. In a partial object (a patch) an omitted value is also unknown.
 */
export class Value {
  private readonly raw: unknown;
  private readonly notes: Notes;
  private readonly partial: boolean;
  private readonly parent: Value | undefined;
  private readonly key: string | number;

  private constructor(raw: unknown, notes: Notes, partial: boolean, parent: Value | undefined, key: string | number) {
    this.raw = raw === null ? undefined : isUnknownValue(raw) ? UNKNOWN : raw;
    this.notes = notes;
    this.partial = partial;
    this.parent = parent;
    this.key = key;
  }

  static root(raw: unknown, notes: Notes, options: { readonly partial?: boolean } = {}): Value {
    return new Value(raw, notes, options.partial ?? false, undefined, "");
  }

  /** The path of this value, for example `spec.containers[0].image`. */
  get path(): string {
    const before = this.parent?.path ?? "";
    if (typeof this.key === "number") return `${before}[${this.key}]`;
    if (!/^[A-Za-z_][\w-]*$/.test(this.key) && this.parent !== undefined)
      return `${before}[${printable(JSON.stringify(this.key))}]`;
    return before === "" ? this.key : `${before}.${this.key}`;
  }

  get isSet(): boolean {
    return this.raw !== undefined;
  }

  get isUnknown(): boolean {
    return this.raw === UNKNOWN;
  }

  /** Part of a patch, which may omit any field. */
  get isPartial(): boolean {
    return this.partial;
  }

  get isEmptyText(): boolean {
    return this.raw === "";
  }

  /** Unset, or an empty text or list. */
  get isEmpty(): boolean {
    return this.raw === undefined || this.raw === "" || (Array.isArray(this.raw) && this.raw.length === 0);
  }

  /** Whether the value is a list. Does not note anything. */
  get isList(): boolean {
    return Array.isArray(this.raw);
  }

  /** The same value, with separate notes for everything read through it. */
  withNotes(notes: Notes): Value {
    return new Value(this.raw, notes, this.partial, this.parent, this.key);
  }

  /** The same root as a complete object, in which omitted values are unset. Its notes are discarded. */
  asComplete(): Value {
    return Value.root(this.raw, new Notes());
  }

  /**
   * This object after a patch is applied: values of the patch override, and lists with merge keys are merged. If it is
   * uncertain whether the patch applies to this object, every value that it sets becomes unknown.
   */
  patchedWith(patch: Value, isCertain: boolean): Value {
    return Value.root(merge(this.raw, patch.raw, "", isCertain), this.notes, { partial: this.partial });
  }

  /** Unknown, or omitted in a partial object. */
  get isUnknownOrOmitted(): boolean {
    return this.isUnknown || (this.partial && !this.isSet);
  }

  /** The value at a path of property names. */
  get(...keys: readonly string[]): Value {
    return keys.reduce<Value>((at, key) => at.property(key), this);
  }

  /** Whether the value is an object. An unknown value counts as `assume`. */
  isObject(assume = false): boolean {
    return this.decode("an object", assume, (raw) => (isPlainObject(raw) ? true : undefined)) ?? false;
  }

  /** Whether the value is set. An unknown value counts as `assume`. */
  exists(assume?: boolean): boolean {
    return this.decode("a value", assume, () => true) ?? false;
  }

  flag(assume?: boolean): boolean | undefined {
    return this.decode("a boolean", assume, (raw) => (typeof raw === "boolean" ? raw : undefined));
  }

  integer(assume?: number): number | undefined {
    return this.decode("an integer", assume, (raw) => (Number.isSafeInteger(raw) ? (raw as number) : undefined));
  }

  text(assume?: string): string | undefined {
    return this.decode("a string", assume, (raw) => (typeof raw === "string" ? raw : undefined));
  }

  /** The text if it is known. For names in messages, which may be unknown without a note. */
  textIfKnown(): string | undefined {
    return this.isUnknown ? undefined : this.text();
  }

  /** A port number or a port name. */
  integerOrText(): number | string | undefined {
    return this.decode("an integer or a string", undefined, (raw) =>
      typeof raw === "string" || Number.isSafeInteger(raw) ? (raw as number | string) : undefined,
    );
  }

  items(): readonly Value[] {
    const list = this.decode("a list", undefined, (raw) =>
      Array.isArray(raw) ? (raw as readonly unknown[]) : undefined,
    );
    return list === undefined ? [] : Array.from({ length: list.length }, (_, index) => this.element(list, index));
  }

  /** The values of a map, by key. */
  entries(): readonly (readonly [string, Value])[] {
    const map = this.decode("an object", undefined, (raw) => (isPlainObject(raw) ? raw : undefined));
    return map === undefined ? [] : Object.keys(map).map((key) => [key, this.property(key)] as const);
  }

  /** The strings of a map such as labels or annotations. Unknown and malformed ones are noted and omitted. */
  strings(): ReadonlyMap<string, string> {
    const known = new Map<string, string>();
    for (const [key, value] of this.entries()) {
      const text = value.text();
      if (text !== undefined) known.set(key, text);
    }
    return known;
  }

  /** Sets a property and creates missing parents. @returns false, without a write, if a parent is no known object. */
  assign(key: string, value: unknown): boolean {
    const holder = this.writable();
    if (holder === undefined) return false;
    holder[key] = value;
    return true;
  }

  private writable(): Record<string, unknown> | undefined {
    if (this.raw !== undefined) return isPlainObject(this.raw) ? this.raw : undefined;
    const holder = typeof this.key === "string" ? this.parent?.writable() : undefined;
    if (holder === undefined) return undefined;
    holder[this.key] ??= {};
    return holder[this.key] as Record<string, unknown>;
  }

  /** Whether this value or a noted value below it is unknown. */
  get hasUnknown(): boolean {
    if (this.notes.unknown.size === 0) return this.isUnknown;
    const { path } = this;
    return this.isUnknown || [...this.notes.unknown].some((unknown) => unknown.startsWith(path));
  }

  /** Notes that the API server will reject this value for a reason other than its type. */
  reject(problem: string): void {
    this.notes.malformed.set(this.path, problem);
  }

  /** The value as text for messages. */
  get shown(): string {
    if (this.raw === undefined) return "not set";
    if (this.raw === UNKNOWN) return "unknown";
    return typeof this.raw === "object" ? "set" : printable(JSON.stringify(this.raw).slice(0, 100));
  }

  private property(key: string): Value {
    const { raw } = this;
    if (raw === UNKNOWN) return new Value(UNKNOWN, this.notes, this.partial, this, key);
    if (raw === undefined) return new Value(undefined, this.notes, this.partial, this, key);
    if (!isPlainObject(raw)) {
      this.noteMalformed("an object");
      return new Value(undefined, this.notes, this.partial, this, key);
    }
    return new Value(Object.hasOwn(raw, key) ? readProperty(raw, key) : undefined, this.notes, this.partial, this, key);
  }

  private element(list: readonly unknown[], index: number): Value {
    const raw = readProperty(list, index);
    const element = new Value(raw, this.notes, this.partial, this, index);
    if (raw === null || raw === undefined) element.noteMalformed("a value");
    return element;
  }

  private decode<T>(expected: string, assume: T | undefined, convert: (raw: unknown) => T | undefined): T | undefined {
    if (this.raw === undefined) return this.partial ? assume : undefined;
    if (this.raw === UNKNOWN) {
      this.notes.unknown.add(this.unknownOrigin().path);
      return assume;
    }
    const value = convert(this.raw);
    if (value === undefined) this.noteMalformed(expected);
    return value;
  }

  /** The outermost unknown value. The path below it is only assumed. */
  private unknownOrigin(): Value {
    return this.parent?.isUnknown ? this.parent.unknownOrigin() : this;
  }

  private noteMalformed(expected: string): void {
    const found = this.raw === undefined ? "null" : Array.isArray(this.raw) ? "a list" : describe(this.raw);
    this.notes.malformed.set(this.path, `${found}, but the API expects ${expected}`);
  }
}

function isUnknownValue(raw: unknown): boolean {
  return raw === UNKNOWN || raw === REDACTED;
}

function isPlainObject(raw: unknown): raw is Record<string, unknown> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw);
}

/** The API server merges these lists by these fields of their items, and replaces all other lists. */
const mergeKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ["name"],
  initContainers: ["name"],
  ephemeralContainers: ["name"],
  ports: ["port", "containerPort", "protocol"],
};

function merge(base: unknown, patch: unknown, key: string, isCertain: boolean): unknown {
  if (patch === undefined || patch === null || isUnknownValue(base)) return base;
  if (isPlainObject(base ?? {}) && isPlainObject(patch)) {
    const merged: Record<string, unknown> = {};
    for (const name of Object.keys(base ?? {})) merged[name] = readProperty(base as object, name);
    for (const name of Object.keys(patch))
      merged[name] = merge(merged[name], readProperty(patch, name), name, isCertain);
    return merged;
  }
  if (!isCertain) return base === patch ? base : UNKNOWN;
  const keys = mergeKeys[key];
  return keys !== undefined && Array.isArray(base) && Array.isArray(patch) ? mergeLists(base, patch, keys) : patch;
}

function mergeLists(base: readonly unknown[], patch: readonly unknown[], keys: readonly string[]): unknown {
  const merged = base.map((_, index) => readProperty(base, index));
  for (let index = 0; index < patch.length; index += 1) {
    const item = readProperty(patch, index);
    const identity = identityOf(item, keys);
    const others = merged.map((other) => identityOf(other, keys));
    if (identity === undefined || others.includes(undefined)) return UNKNOWN;
    const at = others.indexOf(identity);
    if (at < 0) merged.push(item);
    else merged[at] = merge(merged[at], item, "", true);
  }
  return merged;
}

function identityOf(item: unknown, keys: readonly string[]): string | undefined {
  if (!isPlainObject(item)) return undefined;
  const values = keys.map((key) => readProperty(item, key) ?? (key === "protocol" ? "TCP" : null));
  return values.some(isUnknownValue) ? undefined : JSON.stringify(values);
}

function describe(raw: unknown): string {
  const type = typeof raw;
  return type === "object" ? "an object" : `the ${type} ${printable(String(raw).slice(0, 60))}`;
}

/** Reads one property. Pulumi's policy SDK throws for properties that are unknown in a preview. */
function readProperty(holder: object, key: string | number): unknown {
  try {
    return (holder as Record<string | number, unknown>)[key];
  } catch (error) {
    if (error instanceof Error && "unknownTypeSentinel" in error) return UNKNOWN;
    throw error;
  }
}
