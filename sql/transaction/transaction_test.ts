import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { utf8Decode, utf8Encode } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import { MemoryStore } from "../../storage/object_store/memory_store.ts";
import { CatalogState } from "../catalog/catalog_state.ts";
import { SqlError } from "../errors/sql_error.ts";
import { type Savepoint, Transaction } from "./transaction.ts";

const CATALOG = new CatalogState();

function begin(store: LsmStore, readOnly = false): Transaction {
  return new Transaction(store, CATALOG, { readOnly, startedAt: 0 });
}

async function withStore(
  work: (store: LsmStore) => Promise<void>,
): Promise<void> {
  const store = await LsmStore.open(new MemoryStore());
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

/** What a transaction sees, by get and by scan, which must agree. */
async function contents(
  transaction: Transaction,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const scan = transaction.scan({});
  for (let run = await scan.next(); run; run = await scan.next()) {
    for (let i = 0; i < run.count; i++) {
      const key = run.keys.subarray(run.keyStarts[i], run.keyEnds[i]);
      const value = run.values.subarray(run.valueStarts[i], run.valueEnds[i]);
      found[utf8Decode(key)] = utf8Decode(value);
    }
  }
  for (const [key, value] of Object.entries(found)) {
    const got = await transaction.get(utf8Encode(key));
    assertEquals(got && utf8Decode(got), value);
  }
  return found;
}

const put = (to: Transaction, key: string, value: string): void =>
  to.put(utf8Encode(key), utf8Encode(value), true);
const remove = (from: Transaction, key: string): void =>
  from.delete(utf8Encode(key), true);

Deno.test("[K-023, U-06] every write is in the undo log, which is taken back newest first", () =>
  withStore(async (store) => {
    const transaction = begin(store);
    put(transaction, "a", "1");
    put(transaction, "b", "1");
    const first = transaction.savepoint();
    put(transaction, "a", "2");
    remove(transaction, "b");
    const second = transaction.savepoint();
    put(transaction, "a", "3");
    remove(transaction, "a");
    put(transaction, "a", "4");
    put(transaction, "b", "4");
    assertEquals(transaction.writes!.count, 8);
    assertEquals(await contents(transaction), { a: "4", b: "4" });
    transaction.rollbackTo(second);
    assertEquals(transaction.writes!.count, 4);
    assertEquals(await contents(transaction), { a: "2" });
    transaction.rollbackTo(first);
    assertEquals(transaction.writes!.count, 2);
    assertEquals(await contents(transaction), { a: "1", b: "1" });
    transaction.rollback();
    const after = begin(store);
    assertEquals(await contents(after), {});
    after.rollback();
  }));

Deno.test("[K-141] a transaction agrees with a map through writes of the same keys and savepoints", () =>
  withStore(async (store) => {
    const key = fc.constantFrom("a", "b", "c", "d");
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ put: key, value: fc.nat(9) }) },
      { weight: 3, arbitrary: fc.record({ remove: key }) },
      { weight: 2, arbitrary: fc.constant({ savepoint: true }) },
      { weight: 2, arbitrary: fc.record({ backTo: fc.nat(9) }) },
    );
    const ends = fc.constantFrom("commit", "rollback");
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        ends,
        async (steps, end) => {
          const transaction = begin(store);
          const before = await contents(transaction);
          let model = { ...before };
          const marks: [Savepoint, Record<string, string>][] = [];
          for (const each of steps) {
            if ("put" in each) {
              put(transaction, each.put, String(each.value));
              model = { ...model, [each.put]: String(each.value) };
            } else if ("remove" in each) {
              remove(transaction, each.remove);
              model = { ...model };
              delete model[each.remove];
            } else if ("savepoint" in each) {
              marks.push([transaction.savepoint(), model]);
            } else if (marks.length > 0) {
              const at = each.backTo % marks.length;
              const [mark, then] = marks[at]!;
              transaction.rollbackTo(mark);
              model = then;
              marks.length = at + 1;
            }
            assertEquals(await contents(transaction), model);
          }
          if (end === "commit") await transaction.commit();
          else transaction.rollback();
          const after = begin(store);
          assertEquals(
            await contents(after),
            end === "commit" ? model : before,
          );
          after.rollback();
        },
      ),
      { numRuns: 150 },
    );
  }));

