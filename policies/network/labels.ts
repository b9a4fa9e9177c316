import type { Value } from "../kubernetes/value.ts";

/** A label that is set to a generated value. */
export const someValue = Symbol("some value");
/** A label that may or may not be set, to an unknown value. */
export const hidden = Symbol("hidden");

export type LabelValue = string | typeof someValue | typeof hidden;

/** The labels of a pod or namespace, some or all of which may be unknown. */
export class Labels {
  /** Labels by key, for lookups by selectors. */
  readonly entries: ReadonlyMap<string, LabelValue>;
  /** There may be more labels. */
  readonly isOpen: boolean;
  private readonly note: (key: string) => void;

  private constructor(entries: ReadonlyMap<string, LabelValue>, isOpen: boolean, note: (key: string) => void) {
    this.entries = entries;
    this.isOpen = isOpen;
    this.note = note;
  }

  static of(entries: Iterable<readonly [string, LabelValue]>, options: { readonly isOpen?: boolean } = {}): Labels {
    return new Labels(new Map(entries), options.isOpen ?? false, () => undefined);
  }

  /** Notes an unknown value only when a selector reads it. */
  static read(labels: Value): Labels {
    if (labels.isUnknown) return new Labels(new Map(), true, () => labels.entries());
    const values = new Map(labels.entries());
    const entries = [...values].map(([key, value]) => {
      return [key, value.isUnknown ? hidden : (value.text() ?? hidden)] as const;
    });
    return new Labels(new Map(entries), false, (key) => values.get(key)?.text());
  }

  /** Undefined if the label is not set. */
  valueOf(key: string): LabelValue | undefined {
    const value = this.entries.get(key) ?? (this.isOpen ? hidden : undefined);
    if (value === hidden) this.note(key);
    return value;
  }

  /** These labels and those that a controller or the API server adds. */
  with(added: Iterable<readonly [string, LabelValue]>, options: { readonly isOpen?: boolean } = {}): Labels {
    const entries = new Map([...this.entries, ...added]);
    return new Labels(entries, this.isOpen || (options.isOpen ?? false), this.note);
  }
}
