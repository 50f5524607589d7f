/**
 * The past of a database: what AS OF shows, beside random changes, merges,
 * definitions and reopening.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { delay } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { compact, type Database, open, type OpenOptions } from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { SimulatedEnvironment } from "../../testing/simulated_environment.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { rejectsWithCode } from "../support/databases.ts";
import { testSeed } from "../support/test_seed.ts";

/** Tables so small that a few rows make several levels of them. */
const TINY = {
  memtableBytesMax: 8 * 1024,
  l0CompactionTrigger: 2,
  levelBaseBytes: 16 * 1024,
  tableBytesMax: 8 * 1024,
  levelSizeRatio: 2,
};

/** A bucket, and the clock of all who use it. */
class Place {
  readonly bucket = new MemoryBucket();
  readonly environment: SimulatedEnvironment;

  constructor(seed: number) {
    this.environment = new SimulatedEnvironment({ seed });
  }

  objects(): MemoryStore {
    return new MemoryStore({
      bucket: this.bucket,
      environment: this.environment,
    });
  }

  open(options: OpenOptions = {}): Promise<Database> {
    const { environment } = this;
    return open("memory:", {
      store: this.objects(),
      environment,
      takeover: options.readOnly !== true,
      ...options,
      storage: { ...TINY, ...options.storage },
    });
  }

  run(work: () => Promise<void>): Promise<void> {
    return this.environment.run(work);
  }
}

/** The rows of `t`: by id, a number and a point. */
type Rows = ReadonlyMap<number, readonly [n: number, x: number]>;

/** What there was at a moment. */
interface Moment {
  readonly ms: number;
  readonly rows: Rows;
}

class Program {
  readonly #place: Place;
  readonly #random: SeededRandom;
  readonly #moments: Moment[] = [];
  readonly #names = new Map<string, Rows>();
  #rows = new Map<number, readonly [number, number]>();
  #db!: Database;
  #nextId = 1;
  #nextName = 1;

  constructor(place: Place, seed: number) {
    this.#place = place;
    this.#random = new SeededRandom(seed);
  }

  async run(steps: number): Promise<void> {
    this.#db = await this.#place.open();
    await this.#db.exec(`
      CREATE TABLE t (id int PRIMARY KEY, n int, e LsmVector(2));
      CREATE INDEX t_n ON t (n);
      CREATE INDEX t_e ON t USING lsm_hnsw (e);
    `);
    await this.#db.exec(`ALTER SYSTEM SET version_retention = '10min'`);
    for (let step = 0; step < steps; step++) {
      await delay(this.#place.environment, 1 + this.#random.below(20_000));
      await this.#change();
      this.#note();
      await this.#maybe();
      await this.#check();
    }
    for (const name of this.#names.keys()) await this.#checkName(name);
    await this.#db.close();
  }

  #note(): void {
    const ms = this.#place.environment.now();
    this.#moments.push({ ms, rows: new Map(this.#rows) });
  }

  async #change(): Promise<void> {
    const random = this.#random;
    const rows = new Map(this.#rows);
    const some = [...rows.keys()].filter(() => random.below(8) === 0);
    const n = random.below(10);
    const x = random.below(1000);
    const kind = random.below(20);
    if (kind < 10 || rows.size === 0) {
      const count = 1 + random.below(kind === 0 ? 300 : 5);
      const first = this.#nextId;
      this.#nextId += count;
      for (let i = 0; i < count; i++) rows.set(first + i, [n, x + i]);
      await this.#db.query(
        `INSERT INTO t SELECT i, $1, ('[' || $2 + i - $3::int || ',0]')::vector
         FROM generate_series($3::int, $4::int) AS g(i)`,
        [n, x, first, first + count - 1],
      );
    } else if (kind < 14) {
      for (const id of some) rows.set(id, [n, rows.get(id)![1]]);
      await this.#db.query("UPDATE t SET n = $1 WHERE id = ANY($2)", [n, some]);
    } else if (kind < 16) {
      for (const id of some) rows.set(id, [rows.get(id)![0], x]);
      await this.#db.query(
        "UPDATE t SET e = $1::vector WHERE id = ANY($2)",
        [`[${x},0]`, some],
      );
    } else if (kind < 19) {
      for (const id of some) rows.delete(id);
      await this.#db.query("DELETE FROM t WHERE id = ANY($1)", [some]);
    } else {
      rows.clear();
      await this.#db.query("TRUNCATE t");
    }
    this.#rows = rows;
  }

  /** What must change nothing. */
  async #maybe(): Promise<void> {
    const { environment } = this.#place;
    switch (this.#random.below(14)) {
      case 0:
        await this.#db.close();
        this.#db = await this.#place.open();
        break;
      case 8: {
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
        break;
      case 4:
        await this.#db.settle();
        break;
      case 5: {
        const name = `s${this.#nextName++}`;
        await this.#db.exec(`CREATE SNAPSHOT ${name}`);
        this.#names.set(name, new Map(this.#rows));
        break;
      }
      case 6: {
        const [name] = this.#names.keys();
        if (name === undefined) break;
        await this.#checkName(name);
        await this.#db.exec(`DROP SNAPSHOT ${name}`);
        this.#names.delete(name);
        break;
      }
      case 7:
        await delay(environment, this.#random.below(300_000));
    }
  }

