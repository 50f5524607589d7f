/**
 * Every request is accounted for: exact counts of what commits, openings, polls
 * and lookups ask of the store, and who is told of them.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type Database, open, type OpenOptions } from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { FaultyStore, type RequestEvent } from "../../testing/faulty_store.ts";
import { rejectsWith } from "../support/databases.ts";
import { asked } from "../support/world.ts";

const ROWS = 20_000;

/** A database on a bucket of its own, and what it asks for. */
class Asking {
  readonly bucket: MemoryBucket;
  readonly requests: RequestEvent[] = [];

  constructor(bucket = new MemoryBucket()) {
    this.bucket = bucket;
  }

  open(options: OpenOptions = {}): Promise<Database> {
    const store = new FaultyStore(new MemoryStore({ bucket: this.bucket }), {
      onRequest: (event) => this.requests.push(event),
    });
    return open("memory:", { store, ...options });
  }

  /** What was asked since the last call. */
  take(): string[] {
    return asked(this.requests.splice(0));
  }
}

/** A bucket with a compacted table of many rows, closed in good order. */
async function compacted(): Promise<MemoryBucket> {
  const asking = new Asking();
  await using db = await asking.open({
    storage: { l0CompactionTrigger: 2, compression: "none" },
  });
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
  for (let from = 1; from < ROWS; from += ROWS / 4) {
    await db.query(
      "INSERT INTO t SELECT i, repeat('x', 100) || i FROM generate_series($1::int, $2::int) AS g(i)",
      [from, from + ROWS / 4 - 1],
    );
    await db.query("SELECT lsm_s3_flush()");
  }
  await db.settle();
  return asking.bucket;
}

Deno.test("a durable commit is one PUT, a statement that reads memory asks nothing, nor does a writer at rest", async () => {
  const asking = new Asking();
  await using db = await asking.open({ storage: { flushIntervalMs: 0 } });
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
  asking.take();
  for (let id = 1; id <= 5; id++) {
    await db.query("INSERT INTO t VALUES ($1, 'x')", [id]);
    assertEquals(asking.take(), ["put wal/"]);
  }
  await db.query("UPDATE t SET s = 'y' WHERE id > 2");
  assertEquals(asking.take(), ["put wal/"]);
  await db.transaction(async (tx) => {
    await tx.query("DELETE FROM t WHERE id = 1");
    await tx.query("INSERT INTO t VALUES (9, 'z')");
  });
  assertEquals(asking.take(), ["put wal/"]);
  // Side by side they are one group.
  const many = Array.from(
    { length: 50 },
    (_, i) => db.query("INSERT INTO t VALUES ($1, 'x')", [100 + i]),
  );
  await Promise.all(many);
  assertEquals(asking.take(), ["put wal/"]);
  await db.query("SELECT count(*) FROM t WHERE s = 'x'");
  await db.query("SELECT * FROM t WHERE id = 3");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(asking.take(), []);
});

Deno.test("a cold opening for reading is two round trips and the log; a cold lookup at most four reads, two once indexes and filters are here", async () => {
  const bucket = await compacted();
  const asking = new Asking(bucket);
  await using db = await asking.open({
    readOnly: true,
    consistency: "snapshot",
    pin: "never",
    storage: { readAheadBytes: 0 },
  });
  // The log is listed beside the manifests.
  assertEquals(asking.take().slice(0, 3), [
    "list wal/",
    "list manifest/",
    "get manifest/",
  ]);
  const lookup = async (id: number): Promise<string[]> => {
    const { rows } = await db.query("SELECT s FROM t WHERE id = $1", [id]);
    assertEquals(rows, [{ s: "x".repeat(100) + id }]);
    return asking.take();
  };
  await db.query("SELECT 1");
  asking.take();
  const cold = await lookup(12_345);
  assert(cold.every((request) => request === "get sst/"), String(cold));
  // An entry of the key's index, and the row: two blocks of one table.
  assert(cold.length <= 4, String(cold));
  for (const id of [3, 7_777, 19_000]) {
    const warm = await lookup(id);
    assert(warm.length <= 2, String(warm));
  }
  assertEquals(await lookup(12_345), []);
});