Deno.test("of two transactions that write a key, the second to commit conflicts", () =>
  withStore(async (store) => {
    const [first, second, third] = [begin(store), begin(store), begin(store)];
    put(first, "a", "1");
    put(second, "a", "2");
    put(third, "b", "3");
    await first.commit();
    const error = await assertRejects(() => second.commit(), KriyaError);
    assertEquals([error.kind, error.code], ["conflict", "40001"]);
    await third.commit();
    assert(second.ended, "a conflict ends it");
    const after = begin(store);
    assertEquals(await contents(after), { a: "1", b: "3" });
    after.rollback();
  }));

Deno.test("a key whose last write was taken back is not checked, one that is guarded is", () =>
  withStore(async (store) => {
    const key = utf8Encode("a");
    const undone = begin(store);
    const mark = undone.savepoint();
    put(undone, "a", "1");
    undone.rollbackTo(mark);
    put(undone, "b", "1");
    const guarding = begin(store);
    guarding.guardRelation(7, key);
    put(guarding, "c", "1");
    const other = begin(store);
    put(other, "a", "2");
    await other.commit();
    await undone.commit();
    await assertRejects(() => guarding.commit(), KriyaError, "could not");
  }));

Deno.test("a range that is removed takes committed keys and earlier writes, not later ones", () =>
  withStore(async (store) => {
    const setUp = begin(store);
    put(setUp, "k1", "old");
    put(setUp, "x", "old");
    await setUp.commit();
    const transaction = begin(store);
    put(transaction, "k2", "before");
    transaction.deleteRange(utf8Encode("k"), utf8Encode("l"));
    put(transaction, "k3", "after");
    await transaction.commit();
    const after = begin(store);
    assertEquals(await contents(after), { k3: "after", x: "old" });
    after.rollback();
  }));

Deno.test("a read-only transaction refuses every write with 25006", () =>
  withStore(async (store) => {
    const transaction = begin(store, true);
    for (
      const write of [
        () => put(transaction, "a", "1"),
        () => remove(transaction, "a"),
        () => transaction.deleteRange(utf8Encode("a"), utf8Encode("b")),
        () => transaction.changeCatalog([]),
      ]
    ) assertEquals(assertThrows(write, SqlError).code, "25006");
    assert(transaction.isClean);
    await transaction.commit();
    assert(transaction.ended);
  }));

Deno.test("counts of rows go back with a savepoint", () =>
  withStore((store) => {
    const transaction = begin(store);
    transaction.countRows(5, "inserted", 3);
    const mark = transaction.savepoint();
    transaction.countRows(5, "updated", 100);
    transaction.countRows(6, "deleted", 1);
    transaction.rollbackTo(mark);
    assertEquals([...transaction.rowTallies], [[
      5,
      { inserted: 3, updated: 0, deleted: 0 },
    ]]);
    transaction.rollback();
    return Promise.resolve();
  }));

Deno.test("[L-091] commits are numbered by a clock that only rises, and snapshots stand on it", () =>
  withStore(async (store) => {
    let last = store.visibleSequence;
    for (let i = 0; i < 20; i++) {
      const seen: number[] = [];
      const batch = Array.from({ length: 5 }, (_, k) => {
        const transaction = begin(store);
        assertEquals(transaction.snapshotSequence, last);
        put(transaction, `${i} ${k}`, "x");
        return transaction;
      });
      await Promise.all(
        batch.map((each) =>
          each.commit({ onVisible: (sequence) => seen.push(sequence) })
        ),
      );
      assertEquals(new Set(seen).size, 5, "a number was given twice");
      for (const sequence of seen) {
        assert(sequence > last, `${sequence} after ${last}`);
        last = sequence;
      }
      assertEquals(store.visibleSequence, last);
    }
  }));

Deno.test("[L-098] a transaction knows its snapshot, what it read, what it wrote and whether it has ended", () =>
  withStore(async (store) => {
    const transaction = new Transaction(store, CATALOG, {
      serializable: true,
      startedAt: 7,
    });
    assertEquals(transaction.startedAt, 7);
    assertEquals(transaction.snapshotSequence, store.visibleSequence);
    await transaction.get(utf8Encode("read"));
    put(transaction, "written", "x");
    assertEquals(transaction.writes!.count, 1);
    assertEquals(transaction.ended, false);
    // Its read set has the key that somebody else writes meanwhile.
    const other = begin(store);
    put(other, "read", "y");
    await other.commit();
    const error = await assertRejects(() => transaction.commit(), SqlError);
    assertEquals(error.code, "40001");
    assertEquals(transaction.ended, true);
    assertEquals(other.ended, true);
  }));
