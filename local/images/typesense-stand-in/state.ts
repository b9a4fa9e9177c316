import type { Document, Json, Schema } from "./schema.ts";

/** A change of the state, as it is written down. Applying the same changes in the same order gives the same state. */
export type Change =
  | { readonly change: "collection"; readonly schema: Schema; readonly createdAt: number; readonly sequence: number }
  | { readonly change: "schema"; readonly schema: Schema }
  | { readonly change: "drop"; readonly collection: string }
  | { readonly change: "put"; readonly collection: string; readonly documents: readonly Document[] }
  | { readonly change: "remove"; readonly collection: string; readonly ids: readonly string[] }
  | { readonly change: "alias"; readonly name: string; readonly collection: string | null }
  | { readonly change: "key"; readonly key: Key }
  | { readonly change: "forget-key"; readonly id: number };

/** An API key beside the one that the server was started with. */
export interface Key {
  readonly id: number;
  readonly value: string;
  readonly description: string;
  readonly actions: readonly string[];
  readonly collections: readonly string[];
  /** Seconds since 1970. */
  readonly expires_at: number;
}

/** A collection and its documents, in the order in which they were added. */
export interface Collection {
  readonly schema: Schema;
  readonly createdAt: number;
  readonly documents: ReadonlyMap<string, Document>;
  /** How many documents were ever added. */
  readonly sequence: number;
}

const DOCUMENTS_OF_A_CHANGE = 500;

/** All that the server knows. */
export class State {
  readonly #collections = new Map<
    string,
    { schema: Schema; createdAt: number; documents: Map<string, Document>; sequence: number }
  >();
  readonly #aliases = new Map<string, string>();
  readonly #keys = new Map<number, Key>();

  get collections(): ReadonlyMap<string, Collection> {
    return this.#collections;
  }

  get aliases(): ReadonlyMap<string, string> {
    return this.#aliases;
  }

  get keys(): ReadonlyMap<number, Key> {
    return this.#keys;
  }

  /** The collection of that name, or the one that the alias of that name leads to. */
  find(name: string): Collection | undefined {
    return this.#collections.get(name) ?? this.#collections.get(this.#aliases.get(name) ?? "");
  }

  apply(change: Change): void {
    switch (change.change) {
      case "collection":
        this.#collections.set(change.schema.name, {
          schema: change.schema,
          createdAt: change.createdAt,
          documents: new Map(),
          sequence: change.sequence,
        });
        return;
      case "drop":
        this.#collections.delete(change.collection);
        return;
      case "schema":
        this.#known(change.schema.name).schema = change.schema;
        return;
      case "put": {
        const collection = this.#known(change.collection);
        for (const document of change.documents) {
          if (!collection.documents.has(document.id)) collection.sequence++;
          collection.documents.set(document.id, document);
        }
        return;
      }
      case "remove": {
        const { documents } = this.#known(change.collection);
        for (const id of change.ids) documents.delete(id);
        return;
      }
      case "alias":
        if (change.collection === null) this.#aliases.delete(change.name);
        else this.#aliases.set(change.name, change.collection);
        return;
      case "key":
        this.#keys.set(change.key.id, change.key);
        return;
      case "forget-key":
        this.#keys.delete(change.id);
    }
  }

  /** Changes that make this state out of nothing. */
  *changes(): Generator<Change> {
    for (const { schema, createdAt, documents, sequence } of this.#collections.values()) {
      yield { change: "collection", schema, createdAt, sequence: sequence - documents.size };
      const all = [...documents.values()];
      for (let first = 0; first < all.length; first += DOCUMENTS_OF_A_CHANGE) {
        const some = all.slice(first, first + DOCUMENTS_OF_A_CHANGE);
        yield { change: "put", collection: schema.name, documents: some };
      }
    }
    for (const [name, collection] of this.#aliases) yield { change: "alias", name, collection };
    for (const key of this.#keys.values()) yield { change: "key", key };
  }

  /** @throws Error when the changes do not belong together */
  #known(name: string) {
    const collection = this.#collections.get(name);
    if (collection === undefined) throw new Error(`there is no collection ${name}`);
    return collection;
  }
}

/** What Typesense tells of a collection. */
export function summary({ schema, createdAt, documents }: Collection): Json {
  return { ...schema, created_at: createdAt, num_documents: documents.size };
}
