import { assert, assertEquals, assertRejects } from "@std/assert";
import { check, compact, KriyaError, open } from "../../mod.ts";
import { MemoryBucket, MemoryStore } from "../../storage/mod.ts";

Deno.test("check reads vector segments too, and names the damaged one", async () => {
  const bucket = new MemoryBucket();
  const store = (): MemoryStore => new MemoryStore({ bucket });
  const db = await open("memory:", { store: store() });
  await db.query("CREATE TABLE items (id int PRIMARY KEY, v vector(4))");
  await db.query(`
    INSERT INTO items
    SELECT n, ('[' || n || ',' || n % 17 || ',' || n % 101 || ',1]')::vector
    FROM generate_series(1, 3000) AS n
  `);
  await db.query("CREATE INDEX ON items USING lsm_hnsw (v)");
  await db.close();
  const well = await check("memory:", { store: store() });
  assertEquals([well.ok, well.problems], [true, []]);
  const path = bucket.paths().find((path) => path.startsWith("vec/"));
  assert(path !== undefined, bucket.paths().join());
  const bytes = bucket.object(path)!.bytes.slice();
  bytes[bytes.length >> 1]! ^= 4;
  bucket.set(path, bytes, 0);
  const { ok, problems } = await check("memory:", { store: store() });
  assertEquals(ok, false);
  assert(problems.every(({ object }) => object === path));
});

Deno.test("a place without a database is refused, by check and by compact", async () => {
  for (const work of [check, compact]) {
    const error = await assertRejects(() => work("memory:"), KriyaError);
    assertEquals(error.kind, "invalid");
  }
});
