import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { isPromise } from "../../base/maybe_promise.ts";
import { bytes, text } from "../../tests/support/lsm_contents.ts";
import { testSeed } from "../../tests/support/test_seed.ts";
import { World } from "../../tests/support/world.ts";
import { Memtable } from "../memtable/memtable.ts";
import { KIND_DELETE, KIND_PUT } from "../mvcc/internal_key.ts";
import { OVERLAY_SEQUENCE } from "../mvcc/merging_scan.ts";
import type { LsmStore } from "./lsm_store.ts";
import type { WantedKeys } from "./find_each.ts";
import type { RangeTaker, WantedRanges } from "./scan_each.ts";
import type { ScanOptions } from "./store_scan.ts";
import { WriteBatch } from "./write_batch.ts";

const OPTIONS = {
  flushIntervalMs: 0,
  blockBytes: 200,
  compaction: "off",
} as const;

const keyOf = (n: number): string => `row${String(n).padStart(4, "0")}`;

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("put" as const),
      keys: fc.array(fc.nat(60), { minLength: 1, maxLength: 20 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("delete" as const, "deleteRange" as const),
      keys: fc.array(fc.nat(60), { minLength: 2, maxLength: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("flush" as const, "compact" as const),
      keys: fc.constant<number[]>([]),
    }),
  },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function apply(store: LsmStore, steps: readonly Step[]): Promise<void> {
  let value = 0;
  for (const { kind, keys } of steps) {
    if (kind === "flush") await store.flush();
    else if (kind === "compact") await store.compact();
    else {
      const batch = new WriteBatch();
      if (kind === "deleteRange") {
        const [start, end] = keys.map((n) => bytes(keyOf(n)));
        batch.deleteRange(start!, end!);
      } else {
        for (const n of keys) {
          if (kind === "delete") batch.delete(bytes(keyOf(n)));
          else batch.put(bytes(keyOf(n)), bytes(`${value++}`));
        }
      }
      await store.write(batch);
    }
  }
}

function wantedKeys(numbers: readonly number[]): WantedKeys {
  return { count: numbers.length, key: (i) => bytes(keyOf(numbers[i]!)) };
}

function wantedRanges(bounds: readonly (readonly number[])[]): WantedRanges {
  return {
    count: bounds.length,
    start: (i) => bytes(keyOf(bounds[i]![0]!)),
    end: (i) => bytes(keyOf(bounds[i]![1]!)),
  };
}

/** What ranges have, as they were begun last. */
class Collected implements RangeTaker {
  readonly entries: string[][];
  #index = 0;

  constructor(
    count: number,
    readonly indexMax = Infinity,
    readonly oneEach = false,
  ) {
    this.entries = Array.from({ length: count }, () => []);
  }

  begin(index: number): boolean {
    this.#index = index;
    return index <= this.indexMax;
  }

  drop(): void {
    this.entries[this.#index] = [];
  }

  take(
    keys: Uint8Array,
    keyStart: number,
    keyEnd: number,
    values: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void {
    const key = text(keys.subarray(keyStart, keyEnd));
    const value = text(values.subarray(valueStart, valueEnd));
    this.entries[this.#index]!.push(`${key}=${value}`);
  }
}

async function scanned(
  store: LsmStore,
  options: ScanOptions,
): Promise<string[]> {
  const entries: string[] = [];
  const scan = store.scan(options);
  for (let run = await scan.next(); run; run = await scan.next()) {
    for (let i = 0; i < run.count; i++) {
      const key = run.keys.subarray(run.keyStarts[i], run.keyEnds[i]);
      const value = run.values.subarray(run.valueStarts[i], run.valueEnds[i]);
      entries.push(`${text(key)}=${text(value)}`);
    }
  }
  return entries;
}

/** Writes that lie over the others. */
function overlayOf(keys: readonly number[]): Memtable {
  const memtable = new Memtable();
  keys.forEach((n, i) =>
    memtable.insert(
      bytes(keyOf(n)),
      bytes(`own ${i}`),
      OVERLAY_SEQUENCE + i,
      i % 3 === 2 ? KIND_DELETE : KIND_PUT,
    )
  );
  return memtable;
}

Deno.test("[L-201] findEach and scanEach give what get and scan give, at every snapshot, under an overlay, from memory and not", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25, size: "max" }),
      fc.array(fc.nat(70), { maxLength: 40, size: "max" }),
      fc.array(fc.tuple(fc.nat(65), fc.nat(8)), { maxLength: 20, size: "max" }),
      fc.array(fc.nat(60), { maxLength: 9 }),
      fc.constantFrom(0, 2000, 2 ** 24),
      fc.boolean(),
      async (steps, keys, spans, own, cacheBytesMax, reopened) => {
        const world = new World();
        const writer = await world.open({ ...OPTIONS, cacheBytesMax });
        await apply(writer.store, steps);
        if (reopened) await writer.store.flush();
        const { store } = reopened
          ? await world.open({ ...OPTIONS, readOnly: true, cacheBytesMax })
          : writer;
        const bounds = spans.map(([first, length]) => [first, first + length]);
        const memtable = overlayOf(own);
        const overlay = {
          memtable,
          snapshot: OVERLAY_SEQUENCE + Math.floor(own.length / 2),
        };
        // Compaction lets go of what is past.
        const isPast = steps.some(({ kind }) => kind === "compact");
        for (const back of isPast ? [0] : [0, 4]) {
          const snapshot = Math.max(0, store.visibleSequence - back);
          const values = keys.map((): string | undefined => undefined);
          await store.findEach(wantedKeys(keys), (i, at, start, end) => {
            values[i] = text(at.subarray(start, end));
          }, snapshot);
          const found = new Collected(bounds.length);
          const options = { snapshot, overlay };
          await store.scanEach(wantedRanges(bounds), found, options);
          const firsts = new Collected(bounds.length, Infinity, true);
          await store.scanEach(wantedRanges(bounds), firsts, options);
          for (const [i, n] of keys.entries()) {
            const value = await store.get(bytes(keyOf(n)), snapshot);
            assertEquals(values[i], text(value));
          }
          for (const [i, [first, last]] of bounds.entries()) {
            const start = bytes(keyOf(first!));
            const end = bytes(keyOf(last!));
            const entries = await scanned(store, { start, end, ...options });
            assertEquals(found.entries[i], entries);
            assertEquals(firsts.entries[i], entries.slice(0, 1));
          }
        }
        await store.close();
        if (store !== writer.store) await writer.store.close();
      },
    ),
    { numRuns: 60, seed: testSeed() },
  );
});

Deno.test("what memory has, findEach and scanEach give at once; no more ranges than are wanted", async () => {
  const world = new World();
  const { store } = await world.open(OPTIONS);
  const keys = Array.from({ length: 200 }, (_, n) => n);
  await apply(store, [{ kind: "put", keys }, { kind: "flush", keys: [] }]);
  const count = (): [unknown, number] => {
    let seen = 0;
    const done = store.findEach(wantedKeys(keys), () => seen++);
    return [done, seen];
  };
  await count()[0];
  const [done, seen] = count();
  assert(!isPromise(done));
  assertEquals(seen, 200);
  const taker = new Collected(3, 1);
  const reading = store.scanEach(
    wantedRanges([[0, 2], [5, 5], [7, 9]]),
    taker,
  );
  assert(!isPromise(reading));
  assertEquals(taker.entries.map(({ length }) => length), [2, 0, 0]);
  await store.close();
});
