/**
 * On a real server: the suite of stores, the protocol, and the database, over
 * MinIO. Where its program is not installed none of this runs, and a line says
 * how to get it.
 *
 * @module
 */
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { open, type OpenOptions } from "../../mod.ts";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import { WriteBatch } from "../../storage/engine/write_batch.ts";
import { MeteredStore } from "../../storage/object_store/metered_store.ts";
import { ABSENT } from "../../storage/object_store/object_store.ts";
import { S3Store } from "../../storage/object_store/s3/s3_store.ts";
import { patternBytes, text } from "../conformance/object_store_support.ts";
import {
  objectStoreSuite,
  type StoreUnderTest,
} from "../conformance/object_store_suite.ts";
import {
  findMinio,
  type Minio,
  MINIO_HOW,
  startMinio,
} from "../../tasks/minio.ts";
import { startScript } from "../support/child.ts";
import { runProtocolScript } from "./protocol_script.ts";

const BUCKET = "kriyadb";

let minio: Minio;
let prefixCount = 0;

/** A part of the bucket that nobody has used, and how to open it. */
function newPlace(): { address: string; s3: NonNullable<OpenOptions["s3"]> } {
  const { endpoint, credentials } = minio;
  return {
    address: `s3://${BUCKET}/p${++prefixCount}`,
    s3: { endpoint, credentials },
  };
}

async function makeBucket(): Promise<void> {
  const { endpoint, credentials } = minio;
  const client = new S3Client({
    endpoint,
    credentials,
    region: "us-east-1",
    forcePathStyle: true,
  });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
}

