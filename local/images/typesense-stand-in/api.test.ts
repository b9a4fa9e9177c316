import { answer } from "./api.ts";
import type { Context, Response } from "./call.ts";
import type { Parameters } from "./search.ts";
import { State } from "./state.ts";

const MASTER = "master-key";
let context: Context;
beforeEach(() => {
  const state = new State();
  context = {
    state,
    apiKey: MASTER,
    commit: (changes) => {
      for (const change of changes) state.apply(change);
      return Promise.resolve();
    },
    snapshot: () => Promise.resolve(),
    metrics: () => Promise.resolve({}),
  };
});

const ask = (method: string, place: string, body: unknown = "", apiKey = MASTER): Promise<Response> => {
  const { pathname, searchParams } = new URL(place, "http://server");
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const parameters: Parameters = Object.fromEntries(searchParams);
  return answer({ method, path: pathname, parameters, body: text, apiKey }, context);
};
const lines = ({ body }: Response) =>
  String(body)
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const message = async (response: Promise<Response>) => {
  const { status, body } = await response;
  return [status, (body as { message: string }).message];
};

const products = {
  name: "products",
  fields: [
    { name: "name", type: "string", sort: true },
    { name: "price", type: "int32" },
    { name: "tags", type: "string[]", facet: true, optional: true },
    { name: "inStock", type: "bool", optional: true },
    { name: "maker.country", type: "string", optional: true },
  ],
  default_sorting_field: "price",
  enable_nested_fields: true,
};
const documents = [
  { id: "a", name: "Cà phê sữa đá", price: 30, tags: ["drink", "cold"], inStock: true, maker: { country: "VN" } },
  { id: "b", name: "Hot coffee, black", price: 20, tags: ["drink"], inStock: false },
  { id: "c", name: "Coffee beans", price: 90 },
];
const fill = async () => {
  await ask("POST", "/collections", products);
  await ask("POST", "/collections/products/documents/import", documents.map((each) => JSON.stringify(each)).join("\n"));
};
interface Found {
  readonly found: number;
  readonly hits: readonly { readonly document: { readonly id: string } }[];
  readonly facet_counts: readonly { readonly counts: readonly unknown[] }[];
}
const found = async (query: Record<string, string>) => {
  const { status, body } = await ask(
    "GET",
    `/collections/products/documents/search?${new URLSearchParams(query).toString()}`,
  );
  expect([status, body]).toEqual([200, expect.anything()]);
  return body as Found;
};
const ids = async (query: Record<string, string>) => (await found(query)).hits.map(({ document }) => document.id);

describe("keys", () => {
  test("health needs none, all else one that is good", async () => {
    expect(await ask("GET", "/health", "", "")).toEqual({ status: 200, body: { ok: true } });
    for (const key of ["", "wrong"]) {
      expect(await message(ask("GET", "/collections", "", key))).toEqual([
        401,
        "Forbidden - a valid `x-typesense-api-key` header must be sent.",
      ]);
    }
    expect((await ask("GET", "/debug")).body).toEqual({ state: 1, version: "27.1" });
  });

  test("a key allows its actions on its collections, and its value is told once", async () => {
    await fill();
    const { body } = await ask("POST", "/keys", {
      description: "search",
      actions: ["documents:search"],
      collections: ["prod.*"],
    });
    const { id, value } = body as { id: number; value: string };
    const search = "/collections/products/documents/search?q=*";
    expect((await ask("GET", search, "", value)).status).toBe(200);
    expect((await ask("DELETE", "/collections/products", "", value)).status).toBe(401);
    expect(JSON.stringify((await ask("GET", "/keys")).body)).not.toContain(value);
    expect((await ask("DELETE", `/keys/${id}`)).body).toEqual({ id });
    expect((await ask("GET", search, "", value)).status).toBe(401);
  });

  test("a key that has expired allows nothing", async () => {
    const key = { description: "", actions: ["*"], collections: ["*"], expires_at: 1, value: "old" };
    expect((await ask("POST", "/keys", key)).status).toBe(201);
    expect((await ask("GET", "/collections", "", "old")).status).toBe(401);
  });
});

