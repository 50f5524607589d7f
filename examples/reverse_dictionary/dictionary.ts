/**
 * The dictionary in the database: one table, one index, one query.
 *
 * @module
 */
import { embedAll } from "./embedder.ts";
import { DIMENSIONS } from "./sentence_model.ts";
import { type Noun, readNouns } from "./wordnet.ts";

/** As much of a database as a dictionary needs. */
export interface Database {
  /** Runs several statements. */
  exec(sql: string): Promise<unknown>;
  /** Runs one. */
  query(
    sql: string,
    parameters?: unknown[],
  ): Promise<{ rows: Record<string, unknown>[] }>;
}

/** A word that may be meant. */
export interface Meaning {
  /** The words, the usual one first. */
  readonly words: string;
  /** What they mean. */
  readonly gloss: string;
  /** How far that is from the question: 0 is the same, 1 unrelated. */
  readonly distance: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS nouns (
    id int PRIMARY KEY,
    words text,
    gloss text,
    embedding LsmVector(${DIMENSIONS})
  ) USING lsm_s3;
  CREATE INDEX IF NOT EXISTS nouns_embedding_idx
    ON nouns USING lsm_hnsw (embedding lsm_vector_cosine_ops);
  CREATE TABLE IF NOT EXISTS filled (nouns int PRIMARY KEY) USING lsm_s3;
`;

/** What stands for all nouns: the largest `int`. */
const ALL = 2 ** 31 - 1;

const SEARCH = `
  SELECT words, gloss, embedding <=> $1 AS distance
  FROM nouns
  ORDER BY distance
  LIMIT $2`;

/**
 * Fills the database with the `count` most familiar nouns, unless it has them.
 * What a run before it stored, also one that was interrupted, stays.
 */
export async function fill(
  database: Database,
  count: number,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  await database.exec(SCHEMA);
  const filled = await database.query(
    "SELECT nouns FROM filled WHERE nouns >= $1 LIMIT 1",
    [Math.min(count, ALL)],
  );
  if (filled.rows.length > 0) return;
  const nouns = await readNouns(count);
  const { rows } = await database.query("SELECT id FROM nouns");
  const stored = new Set(rows.map((row) => row.id));
  const missing = nouns.filter((noun) => !stored.has(noun.id));
  let done = nouns.length - missing.length;
  onProgress(done, nouns.length);
  for await (const { items, vectors } of embedAll(missing, textOf)) {
    await insert(database, items, vectors);
    done += items.length;
    onProgress(done, nouns.length);
  }
  await database.query("INSERT INTO filled VALUES ($1)", [
    Math.min(count, ALL),
  ]);
}

/** What is embedded: the words help where the definition is far from them. */
function textOf({ words, gloss }: Noun): string {
  return `${words}: ${gloss}`;
}

async function insert(
  database: Database,
  nouns: readonly Noun[],
  vectors: readonly Float32Array[],
): Promise<void> {
  const rows = nouns.map((_, i) =>
    `($${4 * i + 1}, $${4 * i + 2}, $${4 * i + 3}, $${4 * i + 4})`
  );
  const values = nouns.flatMap(({ id, words, gloss }, i) => [
    id,
    words,
    gloss,
    vectors[i]!,
  ]);
  await database.query(`INSERT INTO nouns VALUES ${rows.join(", ")}`, values);
}

/** The words whose meaning is closest to a question's vector, best first. */
export async function search(
  database: Database,
  question: Float32Array,
  count: number,
): Promise<Meaning[]> {
  const { rows } = await database.query(SEARCH, [question, count]);
  return rows as unknown as Meaning[];
}

/** How the database finds them. */
export async function explain(
  database: Database,
  question: Float32Array,
  count: number,
): Promise<string> {
  const { rows } = await database.query(`EXPLAIN ${SEARCH}`, [
    question,
    count,
  ]);
  return rows.map((row) => shorten(String(row["QUERY PLAN"]))).join("\n");
}

/** A line of a plan without most of the vector that it may name. */
function shorten(line: string): string {
  return line.length <= 100 ? line : `${line.slice(0, 99)}…`;
}
