/** @module Transactions whose writes are mostly in temporary files. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { utf8Decode, utf8Encode } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import { MemoryScratch } from "../../storage/object_store/memory_scratch.ts";
import { MemoryStore } from "../../storage/object_store/memory_store.ts";
import { SpillSpace } from "../../storage/spill/spill_space.ts";
import { World } from "../../tests/support/world.ts";
import { CatalogState } from "../catalog/catalog_state.ts";
import { SqlError } from "../errors/sql_error.ts";
import { type Savepoint, Transaction } from "./transaction.ts";
import { readsOf, viewOf } from "./transaction_view.ts";
import { WriteSetMemory } from "./write_set_memory.ts";

const CATALOG = new CatalogState();

/** What transactions of a test share. */
class Place {
  readonly scratch: MemoryScratch;
  readonly memory: WriteSetMemory;
  readonly #space: SpillSpace;

  constructor({ diskBytes = Infinity, memoryBytes = 1 << 30 } = {}) {
    this.scratch = new MemoryScratch({ bytesMax: diskBytes });
    this.memory = new WriteSetMemory(() => memoryBytes);
    this.#space = new SpillSpace(this.scratch);
  }

  /** Begins a transaction that keeps `bytesMax` in memory. */
  begin(store: LsmStore, bytesMax = 400, readCommitted = false): Transaction {
    return new Transaction(store, CATALOG, {
      startedAt: 0,
      readCommitted,
      memory: this.memory,
      spill: { files: this.#space.account(), bytesMax },
    });
  }

  /** That nothing is left of any transaction. */
  checkEmpty(): void {
    assertEquals([this.scratch.openCount, this.scratch.bytes], [0, 0]);
    assertEquals([this.memory.bytes, this.#space.bytes], [0, 0]);
  }
}

async function withStore(
  work: (store: LsmStore, objects: MemoryStore) => Promise<void>,
): Promise<void> {
  const objects = new MemoryStore({ name: `spilled-${++stores}` });
  const store = await LsmStore.open(objects, { memtableBytesMax: 4000 });
  try {
    await work(store, objects);
  } finally {
    await store.close();
  }
}
let stores = 0;

type Contents = Record<string, string>;

type Reads = Pick<Transaction, "scan" | "get">;

async function scanned(
  from: Reads,
  reverse: boolean,
): Promise<[string, string][]> {
  const found: [string, string][] = [];
  const range = { start: utf8Encode("b"), end: utf8Encode("n"), reverse };
  const scan = from.scan(range);
  for (let run = await scan.next(); run; run = await scan.next()) {
    for (let i = 0; i < run.count; i++) {
      const key = run.keys.subarray(run.keyStarts[i], run.keyEnds[i]);
      const value = run.values.subarray(run.valueStarts[i], run.valueEnds[i]);
      found.push([utf8Decode(key), utf8Decode(value)]);
    }
  }
  return found;
}

/** That all ways to read show what a model has. */
async function checkReads(from: Reads, model: Contents): Promise<void> {
  const want = Object.entries(model).filter(([key]) => key >= "b" && key < "n")
    .sort(([a], [b]) => a < b ? -1 : 1);
  assertEquals(await scanned(from, false), want);
  assertEquals(await scanned(from, true), want.reverse());
  for (const key of KEYS) {
    const got = await from.get(utf8Encode(key));
    assertEquals(got && utf8Decode(got), model[key], key);
  }
}

const KEYS = [..."abcdefghijklmno"];

const put = (to: Transaction, key: string, value: string): void =>
  to.put(utf8Encode(key), utf8Encode(value), true);
const remove = (from: Transaction, key: string): void =>
  from.delete(utf8Encode(key), true);

Deno.test("[K-023, K-141] a transaction that has spilled agrees with a map through writes of the same keys, ranges, views and savepoints, and after it is opened again", () => {
  const key = fc.constantFrom(...KEYS);
  const value = fc.oneof(fc.constant(3), fc.constant(90), fc.constant(500));
  const step = fc.oneof(
    { weight: 12, arbitrary: fc.record({ put: key, length: value }) },
    { weight: 4, arbitrary: fc.record({ remove: key }) },
    { weight: 1, arbitrary: fc.record({ removeFrom: key }) },
    { weight: 2, arbitrary: fc.constant({ savepoint: true }) },
    { weight: 2, arbitrary: fc.constant({ view: true }) },
    { weight: 2, arbitrary: fc.record({ backTo: fc.nat(9) }) },
  );
  const ends = fc.constantFrom("commit", "rollback");
  return withStore(async (store, objects) => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 60 }),
        ends,
        async (steps, end) => {
          const place = new Place();
          const transaction = place.begin(store);
          const before: Contents = {};
          for (const key of KEYS) {
            const got = await transaction.get(utf8Encode(key));
            if (got !== undefined) before[key] = utf8Decode(got);
          }
          let model: Contents = { ...before };
          /** What is there once ranges count. */
          let left: Contents = model;
          let marks: [Savepoint, Contents, Contents][] = [];
          let views: [Reads, Contents][] = [];
          for (const [i, each] of steps.entries()) {
            if ("put" in each) {
              const value = String(i).padEnd(each.length, "x");
              put(transaction, each.put, value);
              model = { ...model, [each.put]: value };
              left = { ...left, [each.put]: value };
            } else if ("remove" in each) {
              remove(transaction, each.remove);
              model = without(model, (key) => key === each.remove);
              left = without(left, (key) => key === each.remove);
            } else if ("removeFrom" in each) {
              const end = utf8Encode("z");
              transaction.deleteRange(utf8Encode(each.removeFrom), end);
              left = without(left, (key) => key >= each.removeFrom);
            } else if ("savepoint" in each) {
              marks.push([transaction.savepoint(), model, left]);
            } else if ("view" in each) {
              views.push([readsOf(viewOf(transaction)), model]);
            } else if (marks.length > 0) {
              const at = each.backTo % marks.length;
              const [mark, then, leftThen] = marks[at]!;
              transaction.rollbackTo(mark);
              model = then;
              left = leftThen;
              marks = marks.slice(0, at + 1);
              views = [];
            }
            if (i % 5 === 0) await checkReads(transaction, model);
          }
          await checkReads(transaction, model);
          for (const [view, then] of views) await checkReads(view, then);
          runs += place.scratch.createdCount;
          if (end === "commit") await transaction.commit();
          else transaction.rollback();
          place.checkEmpty();
          const after = place.begin(store);
          await checkReads(after, end === "commit" ? left : before);
          after.rollback();
        },
      ),
      { numRuns: 120 },
    );
    assert(runs > 500, `${runs} runs`);
    const place = new Place();
    const last = place.begin(store);
    const all = await scanned(last, false);
    last.rollback();
    await store.flushWal();
    const reader = await LsmStore.open(objects, { readOnly: true });
    const again = place.begin(reader);
    assertEquals(await scanned(again, false), all);
    again.rollback();
    await reader.close();
  });
});

