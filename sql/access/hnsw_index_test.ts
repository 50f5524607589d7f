import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { LsmOptions } from "../../storage/engine/options.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { distanceOf } from "../../vector/distance/metric.ts";
import { SparseVector } from "../../vector/types/sparse_vector.ts";
import { Catalog } from "../catalog/catalog.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import { columnOf } from "../chunk/chunk.ts";
import { Transaction } from "../transaction/transaction.ts";
import type { DataType, Nullable, SqlValue } from "../types/data_type.ts";
import { createTypeRegistry } from "../types/type_registry.ts";
import { HNSW_OPERATOR_CLASSES } from "./hnsw_definition.ts";
import { HnswMethod } from "./hnsw_index.ts";
import { columnKeys } from "./index_keys.ts";
import { vectorOf } from "./indexed_vectors.ts";
import { LsmTableMethod } from "./lsm_table.ts";

const types = createTypeRegistry();
const int4 = types.byName("int4")!;
const DIMS = 3;

/** An operator class and values of its type. */
interface Kind {
  readonly type: DataType;
  readonly typmod: number;
  readonly operatorClass: string;
  readonly operator: string;
}

const KINDS: readonly Kind[] = HNSW_OPERATOR_CLASSES.map((each) => ({
  type: types.byName(each.typeName)!,
  typmod: each.element === "bit" ? 5 * DIMS : DIMS,
  operatorClass: each.name,
  operator: each.orderingOperators[0]!,
}));

/** A value of a type, from components. */
function valueOf({ type }: Kind, components: Float32Array): SqlValue {
  switch (type.name) {
    case "bit":
      return Array.from(
        components,
        (x) => (Math.trunc(x) & 31).toString(2).padStart(5, "0"),
      ).join("");
    case "sparsevec":
      return SparseVector.ofDense(components);
    default:
      return components;
  }
}

const tableOf = ({ type, typmod }: Kind): TableEntry => ({
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
      type: { type, typmod },
      notNull: false,
    },
  ],
  options: {},
});

const indexOf = ({ operatorClass }: Kind): IndexEntry => ({
  kind: "index",
  id: 20_001,
  storageId: 20_001,
  schema: "public",
  name: "t_v_idx",
  tableId: 20_000,
  accessMethod: "lsm_hnsw",
  columns: [{
    columnNumber: 2,
    operatorClass,
    descending: false,
    nullsFirst: false,
  }],
  unique: false,
  primary: false,
  options: {},
});

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
  readonly kind: Kind;
  readonly table: TableEntry;
  readonly index: IndexEntry;

  constructor(store: LsmStore, catalog: Catalog, kind: Kind) {
    this.kind = kind;
    this.table = tableOf(kind);
    this.index = indexOf(kind);
    this.store = store;
    this.catalog = catalog;
    this.catalog.apply([
      { kind: "put", entry: this.table },
      { kind: "put", entry: this.index },
    ]);
    this.tables = new LsmTableMethod(store, catalog);
    this.hnsw = new HnswMethod(store, this.tables);
  }

  static async open(
    bucket: MemoryBucket,
    kind: Kind = KINDS[0]!,
  ): Promise<Fixture> {
    const store = await LsmStore.open(new MemoryStore({ bucket }), SMALL);
    return new Fixture(store, await Catalog.load(store, types), kind);
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
    rows: readonly Nullable[],
  ): Promise<Float64Array> {
    const chunk = {
      columns: [
        columnOf(int4, rows.map((_, i) => i)),
        columnOf(this.kind.type, rows),
      ],
      rowCount: rows.length,
    };
    const { table, index } = this;
    const locators = await this.tables.insert(table, transaction, chunk);
    const keys = columnKeys(index, table, chunk);
    await this.hnsw.insert(index, table, transaction, locators, keys);
    return locators;
  }

  async update(
    transaction: Transaction,
    tid: number,
    value: Nullable,
  ): Promise<void> {
    const before = await this.tables.fetch(
      this.table,
      transaction,
      Float64Array.of(tid),
      { columns: [0, 1] },
    );
    const chunk = {
      columns: [columnOf(int4, [0]), columnOf(this.kind.type, [value])],
      rowCount: 1,
    };
    const { locators } = before;
    const { table, index } = this;
    await this.tables.update(table, transaction, locators, chunk);
    await this.hnsw.update(
      index,
      table,
      transaction,
      { locators, chunk: columnKeys(index, table, before.chunk) },
      { locators, chunk: columnKeys(index, table, chunk) },
    );
  }

  async delete(transaction: Transaction, tid: number): Promise<void> {
    const { locators, chunk } = await this.tables.fetch(
      this.table,
      transaction,
      Float64Array.of(tid),
      { columns: [0, 1] },
    );
    const { table, index } = this;
    this.tables.delete(table, transaction, locators);
    const keys = columnKeys(index, table, chunk);
    this.hnsw.delete(index, table, transaction, locators, keys);
  }

  async nearest(
    transaction: Transaction,
    query: SqlValue,
    wanted: number,
  ): Promise<number[]> {
    const cursor = await this.hnsw.openNearest(
      this.index,
      this.table,
      transaction,
      {
        operator: this.kind.operator,
        query,
        expectedRows: wanted,
      },
    );
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

type Model = Map<number, Nullable>;

/** Every row with a vector, by distance. */
function expected(
  { operatorClass }: Kind,
  model: Model,
  query: SqlValue,
): Map<number, number> {
  const { metric, element } = HNSW_OPERATOR_CLASSES.find(({ name }) =>
    name === operatorClass
  )!;
  const distance = distanceOf(metric, element);
  const distances = new Map<number, number>();
  for (const [tid, value] of model) {
    if (value === null) continue;
    distances.set(tid, distance(vectorOf(value), vectorOf(query)));
  }
  return distances;
}

async function checkNearest(
  fixture: Fixture,
  transaction: Transaction,
  model: Model,
  components: Float32Array,
): Promise<void> {
  const query = valueOf(fixture.kind, components);
  const distances = expected(fixture.kind, model, query);
  const found = await fixture.nearest(transaction, query, 4);
  // The first batch is in order: nothing here is sealed.
  const first = found.slice(0, 4).map((tid) => distances.get(tid)!);
  first.forEach((distance, i) => {
    assert(i === 0 || !(distance < first[i - 1]! - 1e-5), String(first));
  });
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
      const rows = change.rows.map((row) =>
        row === null ? null : valueOf(fixture.kind, row)
      );
      const tids = await fixture.insert(transaction, rows);
      rows.forEach((row, i) => model.set(tids[i]!, row));
      continue;
    }
    const tids = [...model.keys()];
    if (tids.length === 0) continue;
    const tid = tids[change.pick % tids.length]!;
    if (change.kind === "update") {
      const value = change.value === null
        ? null
        : valueOf(fixture.kind, change.value);
      await fixture.update(transaction, tid, value);
      model.set(tid, value);
    } else {
      await fixture.delete(transaction, tid);
      model.delete(tid);
    }
  }
}

