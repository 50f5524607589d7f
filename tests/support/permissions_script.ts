/**
 * Opens the database at its argument, writes and asks: run with the permissions
 * under test by `permissions_test.ts`. A second argument is how its bucket is
 * reached, as JSON.
 *
 * @module
 */
import { open } from "../../mod.ts";

const [address, s3 = "{}"] = Deno.args;
await using db = await open(address!, { s3: JSON.parse(s3) });
await db.exec(`
  CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY, v vector(2));
  CREATE INDEX IF NOT EXISTS t_v ON t USING lsm_hnsw (v);
  DELETE FROM t;
  INSERT INTO t VALUES (1, '[1,0]'), (2, '[0,1]');
  SELECT lsm_s3_flush();
`);
const { rows } = await db.query<{ id: number }>(
  "SELECT id FROM t ORDER BY v <-> $1 LIMIT 1",
  [[0, 2]],
);
if (rows[0]?.id !== 2) throw new Error(JSON.stringify(rows));