function without(model: Contents, gone: (key: string) => boolean): Contents {
  return Object.fromEntries(
    Object.entries(model).filter(([key]) => !gone(key)),
  );
}

/** Writes `count` keys of their own, many times what memory holds. */
function writeMany(to: Transaction, count: number, value = "v"): void {
  for (let i = 0; i < count; i++) {
    put(to, `many-${String(i).padStart(5, "0")}`, value.padEnd(40, "."));
  }
}

async function countMany(store: LsmStore): Promise<number> {
  const scan = store.scan({ start: utf8Encode("many-"), end: utf8Encode("o") });
  let count = 0;
  for (let run = await scan.next(); run; run = await scan.next()) {
    count += run.count;
  }
  return count;
}

Deno.test("[L-093] of a transaction that has spilled and another that writes one of its keys, the second to commit conflicts, whenever it is", () =>
  withStore(async (store) => {
    for (const first of ["spilled", "small"]) {
      for (const key of ["many-00000", "many-00499"]) {
        const place = new Place();
        const spilled = place.begin(store, 2000);
        const small = place.begin(store, 2000);
        writeMany(spilled, 500, first);
        put(small, key, "small");
        const order = first === "spilled" ? [spilled, small] : [small, spilled];
        await order[0]!.commit();
        const error = await assertRejects(() => order[1]!.commit(), KriyaError);
        assertEquals([error.kind, error.code], ["conflict", "40001"]);
        const value = utf8Decode((await store.get(utf8Encode(key)))!);
        assertEquals(value.startsWith("small"), first === "small");
        place.checkEmpty();
      }
    }
    // While its tables are stored, another commits.
    const place = new Place();
    const spilled = place.begin(store, 2000);
    const small = place.begin(store, 2000);
    writeMany(spilled, 500);
    put(small, "many-00250", "meanwhile");
    const committing = spilled.commit();
    const outcomes = await Promise.allSettled([committing, small.commit()]);
    const won = outcomes.map(({ status }) => status);
    assertEquals(won.toSorted(), ["fulfilled", "rejected"]);
    place.checkEmpty();
  }));

