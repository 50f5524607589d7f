/**
 * Run by `commit_modes_test.ts`: inserts one row after the other until it is
 * killed, and says each once it is acknowledged, with the time.
 *
 * Arguments: address, `synchronous_commit`.
 *
 * @module
 */
import { open } from "../../mod.ts";

const [address, mode] = Deno.args;
const encoder = new TextEncoder();
const db = await open(address!, { settings: { synchronous_commit: mode! } });
const { rows } = await db.query("SELECT count(*) AS n FROM t");
// Never lets the event loop turn by itself: the log is written all the same.
for (let id = Number(rows[0]!["n"]);; id++) {
  await db.query("INSERT INTO t VALUES ($1)", [id]);
  Deno.stdout.writeSync(encoder.encode(`${id} ${Date.now()}\n`));
}