  async #check(): Promise<void> {
    const { environment } = this.#place;
    const at = this.#random.below(this.#moments.length);
    const { ms, rows } = this.#moments[at]!;
    const until = this.#moments[at + 1]?.ms ?? environment.now();
    const asOf = new Date(ms + this.#random.below(Math.max(1, until - ms)));
    try {
      await this.#compare({ asOf }, rows);
    } catch (error) {
      if (!(error instanceof KriyaError) || error.code !== "72000") throw error;
      assert(
        environment.now() - asOf.getTime() > 600_000,
        `${asOf.toISOString()} is not kept at ${
          new Date(environment.now()).toISOString()
        }`,
      );
    }
    for (const name of this.#names.keys()) {
      if (this.#random.below(6) === 0) await this.#checkName(name);
    }
  }

  #checkName(name: string): Promise<void> {
    return this.#compare({ asOf: { snapshot: name } }, this.#names.get(name)!);
  }

  async #compare(
    options: { readonly asOf: Date | { readonly snapshot: string } },
    rows: Rows,
  ): Promise<void> {
    await this.#db.transaction(async (tx) => {
      const all = await tx.query(
        "SELECT id, n, (e::float4[])[1]::int AS x FROM t ORDER BY id",
      );
      const expected = [...rows].map(([id, [n, x]]) => ({ id, n, x }))
        .sort((a, b) => a.id - b.id);
      assertEquals(all.rows, expected);
      const n = this.#random.below(10);
      const found = await tx.query<{ id: number }>(
        "SELECT id FROM t WHERE n = $1 ORDER BY id",
        [n],
      );
      assertEquals(
        found.rows.map(({ id }) => id),
        expected.filter((row) => row.n === n).map(({ id }) => id),
      );
      const x = this.#random.below(1000);
      const near = await tx.query<{ d: number }>(
        "SELECT e <-> $1::vector AS d FROM t ORDER BY e <-> $1::vector LIMIT 5",
        [`[${x},0]`],
      );
      assertEquals(
        near.rows.map(({ d }) => d),
        expected.map((row) => Math.abs(row.x - x)).sort((a, b) => a - b)
          .slice(0, 5),
      );
    }, options);
  }
}

Deno.test("the past is what it was, whatever is merged, defined and reopened", async (test) => {
  const seed = testSeed();
  for (let run = 0; run < 4; run++) {
    await test.step(`seed ${seed + run}`, async () => {
      const place = new Place(seed + run);
      await place.run(() => new Program(place, seed + run).run(120));
    });
  }
});

Deno.test("a time is a statement's parameter, an expression, or the caller's", async () => {
  const place = new Place(1);
  await place.run(async () => {
    const { environment } = place;
    await using db = await place.open({
      settings: { version_retention: "1d" },
    });
    await db.exec("CREATE TABLE t (id int); INSERT INTO t VALUES (1)");
    const then = new Date(environment.now());
    await delay(environment, 60_000);
    await db.exec("INSERT INTO t VALUES (2)");
    const count = async (
      sql: string,
      parameters: unknown[] = [],
      options = {},
    ): Promise<unknown> => {
      const { rows } = await db.query<unknown[]>(sql, parameters, {
        rowMode: "array",
        ...options,
      });
      return rows[0]![0];
    };
    const select = "SELECT count(*)::int FROM t";
    assertEquals(await count(select), 2);
    assertEquals(await count(select, [], { asOf: then }), 1);
    assertEquals(await count(select, [], { asOf: "-1 minute" }), 1);
    assertEquals(await count(select, [], { asOf: "-59 s" }), 1);
    assertEquals(
      await count(select, [], {
        asOf: Temporal.Instant.fromEpochMilliseconds(then.getTime()),
      }),
      1,
    );
    const clause = `${select} AS OF SYSTEM TIME`;
    assertEquals(await count(`${clause} '-30s'`), 1);
    assertEquals(await count(`${clause} now() - interval '30s'`), 1);
    assertEquals(await count(`${clause} $1`, ["-30 seconds"]), 1);
    assertEquals(await count(`${clause} $1::timestamptz`, [then]), 1);
    // Parameters that only the time has are not the query's.
    const both = `${clause} $2 WHERE id = $3 OR id = $1`;
    assertEquals(await count(both, [1, "-30s", 2]), 1);
    assertEquals(await count(both, [1, "-0s", 2]), 2);
    const shared = `${select} WHERE id > $1 AS OF SYSTEM TIME
      $1 * interval '1 s'`;
    assertEquals(await count(shared, [-30]), 1);
    const rows = await Array.fromAsync(
      db.stream("SELECT id FROM t AS OF SYSTEM TIME '-30s'"),
    );
    assertEquals(rows, [{ id: 1 }]);
    const copied = db.copyTo(
      "COPY (SELECT * FROM t AS OF SYSTEM TIME '-30s') TO STDOUT",
    );
    assertEquals(await new Response(copied).text(), "1\n");
    const prepared = await db.prepare("SELECT id FROM t AS OF SYSTEM TIME $1");
    assertEquals(prepared.fields.map(({ name }) => name), ["id"]);
    assertEquals((await prepared.query(["-30s"])).rows, [{ id: 1 }]);
    await rejectsWithCode(
      count(`${clause} '-1s'`, [], { asOf: then }),
      "42601",
    );
    await rejectsWithCode(
      db.query("INSERT INTO t VALUES (3)", [], { asOf: then }),
      "25006",
    );
    await rejectsWithCode(count(select, [], { asOf: "" }), "22007");
  });
});

