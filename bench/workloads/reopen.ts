/**
 * From a closed database to its first answer, in a new process: the demo's
 * database with 6000 nouns, opened and asked one question whose vector is
 * known. The sentence model is no part of it; loading our code is.
 *
 * @module
 */
import { join } from "node:path";
import { dataFolder, exists } from "../cache.ts";
import type { LimitWorkload } from "../harness.ts";

const NOUNS = 6000;

function folder(): string {
  return join(dataFolder(), "reverse-dictionary");
}

function questionFile(): string {
  return join(dataFolder(), "question.json");
}

/** Fills the database as the demo does, and embeds the question. */
async function prepare(): Promise<void> {
  const { open } = await import("../../mod.ts");
  const { fill } = await import(
    "../../examples/reverse_dictionary/dictionary.ts"
  );
  const database = await open(`file:${folder()}`);
  await fill(database, NOUNS, (done: number, total: number) => {
    if (done % 1000 < 64) console.error(`embedding ${done} of ${total}`);
  });
  await database.close();
  if (exists(questionFile())) return;
  const { loadSentenceModel } = await import(
    "../../examples/reverse_dictionary/sentence_model.ts"
  );
  const model = await loadSentenceModel();
  const [vector] = await model.embed(["a person who studies the stars"]);
  await Deno.writeTextFile(questionFile(), JSON.stringify([...vector!]));
}

async function measure(): Promise<number> {
  const question = Float32Array.from(
    JSON.parse(await Deno.readTextFile(questionFile())),
  );
  const start = performance.now();
  const { open } = await import("../../mod.ts");
  const database = await open(`file:${folder()}`);
  const { rows } = await database.query(
    "SELECT words FROM nouns ORDER BY embedding <=> $1 LIMIT 5",
    [question],
  );
  const elapsedMs = performance.now() - start;
  await database.close();
  if (rows.length !== 5) throw new Error(`${rows.length} rows, not 5`);
  return elapsedMs;
}

/** Reopening the demo's database. */
export const reopen: LimitWorkload = {
  name: "reopen-demo",
  unit: "ms",
  limit: 300,
  prepare,
  measure,
};