Deno.test("EXPLAIN (ANALYZE, REQUESTS) tells what a statement asked, and what that costs", async () => {
  const asking = new Asking(await compacted());
  await using db = await asking.open({
    readOnly: true,
    consistency: "snapshot",
    pin: "never",
  });
  await db.query("SELECT 1");
  asking.take();
  const explain =
    "EXPLAIN (ANALYZE, REQUESTS, COSTS off, TIMING off, SUMMARY off) SELECT s FROM t WHERE id = 5";
  const lineOf = async (): Promise<string> => {
    const { rows } = await db.query(explain, [], { rowMode: "array" });
    return (rows.at(-1) as unknown as string[])[0]!;
  };
  const line = await lineOf();
  const gets = asking.take().length;
  assert(gets > 0);
  const dollars = (gets * 0.000_000_4).toFixed(7);
  assert(
    line.startsWith(
      `Requests: get=${gets} head=0 put=0 delete=0 list=0  bytes read=`,
    ),
    line,
  );
  assert(line.endsWith(` written=0  cost=$${dollars}`), line);
  assertEquals(
    await lineOf(),
    "Requests: get=0 head=0 put=0 delete=0 list=0  bytes read=0 written=0  cost=$0.0000000",
  );
  const { rows } = await db.query(
    "EXPLAIN (ANALYZE, REQUESTS, FORMAT json) SELECT s FROM t WHERE id = 15000",
  );
  const [told] = JSON.parse(JSON.stringify(Object.values(rows[0]!)[0]))[0] ===
      "["
    ? JSON.parse(Object.values(rows[0]!)[0] as string)
    : Object.values(rows[0]!)[0] as { Requests: unknown }[];
  const { Requests } = told as { Requests: Record<string, number> };
  assertEquals(Requests["get"], asking.take().length);
  assertEquals(
    Requests["Dollars"],
    Number((Requests["get"]! * 4e-7).toFixed(12)),
  );
  await rejectsWith(db.query("EXPLAIN (REQUESTS) SELECT 1"), "22023", {
    message: "EXPLAIN option REQUESTS requires ANALYZE",
  });
});

Deno.test("lsm_s3.max_requests is a budget of each statement, with a clear error", async () => {
  const asking = new Asking(await compacted());
  await using db = await asking.open({
    readOnly: true,
    consistency: "snapshot",
    pin: "never",
    storage: { readAheadBytes: 0 },
  });
  await db.query("SELECT 1");
  await db.query("SET lsm_s3.max_requests = 5");
  asking.take();
  const all = "SELECT count(*)::int AS n, max(s) FROM t";
  const error = await rejectsWith(db.query(all), "53400");
  assertEquals(
    error.message,
    "statement needs more than 5 requests to the object store",
  );
  assert(error.hint?.startsWith("Raise lsm_s3.max_requests"));
  assert(asking.take().length <= 5);
  await rejectsWith(Array.fromAsync(db.stream("SELECT * FROM t")), "53400");
  assertEquals(
    (await db.query("SELECT id FROM t WHERE id = 12345")).rows,
    [{ id: 12_345 }],
  );
  await db.query("RESET lsm_s3.max_requests");
  assertEquals((await db.query(all)).rows[0]!["n"], ROWS);
  const status = db.status() as { requests: Record<string, number> };
  const { get, head, put, list, dollars } = status.requests;
  assertEquals(
    dollars,
    Number((4e-7 * (get! + head!) + 5e-6 * (put! + list!)).toFixed(12)),
  );
  assertEquals([status.requests["retry"], status.requests["part"]], [0, 0]);
});