for (const kind of KINDS) {
  Deno.test(`a vector index of ${kind.operatorClass} gives each snapshot its own rows through commits, rollbacks and crashes`, async () => {
    await followsModel(kind);
  });
}

async function followsModel(kind: Kind): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 30 }),
      point,
      async (steps, query) => {
        const bucket = new MemoryBucket();
        let fixture = await Fixture.open(bucket, kind);
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
              fixture = await Fixture.open(bucket, kind);
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
    { numRuns: kind === KINDS[0] ? 100 : 30 },
  );
}

for (const kind of KINDS) {
  // One for each type of vectors: what is stored is the same for all metrics.
  if (KINDS.find(({ type }) => type === kind.type) !== kind) continue;
  Deno.test(`rows of ${kind.type.name} beyond the live limit are sealed, and a reopen finds them without a rebuild`, async () => {
    await survivesReopen(kind);
  });
}

async function survivesReopen(kind: Kind): Promise<void> {
  const bucket = new MemoryBucket();
  let fixture = await Fixture.open(bucket, kind);
  const model: Model = new Map();
  let state = 1;
  const random = (): number => {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    return state / 2 ** 32;
  };
  const query = valueOf(kind, Float32Array.of(16, 16, 16));
  for (let i = 0; i < 6; i++) {
    const rows = Array.from(
      { length: 1000 },
      () =>
        valueOf(
          kind,
          Float32Array.of(random(), random(), random())
            .map((x) => Math.round(x * 2048) / 64),
        ),
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

  fixture = await Fixture.open(bucket, kind);
  const search = fixture.begin();
  const found = await fixture.nearest(search, query, 50);
  assertEquals(new Set(found), new Set(model.keys()));
  const distances = expected(kind, model, query);
  const tenth = [...distances.values()].sort((a, b) => a - b)[9]!;
  const hits = found.slice(0, 10)
    .filter((tid) => distances.get(tid)! <= tenth).length;
  assert(hits >= 9, `${hits} of 10 nearest rows`);
  const { index } = fixture.hnsw.states.get(fixture.index.storageId)!;
  assert(index.sealed.length > 0 && index.liveCount < 4096);
  await fixture.hnsw.close();
  await fixture.store.close();
}