Deno.test("[K-082] a crash at any request of a commit that has spilled leaves all of it or nothing", async () => {
  let all = 0;
  let nothing = 0;
  for (let nth = 1; nth < 24; nth++) {
    for (const fault of ["crashBefore", "crashAfter"] as const) {
      const world = new World(undefined, nth);
      const options = { memtableBytesMax: 5000, compaction: "off" } as const;
      const first = await world.open(options);
      const place = new Place();
      const before = place.begin(first.store);
      put(before, "many-00007", "before");
      put(before, "removed", "before");
      await before.commit();
      const transaction = place.begin(first.store, 1000);
      writeMany(transaction, 300);
      remove(transaction, "removed");
      first.objects.inject(fault, { nth });
      const acknowledged = await transaction.commit().then(
        () => true,
        () => false,
      );
      first.objects.crash();
      place.checkEmpty();
      const next = await world.open(options);
      const found = await countMany(next.store);
      const isThere = await next.store.get(utf8Encode("removed")) !== undefined;
      const said = `${fault} ${nth}: ${found}, ${acknowledged}`;
      assert(found === (isThere ? 1 : 300), said);
      assert(!(acknowledged && isThere), said);
      if (isThere) nothing++;
      else all++;
      await next.store.flush();
      assertEquals(next.store.manifest.jobs, [], said);
      await next.store.collectGarbage();
      const named = next.store.manifest.levels.flat().map(({ path }) => path);
      assertEquals(world.paths("sst/"), named.toSorted(), said);
      await next.store.close();
    }
  }
  assert(all > 8 && nothing > 20, `${all} ${nothing}`);
});

Deno.test("where there is no room on the disk the write fails with 53100, and nothing else is lost", () =>
  withStore(async (store) => {
    const place = new Place({ diskBytes: 20_000 });
    const transaction = place.begin(store, 3000);
    let written = 0;
    const error = assertThrows(() => {
      for (; written < 10_000; written++) {
        put(transaction, `many-${written}`, "x".repeat(50));
      }
    }, KriyaError) as KriyaError;
    assertEquals(error.code, "53100");
    assert(written > 200, `${written}`);
    for (const i of [0, 1, written - 1]) {
      assert(await transaction.get(utf8Encode(`many-${i}`)) !== undefined);
    }
    assertEquals(
      await transaction.get(utf8Encode(`many-${written}`)),
      undefined,
    );
    await transaction.commit();
    assertEquals(await countMany(store), written);
    place.checkEmpty();
  }));

Deno.test("together, transactions take no more memory than is theirs: the largest goes on in files", () =>
  withStore(async (store) => {
    const place = new Place({ memoryBytes: 600_000 });
    const large = place.begin(store, 1 << 30);
    writeMany(large, 4000);
    assertEquals(place.scratch.createdCount, 0);
    const small = place.begin(store, 1 << 30);
    put(small, "small", "x".repeat(300_000));
    assertEquals(place.scratch.openCount, 1);
    assert(place.memory.bytes < 600_000);
    assertEquals(large.writes!.hasSpilled, true);
    assertEquals(small.writes!.hasSpilled, false);
    await small.commit();
    large.undo();
    assertEquals(place.scratch.openCount, 0);
    writeMany(large, 10);
    await large.commit();
    assertEquals(await countMany(store), 10);
    place.checkEmpty();
  }));

Deno.test("where no file can be made, what memory does not hold is 53200", () =>
  withStore((store) => {
    const refused = {
      create: () => {
        throw new KriyaError("unavailable", "out of memory", { code: "53200" });
      },
    };
    const memory = new WriteSetMemory(() => 10_000);
    const transaction = new Transaction(store, CATALOG, {
      startedAt: 0,
      memory,
      spill: { files: new SpillSpace(refused).account(), bytesMax: 1000 },
    });
    const error = assertThrows(
      () => writeMany(transaction, 1000),
      SqlError,
    ) as SqlError;
    assertEquals(error.code, "53200");
    assert(transaction.writes!.count > 50, "its bound is that of all");
    transaction.rollback();
    assertEquals(memory.bytes, 0);
    return Promise.resolve();
  }));
