/**
 * Statements put together from parts of others: whatever comes out is run or
 * refused with an SQLSTATE that is the user's business. `SEED` repeats a run.
 *
 * 1. No error but a `KriyaError`, and none of kind `internal`.
 * 2. An error's position, if it has one, is in the text.
 *
 * @module
 */
import { assert } from "@std/assert";
import { ArrayDatabase } from "../../tests/support/array_database.ts";
import { seededRandom } from "../../tests/support/seeded_random.ts";
import { outcomeOf } from "../../tests/support/statement_oracle.ts";
import { loadParser } from "../parser/parser.ts";

await loadParser();

const SEED = Number(Deno.env.get("SEED") ?? 77);
const RUNS = Number(Deno.env.get("RUNS") ?? 4000);

const FILES = ["changes", "definitions", "expressions"];

function statements(): string[] {
  return FILES.flatMap((file) => {
    const url = new URL(
      `../../tests/support/statements/${file}.sql`,
      import.meta.url,
    );
    return Deno.readTextFileSync(url).trim().split("\n");
  }).map((line) => line.split(" %% ")[0]!);
}

/** The tokens of a text, near enough. */
function tokensOf(text: string): string[] {
  return text.match(/'(?:[^']|'')*'|\$?\w+(?:\.\d+)?|\s+|[^\w\s]+?/g) ?? [];
}

/** What a token is like: tokens of a kind mostly stand in the same places. */
function kindOf(token: string): string {
  if (/^['\d]/.test(token)) return "literal";
  if (/^[a-z]/.test(token)) return "name";
  return /^[-+*/%<>=|]/.test(token) ? "operator" : "other";
}

Deno.test("statements put together at random are run or refused", async () => {
  const random = seededRandom(SEED);
  const pick = <T>(items: readonly T[]): T =>
    items[Math.floor(random() * items.length)]!;
  const all = statements();
  const tokens = all.flatMap(tokensOf).filter((token) => token.trim() !== "");
  const byKind = Map.groupBy(tokens, kindOf);
  const database = new ArrayDatabase({ chunkRows: 3 });
  await database.run(
    "CREATE TABLE t (id int PRIMARY KEY, a int, b text, v vector(3), c numeric)",
  );
  await database.run("CREATE INDEX ON t USING lsm_hnsw (v)");
  await database.run(
    "INSERT INTO t VALUES (1, 2, 'x', '[1,2,3]', 1.5), (2, NULL, '', NULL, 0)",
  );
  let done = 0;
  for (let i = 0; i < RUNS; i++) {
    const parts = tokensOf(pick(all));
    for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) {
      const at = Math.floor(random() * parts.length);
      const other = tokensOf(pick(all));
      const from = Math.floor(random() * other.length);
      const way = Math.floor(random() * 16);
      const kind = kindOf(parts[at]!);
      if (way === 0) parts.splice(at, 1);
      else if (way === 1) parts.splice(at, 0, pick(tokens), " ");
      else if (way === 2) parts.splice(at, 3, ...other.slice(from, from + 5));
      else if (kind !== "other") parts[at] = pick(byKind.get(kind)!);
    }
    const sql = parts.join("");
    if (sql.trim() === "" || sql.includes("--")) continue;
    if (sql.includes(";") || /^\s*(DROP|END|BEGIN|SET|SHOW|RESET)/i.test(sql)) {
      continue;
    }
    const undo = database.tables.save();
    const outcome = await outcomeOf(database, sql, [1, "2", null])
      .catch((error) => {
        throw new Error(`${sql} (SEED=${SEED})`, { cause: error });
      });
    undo();
    if (!("code" in outcome)) {
      done++;
      continue;
    }
    const { code, message, position } = outcome;
    assert(!code.startsWith("XX"), `${sql}: ${message} (SEED=${SEED})`);
    assert(position <= sql.length + 1, `${sql}: @${position}`);
  }
  assert(done > RUNS / 10, `only ${done} of ${RUNS} ran`);
});
