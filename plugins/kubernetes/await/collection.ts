/** Live copies of collections of objects (a list, then a watch), shared by all who look at the same one. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Api } from "../api.ts";
import { ApiError, Cancelled, isExpired } from "../api-error.ts";
import { uidOf } from "../metadata.ts";
import { fields, list, text, type Fields } from "../values.ts";

export class Collection {
  /** By uid. */
  readonly items = new Map<string, Fields>();
  private readonly api: Api;
  private readonly path: string;
  private readonly query: Readonly<Record<string, string>>;
  private readonly listeners = new Set<() => void>();
  private readonly stopping = new AbortController();
  private firstList: Promise<void> | undefined;

  constructor(api: Api, path: string, query: Readonly<Record<string, string>>) {
    this.api = api;
    this.path = path;
    this.query = query;
  }

  /** Calls back after every change; resolves when the first list is in. */
  subscribe(listener: () => void): Promise<void> {
    this.listeners.add(listener);
    this.firstList ??= this.start();
    return this.firstList;
  }

  /** @returns Whether nobody listens any more. */
  unsubscribe(listener: () => void): boolean {
    this.listeners.delete(listener);
    if (this.listeners.size > 0) return false;
    this.stopping.abort();
    return true;
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }

  private async start(): Promise<void> {
    const version = await this.load();
    void this.follow(version);
  }

  private async load(): Promise<string> {
    const answer = await this.api.request(this.path, { query: this.query, signal: this.stopping.signal });
    this.items.clear();
    // The elements of a list carry neither apiVersion nor kind.
    const apiVersion = text(answer, "apiVersion");
    const kind = text(answer, "kind").replace(/List$/, "");
    for (const item of list(answer, "items")) this.items.set(uidOf(item), { apiVersion, kind, ...item });
    this.changed();
    return text(answer, "metadata", "resourceVersion");
  }

  /** Keeps the copy current until nobody listens: the server ends a watch every few minutes. */
  private async follow(from: string): Promise<void> {
    let version = from;
    while (!this.stopping.signal.aborted) {
      try {
        if (version === "") version = await this.load();
        const query = { ...this.query, resourceVersion: version, timeoutSeconds: "290" };
        for await (const event of this.api.watch(this.path, query, this.stopping.signal)) {
          version = this.take(event) || version;
        }
      } catch (error) {
        if (this.stopping.signal.aborted || error instanceof Cancelled) return;
        if (isExpired(error)) version = "";
        // A server that restarts comes back; whoever waits has a timeout.
        else await sleep(1000);
      }
    }
  }

  /** @returns The resource version of an event. @throws ApiError when the event is one. */
  private take(event: Fields): string {
    const object = fields(event, "object");
    switch (event["type"]) {
      case "ERROR":
        throw new ApiError(Number(object["code"]), object);
      case "ADDED":
      case "MODIFIED":
        this.items.set(uidOf(object), object);
        this.changed();
        break;
      case "DELETED":
        this.items.delete(uidOf(object));
        this.changed();
        break;
    }
    return text(object, "metadata", "resourceVersion");
  }
}

/** All collections that are looked at now. */
export class Collections {
  private readonly api: Api;
  private readonly open = new Map<string, Collection>();

  constructor(api: Api) {
    this.api = api;
  }

  /** A live copy, started when it is the first look at it. The listener is called after every change. */
  async watch(path: string, query: Readonly<Record<string, string>>, listener: () => void): Promise<Watch> {
    const key = `${path}?${new URLSearchParams(query).toString()}`;
    const collection = this.open.get(key) ?? new Collection(this.api, path, query);
    this.open.set(key, collection);
    const close = (): void => {
      if (collection.unsubscribe(listener) && this.open.get(key) === collection) this.open.delete(key);
    };
    try {
      await collection.subscribe(listener);
    } catch (error) {
      close();
      throw error;
    }
    return { items: collection.items, close };
  }
}

export interface Watch {
  readonly items: ReadonlyMap<string, Fields>;
  readonly close: () => void;
}
