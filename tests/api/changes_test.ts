/**
 * The feed of changes: told once each, in the order of commits, whatever is
 * flushed, merged, defined and reopened; replayed, it gives equal tables.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { delay } from "../../base/environment.ts";
import {
  type Change,
  compact,
  type Database,
  open,
  type OpenOptions,
} from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { SimulatedEnvironment } from "../../testing/simulated_environment.ts";
import { rejectsWith } from "../support/databases.ts";
import { testSeed } from "../support/test_seed.ts";

/** Tables so small that a few rows make several levels of them. */
const TINY = {
  memtableBytesMax: 8 * 1024,
  l0CompactionTrigger: 2,
  levelBaseBytes: 16 * 1024,
  tableBytesMax: 8 * 1024,
  levelSizeRatio: 2,
  walGroupBytesMax: 16 * 1024,
};

class Place {
  readonly bucket = new MemoryBucket();
  readonly environment: SimulatedEnvironment;

  constructor(seed = 1) {
    this.environment = new SimulatedEnvironment({ seed });
  }

  objects(): MemoryStore {
    const { bucket, environment } = this;
    return new MemoryStore({ bucket, environment });
  }

  open(options: OpenOptions = {}): Promise<Database> {
    return open("memory:", {
      store: this.objects(),
      environment: this.environment,
      takeover: options.readOnly !== true,
      ...options,
      storage: { ...TINY, ...options.storage },
    });
  }
}

/** Everything from a position on that is committed by now. */
function rest(db: Database, from: string | undefined): Promise<Change[]> {
  return Array.fromAsync(db.changes({ from: from ?? "0", once: true }));
}

/** Makes the changes in another database. */
async function replay(
  copy: Database,
  changes: readonly Change[],
): Promise<void> {
  for (const { kind, table, old, row, key } of changes) {
    if (kind === "truncate") await copy.query(`DELETE FROM ${table}`);
    if (kind === "update" || kind === "delete") {
      const { affectedRows } = await copy.query(
        `DELETE FROM ${table} WHERE id = $1 AND n IS NOT DISTINCT FROM $2`,
        [key!["id"], old!["n"]],
      );
      assertEquals(affectedRows, 1, `${kind} ${JSON.stringify(old)}`);
    }
    if (row !== undefined) {
      await copy.query(`INSERT INTO ${table} VALUES ($1, $2, $3)`, [
        row["id"],
        row["n"],
        row["t"],
      ]);
    }
  }
}

async function contents(db: Database): Promise<unknown> {
  const [a, b] = await db.exec("TABLE a ORDER BY id; TABLE b ORDER BY id");
  return [a!.rows, b!.rows];
}

const TABLES = `
  CREATE TABLE a (id int PRIMARY KEY, n int, t text);
  CREATE TABLE b (id int PRIMARY KEY, n int, t text);
`;

class Program {
  readonly #place: Place;
  readonly #random: SeededRandom;
  #db!: Database;
  #nextId = 1;

  constructor(place: Place, seed: number) {
    this.#place = place;
    this.#random = new SeededRandom(seed);
  }

