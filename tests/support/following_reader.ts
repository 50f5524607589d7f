/**
 * Run by tests: opens a database read-only and follows its writer, asking again
 * and again until it sees a number of rows; says every answer that differs from
 * the one before: `rows COUNT SUM NEAREST`.
 *
 * Arguments: the address, options of the bucket as JSON, how many rows.
 *
 * @module
 */
import { delay, systemEnvironment } from "../../base/environment.ts";
import { open } from "../../mod.ts";

const [address, s3, wanted] = Deno.args;

await using db = await open(address!, {
  s3: JSON.parse(s3!),
  readOnly: true,
  consistency: { boundedMs: 20 },
});
let last = "";
for (let count = 0; count < Number(wanted);) {
  const { rows: [row] } = await db.query(`
    SELECT count(*)::int AS n, coalesce(sum(id), 0)::int AS sum,
      (SELECT id FROM t ORDER BY v <-> '[1000,0]' LIMIT 1) AS nearest FROM t`);
  count = Number(row!["n"]);
  const line = `rows ${count} ${row!["sum"]} ${row!["nearest"]}\n`;
  if (line !== last) Deno.stdout.writeSync(new TextEncoder().encode(line));
  last = line;
  await delay(systemEnvironment, 5);
}
