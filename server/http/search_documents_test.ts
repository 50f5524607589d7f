import { assert, assertEquals } from "@std/assert";
import { withApi } from "../../tests/support/http_api.ts";

Deno.test("[Y-030, Y-035] an insert answers with the document's id, and with nothing else", async () => {
  await withApi(async (post, db) => {
    const inserted = await post("/v1/insert", {
      doc_id: "doc_123",
      embedding: [0.5, 0.25],
    });
    assertEquals(inserted.status, 200);
    assertEquals(inserted.body, { status: "ok", doc_id: "doc_123" });
    const { rows } = await db.query(
      "SELECT doc_id, embedding::text, metadata FROM documents",
    );
    assertEquals(rows, [
      { doc_id: "doc_123", embedding: "[0.5,0.25]", metadata: {} },
    ]);
  });
});

Deno.test("an insert can be sent again: the document is replaced, and stays as old as it is", async () => {
  await withApi(async (post, db) => {
    const document = { "doc_id": "a", embedding: [1, 0], metadata: { n: 1 } };
    await post("/v1/insert", document);
    const [first] = (await db.query("SELECT created_at FROM documents")).rows;
    await post("/v1/insert", document);
    await post("/v1/insert", { ...document, metadata: { n: 2 } });
    const { rows } = await db.query(
      "SELECT metadata, created_at FROM documents",
    );
    assertEquals(rows, [{ metadata: { n: 2 }, ...first }]);
    const many = await post("/v1/insert", {
      documents: [document, { ...document, doc_id: "b" }, document],
    });
    assertEquals(many.body, { status: "ok", doc_ids: ["a", "b", "a"] });
    // All or none.
    const bad = await post("/v1/insert", {
      documents: [{ doc_id: "c", embedding: [1, 1] }, {
        doc_id: "d",
        embedding: [1, 1, 1],
      }],
    });
    assertEquals(bad.status, 400);
    assertEquals(bad.body.message, "expected 2 dimensions, not 3");
    const { rows: ids } = await db.query(
      "SELECT array_agg(doc_id ORDER BY doc_id) AS ids FROM documents",
    );
    assertEquals(ids, [{ ids: ["a", "b"] }]);
  });
});

Deno.test("[Y-126, Y-127] documents whose first id is a number have numbers for ids, with a vector and a time", async () => {
  await withApi(async (post, db) => {
    await post("/v1/insert", { doc_id: 7, embedding: [1, 0] });
    await post("/v1/insert", {
      doc_id: "9007199254740993",
      embedding: [0, 1],
    });
    const { rows } = await db.query(
      `SELECT doc_id, pg_typeof(doc_id)::text AS type,
         pg_typeof(embedding)::text AS value, now() - created_at < '1 min' AS new
       FROM documents ORDER BY 1`,
    );
    assertEquals(rows, [
      { doc_id: 7, type: "bigint", value: "vector", new: true },
      {
        doc_id: 9007199254740993n,
        type: "bigint",
        value: "vector",
        new: true,
      },
    ]);
    const near = await post("/v1/search", { query_embedding: [0, 1], k: 1 });
    assertEquals(near.body.results[0].doc_id, "9007199254740993");
    const rounded = await post(
      "/v1/insert",
      '{"doc_id":9007199254740993,"embedding":[1,0]}',
    );
    assertEquals(rounded.status, 400);
  });
});

Deno.test("[Y-011, Y-018] a search gives k documents, by cosine, the nearest first", async () => {
  await withApi(async (post) => {
    const documents = Array.from({ length: 40 }, (_, i) => ({
      doc_id: `d${i}`,
      embedding: [Math.cos(i / 20), Math.sin(i / 20)],
      metadata: { even: i % 2 === 0 },
    }));
    await post("/v1/insert", { documents });
    const { status, body } = await post("/v1/search", {
      query_embedding: [3, 0],
      k: 10,
    });
    assertEquals(status, 200);
    assertEquals(
      body.results.map((each: { doc_id: string }) => each.doc_id),
      Array.from({ length: 10 }, (_, i) => `d${i}`),
    );
    assertEquals(Object.keys(body.results[0]), [
      ...["doc_id", "score", "distance", "metadata"],
    ]);
    const scores = body.results.map((each: { score: number }) => each.score);
    assertEquals(scores, scores.toSorted((a: number, b: number) => b - a));
    assert(Math.abs(scores[4] - Math.cos(0.2)) < 1e-6);
    const some = await post("/v1/search", {
      query_embedding: [3, 0],
      k: 3,
      filter: { even: false },
      include: ["embedding", "created_at"],
      ef: 100,
    });
    assertEquals(
      some.body.results.map((each: { doc_id: string }) => each.doc_id),
      ["d1", "d3", "d5"],
    );
    assertEquals(some.body.results[0].embedding.length, 2);
    assert(/^\d{4}-.*T.*\+00:00$/.test(some.body.results[0].created_at));
  });
});

