/**
 * The engine and the database in a bucket: where the bytes are, how many
 * requests they cost, and that faults of HTTP lose nothing acknowledged.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  type Environment,
  systemEnvironment,
  type Timer,
} from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { open } from "../../mod.ts";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import { WriteBatch } from "../../storage/engine/write_batch.ts";
import { MemoryBucket } from "../../storage/object_store/memory_store.ts";
import { S3Store } from "../../storage/object_store/s3/s3_store.ts";
import { type HttpEvent, S3Server } from "../../testing/s3_server/s3_server.ts";
import { text } from "../conformance/object_store_support.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function batchOf(key: string, value: string): WriteBatch {
  const batch = new WriteBatch();
  batch.put(text(key), text(value));
  return batch;
}

Deno.test("[K-001, K-002, K-081, K-192] rows, log and vectors are objects of the bucket, and come back from there", async () => {
  const bucket = new MemoryBucket();
  await using server = await S3Server.start({ buckets: { words: bucket } });
  const { endpoint, credentials } = server;
  const s3 = { endpoint, credentials };
  const names = (): string[] =>
    bucket.paths().map((path) => path.split("/").slice(0, -1).join("/"));
  {
    await using db = await open("s3://words/en", { s3 });
    await db.exec(`
      CREATE TABLE t (id int PRIMARY KEY, v vector(2)) USING lsm_s3;
      CREATE INDEX t_v ON t USING lsm_hnsw (v);
      INSERT INTO t VALUES (1, '[1,0]'), (2, '[0,1]');
    `);
    assert(names().includes("en/wal"), "the log");
    await db.query("SELECT lsm_s3_flush()");
    assert(names().includes("en/sst"), "the rows");
  }
  assertEquals(names().filter((name) => !/^en(\/|$)/.test(name)), []);
  await using db = await open("s3://words/en", { s3 });
  const { rows } = await db.query(
    "SELECT id FROM t ORDER BY v <-> '[0,2]' LIMIT 1",
  );
  assertEquals(rows, [{ id: 2 }]);
});

Deno.test("[K-081] a durable commit is one PUT, and a writer at rest asks nothing", async () => {
  const log: HttpEvent[] = [];
  await using server = await S3Server.start({
    buckets: ["words"],
    onRequest: (event) => log.push(event),
  });
  const { endpoint, credentials } = server;
  const objects = await S3Store.open("s3://words/kv", {
    endpoint,
    credentials,
  });
  const store = await LsmStore.open(objects, { gcIntervalMs: 20 });
  for (let i = 0; i < 3; i++) {
    log.length = 0;
    await store.write(batchOf(`k${i}`, "v"));
    assertEquals(log.map(({ operation }) => operation), ["put"]);
    assert(log[0]!.key.startsWith("kv/wal/"), log[0]!.key);
  }
  await store.flush();
  await wait(150);
  log.length = 0;
  await wait(250);
  assertEquals(log, []);
  await store.close();
  await objects.close();
});

Deno.test("opening a bucket takes few round trips in a row", async () => {
  const log: HttpEvent[] = [];
  await using server = await S3Server.start({
    buckets: ["words"],
    // Longer than what the client takes to ask on.
    slowMs: 40,
    onRequest: (event) => log.push(event),
  });
  const { endpoint, credentials } = server;
  const openStore = async (readOnly: boolean): Promise<LsmStore> => {
    const objects = await S3Store.open("s3://words/kv", {
      endpoint,
      credentials,
    });
    if (!readOnly) objects.expectWrites();
    return await LsmStore.open(objects, { readOnly });
  };
  const first = await openStore(false);
  for (let i = 0; i < 3; i++) await first.write(batchOf(`k${i}`, "v"));
  await first.flush();
  await first.close();
  const rounds = async (readOnly: boolean): Promise<number> => {
    server.setChances({ slow: 1 });
    log.length = 0;
    const store = await openStore(readOnly);
    const seen = log.map(({ round }) => round);
    const count = Math.max(...seen) - Math.min(...seen) + 1;
    server.setChances({});
    await store.close();
    return count;
  };
  // After a clean close: LIST and GET of the manifest, LIST of the log.
  const reader = await rounds(true);
  assert(reader <= 3, `${reader} for a reader`);
  // And the claim, the fence, and the boundary that is read after them.
  const writer = await rounds(false);
  assert(writer <= 6, `${writer} for a writer`);
});

/** Waits a tenth as long, so that retries cost a test no time. */
const hasty: Environment = {
  ...systemEnvironment,
  setTimer(callback, delayMs, options): Timer {
    return systemEnvironment.setTimer(callback, delayMs / 10, options);
  },
};

