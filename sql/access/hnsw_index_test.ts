import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { LsmOptions } from "../../storage/engine/options.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { l2 } from "../../vector/distance/reference.ts";
import { Catalog } from "../catalog/catalog.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import { columnOf } from "../chunk/chunk.ts";
import { Transaction } from "../transaction/transaction.ts";
import { createTypeRegistry } from "../types/type_registry.ts";
import { HnswMethod } from "./hnsw_index.ts";
import { columnKeys } from "./index_keys.ts";
import { LsmTableMethod } from "./lsm_table.ts";

const types = createTypeRegistry();
const int4 = types.byName("int4")!;
const vector = types.byName("vector")!;
const DIMS = 3;

const TABLE: TableEntry = {
  kind: "table",
  id: 20_000,
  storageId: 20_000,
  schema: "public",
  name: "t",
  accessMethod: "lsm_s3",
  columns: [
    { number: 1, name: "id", type: { type: int4, typmod: -1 }, notNull: true },
    {
      number: 2,
      name: "v",
      type: { type: vector, typmod: DIMS },
      notNull: false,
    },
  ],
  options: {},
};

const INDEX: IndexEntry = {
  kind: "index",
  id: 20_001,
  storageId: 20_001,
  schema: "public",
  name: "t_v_idx",
  tableId: TABLE.id,
  accessMethod: "lsm_hnsw",
  columns: [{
    columnNumber: 2,
    operatorClass: "lsm_vector_l2_ops",
    descending: false,
    nullsFirst: false,
  }],
  unique: false,
  primary: false,
  options: {},
};

const SMALL: LsmOptions = {
  takeover: true,
  flushIntervalMs: 0,
  memtableBytesMax: 4000,
  blockBytes: 512,
};

/** Table and index over a bucket, without SQL. */
class Fixture {
  readonly store: LsmStore;
  readonly catalog: Catalog;
  readonly tables: LsmTableMethod;
  readonly hnsw: HnswMethod;

  constructor(store: LsmStore, catalog: Catalog) {
    this.store = store;
    this.catalog = catalog;
    this.catalog.apply([
      { kind: "put", entry: TABLE },
      { kind: "put", entry: INDEX },
    ]);
    this.tables = new LsmTableMethod(store, catalog);
    this.hnsw = new HnswMethod(store, this.tables);
  }

  static async open(bucket: MemoryBucket): Promise<Fixture> {
    const store = await LsmStore.open(new MemoryStore({ bucket }), SMALL);
    return new Fixture(store, await Catalog.load(store, types));
  }

  begin(): Transaction {
    return new Transaction(this.store, this.catalog.committed, {
      startedAt: 0,
    });
  }

  async commit(transaction: Transaction): Promise<void> {
    const { counters } = this.catalog;
    await transaction.commit({
      firstWrites: (batch) =>
        counters.addTo(batch, transaction.tidStorages, false),
      beforeJoin: (batch) => counters.amend(batch, transaction.tidStorages),
      onVisible: (sequence) => this.hnsw.apply(transaction, sequence),
    });
  }

  async insert(
    transaction: Transaction,
    rows: readonly (Float32Array | null)[],
  ): Promise<Float64Array> {
    const chunk = {
      columns: [columnOf(int4, rows.map((_, i) => i)), columnOf(vector, rows)],
      rowCount: rows.length,
    };
    const locators = await this.tables.insert(TABLE, transaction, chunk);
    const keys = columnKeys(INDEX, TABLE, chunk);
    await this.hnsw.insert(INDEX, TABLE, transaction, locators, keys);
    return locators;
  }

  async update(
    transaction: Transaction,
    tid: number,
    value: Float32Array | null,
  ): Promise<void> {
    const before = await this.tables.fetch(
      TABLE,
      transaction,
      Float64Array.of(tid),
      { columns: [0, 1] },
    );
    const chunk = {
      columns: [columnOf(int4, [0]), columnOf(vector, [value])],
      rowCount: 1,
    };
    const { locators } = before;
    await this.tables.update(TABLE, transaction, locators, chunk);
    await this.hnsw.update(
      INDEX,
      TABLE,
      transaction,
      { locators, chunk: columnKeys(INDEX, TABLE, before.chunk) },
      { locators, chunk: columnKeys(INDEX, TABLE, chunk) },
    );
  }

  async delete(transaction: Transaction, tid: number): Promise<void> {
    const { locators, chunk } = await this.tables.fetch(
      TABLE,
      transaction,
      Float64Array.of(tid),
      { columns: [0, 1] },
    );
    this.tables.delete(TABLE, transaction, locators);
    const keys = columnKeys(INDEX, TABLE, chunk);
    this.hnsw.delete(INDEX, TABLE, transaction, locators, keys);
  }

  async nearest(
    transaction: Transaction,
    query: Float32Array,
    wanted: number,
  ): Promise<number[]> {
    const cursor = await this.hnsw.openNearest(INDEX, TABLE, transaction, {
      operator: "<->",
      query,
      expectedRows: wanted,
    });
    const found: number[] = [];
    for (;;) {
      const batch = await cursor.next(wanted);
      if (batch.count === 0) break;
      for (const tid of batch.locators.subarray(0, batch.count)) {
        found.push(tid);
      }
    }
    return found;
  }
}

type Model = Map<number, Float32Array | null>;

/** Every row with a vector, by distance. */
function expected(model: Model, query: Float32Array): Map<number, number> {
  const distances = new Map<number, number>();
  for (const [tid, value] of model) {
    if (value !== null) distances.set(tid, l2(value, query));
  }
  return distances;
}