Deno.test("what is older than it is kept is refused, and merged away", async () => {
  const place = new Place(1);
  await place.run(async () => {
    const { environment } = place;
    await using db = await place.open({
      settings: { version_retention: "1min" },
    });
    await db.exec("CREATE TABLE t (id int PRIMARY KEY, n int)");
    await db.exec("INSERT INTO t VALUES (1, 0)");
    const then = new Date(environment.now());
    for (let n = 1; n <= 200; n++) {
      await delay(environment, 1000);
      await db.query("UPDATE t SET n = $1", [n]);
      if (n % 40 === 0) await db.query("SELECT lsm_s3_flush()");
    }
    await db.query("SELECT lsm_s3_flush()");
    await compact("memory:", {
      store: place.objects(),
      environment,
      full: true,
    });
    await rejectsWithCode(db.query("TABLE t", [], { asOf: then }), "72000");
    for (const seconds of [0, 1, 30, 59]) {
      const { rows } = await db.query("SELECT n FROM t", [], {
        asOf: `-${seconds}s`,
      });
      assertEquals(rows, [{ n: 200 - seconds }]);
    }
    await db.exec("ALTER SYSTEM SET version_retention = 0");
    await rejectsWithCode(db.query("TABLE t", [], { asOf: "-1s" }), "72000");
  });
});

Deno.test("a reader that follows sees the past and its names", async () => {
  const place = new Place(1);
  await place.run(async () => {
    const { environment } = place;
    await using db = await place.open({
      settings: { version_retention: "1h" },
    });
    await db.exec(`
      CREATE TABLE t (id int PRIMARY KEY, e LsmVector(2));
      CREATE INDEX t_e ON t USING lsm_hnsw (e);
      INSERT INTO t VALUES (1, '[1,0]');
    `);
    await using reader = await place.open({ readOnly: true, pin: "never" });
    await delay(environment, 10_000);
    await db.exec("CREATE SNAPSHOT before");
    await db.exec(
      "UPDATE t SET e = '[7,0]'; INSERT INTO t VALUES (2, '[1,1]')",
    );
    await delay(environment, 10_000);
    const nearest = async (asOf: string | { snapshot: string }) => {
      const { rows } = await reader.query(
        "SELECT id, e::text FROM t ORDER BY e <-> '[1,0]' LIMIT 1",
        [],
        { asOf },
      );
      return rows[0];
    };
    const before = { id: 1, e: "[1,0]" };
    const after = { id: 2, e: "[1,1]" };
    assertEquals(await nearest({ snapshot: "before" }), before);
    assertEquals(await nearest("-15s"), before);
    assertEquals(await nearest("-0s"), after);
    await db.query("SELECT lsm_s3_flush()");
    await db.settle();
    assertEquals(await nearest({ snapshot: "before" }), before);
    const { rows } = await reader.query("SELECT name FROM lsm_snapshots");
    assertEquals(rows, [{ name: "before" }]);
    assertEquals((await reader.query("SHOW version_retention")).rows, [
      { version_retention: "1h" },
    ]);
    await rejectsWithCode(reader.exec("CREATE SNAPSHOT x"), "25006");
    await rejectsWithCode(nearest({ snapshot: "x" }), "42704");
  });
});