const CHANCES = {
  slow: 0.05,
  slowDown: 0.04,
  error: 0.04,
  lateError: 0.04,
  gateway: 0.03,
  conflict: 0.04,
  reset: 0.04,
  lateReset: 0.04,
  truncated: 0.04,
  wrongRange: 0.04,
};

for (const seed of [1, 2, 3, 4]) {
  Deno.test(`faults of HTTP lose nothing acknowledged: seed ${seed}`, async () => {
    const random = new SeededRandom(seed);
    let faultCount = 0;
    await using server = await S3Server.start({
      buckets: ["words"],
      seed,
      slowMs: 5,
      onRequest: ({ fault }) => {
        if (fault !== undefined) faultCount++;
      },
    });
    const { endpoint, credentials } = server;
    const openStore = async (): Promise<LsmStore> => {
      for (let attempt = 0;; attempt++) {
        const objects = await S3Store.open("s3://words/kv", {
          endpoint,
          credentials,
          backoffMs: 2,
        });
        try {
          return await LsmStore.open(objects, {
            takeover: true,
            environment: hasty,
          });
        } catch (error) {
          await objects.close();
          const passing = error instanceof KriyaError &&
            error.kind === "unavailable";
          if (!passing || attempt === 20) throw error;
        }
      }
    };
    const acknowledged = new Map<string, string>();
    const unknown = new Map<string, Set<string>>();
    server.setChances(CHANCES);
    let store = await openStore();
    for (let step = 0; step < 40; step++) {
      const key = `k${random.below(12)}`;
      const value = `v${step}`;
      try {
        await store.write(batchOf(key, value));
        acknowledged.set(key, value);
        unknown.delete(key);
      } catch (error) {
        assert(error instanceof KriyaError, String(error));
        assert(error.kind === "unavailable", error.message);
        unknown.set(key, (unknown.get(key) ?? new Set()).add(value));
      }
      if (random.chance(0.1)) await store.flush().catch(() => {});
      if (random.chance(0.1)) {
        await store.close().catch(() => {});
        store = await openStore();
      }
    }
    await store.close().catch(() => {});
    server.setChances({});
    assert(faultCount > 10, `${faultCount} faults`);
    assert(acknowledged.size > 6, `${acknowledged.size} keys acknowledged`);
    store = await openStore();
    for (let i = 0; i < 12; i++) {
      const key = `k${i}`;
      const found = await store.get(text(key));
      const value = found && new TextDecoder().decode(found);
      const right = value === acknowledged.get(key) ||
        unknown.get(key)?.has(value ?? "");
      assert(right, `${key}: ${value}, not ${acknowledged.get(key)}`);
    }
    await store.close();
  });
}

Deno.test("rights that are taken away and given back cost no writer its place, and nothing it was promised", async () => {
  for (const prefix of ["en/wal/", "en/sst/", "en/manifest/", "en/gc/"]) {
    await using server = await S3Server.start({ buckets: ["words"] });
    const { endpoint, credentials } = server;
    const s3 = { endpoint, credentials };
    const promised = [1];
    const codes = new Set<string>();
    {
      await using db = await open("s3://words/en", { s3 });
      await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
      await db.query("INSERT INTO t VALUES (1)");
      server.inject("denied", { operation: "put", prefix, times: 2 });
      for (let id = 2; id < 8; id++) {
        try {
          await db.query("INSERT INTO t VALUES ($1)", [id]);
          promised.push(id);
        } catch (error) {
          codes.add((error as KriyaError).code);
        }
        await db.query("SELECT lsm_s3_flush()").catch((error) => {
          codes.add(error.code);
        });
      }
      assert(promised.length > 4, `${prefix}: it goes on`);
    }
    // A commit of unknown outcome (08007) holds those behind it up (58000).
    const known = ["08007", "42501", "58000"];
    assertEquals([...codes].filter((code) => !known.includes(code)), []);
    await using db = await open("s3://words/en", { s3 });
    const { rows } = await db.query("SELECT id FROM t");
    const found = new Set(rows.map(({ id }) => id));
    assertEquals(promised.filter((id) => !found.has(id)), [], prefix);
  }
});
