/**
 * Recall on the demo's own vectors: WordNet's glosses embedded by the sentence
 * model, found through SQL and the index with nothing set, beside an exact scan.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { open } from "../../mod.ts";
import { embedAll } from "../../examples/reverse_dictionary/embedder.ts";
import { readNouns } from "../../examples/reverse_dictionary/wordnet.ts";

/** So many that walking the graph is cheaper than an exact scan of a segment. */
const NOUNS = 2500;
const QUESTIONS = 100;
const NEAREST = 10;
const RECALL = 0.95;

const INDEXED =
  `SELECT id FROM glosses ORDER BY embedding <=> $1 LIMIT ${NEAREST}`;
const EXACT =
  `SELECT id FROM glosses ORDER BY (embedding <=> $1) + 0 LIMIT ${NEAREST}`;

Deno.test("[K-170] recall@10 of sentence vectors through SQL is at least 0.95 with nothing set", async () => {
  // Short ones: the model's time grows with the length, the test's sense not.
  const nouns = (await readNouns(8 * (NOUNS + QUESTIONS)))
    .toSorted((a, b) => a.gloss.length - b.gloss.length)
    .slice(0, NOUNS + QUESTIONS)
    .toSorted((a, b) => a.id - b.id);
  const vectors = new Map<string, Float32Array>();
  const embedded = embedAll(nouns, ({ words, gloss }) => `${words}: ${gloss}`);
  for await (const { items, vectors: some } of embedded) {
    items.forEach(({ words }, i) => vectors.set(words, some[i]!));
  }
  await using db = await open("memory:");
  await db.exec(
    "CREATE TABLE glosses (id int PRIMARY KEY, embedding LsmVector(512)) USING lsm_s3",
  );
  const [stored, asked] = [nouns.slice(0, NOUNS), nouns.slice(NOUNS)];
  await db.transaction(async (tx) => {
    for (const [id, { words }] of stored.entries()) {
      await tx.query("INSERT INTO glosses VALUES ($1, $2)", [
        id,
        vectors.get(words),
      ]);
    }
  });
  await db.exec(
    "CREATE INDEX glosses_idx ON glosses USING lsm_hnsw (embedding lsm_vector_cosine_ops)",
  );
  let found = 0;
  for (const { words } of asked) {
    const question = [vectors.get(words)];
    const near = await db.query<{ id: number }>(INDEXED, question);
    const exact = await db.query<{ id: number }>(EXACT, question);
    assertEquals(near.rows.length, NEAREST);
    const ids = new Set(exact.rows.map(({ id }) => id));
    found += near.rows.filter(({ id }) => ids.has(id)).length;
  }
  const [first] = asked;
  const plan = await db.query(
    `EXPLAIN ${INDEXED}`,
    [vectors.get(first!.words)],
    { rowMode: "array" },
  );
  assertStringIncludes(plan.rows.join("\n"), "glosses_idx");
  const recall = found / (QUESTIONS * NEAREST);
  assert(recall >= RECALL, `recall ${recall}`);
});
