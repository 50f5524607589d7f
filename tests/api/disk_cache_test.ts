import { assert, assertEquals } from "@std/assert";
import { open } from "../../mod.ts";
import { MemoryBucket, MemoryStore } from "../../storage/mod.ts";

Deno.test("a database with a disk cache reads a bucket's tables once; deleting the folder loses nothing", async () => {
  const bucket = new MemoryBucket();
  const path = await Deno.makeTempDir();
  const reads = async (): Promise<number> => {
    const store = new MemoryStore({ bucket });
    await using db = await open("memory:", {
      store,
      diskCache: { path, bytesMax: 16 * 1024 * 1024 },
      readOnly: true,
    });
    const { rows } = await db.query("SELECT sum(id)::int AS sum FROM items");
    assertEquals(rows, [{ sum: 2001000 }]);
    return (db.status().requests as { bytesRead: number }).bytesRead;
  };
  try {
    const db = await open("memory:", { store: new MemoryStore({ bucket }) });
    await db.query("CREATE TABLE items (id int PRIMARY KEY, s text)");
    await db.query(
      "INSERT INTO items SELECT n, md5(n::text) FROM generate_series(1, 2000) n",
    );
    await db.query("SELECT lsm_s3_flush()");
    await db.close();
    const cold = await reads();
    const warm = await reads();
    assert(warm < cold / 4, `${warm} of ${cold} bytes`);
    await Deno.remove(path, { recursive: true });
    const again = await reads();
    assert(again > warm, `${again} of ${cold} bytes`);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});