Deno.test("a filter is a condition of its own, and never text of the statement", async () => {
  await withApi(async (post) => {
    const metadata = [
      { year: 1990, lang: "en", tags: ["a"] },
      { year: 2000, lang: "de", new: null },
      { year: "2000", lang: "it's" },
      {},
    ];
    await post("/v1/insert", {
      documents: metadata.map((each, i) => ({
        doc_id: String(i),
        embedding: [1, i],
        metadata: each,
      })),
    });
    const found = async (filter: unknown): Promise<string> => {
      const { body } = await post("/v1/search", {
        query_embedding: [1, 0],
        filter,
      });
      return body.results === undefined
        ? body.message
        : body.results.map((each: { doc_id: string }) => each.doc_id).join("");
    };
    for (
      const [filter, ids] of [
        [{}, "0123"],
        [{ lang: "en" }, "0"],
        [{ lang: "it's" }, "2"],
        [{ lang: "en", year: 1990 }, "0"],
        [{ year: 2000 }, "1"],
        [{ year: "2000" }, "2"],
        [{ tags: ["a"] }, "0"],
        [{ tags: "a" }, ""],
        [{ new: null }, "1"],
        [{ new: { $exists: false } }, "023"],
        [{ new: { $exists: true } }, "1"],
        [{ year: { $gt: 1990 } }, "1"],
        [{ year: { $gte: 1990, $lte: 1999 } }, "0"],
        [{ year: { $gte: "1999" } }, "2"],
        [{ lang: { $ne: "en" } }, "123"],
        [{ lang: { $in: ["en", "de"] } }, "01"],
        [{ lang: { $nin: ["en", "de"] } }, "23"],
        [{ lang: { $in: [] } }, ""],
        [{ $or: [{ lang: "en" }, { year: 2000 }] }, "01"],
        [{ $and: [{ lang: "en" }, { year: 2000 }] }, ""],
        [{ $not: { lang: "en" } }, "123"],
        [{ $or: [] }, ""],
        [{ "a' OR TRUE --": 1 }, ""],
        [{ "__proto__": 1 }, "0123"],
        [{ year: { $like: "x" } }, 'there is no operator "$like"'],
        [{ $sql: "TRUE" }, 'there is no operator "$sql"'],
        [{ year: { $gt: [1] } }, '"$gt" takes a number or a text'],
        [[1], "a filter has to be an object"],
      ] as const
    ) {
      assertEquals(await found(filter), ids, JSON.stringify(filter));
    }
    const own = JSON.parse('{"__proto__":{"x":1}}');
    assertEquals(await found(own), "");
    const deep = Array.from({ length: 30 }).reduce(
      (inner: unknown) => ({ $not: inner }),
      {},
    );
    assertEquals(await found(deep), "filters go 16 deep at most");
    assertEquals(
      await found({ n: { $in: Array.from({ length: 300 }, (_, i) => i) } }),
      "a filter has 200 conditions at most",
    );
  });
});

Deno.test("[Y-112, Y-113] a query gives documents by their ids, a search those that are near; what is deleted is gone", async () => {
  await withApi(async (post) => {
    await post("/v1/insert", {
      collection: "films",
      documents: [
        { doc_id: "a", embedding: [1, 0], metadata: { n: 1 } },
        { doc_id: "b", embedding: [0, 1] },
      ],
    });
    const one = await post("/v1/query", { collection: "films", doc_id: "a" });
    assertEquals({ ...one.body, created_at: "" }, {
      doc_id: "a",
      metadata: { n: 1 },
      embedding: [1, 0],
      created_at: "",
    });
    const two = await post("/v1/query", {
      collection: "films",
      doc_ids: ["b", "x"],
      include: [],
    });
    assertEquals(two.body, { documents: [{ doc_id: "b" }] });
    const gone = await post("/v1/delete", {
      collection: "films",
      doc_ids: ["a", "x"],
    });
    assertEquals(gone.body, { status: "ok", deleted: 1 });
    const none = await post("/v1/query", { collection: "films", doc_id: "a" });
    assertEquals(none.status, 404);
    assertEquals(none.body.code, "02000");
    const other = await post("/v1/search", { query_embedding: [1, 0] });
    assertEquals(other.status, 404);
    assertEquals(other.body.code, "42P01");
  });
});

Deno.test("[Y-130] a flush moves the newest vectors into a segment when somebody asks for it", async () => {
  await withApi(async (post, db) => {
    const liveRows = (): unknown => {
      const { vectorIndexes } = db.status() as {
        vectorIndexes: { liveRows: number; segments: number }[];
      };
      return vectorIndexes.map(({ liveRows, segments }) => [
        ...[liveRows, segments],
      ]);
    };
    await post("/v1/insert", { doc_id: "a", embedding: [1, 0] });
    await post("/v1/insert", { doc_id: "b", embedding: [0, 1] });
    assertEquals((await post("/v1/flush", {})).body, { status: "ok" });
    assertEquals(liveRows(), [[0, 1]]);
    assertEquals((await post("/v1/flush", {})).status, 200);
    assertEquals(liveRows(), [[0, 1]]);
    const { body } = await post("/v1/search", { query_embedding: [1, 0] });
    assertEquals(body.results.length, 2);
  });
});