  async run(steps: number): Promise<void> {
    const { environment } = this.#place;
    this.#db = await this.#place.open({
      settings: { version_retention: "1h" },
    });
    await using copy = await open("memory:", { environment });
    await copy.exec(TABLES);
    await this.#db.exec(TABLES);
    let position: string | undefined;
    const seen = new Set<string>();
    for (let step = 0; step < steps; step++) {
      await delay(environment, 1 + this.#random.below(1000));
      await this.#transaction();
      await this.#maybe();
      if (this.#random.below(4) > 0) continue;
      let told = await rest(this.#db, position);
      // A feed may end anywhere, within a commit too.
      if (this.#random.below(2) === 0) {
        told = told.slice(0, this.#random.below(told.length + 1));
      }
      for (const change of told) {
        assert(!seen.has(change.position), `${change.position} comes twice`);
        seen.add(change.position);
      }
      checkOrder(told);
      await replay(copy, told);
      position = told.at(-1)?.position ?? position;
    }
    await replay(copy, await rest(this.#db, position));
    assertEquals(await contents(copy), await contents(this.#db));
    // All of it at once is the same.
    await copy.exec("TRUNCATE a; TRUNCATE b");
    await replay(copy, await rest(this.#db, undefined));
    assertEquals(await contents(copy), await contents(this.#db));
    await this.#db.close();
  }

  async #transaction(): Promise<void> {
    const random = this.#random;
    await this.#db.transaction(async (tx) => {
      for (let i = random.below(4); i >= 0; i--) {
        const table = random.pick(["a", "b"]);
        const n = random.below(10);
        const kind = random.below(20);
        if (kind < 8) {
          const count = kind === 0 ? 400 : 1 + random.below(4);
          await tx.query(
            `INSERT INTO ${table} SELECT i, $1, repeat('x', i % 50)
             FROM generate_series($2::int, $3::int) AS g(i)`,
            [n, this.#nextId, this.#nextId + count - 1],
          );
          this.#nextId += count;
        } else if (kind < 13) {
          await tx.query(
            `UPDATE ${table} SET n = $1 WHERE id % 7 = $2`,
            [random.below(10), n % 7],
          );
        } else if (kind < 17) {
          await tx.query(`DELETE FROM ${table} WHERE id % 11 = $1`, [n]);
        } else if (kind < 18) {
          await tx.query(`TRUNCATE ${table}`);
        } else if (kind < 19) {
          await tx.exec("SAVEPOINT s");
          await tx.query(`DELETE FROM ${table}`);
          await tx.exec("ROLLBACK TO s");
        } else {
          // Every row is written again.
          await tx.query(`ALTER TABLE ${table} ALTER t TYPE varchar(99)`);
          await tx.query(`ALTER TABLE ${table} ALTER t TYPE text`);
        }
      }
      if (random.below(8) === 0) await tx.rollback();
    });
  }

  async #maybe(): Promise<void> {
    const { environment } = this.#place;
    switch (this.#random.below(10)) {
      case 0:
        await this.#db.close();
        this.#db = await this.#place.open();
        break;
      case 4: {
        // Taken over by another, as after a crash.
        const before = this.#db;
        this.#db = await this.#place.open();
        await before.close();
        break;
      }
      case 1:
      case 2:
        await this.#db.query("SELECT lsm_s3_flush()");
        break;
      case 3:
        await compact("memory:", {
          store: this.#place.objects(),
          environment,
          full: true,
        });
    }
  }
}

/** Commits rise, and each ends with a change that says so. */
function checkOrder(told: readonly Change[]): void {
  for (const [i, { commit, last }] of told.entries()) {
    const next = told[i + 1];
    if (next === undefined) continue;
    assert(next.commit >= commit);
    assertEquals(last, next.commit !== commit);
  }
}

Deno.test("[O-190] a feed that is replayed gives equal tables, wherever it ended and began again", async (test) => {
  const seed = testSeed();
  for (let run = 0; run < 3; run++) {
    await test.step(`seed ${seed + run}`, async () => {
      const place = new Place(seed + run);
      await place.environment.run(() => new Program(place, seed + run).run(60));
    });
  }
});

/** The next changes of a feed, without where they are and of which commit. */
async function next(
  changes: AsyncGenerator<Change, void, void>,
  count: number,
): Promise<unknown[]> {
  const told: unknown[] = [];
  while (told.length < count) {
    const { value, done } = await changes.next();
    if (done === true) break;
    const { position: _, commit: __, at: ___, ...change } = value;
    told.push(change);
  }
  return told;
}

Deno.test("[O-190] a change says what there was, what there is, and when", async () => {
  const place = new Place();
  await place.environment.run(async () => {
    await using db = await place.open({
      settings: { version_retention: "1h" },
    });
    await db.exec(`
      CREATE TABLE t (id int, part text, e LsmVector(2), PRIMARY KEY (part, id));
      CREATE TABLE keyless (n numeric);
    `);
    const changes = db.changes({ tables: ["public.t", "keyless"] });
    const facts = { schema: "public", table: "t", last: true };
    await db.query("INSERT INTO t VALUES (1, 'x', '[1,2]'), (2, 'x', NULL)");
    const inserted = { id: 1, part: "x", e: Float32Array.of(1, 2) };
    const first = (await changes.next()).value!;
    assertEquals(first.at, new Date(place.environment.now()));
    assertEquals(first.row, inserted);
    assertEquals(first.key, { part: "x", id: 1 });
    assertEquals(first.last, false);
    await changes.next();
    // One commit: what it did at last counts, and what it undid never was.
    await db.exec(`
      UPDATE t SET part = 'y' WHERE id = 1;
      UPDATE t SET part = 'z' WHERE id = 1;
      INSERT INTO t VALUES (3, 'x', NULL);
      DELETE FROM t WHERE id = 3;
    `);
    await db.query("ALTER TABLE t ADD COLUMN n int DEFAULT 7");
    await db.query("DELETE FROM t WHERE id = 2");
    await db.query("INSERT INTO keyless VALUES (1.50)");
    await db.query("TRUNCATE t");
    await db.query("DROP TABLE t");
    assertEquals(await next(changes, 5), [
      {
        ...facts,
        kind: "update",
        key: { part: "x", id: 1 },
        old: inserted,
        row: { ...inserted, part: "z" },
      },
      {
        ...facts,
        kind: "delete",
        key: { part: "x", id: 2 },
        old: { id: 2, part: "x", e: null, n: 7 },
      },
      {
        ...facts,
        table: "keyless",
        kind: "insert",
        key: undefined,
        row: { n: "1.50" },
      },
      { ...facts, kind: "truncate" },
      { ...facts, kind: "truncate" },
    ]);
    await changes.return();
  });
});

Deno.test("[O-190] a feed waits for commits, and ends when it is told to", async () => {
  const place = new Place();
  await place.environment.run(async () => {
    const db = await place.open();
    await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
    const abort = new AbortController();
    const stopped = db.changes({ signal: abort.signal });
    const closed = db.changes();
    const waiting = [stopped.next(), closed.next()];
    await db.exec("BEGIN; INSERT INTO t VALUES (1)");
    await delay(place.environment, 1000);
    await db.exec("COMMIT");
    for (const { value } of await Promise.all(waiting)) {
      assertEquals(value?.row, { id: 1 });
    }
    const end = stopped.next();
    abort.abort(new Error("enough"));
    assertEquals(await end.catch((error) => error.message), "enough");
    const last = closed.next();
    await db.close();
    assertEquals(await last, { done: true, value: undefined });
  });
});

Deno.test("[O-190] a feed of a reader follows the writer", async () => {
  const place = new Place();
  await place.environment.run(async () => {
    await using db = await place.open();
    await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
    await using reader = await place.open({ readOnly: true, pin: "never" });
    const changes = reader.changes();
    for (let id = 1; id <= 5; id++) {
      const change = changes.next();
      await delay(place.environment, id * 700);
      await db.query("INSERT INTO t VALUES ($1)", [id]);
      if (id % 2 === 0) await db.query("SELECT lsm_s3_flush()");
      assertEquals((await change).value?.row, { id });
    }
    await changes.return();
  });
});

Deno.test("[O-190] a feed that fell behind is told so, and one that is read does not fall behind", async () => {
  const place = new Place();
  await place.environment.run(async () => {
    await using db = await place.open();
    await db.exec("CREATE TABLE t (id int PRIMARY KEY, n int)");
    await db.exec("INSERT INTO t VALUES (1, 0)");
    const [{ position }] = await rest(db, undefined) as [Change];
    const read = db.changes({ from: position });
    const first = read.next();
    for (let n = 1; n <= 300; n++) {
      await db.query("UPDATE t SET n = $1", [n]);
      if (n % 50 === 0) {
        await db.query("SELECT lsm_s3_flush()");
        await delay(place.environment, 1000);
      }
    }
    assertEquals((await first).value?.row, { id: 1, n: 1 });
    for (let n = 2; n <= 300; n++) {
      assertEquals((await read.next()).value?.row, { id: 1, n });
    }
    await read.return();
    const { environment } = place;
    await compact("memory:", {
      store: place.objects(),
      environment,
      full: true,
    });
    await db.exec("UPDATE t SET n = 0");
    await db.query("SELECT lsm_s3_flush()");
    await compact("memory:", {
      store: place.objects(),
      environment,
      full: true,
    });
    await delay(environment, 1000);
    await rejectsWith(rest(db, position), "72000", {
      message: "the change feed fell behind",
    });
    for (const from of ["", "x", "1.2", "-1", "1e3", "99999999999999999999"]) {
      await rejectsWith(rest(db, from), "22023");
    }
    await rejectsWith(rest(db, "999999"), "22023", {
      message: "the position is after all that is committed",
    });
  });
});

Deno.test("[O-190] a transaction larger than a window is told in parts, once", async () => {
  const place = new Place();
  await place.environment.run(async () => {
    await using db = await place.open({
      storage: { memtableBytesMax: 2 ** 26 },
    });
    await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
    const from = (await rest(db, undefined)).at(-1)?.position ?? "0";
    await db.exec(
      "INSERT INTO t SELECT i, repeat('x', 900) FROM generate_series(1, 12000) AS g(i)",
    );
    await db.exec("INSERT INTO t VALUES (0, NULL)");
    let position = from;
    const ids: unknown[] = [];
    for (let ended = false; !ended;) {
      ended = true;
      let count = 0;
      for await (const change of db.changes({ from: position, once: true })) {
        ids.push(change.row!["id"]);
        assertEquals(change.last, ids.length >= 12000);
        position = change.position;
        ended = false;
        // Begins again in the middle of a part.
        if (++count === 5000) break;
      }
    }
    assertEquals(ids.length, 12001);
    assertEquals(new Set(ids).size, 12001);
    assertEquals(ids.at(-1), 0);
  });
});
