import type { Value } from "../kubernetes/value.ts";

/** A label that is there, with a value that only the cluster knows. */
export const someValue = Symbol("some value");
/** A label of which is not known whether it is there. */
export const hidden = Symbol("hidden");

export type LabelValue = string | typeof someValue | typeof hidden;

/** The labels of a pod or namespace, of which some, or all, may not be known. */
export class Labels {
  /** Those that selectors may be looked up by, with what is known of them. */
  readonly entries: ReadonlyMap<string, LabelValue>;
  /** There may be more than these. */
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

  /** A value that is not known is noted once it matters: when a selector asks for it. */
  static read(labels: Value): Labels {
    if (labels.isUnknown) return new Labels(new Map(), true, () => labels.entries());
    const values = new Map(labels.entries());
    const entries = [...values].map(([key, value]) => {
      return [key, value.isUnknown ? hidden : (value.text() ?? hidden)] as const;
    });
    return new Labels(new Map(entries), false, (key) => values.get(key)?.text());
  }

  /** Undefined when it is not there. */
  valueOf(key: string): LabelValue | undefined {
    const value = this.entries.get(key) ?? (this.isOpen ? hidden : undefined);
    if (value === hidden) this.note(key);
    return value;
  }

  /** These, and those that a controller or the API server adds. */
  with(added: Iterable<readonly [string, LabelValue]>, options: { readonly isOpen?: boolean } = {}): Labels {
    const entries = new Map([...this.entries, ...added]);
    return new Labels(entries, this.isOpen || (options.isOpen ?? false), this.note);
  }
}