async function checkNearest(
  fixture: Fixture,
  transaction: Transaction,
  model: Model,
  query: Float32Array,
): Promise<void> {
  const distances = expected(model, query);
  const found = await fixture.nearest(transaction, query, 4);
  assertEquals(new Set(found), new Set(distances.keys()));
  assertEquals(found.length, distances.size);
}

const coordinate = fc.integer({ min: -9, max: 9 });
const point = fc.tuple(coordinate, coordinate, coordinate)
  .map((values) => Float32Array.from(values));
const nullable = fc.option(point, { freq: 5 });
type Change =
  | { kind: "insert"; rows: (Float32Array | null)[] }
  | { kind: "update"; pick: number; value: Float32Array | null }
  | { kind: "delete"; pick: number };
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    kind: fc.constant("insert" as const),
    rows: fc.array(nullable, { minLength: 1, maxLength: 5 }),
  }),
  fc.record({
    kind: fc.constant("update" as const),
    pick: fc.nat(),
    value: nullable,
  }),
  fc.record({ kind: fc.constant("delete" as const), pick: fc.nat() }),
);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("transaction" as const),
      changes: fc.array(change, { minLength: 1, maxLength: 4 }),
      end: fc.constantFrom("commit", "commit", "rollback", "savepoint"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("search" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("hold" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const) }) },
);

async function applyChanges(
  fixture: Fixture,
  transaction: Transaction,
  model: Model,
  changes: readonly Change[],
): Promise<void> {
  for (const change of changes) {
    if (change.kind === "insert") {
      const tids = await fixture.insert(transaction, change.rows);
      change.rows.forEach((row, i) => model.set(tids[i]!, row));
      continue;
    }
    const tids = [...model.keys()];
    if (tids.length === 0) continue;
    const tid = tids[change.pick % tids.length]!;
    if (change.kind === "update") {
      await fixture.update(transaction, tid, change.value);
      model.set(tid, change.value);
    } else {
      await fixture.delete(transaction, tid);
      model.delete(tid);
    }
  }
}

Deno.test("a vector index gives each snapshot its own rows through commits, rollbacks and crashes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 30 }),
      point,
      async (steps, query) => {
        const bucket = new MemoryBucket();
        let fixture = await Fixture.open(bucket);
        let model: Model = new Map();
        let held: { transaction: Transaction; model: Model }[] = [];
        for (const step of steps) {
          switch (step.kind) {
            case "transaction": {
              const transaction = fixture.begin();
              const changed: Model = new Map(model);
              const { changes, end } = step;
              await applyChanges(fixture, transaction, changed, changes);
              await checkNearest(fixture, transaction, changed, query);
              if (end === "savepoint") {
                const mark = transaction.savepoint();
                await applyChanges(
                  fixture,
                  transaction,
                  new Map(changed),
                  changes,
                );
                transaction.rollbackTo(mark);
                await checkNearest(fixture, transaction, changed, query);
              }
              if (end === "rollback") transaction.rollback();
              else {
                await fixture.commit(transaction);
                model = changed;
              }
              break;
            }
            case "search": {
              const transaction = fixture.begin();
              await checkNearest(fixture, transaction, model, query);
              transaction.rollback();
              break;
            }
            case "hold":
              held.push({ transaction: fixture.begin(), model });
              break;
            case "crash":
              held = [];
              fixture = await Fixture.open(bucket);
          }
        }
        for (const { transaction, model } of held) {
          await checkNearest(fixture, transaction, model, query);
        }
        const transaction = fixture.begin();
        await checkNearest(fixture, transaction, model, query);
        await fixture.hnsw.close();
        await fixture.store.close();
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("rows beyond the live limit are sealed, and a reopen finds them without a rebuild", async () => {
  const bucket = new MemoryBucket();
  let fixture = await Fixture.open(bucket);
  const model: Model = new Map();
  let state = 1;
  const random = (): number => {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    return state / 2 ** 32;
  };
  const query = Float32Array.of(0.5, 0.5, 0.5);
  for (let i = 0; i < 6; i++) {
    const rows = Array.from(
      { length: 1000 },
      () => Float32Array.of(random(), random(), random()),
    );
    const transaction = fixture.begin();
    const tids = await fixture.insert(transaction, rows);
    rows.forEach((row, j) => model.set(tids[j]!, row));
    await fixture.nearest(transaction, query, 1);
    await fixture.commit(transaction);
  }
  const victims = [...model.keys()].filter((tid) => tid % 7 === 0);
  const transaction = fixture.begin();
  for (const tid of victims) {
    await fixture.delete(transaction, tid);
    model.delete(tid);
  }
  await fixture.commit(transaction);
  await fixture.hnsw.settle();
  const sealed = fixture.store.manifest.segments;
  assert(sealed.some(({ info }) => info.role === "segment"));

  fixture = await Fixture.open(bucket);
  const search = fixture.begin();
  const found = await fixture.nearest(search, query, 50);
  assertEquals(new Set(found), new Set(model.keys()));
  const distances = expected(model, query);
  const exact = [...distances].sort((a, b) => a[1] - b[1]).slice(0, 10)
    .map(([tid]) => tid);
  const hits = exact.filter((tid) => found.slice(0, 50).includes(tid)).length;
  assert(hits >= 9, `${hits} of 10 nearest rows`);
  const { index } = fixture.hnsw.states.get(INDEX.storageId)!;
  assert(index.sealed.length > 0 && index.liveCount < 4096);
  await fixture.hnsw.close();
  await fixture.store.close();
});
