/**
 * Vector indexes whose objects are damaged: rebuilt from the rows, with a
 * warning, and never wrong.
 */
import { assert, assertEquals } from "@std/assert";
import {
  type Database,
  type Notice,
  open,
  type OpenOptions,
  type StoreEvent,
} from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { testSeed } from "../support/test_seed.ts";

/** Searches that no index answers, and the same through one. */
const SEARCHES: readonly string[] = [
  "SELECT id FROM t ORDER BY e <-> '[700,1]' LIMIT 5",
  "SELECT id FROM t ORDER BY e <-> '[1501.2,0]' LIMIT 3",
  "SELECT id FROM t ORDER BY (e * f) <#> '[1,2]' LIMIT 4",
  "SELECT id FROM t WHERE id % 3 = 0 ORDER BY f <-> '[3,44]' LIMIT 4",
];

const INDEXES = `
  CREATE INDEX plain ON t USING lsm_hnsw (e);
  CREATE INDEX computed ON t USING lsm_hnsw ((e * f) vector_ip_ops);
  CREATE INDEX partial ON t USING lsm_hnsw (f) WHERE id % 3 = 0;
`;

type Objects = ReadonlyMap<string, Uint8Array>;

async function openOn(
  bucket: MemoryBucket,
  options: OpenOptions = {},
): Promise<Database> {
  const store = new MemoryStore({ bucket });
  return await open("memory:", { store, ...options });
}

async function answers(
  db: Database,
  onNotice?: (notice: Notice) => void,
): Promise<unknown[]> {
  await db.exec("SET enable_seqscan = off");
  const all: unknown[] = [];
  for (const text of SEARCHES) {
    all.push((await db.query(text, [], { onNotice })).rows);
  }
  return all;
}

/** A closed database with three indexes, and what it answers without them. */
async function makeDatabase(): Promise<
  { objects: Objects; expected: unknown[] }
> {
  const bucket = new MemoryBucket();
  const store = new MemoryStore({ bucket });
  const db = await open("memory:", { store });
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, e vector(2), f vector(2));
    INSERT INTO t SELECT i, ARRAY[i, i % 5]::float4[]::vector,
      ARRAY[i % 7, i % 91 + i / 1000.0]::float4[]::vector
      FROM generate_series(0, 3999) i;
  `);
  await db.exec(INDEXES);
  await db.exec(`
    DELETE FROM t WHERE id BETWEEN 699 AND 700;
    UPDATE t SET e = '[1501.5,0]' WHERE id = 9;
  `);
  await db.settle();
  await db.exec("INSERT INTO t VALUES (9001, '[700.1,1]', '[3,44.01]')");
  const begin = `
    DROP INDEX plain; DROP INDEX computed; DROP INDEX partial;
  `;
  await db.exec(`BEGIN; ${begin}`);
  const expected = await answers(db);
  await db.exec("ROLLBACK");
  await db.close();
  return { objects: objectsOf(bucket), expected };
}

function objectsOf(bucket: MemoryBucket): Objects {
  return new Map(
    bucket.paths().map((path) => [path, bucket.object(path)!.bytes.slice()]),
  );
}

/** A bucket with these objects, of which some are damaged. */
async function damaged(
  objects: Objects,
  damage: (path: string, bytes: Uint8Array) => Uint8Array | undefined,
): Promise<MemoryBucket> {
  const bucket = new MemoryBucket();
  const store = new MemoryStore({ bucket });
  for (const [path, bytes] of objects) {
    const put = path.startsWith("vec/") ? damage(path, bytes.slice()) : bytes;
    if (put !== undefined) await store.put(path, put, { kind: "absent" });
  }
  return bucket;
}

const DAMAGES: Readonly<
  Record<
    string,
    (path: string, bytes: Uint8Array, all: Objects) => Uint8Array | undefined
  >
> = {
  missing: () => undefined,
  empty: () => new Uint8Array(0),
  truncated: (_, bytes) => bytes.slice(0, bytes.length >> 1),
  "a byte changed": (_, bytes) => {
    bytes[bytes.length - 7]! ^= 1;
    return bytes;
  },
  "another index's": (path, _, all) => {
    const others = [...all.keys()].filter((each) => each.startsWith("vec/"));
    return all.get(others[(others.indexOf(path) + 1) % others.length]!)!;
  },
};

Deno.test("[Y-188] damaged segments are made again from the rows, with a warning", async () => {
  const { objects, expected } = await makeDatabase();
  const segments = [...objects.keys()].filter((path) =>
    path.startsWith("vec/")
  );
  assert(segments.length >= 3);
  for (const [name, damage] of Object.entries(DAMAGES)) {
    const bucket = await damaged(
      objects,
      (path, bytes) => damage(path, bytes, objects),
    );
    const events: StoreEvent[] = [];
    const warnings: string[] = [];
    {
      const onEvent = (event: StoreEvent): void => void events.push(event);
      await using db = await openOn(bucket, { onEvent });
      const got = await answers(db, ({ severity, message }) => {
        warnings.push(`${severity}: ${message}`);
      });
      assertEquals(got, expected, name);
      const rebuilt = ["plain", "computed", "partial"].map((index) =>
        `WARNING: index "${index}" was damaged, and is rebuilt from the rows of table "t"`
      );
      assertEquals(warnings.toSorted(), rebuilt.toSorted(), name);
      assertEquals(events.map((event) => event.name), [
        "vector index rebuilt",
        "vector index rebuilt",
        "vector index rebuilt",
      ]);
      for (const { error } of events) assert(error !== undefined);
      await db.exec("INSERT INTO t VALUES (9002, '[700.2,1]', '[3,44.02]')");
      await db.exec("DELETE FROM t WHERE id = 9002");
      await db.settle();
      assertEquals(await answers(db), expected, name);
    }
    await using again = await openOn(bucket, {
      onEvent: (event): void => void events.push(event),
    });
    assertEquals(await answers(again), expected, name);
    assertEquals(events.length, 3, "rebuilt for good");
  }
});

Deno.test("[Y-189] readers and checks meet damaged segments without wrong answers", async () => {
  const { objects, expected } = await makeDatabase();
  const bucket = await damaged(objects, () => undefined);
  {
    await using reader = await openOn(bucket, { readOnly: true });
    assertEquals(await answers(reader), expected);
  }
  await using db = await openOn(bucket);
  await using follower = await openOn(bucket, { readOnly: true });
  await db.exec("REINDEX TABLE t");
  assertEquals(await answers(db), expected);
  assertEquals(await answers(follower), expected);
});

Deno.test("bytes at random in segments never give wrong answers", async () => {
  const { objects, expected } = await makeDatabase();
  const random = seededRandom(testSeed());
  for (let round = 0; round < 12; round++) {
    const bucket = await damaged(objects, (_, bytes) => {
      const changes = Math.floor(random() * 3);
      for (let i = 0; i < changes; i++) {
        const at = Math.floor(random() * (i === 0 ? 120 : bytes.length));
        bytes[at] = Math.floor(random() * 256);
      }
      if (random() < 0.3) {
        return bytes.slice(0, Math.floor(random() * bytes.length));
      }
      return bytes;
    });
    await using db = await openOn(bucket);
    assertEquals(await answers(db), expected, `round ${round}`);
  }
});
