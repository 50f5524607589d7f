import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { type Database, open, type StoreEvent } from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { FaultyStore } from "../../testing/faulty_store.ts";
import { SimulatedEnvironment } from "../../testing/simulated_environment.ts";

/** A database on a store that can be made to fail, in simulated time. */
interface Place {
  readonly db: Database;
  readonly objects: FaultyStore;
  readonly bucket: MemoryBucket;
  readonly environment: SimulatedEnvironment;
  readonly told: StoreEvent[];
}

async function inPlace(work: (place: Place) => Promise<void>): Promise<void> {
  const environment = new SimulatedEnvironment();
  await environment.run(async () => {
    const bucket = new MemoryBucket();
    const memory = new MemoryStore({ bucket, environment });
    const objects = new FaultyStore(memory, { environment });
    const told: StoreEvent[] = [];
    const db = await open("memory:", {
      store: objects,
      environment,
      onEvent: (event) => told.push(event),
      settings: { "lsm_s3.wal_breaker_failures": "4" },
    });
    await work({ db, objects, bucket, environment, told });
  });
}

/** The code that a statement fails with. */
async function codeOf(work: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(work, KriyaError)).code;
}

async function count(db: Pick<Database, "query">): Promise<unknown> {
  const { rows } = await db.query("SELECT count(*)::int AS n FROM t");
  return rows[0]?.n;
}

Deno.test("[Y-183, Y-184, Y-185, Y-187] while the log cannot be written INSERT fails at once, SELECT and the session go on, and it recovers by itself", async () => {
  await inPlace(async ({ db, objects, bucket, environment }) => {
    await db.exec(
      "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)",
    );
    objects.setChances({ fail: 1 });
    assertEquals(
      await codeOf(() => db.query("INSERT INTO t VALUES (2)")),
      "08007",
    );
    const since = environment.monotonicMs();
    await using session = db.session();
    assertEquals(
      await codeOf(() => session.query("INSERT INTO t VALUES (3)")),
      "58030",
    );
    // A block reads, sees its own writes, and fails where it would be durable.
    await session.exec("BEGIN; INSERT INTO t VALUES (4)");
    assertEquals(await count(session), 2);
    assertEquals(await codeOf(() => session.query("COMMIT")), "58030");
    assertEquals(
      await codeOf(() => session.exec("CREATE TABLE u ()")),
      "58030",
    );
    assertEquals(await count(session), 1);
    assertEquals(environment.monotonicMs(), since, "no time was waited");
    objects.setChances({});
    await environment.advance(1000);
    assertEquals(await count(db), 2, "what was unknown is known");
    await session.query("INSERT INTO t VALUES (5)");
    await session.close();
    await db.close();
    const again = await open("memory:", {
      store: new MemoryStore({ bucket, environment }),
      environment,
    });
    const { rows } = await again.query("SELECT id FROM t ORDER BY id");
    assertEquals(rows, [{ id: 1 }, { id: 2 }, { id: 5 }]);
    await again.close();
  });
});

Deno.test('[Y-186] "WAL write failed" is an event, a counter of lsm_s3_status() and an alert until it is over', async () => {
  await inPlace(async ({ db, objects, environment, told }) => {
    await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
    const status = async (): Promise<{
      readonly events: Record<string, number>;
      readonly alerts: string[];
      readonly walBreaker: Record<string, unknown>;
    }> => {
      const { rows } = await db.query("SELECT lsm_s3_status() AS s");
      return JSON.parse(rows[0]?.s as string).store;
    };
    assertEquals((await status()).alerts, []);
    assertEquals((await status()).events["WAL write failed"], 0);
    objects.setChances({ fail: 1 });
    await assertRejects(() => db.query("INSERT INTO t VALUES (1)"), KriyaError);
    assertEquals(told.map(({ name }) => name), [
      ...Array(4).fill("WAL write failed"),
      "WAL writes stopped",
    ]);
    const last = told.at(-1)!;
    assertEquals([last.failuresInRow, last.at], [4, environment.now()]);
    assert(last.error?.message.includes("wal/"), last.error?.message);
    const during = await status();
    assertEquals(during.alerts, ["WAL write failed", "WAL writes stopped"]);
    assertEquals(during.events["WAL write failed"], 4);
    assertEquals(during.walBreaker.state, "open");
    assertEquals(during.walBreaker.openings, 1);
    objects.setChances({});
    await environment.advance(1000);
    assertEquals(told.at(-1)?.name, "WAL writes resumed");
    const after = await status();
    assertEquals(after.alerts, []);
    assertEquals(after.events["WAL writes resumed"], 1);
    assertEquals(after.walBreaker.state, "closed");
    await db.close();
  });
});

Deno.test("[Y-187] lsm_s3_flush() is a probe, and SET changes the breaker of the open database", async () => {
  await inPlace(async ({ db, objects, environment }) => {
    await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
    await db.exec("SET lsm_s3.wal_breaker_failures = 1");
    objects.setChances({ fail: 1 });
    const start = environment.monotonicMs();
    assertEquals(
      await codeOf(() => db.query("INSERT INTO t VALUES (1)")),
      "08007",
    );
    assertEquals(environment.monotonicMs(), start, "one attempt, no wait");
    assertEquals(
      await codeOf(() => db.query("INSERT INTO t VALUES (2)")),
      "58030",
    );
    assertEquals(
      await codeOf(() => db.query("SELECT lsm_s3_flush()")),
      "08007",
    );
    objects.setChances({});
    await db.query("SELECT lsm_s3_flush()");
    await db.query("INSERT INTO t VALUES (2)");
    assertEquals(await count(db), 2);
    await db.close();
  });
});
