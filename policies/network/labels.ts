import type { Value } from "../kubernetes/value.ts";

/** A label that is set to a generated value. */
export const generatedValue = Symbol("generated");
/** A label that may or may not be set, to an unknown value. */
export const unknownLabel = Symbol("unknown");

export type LabelValue = string | typeof generatedValue | typeof unknownLabel;

/** The labels of a pod or namespace, some or all of which may be unknown. */
export class Labels {
  /** Labels by key, for lookups by selectors. */
  readonly entries: ReadonlyMap<string, LabelValue>;
  /** There may be more labels. */
  readonly isIncomplete: boolean;
  private readonly note: (key: string) => void;

  private constructor(entries: ReadonlyMap<string, LabelValue>, isIncomplete: boolean, note: (key: string) => void) {
    this.entries = entries;
    this.isIncomplete = isIncomplete;
    this.note = note;
  }

  static of(
    entries: Iterable<readonly [string, LabelValue]>,
    options: { readonly isIncomplete?: boolean } = {},
  ): Labels {
    return new Labels(new Map(entries), options.isIncomplete ?? false, () => undefined);
  }

  /** Notes an unknown value only when a selector reads it. */
  static read(labels: Value): Labels {
    if (labels.isUnknown) return new Labels(new Map(), true, () => labels.entries());
    const values = new Map(labels.entries());
    const entries = [...values].map(([key, value]) => {
      return [key, value.isUnknown ? unknownLabel : (value.text() ?? unknownLabel)] as const;
    });
    return new Labels(new Map(entries), false, (key) => values.get(key)?.text());
  }

  /** Undefined if the label is not set. */
  valueOf(key: string): LabelValue | undefined {
    const value = this.entries.get(key) ?? (this.isIncomplete ? unknownLabel : undefined);
    if (value === unknownLabel) this.note(key);
    return value;
  }

  /** These labels and those that a controller or the API server adds. */
  with(added: Iterable<readonly [string, LabelValue]>, options: { readonly isIncomplete?: boolean } = {}): Labels {
    const entries = new Map([...this.entries, ...added]);
    return new Labels(entries, this.isIncomplete || (options.isIncomplete ?? false), this.note);
  }
}