describe("collections", () => {
  test("are made, told, altered and dropped", async () => {
    await fill();
    const { body } = await ask("GET", "/collections/products");
    expect(body).toMatchObject({ name: "products", num_documents: 3, default_sorting_field: "price" });
    const added = {
      fields: [
        { name: "weight", type: "float", optional: true },
        { name: "tags", drop: true },
      ],
    };
    expect((await ask("PATCH", "/collections/products", added)).body).toEqual(added);
    expect(context.state.find("products")?.schema.fields.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["weight", "maker.country"]),
    );
    expect((await ask("DELETE", "/collections/products")).body).toMatchObject({ num_documents: 3 });
    expect((await ask("GET", "/collections")).body).toEqual([]);
  });

  test.each([
    [{}, 400, "Parameter `name` is required."],
    [{ name: "x" }, 400, "Parameter `fields` is required."],
    [products, 409, "A collection with name `products` already exists."],
    [{ name: "x", fields: [{ name: "v", type: "float[]", num_dim: 3 }] }, 501, expect.stringContaining("stand-in")],
  ])("%j is refused", async (schema, status, text) => {
    await fill();
    expect(await message(ask("POST", "/collections", schema))).toEqual([status, text]);
  });

  test("an alias leads to its collection, and may be moved", async () => {
    await fill();
    await ask("PUT", "/aliases/current", { collection_name: "products" });
    expect((await ask("GET", "/collections/current/documents/a")).status).toBe(200);
    expect((await ask("GET", "/aliases")).body).toEqual({
      aliases: [{ name: "current", collection_name: "products" }],
    });
    await ask("DELETE", "/aliases/current");
    expect(await message(ask("GET", "/collections/current"))).toEqual([404, "Collection not found"]);
  });
});

describe("documents", () => {
  beforeEach(fill);
  const add = (document: object, action = "create") =>
    ask("POST", `/collections/products/documents?action=${action}`, document);

  test("create refuses an id that is there, update one that is not", async () => {
    expect(await message(add({ id: "a", name: "n", price: 1 }))).toEqual([409, "A document with id a already exists."]);
    expect(await message(add({ id: "z", price: 1 }, "update"))).toEqual([404, "Could not find a document with id: z"]);
  });

  test("upsert replaces all of a document, emplace and update some of it", async () => {
    expect((await add({ id: "a", price: 31 }, "emplace")).body).toMatchObject({ name: "Cà phê sữa đá", price: 31 });
    expect((await add({ id: "a", price: 32 }, "update")).body).toMatchObject({ name: "Cà phê sữa đá", price: 32 });
    expect((await add({ id: "a", name: "n", price: 33 }, "upsert")).body).toEqual({ id: "a", name: "n", price: 33 });
  });

  test("an id is given to those without one, and is free", async () => {
    expect((await add({ name: "n", price: 1 })).body).toMatchObject({ id: "3" });
    await add({ id: "5", name: "n", price: 1 });
    expect((await add({ name: "n", price: 1 })).body).toMatchObject({ id: "6" });
  });

  test("values are made fit, or refused by their field's name", async () => {
    expect((await add({ name: 7, price: "12", inStock: "true" })).body).toMatchObject({
      name: "7",
      price: 12,
      inStock: true,
    });
    expect(await message(add({ name: "n", price: "dear" }))).toEqual([400, "Field `price` must be an int32."]);
    expect(await message(add({ name: "n" }))).toEqual([
      400,
      "Field `price` has been declared in the schema, but is not found in the document.",
    ]);
  });

  test("an import tells of each line what became of it, and counts the lines before it", async () => {
    const body = ['{"id":"n","name":"n","price":1}', '{"id":"n","name":"n","price":2}', "{", '{"name":"m","price":3}'];
    const results = lines(await ask("POST", "/collections/products/documents/import?return_id=true", body.join("\n")));
    expect(results).toEqual([
      { id: "n", success: true },
      { code: 409, document: body[1], error: "A document with id n already exists.", success: false },
      { code: 400, document: "{", error: "Bad JSON: not a properly formed document.", success: false },
      { id: "4", success: true },
    ]);
  });

  test("are exported, changed and removed by a filter", async () => {
    const chosen = "filter_by=price:<50";
    expect(lines(await ask("GET", `/collections/products/documents/export?${chosen}&include_fields=id`))).toEqual([
      { id: "a" },
      { id: "b" },
    ]);
    expect((await ask("PATCH", `/collections/products/documents?${chosen}`, { price: 60 })).body).toEqual({
      num_updated: 2,
    });
    expect((await ask("DELETE", "/collections/products/documents?filter_by=price:60")).body).toEqual({
      num_deleted: 2,
    });
    expect(await message(ask("DELETE", "/collections/products/documents"))).toEqual([
      400,
      "Parameter `filter_by` must be provided.",
    ]);
    expect((await ask("DELETE", "/collections/products/documents/c")).body).toEqual(documents[2]);
    expect((await ask("DELETE", "/collections/products/documents/c?ignore_not_found=true")).status).toBe(200);
    expect((await ask("DELETE", "/collections/products/documents/c")).status).toBe(404);
  });
});

