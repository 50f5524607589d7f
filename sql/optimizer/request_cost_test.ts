/**
 * Plans over a bucket: what is far is read from one end to the other, in few
 * requests; what was read is found by an index.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type Database, open, type OpenOptions } from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { FaultyStore } from "../../testing/faulty_store.ts";
import { lookupsCost, streamCost } from "./request_cost.ts";
import type { CostFacts, Residence } from "./facts.ts";

const ROWS = 20_000;
/** Some rows all over the table. */
const SOME = "SELECT sum(length(s)) FROM t WHERE k BETWEEN 5 AND 60";

const bucket = new MemoryBucket();
let gets = 0;

/** The bucket as something behind a network. */
function openFar(options: OpenOptions = {}): Promise<Database> {
  const store = new FaultyStore(new MemoryStore({ bucket }), {
    onRequest: ({ operation }) => {
      if (operation === "get") gets++;
    },
  });
  Object.defineProperty(store, "address", { value: "s3://test/" });
  return open("memory:", {
    store,
    storage: { compression: "none" },
    ...options,
  });
}

await using db = await openFar();
await db.exec(`CREATE TABLE t (id int PRIMARY KEY, k int, s text)`);
await db.query(
  `INSERT INTO t SELECT i, i * 7919 % ${ROWS}, repeat('x', 150) || i
   FROM generate_series(1, ${ROWS}) i`,
);
await db.exec("CREATE INDEX t_k ON t (k); ANALYZE t");
await db.query("SELECT lsm_s3_flush()");
await db.settle();
await db.close();

async function explained(db: Database, sql: string): Promise<string> {
  const { rows } = await db.query(`EXPLAIN ${sql}`, [], { rowMode: "array" });
  return rows.flat().join("\n");
}

Deno.test("[L-196] a plan over a cold bucket is not the plan over cached data", async () => {
  await using db = await openFar();
  const prepared = await db.prepare(SOME);
  assert((await explained(db, SOME)).includes("Seq Scan on t"));
  const [cold] = (await prepared.query()).rows;
  // The index is still far, until somebody has read it.
  assert((await explained(db, SOME)).includes("Seq Scan on t"));
  await db.exec("SET enable_seqscan = off");
  await db.query("SELECT count(k) FROM t WHERE k >= 0");
  await db.exec("RESET enable_seqscan");
  // Now everything was read: the kept plan is made anew, too.
  const warm = await explained(db, SOME);
  assert(/Scan (using|on) t_k/.test(warm), warm);
  assertEquals((await prepared.query()).rows, [cold]);
});

Deno.test("[L-196] over a cold bucket the chosen way asks for less than the other", async () => {
  const asked = async (setting: string): Promise<number> => {
    await using db = await openFar();
    await db.exec(setting);
    await db.query("SELECT 1 FROM t WHERE id = 1");
    gets = 0;
    await db.query(SOME);
    return gets;
  };
  const chosen = await asked("SELECT 1");
  const byIndex = await asked("SET enable_seqscan = off");
  assert(chosen * 2 < byIndex, `${chosen} requests, and ${byIndex} by index`);
});

Deno.test("settings say what pages cost", async () => {
  await using db = await openFar();
  await db.query("SELECT count(*), sum(length(s)) FROM t");
  await db.query("SELECT count(k) FROM t WHERE k >= 0");
  const broad = "SELECT sum(length(s)) FROM t WHERE k < 3000";
  const costs = async (settings: string): Promise<string> => {
    await db.exec(`${settings}`);
    const plan = await explained(db, broad);
    await db.exec("RESET ALL");
    return plan;
  };
  const usual = await costs("SELECT 1");
  const scans = await costs("SET random_page_cost = 100");
  assert(scans.includes("Seq Scan on t"), scans);
  const looks = await costs("SET seq_page_cost = 20; SET cpu_tuple_cost = 1");
  assert(/Scan (using|on) t_k/.test(looks), looks);
  assertEquals(await costs("SELECT 1"), usual);
});

Deno.test("what is fetched row by row costs no more than all there is", () => {
  const facts = (residence: Residence): CostFacts =>
    ({ residence: () => residence }) as unknown as CostFacts;
  const far = facts({ bytes: 1e8, far: 1, near: 0 });
  const near = facts({ bytes: 1e8, far: 0, near: 1 });
  const half = facts({ bytes: 1e8, far: 0.5, near: 0 });
  assertEquals(lookupsCost(1, 0, far), 0);
  assert(lookupsCost(1, 1, far) > lookupsCost(1, 1, half));
  assert(lookupsCost(1, 1, half) > lookupsCost(1, 1, near));
  assert(lookupsCost(1, 1, far) < streamCost(1, 1, far));
  assertEquals(lookupsCost(1, 1e9, far), streamCost(1, 1, far));
  assert(streamCost(1, 0.1, far) < streamCost(1, 1, far));
  assertEquals(streamCost(1, 1, facts({ bytes: 1e8, far: 0, near: 0 })), 0);
});
