import { assertEquals } from "@std/assert";
import { open } from "../../mod.ts";
import type { StoreStatus } from "../../storage/mod.ts";

Deno.test("a LIMIT, an error and a dropped stream let go of what their scans held", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (a int PRIMARY KEY)");
  const rows = Array.from({ length: 5000 }, (_, i) => `(${i})`);
  await db.exec(`INSERT INTO t VALUES ${rows.join(",")}`);
  await db.query("SELECT a FROM t LIMIT 1");
  await db.query("SELECT 1 / (a - a) FROM t").catch(() => {});
  for await (const _ of db.stream("SELECT a FROM t")) break;
  const store = db.status().store as StoreStatus;
  assertEquals(store.snapshots, 0);
});
