/**
 * JSONPath (RFC 9535) as far as conditions on objects need it: names, quoted names, indexes, wildcards, `..` and filters
 * with comparisons, `&&`, `||`, `!` and parentheses.
 */
import { equal, isFields, type Value } from "../values.ts";

type Selector = (nodes: Value[], root: Value) => Value[];
type Test = (node: Value, root: Value) => boolean;
type Operand = (node: Value, root: Value) => Value | undefined;

const children = (node: Value): Value[] => (Array.isArray(node) ? node : isFields(node) ? Object.values(node) : []);

const descendants = (node: Value): Value[] => [node, ...children(node).flatMap(descendants)];

const named =
  (name: string): Selector =>
  (nodes) =>
    nodes.flatMap((node) => {
      const value = isFields(node) && Object.hasOwn(node, name) ? node[name] : undefined;
      return value === undefined ? [] : [value];
    });

const indexed =
  (index: number): Selector =>
  (nodes) =>
    nodes.flatMap((node) => {
      const value = Array.isArray(node) ? node.at(index) : undefined;
      return value === undefined ? [] : [value];
    });

const comparisons: Readonly<Record<string, (a: Value | undefined, b: Value | undefined) => boolean>> = {
  "==": (a, b) => equal(a, b),
  "!=": (a, b) => !equal(a, b),
  "<=": (a, b) => equal(a, b) || less(a, b),
  ">=": (a, b) => equal(a, b) || less(b, a),
  "<": (a, b) => less(a, b),
  ">": (a, b) => less(b, a),
};

function less(a: Value | undefined, b: Value | undefined): boolean {
  if (typeof a === "number" && typeof b === "number") return a < b;
  return typeof a === "string" && typeof b === "string" && a < b;
}

class Parser {
  private readonly source: string;
  private position = 0;

  constructor(source: string) {
    this.source = source;
  }

  /** @throws Error naming the place that cannot be read. */
  parse(): Selector[] {
    if (!this.accept("$")) this.fail();
    const path = this.segments();
    if (this.position < this.source.length) this.fail();
    return path;
  }

  private fail(): never {
    throw new Error(`cannot read "${this.source}" at "${this.source.slice(this.position) || "its end"}"`);
  }

  private accept(token: string): boolean {
    if (!this.source.startsWith(token, this.position)) return false;
    this.position += token.length;
    return true;
  }

  private expect(token: string): void {
    if (!this.accept(token)) this.fail();
  }

  private match(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern, "y");
    sticky.lastIndex = this.position;
    const found = sticky.exec(this.source)?.[0];
    if (found !== undefined) this.position += found.length;
    return found;
  }

  private space(): void {
    this.match(/\s*/);
  }

  private segments(): Selector[] {
    const selectors: Selector[] = [];
    for (;;) {
      if (this.accept("..")) {
        selectors.push((nodes) => nodes.flatMap(descendants));
        selectors.push(this.source[this.position] === "[" ? this.bracket() : this.shorthand());
      } else if (this.accept(".")) selectors.push(this.shorthand());
      else if (this.source[this.position] === "[") selectors.push(this.bracket());
      else return selectors;
    }
  }

  private shorthand(): Selector {
    if (this.accept("*")) return (nodes) => nodes.flatMap(children);
    return named(this.match(/[A-Za-z_\u0080-\uffff][\w\u0080-\uffff-]*/) ?? this.fail());
  }

  private bracket(): Selector {
    this.expect("[");
    const parts: Selector[] = [];
    do {
      this.space();
      parts.push(this.selector());
      this.space();
    } while (this.accept(","));
    this.expect("]");
    return (nodes, root) => nodes.flatMap((node) => parts.flatMap((part) => part([node], root)));
  }

  private selector(): Selector {
    if (this.accept("*")) return (nodes) => nodes.flatMap(children);
    if (this.accept("?")) {
      this.space();
      const test = this.or();
      return (nodes, root) => nodes.flatMap(children).filter((node) => test(node, root));
    }
    const text = this.quoted();
    return text === undefined ? indexed(Number(this.match(/-?\d+/) ?? this.fail())) : named(text);
  }

  private quoted(): string | undefined {
    const literal = this.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/);
    return literal?.slice(1, -1).replace(/\\(.)/g, "$1");
  }

  private or(): Test {
    let test = this.and();
    for (this.space(); this.accept("||"); this.space()) {
      const [left, right] = [test, this.and()];
      test = (node, root) => left(node, root) || right(node, root);
    }
    return test;
  }

  private and(): Test {
    let test = this.term();
    for (this.space(); this.accept("&&"); this.space()) {
      const [left, right] = [test, this.term()];
      test = (node, root) => left(node, root) && right(node, root);
    }
    return test;
  }

  private term(): Test {
    this.space();
    if (this.accept("!")) {
      const inner = this.term();
      return (node, root) => !inner(node, root);
    }
    if (this.accept("(")) {
      const inner = this.or();
      this.space();
      this.expect(")");
      return inner;
    }
    const left = this.operand();
    this.space();
    const compare = comparisons[this.match(/[=!]=|[<>]=?/) ?? ""];
    if (compare === undefined) return (node, root) => left(node, root) !== undefined;
    this.space();
    const right = this.operand();
    return (node, root) => compare(left(node, root), right(node, root));
  }

  private operand(): Operand {
    const start = this.match(/[@$]/);
    if (start !== undefined) {
      const path = this.segments();
      return (node, root) => select(path, start === "@" ? node : root, root)[0];
    }
    const quoted = this.quoted();
    if (quoted !== undefined) return () => quoted;
    const literal = JSON.parse(this.match(/-?\d+(\.\d+)?|true|false|null/) ?? this.fail()) as Value;
    return () => literal;
  }
}

const select = (path: readonly Selector[], start: Value, root: Value): Value[] =>
  path.reduce<Value[]>((nodes, selector) => selector(nodes, root), [start]);

/** A function that finds all values at a path. @throws Error when the path cannot be read. */
export function jsonPath(path: string): (root: Value) => Value[] {
  const selectors = new Parser(path).parse();
  return (root) => select(selectors, root, root);
}
