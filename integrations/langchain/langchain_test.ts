import { assert, assertEquals, assertRejects } from "@std/assert";
import { Document } from "@langchain/core/documents";
import { Embeddings } from "@langchain/core/embeddings";
import { open, SqlError } from "@kriyadb/kriyadb";
import { KriyaVectorStore } from "@kriyadb/kriyadb/langchain";

/** Letters as directions: texts with the same letters are near. */
class LetterEmbeddings extends Embeddings {
  constructor() {
    super({});
  }
  override embedDocuments(texts: string[]): Promise<number[][]> {
    return Promise.resolve(texts.map((text) => this.#vector(text)));
  }
  override embedQuery(text: string): Promise<number[]> {
    return Promise.resolve(this.#vector(text));
  }
  #vector(text: string): number[] {
    const vector = new Array<number>(26).fill(0.001);
    for (const letter of text.toLowerCase().replace(/[^a-z]/g, "")) {
      vector[letter.charCodeAt(0) - 97]! += 1;
    }
    return vector;
  }
}

const TEXTS = ["aaaa", "aaab", "bbbb", "cccc"];
const METADATA = TEXTS.map((_, i) => ({ n: i, kind: i < 2 ? "a" : "b" }));

Deno.test("[O-006] langchain: texts are found by what they say", async () => {
  await using database = await open("memory:");
  const store = await KriyaVectorStore.fromTexts(
    TEXTS,
    METADATA,
    new LetterEmbeddings(),
    { database, table: "public.My texts" },
  );
  assertEquals(store._vectorstoreType(), "kriyadb");
  const found = await store.similaritySearchWithScore("aa", 2);
  assertEquals(found.map(([{ pageContent }]) => pageContent), ["aaaa", "aaab"]);
  assert(found[0]![1] < 1e-5 && found[1]![1] > 0.01);
  assert(found[0]![0] instanceof Document);
  assertEquals(found[0]![0].metadata, { n: 0, kind: "a" });
  const filtered = await store.similaritySearch("aa", 5, { kind: "b" });
  assertEquals(filtered.map(({ pageContent }) => pageContent).sort(), [
    "bbbb",
    "cccc",
  ]);
  const { rows } = await database.query(
    "SELECT indexdef FROM pg_indexes WHERE tablename = 'My texts' ORDER BY 1",
  );
  assert(/hnsw \(embedding/.test(JSON.stringify(rows)), JSON.stringify(rows));
});

Deno.test("[O-006] langchain: a retriever, with MMR too", async () => {
  await using database = await open("memory:");
  const store = new KriyaVectorStore(new LetterEmbeddings(), { database });
  assertEquals(await store.similaritySearch("a", 3), []);
  await store.addDocuments(
    TEXTS.map((pageContent, i) =>
      new Document({ pageContent, metadata: METADATA[i]! })
    ),
  );
  const retriever = store.asRetriever({ k: 1, filter: { n: 2 } });
  const [one] = await retriever.invoke("anything");
  assertEquals(one!.pageContent, "bbbb");
  const various = store.asRetriever({
    k: 2,
    searchType: "mmr",
    searchKwargs: { fetchK: 4, lambda: 0.1 },
  });
  const picked = await various.invoke("aaaa");
  assertEquals(picked[0]!.pageContent, "aaaa");
  assert(picked[1]!.pageContent !== "aaab");
});

Deno.test("[O-006] langchain: documents with ids are replaced and deleted", async () => {
  await using database = await open("memory:");
  const store = new KriyaVectorStore(new LetterEmbeddings(), {
    database,
    metric: "euclidean",
  });
  const given = await store.addDocuments(
    [{ pageContent: "x", metadata: {} }, { pageContent: "y", metadata: {} }],
    { ids: ["1", "2"] },
  );
  assertEquals(given, ["1", "2"]);
  const [made] = await store.addDocuments([
    new Document({ pageContent: 'it\'s "quoted" $1', metadata: { k: null } }),
  ]);
  assert(/^[0-9a-f]{8}-[0-9a-f]{4}-4/.test(made!), made);
  await store.addDocuments([{ id: "1", pageContent: "z", metadata: { v: 2 } }]);
  const all = await store.similaritySearch("z", 9);
  assertEquals(all.map(({ id }) => id).sort(), ["1", "2", made].sort());
  assertEquals([all[0]!.pageContent, all[0]!.metadata], ["z", { v: 2 }]);
  await store.delete({ ids: [made!] });
  await store.delete({ filter: { v: 2 } });
  assertEquals((await store.similaritySearch("z", 9)).map(({ id }) => id), [
    "2",
  ]);
  const wrong = await assertRejects(
    () => store.addVectors([[1, 2]], [{ pageContent: "", metadata: {} }]),
    SqlError,
  );
  assertEquals(wrong.message, "expected 26 dimensions, not 2");
});