describe("search", () => {
  beforeEach(fill);

  test.each([
    [{ q: "ca phe", query_by: "name" }, ["a"]],
    [{ q: "coffee", query_by: "name" }, ["c", "b"]],
    [{ q: "cof", query_by: "name" }, ["c", "b"]],
    [{ q: "cof", query_by: "name", prefix: "false" }, []],
    [{ q: "coffee tea", query_by: "name" }, ["c", "b"]],
    [{ q: "vn", query_by: "name,maker.country" }, ["a"]],
    [{ q: "*", sort_by: "price:asc" }, ["b", "a", "c"]],
    [{ q: "*", sort_by: "price:desc" }, ["c", "a", "b"]],
    [{ q: "*", per_page: "1", page: "2" }, ["a"]],
    [{ q: "*", limit: "1", offset: "2" }, ["b"]],
  ])("%j finds %j", async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });

  test.each([
    ["price:20", ["b"]],
    ["price:=[20, 90]", ["c", "b"]],
    ["price:[25..95]", ["c", "a"]],
    ["price:>20 && price:<=90", ["c", "a"]],
    ["price:>=90 || tags:cold", ["c", "a"]],
    ["(price:20 || price:30) && inStock:true", ["a"]],
    ["tags:!=drink", ["c"]],
    ["name:coffee", ["c", "b"]],
    ["name:=coffee", []],
    ["name:=`Hot coffee, black`", ["b"]],
    ["name:=Coffee*", ["c"]],
    ["id:[a,b]", ["a", "b"]],
    ["maker.country:=VN", ["a"]],
  ])("filter %s finds %j", async (filter_by, expected) => {
    expect(await ids({ q: "*", filter_by })).toEqual(expected);
  });

  test.each([
    [{}, 400, "Parameter `q` is required."],
    [{ q: "x" }, 400, "No search fields specified for the query."],
    [{ q: "x", query_by: "y" }, 404, "Could not find a field named `y` in the schema."],
    [{ q: "*", filter_by: "y:1" }, 404, "Could not find a filter field named `y` in the schema."],
    [{ q: "*", filter_by: "price:dear" }, 400, "Error with filter field `price`: Not an int32."],
    [{ q: "*", filter_by: "price:1 &&" }, 400, "Could not parse the filter query."],
    [{ q: "*", sort_by: "maker:asc" }, 404, "Could not find a field named `maker` in the schema for sorting."],
    [{ q: "*", per_page: "251" }, 422, "Only upto 250 hits can be fetched per page."],
  ])("%j is refused", async (query, status, text) => {
    const place = `/collections/products/documents/search?${new URLSearchParams(query).toString()}`;
    expect(await message(ask("GET", place))).toEqual([status, text]);
  });

  test("facets count the values of all that was found", async () => {
    const { found: number, facet_counts } = await found({ q: "*", facet_by: "tags", per_page: "1" });
    expect(number).toBe(3);
    expect(facet_counts[0]?.counts).toEqual([
      { count: 2, highlighted: "drink", value: "drink" },
      { count: 1, highlighted: "cold", value: "cold" },
    ]);
  });

  test("many searches are answered one by one, a bad one beside good ones", async () => {
    const searches = [
      { collection: "products", q: "*", filter_by: "price:20" },
      { collection: "none", q: "*" },
    ];
    const { body } = await ask("POST", "/multi_search", { searches });
    expect(body).toEqual({
      results: [expect.objectContaining({ found: 1 }), { code: 404, error: "Collection not found" }],
    });
  });
});

test("what is no part of the API is not found", async () => {
  expect(await message(ask("GET", "/nothing"))).toEqual([404, "Not Found"]);
  expect(await message(ask("POST", "/collections", "{"))).toEqual([400, "Bad JSON."]);
});
