/**
 * A materialized view that a background worker keeps fresh.
 *
 *     deno run --allow-read examples/refreshed_view.ts
 *
 * @module
 */
import { type BackgroundWorker, type Database, open } from "../mod.ts";

/** Refreshes a view whenever `everyMs` have gone by, until it is stopped. */
export function refreshView(
  db: Database,
  view: string,
  everyMs: number,
): BackgroundWorker {
  return db.worker(`refresh ${view}`, async (signal) => {
    while (!signal.aborted) {
      await db.query(`REFRESH MATERIALIZED VIEW ${view}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs);
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        }, { once: true });
      });
    }
  }, {
    restartAfterMs: everyMs,
    onError: (error) => console.error(`${view}:`, error),
  });
}

if (import.meta.main) {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE sales (at timestamptz DEFAULT now(), amount numeric);
    CREATE MATERIALIZED VIEW total AS SELECT sum(amount) AS amount FROM sales`);
  await using _worker = refreshView(db, "total", 100);
  for (let sale = 1; sale <= 3; sale++) {
    await db.query("INSERT INTO sales (amount) VALUES ($1)", [sale * 10]);
    await new Promise((resolve) => setTimeout(resolve, 150));
    const { rows } = await db.query("SELECT amount FROM total");
    console.log(rows[0]?.["amount"]);
  }
}
