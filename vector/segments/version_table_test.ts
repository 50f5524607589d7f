import { assert, assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { SeededRandom } from "../hnsw/seeded_random.ts";
import { LocatorOrder } from "./locator_order.ts";
import { hasBit, type RowSet } from "./row_set.ts";
import { VersionTable } from "./version_table.ts";

interface Version {
  locator: number;
  begin: number;
  end: number;
}

function rowsOf(set: RowSet, count: number): number[] {
  const rows: number[] = [];
  for (let i = 0; i < Math.min(count, 8 * set.bits.length); i++) {
    if (hasBit(set.bits, i)) rows.push(i);
  }
  return rows;
}

function visible(versions: readonly Version[], snapshot: number): number[] {
  return versions.flatMap(({ begin, end }, i) =>
    begin <= snapshot && snapshot < end ? [i] : []
  );
}

const operation = fc.oneof(
  { weight: 8, arbitrary: fc.record({ push: fc.nat(40) }) },
  { weight: 5, arbitrary: fc.record({ end: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ back: fc.integer({ min: 0, max: 6 }) }) },
  { weight: 4, arbitrary: fc.record({ look: fc.nat(12) }) },
);

Deno.test("VersionTable: a version is visible iff begin <= s < end, after any changes", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 250 }), (operations) => {
      const table = VersionTable.empty();
      const model: Version[] = [];
      let seq = 0;
      const open = (locator: number): number =>
        model.findIndex((v) => v.locator === locator && v.end === Infinity);
      for (const op of operations) {
        if ("push" in op) {
          if (open(op.push) >= 0) continue;
          assertEquals(table.push(op.push, ++seq), model.length);
          model.push({ locator: op.push, begin: seq, end: Infinity });
        } else if ("end" in op) {
          const ordinal = open(op.end);
          assertEquals(table.openOrdinal(op.end), ordinal);
          if (ordinal < 0) continue;
          table.end(ordinal, ++seq);
          model[ordinal]!.end = seq;
        } else if ("back" in op) {
          seq = Math.max(0, seq - op.back);
          table.rollbackTo(seq);
          for (const version of model) {
            if (version.begin > seq) version.end = version.begin;
            else if (version.end > seq) version.end = Infinity;
          }
        } else {
          // Twice: derived, then from those that are kept.
          for (const snapshot of [seq - op.look, seq, seq - op.look]) {
            const set = table.visibleAt(snapshot);
            const rows = visible(model, snapshot);
            assertEquals(rowsOf(set, model.length), rows);
            assertEquals(set.count, rows.length);
            assertEquals(table.isAll(set), rows.length === model.length);
          }
        }
      }
      assertEquals(
        table.endedCount,
        model.filter(({ end }) => end < Infinity).length,
      );
      for (let horizon = 0; horizon <= seq; horizon++) {
        const dead = model.filter(({ begin, end }) =>
          end <= horizon || end === begin
        );
        assertEquals(table.deadCount(horizon), dead.length);
      }
    }),
    { numRuns: 150 },
  );
});

Deno.test("VersionTable: an end that is replayed late reaches older snapshots", () => {
  const table = VersionTable.of({
    locators: Float64Array.of(1, 2, 1),
    begins: Float64Array.of(1, 2, 10),
  });
  assertEquals(rowsOf(table.visibleAt(6), 3), [0, 1]);
  assertEquals(table.openOrdinal(1), 0);
  table.end(0, 5);
  assertEquals(rowsOf(table.visibleAt(6), 3), [1]);
  assertEquals(rowsOf(table.visibleAt(4), 3), [0, 1]);
  assertEquals(table.openOrdinal(1), 2);
  assertEquals(table.lastSeq, 10);
  assertEquals(table.hasVersion(1, 10), true);
  assertEquals(table.hasVersion(1, 9), false);
  assertEquals(table.hasVersion(3, 1), false);
});

Deno.test("VersionTable: ends are given once and after the begin", () => {
  const table = VersionTable.empty();
  table.push(1, 5);
  assertThrows(() => table.end(0, 5), Error, "before it begins");
  table.end(0, 6);
  assertThrows(() => table.end(0, 7), Error, "ended twice");
  const complete = VersionTable.of({
    locators: new Float64Array(0),
    begins: new Float64Array(0),
  });
  assertThrows(() => complete.push(1, 1), Error, "complete");
});

Deno.test("VersionTable: setEnds brings a copy up to date", () => {
  const table = VersionTable.of({
    locators: Float64Array.of(7, 8, 9),
    begins: Float64Array.of(1, 1, 1),
    ends: Float64Array.of(Infinity, 4, 5),
  });
  assertEquals([table.lastSeq, table.endedCount], [5, 2]);
  table.visibleAt(9);
  table.setEnds(Float64Array.of(6, 4, Infinity));
  assertEquals(rowsOf(table.visibleAt(9), 3), [2]);
  assertEquals(rowsOf(table.visibleAt(5), 3), [0, 2]);
  assertEquals([table.lastSeq, table.endedCount], [6, 2]);
});

/** Locators all over 48 bits, some of them several times. */
function drawLocators(seed: number, count: number): Float64Array<ArrayBuffer> {
  const random = new SeededRandom(seed);
  const locators = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    locators[i] = random.below(4) === 0 && i > 0
      ? locators[random.below(i)]!
      : random.below(2 ** 16) * 2 ** 32 + random.next();
  }
  return locators;
}

Deno.test("LocatorOrder: radix and comparison sort alike", () => {
  for (const count of [0, 1, 100, 4095, 4096, 9000]) {
    const locators = drawLocators(count + 1, count);
    const order = new LocatorOrder(locators);
    const expected = Array.from(locators.keys()).sort((a, b) =>
      locators[a]! - locators[b]! || a - b
    );
    assertEquals([...order.ordinals], expected);
    for (const ordinal of expected.slice(0, 50)) {
      const locator = locators[ordinal]!;
      const same = expected.filter((other) => locators[other] === locator);
      assertEquals([...order.ordinalsOf(locator)], same);
    }
    assertEquals(order.ordinalsOf(2 ** 48 - 0.5).length, 0);
  }
});

Deno.test("VersionTable: among keeps the rows of allowed locators, few or many", () => {
  const locators = drawLocators(3, 5000);
  const ends = locators.map((_, i) => i % 5 === 0 ? 2 : Infinity);
  const begins = new Float64Array(5000).fill(1);
  const complete = VersionTable.of({ locators, begins, ends });
  const growing = VersionTable.empty();
  locators.forEach((locator, i) => {
    growing.push(locator, 1);
    if (ends[i]! < Infinity) growing.end(i, 2);
  });
  for (const share of [1, 2, 50, 1000]) {
    const allowed = Float64Array.from(
      new Set([...locators.filter((_, i) => i % share === 0), 12, 2 ** 48]),
    ).sort();
    const isAllowed = new Set(allowed);
    for (const snapshot of [1, 2]) {
      const expected: number[] = [];
      locators.forEach((locator, i) => {
        if (snapshot >= ends[i]! || !isAllowed.has(locator)) return;
        expected.push(i);
      });
      for (const table of [complete, growing]) {
        const set = table.among(table.visibleAt(snapshot), allowed);
        assertEquals(rowsOf(set, 5000), expected);
        assertEquals(set.count, expected.length);
      }
    }
  }
  assert(complete.byteLength >= 5000 * 24);
});
