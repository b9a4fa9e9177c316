/** The objects of a cluster: which path serves a kind, and the verbs on it. */
import type { Api, Request } from "./api.ts";
import { isNotFound, NoSuchKind } from "./api-error.ts";
import { apiVersionOf, definedKind, isNamespacedBuiltIn, kindOf, type GroupVersionKind } from "./kinds.ts";
import { namespaceOf } from "./metadata.ts";
import { list, text, type Fields, type Value } from "./values.ts";

interface ServedKind {
  /** Path of the API group and version. */
  readonly root: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const rootOf = (gvk: GroupVersionKind): string =>
  gvk.group === "" ? `/api/${gvk.version}` : `/apis/${gvk.group}/${gvk.version}`;

export class Objects {
  readonly api: Api;
  private readonly served = new Map<string, Promise<Fields[]>>();
  /** Kinds that the program itself defines, whether the server has them yet or not: `Kind.group` to scope. */
  private readonly defined = new Map<string, boolean>();

  constructor(api: Api) {
    this.api = api;
  }

  private resources(root: string): Promise<Fields[]> {
    let resources = this.served.get(root);
    if (resources === undefined) {
      resources = this.api.request(root).then(
        (answer) => list(answer, "resources"),
        (error: unknown) => {
          this.served.delete(root);
          if (isNotFound(error)) return [];
          throw error;
        },
      );
      this.served.set(root, resources);
    }
    return resources;
  }

  private async find(gvk: GroupVersionKind): Promise<ServedKind | undefined> {
    const root = rootOf(gvk);
    for (const resource of await this.resources(root)) {
      if (text(resource, "kind") === gvk.kind && !text(resource, "name").includes("/")) {
        return { root, plural: text(resource, "name"), namespaced: resource["namespaced"] === true };
      }
    }
    return undefined;
  }

  /** Whether the server serves this kind now. */
  async serves(gvk: GroupVersionKind): Promise<boolean> {
    return (await this.find(gvk)) !== undefined;
  }

  /** @throws NoSuchKind after a fresh look at the server. */
  private async servedKind(gvk: GroupVersionKind): Promise<ServedKind> {
    const known = await this.find(gvk);
    if (known !== undefined) return known;
    this.forget();
    const fresh = await this.find(gvk);
    if (fresh !== undefined) return fresh;
    throw new NoSuchKind(`the API server does not serve kind ${gvk.kind} of ${apiVersionOf(gvk)}`);
  }

  /** Forgets what the server serves; after a CustomResourceDefinition was created. */
  forget(): void {
    this.served.clear();
  }

  /** Remembers a kind that the program defines, for objects of it that are checked before it exists. */
  define(crd: Fields): void {
    const kind = definedKind(crd);
    if (kind !== undefined) this.defined.set(`${kind.kind}.${kind.group}`, kind.namespaced);
  }

  /** Whether objects of this kind live in a namespace; kinds that nobody knows yet are taken to. */
  async isNamespaced(gvk: GroupVersionKind): Promise<boolean> {
    const known = isNamespacedBuiltIn(gvk) ?? this.defined.get(`${gvk.kind}.${gvk.group}`);
    return known ?? (await this.find(gvk))?.namespaced ?? true;
  }

  /** The path of the collection that an object belongs to. @throws NoSuchKind */
  async collection(object: Value): Promise<string> {
    const { root, plural, namespaced } = await this.servedKind(kindOf(object));
    return namespaced ? `${root}/namespaces/${namespaceOf(object) || "default"}/${plural}` : `${root}/${plural}`;
  }

  async get(object: Value, name: string): Promise<Fields> {
    return this.api.request(`${await this.collection(object)}/${encodeURIComponent(name)}`);
  }

  async create(object: Fields, query: Request["query"]): Promise<Fields> {
    return this.api.request(await this.collection(object), { method: "POST", query, body: object });
  }

  async replace(object: Fields, name: string, query: Request["query"]): Promise<Fields> {
    const path = `${await this.collection(object)}/${encodeURIComponent(name)}`;
    return this.api.request(path, { method: "PUT", query, body: object });
  }

  /** A patch of any type; `object` says which kind and namespace. */
  async patch(
    object: Fields,
    name: string,
    contentType: string,
    body: Value,
    query: Request["query"],
  ): Promise<Fields> {
    const path = `${await this.collection(object)}/${encodeURIComponent(name)}`;
    return this.api.request(path, { method: "PATCH", query, body, contentType });
  }

  /** Server-side apply: the server merges, and records who owns which field. */
  async apply(object: Fields, name: string, query: Request["query"]): Promise<Fields> {
    return this.patch(object, name, "application/apply-patch+yaml", object, query);
  }

  async delete(object: Value, name: string, options: Fields): Promise<Fields> {
    const path = `${await this.collection(object)}/${encodeURIComponent(name)}`;
    return this.api.request(path, { method: "DELETE", body: options });
  }
}