function register(program: string): void {
  Deno.test.beforeAll(async () => {
    minio = await startMinio(program);
    await makeBucket();
  });
  Deno.test.afterAll(async () => await minio[Symbol.asyncDispose]());

  objectStoreSuite({
    name: "s3 on MinIO",
    proves: "[K-102] ",
    async open(): Promise<StoreUnderTest> {
      const { address, s3 } = newPlace();
      return {
        store: await S3Store.open(address, s3),
        again: () => S3Store.open(address, s3),
        dispose: () => Promise.resolve(),
      };
    },
  });

  Deno.test("MinIO answers the protocol's script as it is written down", async () => {
    const lines = await runProtocolScript(minio, "protocol");
    const golden = new URL("./protocol.golden", import.meta.url);
    assertEquals(lines.join("\n") + "\n", await Deno.readTextFile(golden));
  });

  Deno.test("s3 on MinIO: an upload in parts keeps its condition", async () => {
    const { address, s3 } = newPlace();
    const store = await S3Store.open(address, {
      ...s3,
      multipartBytesMin: 6 * 1024 * 1024,
    });
    const bytes = patternBytes(17 * 1024 * 1024, 9);
    const stored = await store.put("sst/a", bytes, ABSENT);
    assert(stored.kind === "stored" && stored.etag.endsWith('-3"'));
    assertEquals(
      (await store.put("sst/a", bytes, ABSENT)).kind,
      "precondition",
    );
    const body = await store.get("sst/a", { range: { suffix: 1000 } });
    assertEquals(body?.bytes, bytes.subarray(-1000));
    assertEquals(body?.size, bytes.length);
    await store.close();
  });

  Deno.test("[K-001, K-002, K-081, K-103] s3 on MinIO: a database is there when it is opened again", async () => {
    const { address, s3 } = newPlace();
    {
      await using db = await open(address, { s3 });
      await db.exec(`
        CREATE TABLE t (id int PRIMARY KEY, v vector(2)) USING lsm_s3;
        CREATE INDEX t_v ON t USING lsm_hnsw (v);
        INSERT INTO t VALUES (1, '[1,1]'), (40, '[40,1]');
      `);
      await db.query("SELECT lsm_s3_flush()");
      await db.query("INSERT INTO t VALUES (100, '[100,1]')");
    }
    const objects = await S3Store.open(address, s3);
    const listed = await objects.list("");
    const folders = new Set(
      listed.objects.map(({ path }) => path.split("/")[0]),
    );
    assert(folders.has("wal") && folders.has("sst"), [...folders].join());
    await objects.close();
    await using db = await open(address, { s3 });
    const nearest = async (at: number): Promise<unknown> => {
      const { rows } = await db.query(
        "SELECT id FROM t ORDER BY v <-> $1 LIMIT 1",
        [[at, 1]],
      );
      return rows[0]?.["id"];
    };
    assertEquals([await nearest(41), await nearest(99)], [40, 100]);
  });

  Deno.test("[K-100, K-101] s3 on MinIO: two processes that take a database from each other lose nothing that either was promised", async () => {
    const { address, s3 } = newPlace();
    const script = new URL("../support/rival_writer.ts", import.meta.url);
    const rivals = ["a", "b"].map((name) =>
      startScript(script, [address, JSON.stringify(s3), name, "8"])
    );
    const acked = new Map<string, number>();
    const epochs = new Map<string, number>();
    let fenced = 0;
    await Promise.all(rivals.map(async (rival, i) => {
      for (;;) {
        const line = await rival.line();
        assert(line !== undefined, "a process died");
        if (line === "done") break;
        const [what, epoch, key, sequence] = line.split(" ");
        if (what === "fenced") {
          fenced++;
          continue;
        }
        assertEquals(epochs.get(epoch!) ?? i, i, `two in epoch ${epoch}`);
        epochs.set(epoch!, i);
        acked.set(key!, Number(sequence));
      }
      assertEquals(await rival.gone, 0);
    }));
    assert(fenced > 2 && epochs.size > 4, `${fenced} of ${epochs.size}`);
    const store = await LsmStore.open(await S3Store.open(address, s3), {
      readOnly: true,
      consistency: "strong",
    });
    await store.catchUp();
    for (const key of acked.keys()) {
      assertEquals(await store.get(text(key)), text(key), key);
    }
    assertEquals(new Set(acked.values()).size, acked.size);
    await store.close();
    await store.objects.close();
  });

  Deno.test("s3 on MinIO: a reader in a process of its own follows, KNN included, and never sees half a commit", async () => {
    const { address, s3 } = newPlace();
    await using db = await open(address, { s3 });
    await db.exec(`
      CREATE TABLE t (id int PRIMARY KEY, v vector(2)) USING lsm_s3;
      CREATE INDEX t_v ON t USING lsm_hnsw (v);
    `);
    const [commits, batch] = [30, 10];
    const script = new URL("../support/following_reader.ts", import.meta.url);
    const reader = startScript(script, [
      address,
      JSON.stringify(s3),
      String(commits * batch),
    ]);
    const seen: number[][] = [];
    const said = (async () => {
      for (let line; (line = await reader.line()) !== undefined;) {
        seen.push(line.split(" ").slice(1).map(Number));
      }
    })();
    for (let i = 0; i < commits; i++) {
      await db.query(
        `INSERT INTO t SELECT id, ARRAY[id, 0]::vector
         FROM generate_series($1::int, $2::int) AS id`,
        [i * batch + 1, (i + 1) * batch],
      );
      if (i % 10 === 9) await db.query("SELECT lsm_s3_flush()");
    }
    assertEquals(await reader.gone, 0);
    await said;
    // The first answer may come after the last commit, on a busy machine.
    assert(seen.length > 0);
    for (const [count, sum, nearest] of seen) {
      assertEquals(count! % batch, 0, "half a commit");
      assertEquals(sum, count! * (count! + 1) / 2);
      if (count! > 0) assertEquals(nearest, count);
    }
    const counts = seen.map(([count]) => count!);
    assertEquals(counts, counts.toSorted((a, b) => a - b), "it went back");
  });

  Deno.test("[K-100] s3 on MinIO: of two writers one is fenced, and loses nothing it was promised", async () => {
    const { address, s3 } = newPlace();
    const openStore = async (takeover: boolean): Promise<LsmStore> =>
      await LsmStore.open(await S3Store.open(address, s3), { takeover });
    const batchOf = (key: string): WriteBatch => {
      const batch = new WriteBatch();
      batch.put(text(key), text(key));
      return batch;
    };
    const first = await openStore(false);
    await first.write(batchOf("a"));
    const second = await openStore(true);
    await second.write(batchOf("b"));
    const error = await assertRejects(
      () => first.write(batchOf("c")),
      KriyaError,
    );
    assertEquals(error.kind, "fenced");
    await first.close().catch(() => {});
    const found = await Promise.all(
      ["a", "b", "c"].map(async (key) => await second.get(text(key))),
    );
    assertEquals(found.map((value) => value !== undefined), [
      true,
      true,
      false,
    ]);
    await second.close();
  });

  Deno.test("s3 on MinIO: a durable commit is one PUT", async () => {
    const { address, s3 } = newPlace();
    const meter = new MeteredStore(await S3Store.open(address, s3));
    const store = await LsmStore.open(meter);
    const before = meter.snapshot();
    for (let i = 0; i < 5; i++) {
      const batch = new WriteBatch();
      batch.put(text(`k${i}`), text("v"));
      await store.write(batch);
    }
    const after = meter.snapshot();
    assertEquals(after.put - before.put, 5);
    assertEquals(
      after.get + after.head + after.list + after.delete,
      before.get + before.head + before.list + before.delete,
    );
    await store.close();
  });
}

const program = findMinio();
if (program === undefined) {
  Deno.stderr.writeSync(new TextEncoder().encode(`${MINIO_HOW}\n`));
} else register(program);
