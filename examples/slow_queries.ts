/**
 * A log of slow statements, by the executor's hooks: text, time, rows and plan of each
 * statement that took longer than a bound.
 *
 *     deno run --allow-read examples/slow_queries.ts
 *
 * @module
 */
import { type Database, open, type StatementExecution } from "../mod.ts";

/** Tells `log` of statements that take `ms` or longer; dispose it to end that. */
export function logSlowQueries(
  db: Database,
  ms: number,
  log: (line: string) => void,
): Disposable {
  return db.addHooks({
    executorEnd(execution: StatementExecution): void {
      const { text, elapsedMs, rows, error } = execution;
      if (elapsedMs < ms) return;
      const outcome = error === undefined ? `${rows} rows` : `failed: ${error}`;
      log(`${elapsedMs.toFixed(1)} ms, ${outcome}: ${text}`);
      for (const line of execution.explain()) log(`    ${line}`);
    },
  });
}

if (import.meta.main) {
  await using db = await open("memory:");
  using _log = logSlowQueries(db, 50, (line) => console.log(line));
  await db.exec(`
    CREATE TABLE words (id int PRIMARY KEY, word text);
    INSERT INTO words SELECT i, md5(i::text) FROM generate_series(1, 50000) i`);
  await db.query("SELECT word FROM words WHERE id = 7");
  await db.query(
    "SELECT left(word, 2), count(*) FROM words GROUP BY 1 ORDER BY 2 DESC",
  );
}
