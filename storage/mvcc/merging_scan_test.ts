import { assert, assertEquals, assertRejects } from "@std/assert";
import { fc } from "fast-check";
import { isPromise } from "../../base/maybe_promise.ts";
import {
  bytes,
  entriesOf,
  type PlainEntry,
} from "../../tests/support/lsm_contents.ts";
import {
  compareEntries,
  type PlainTombstone,
  sourceOf,
  visibleAt,
} from "../../tests/support/plain_runs.ts";
import type { EntryRun, RunSource } from "./entry_run.ts";
import {
  MergingScan,
  type MergingScanOptions,
  OVERLAY_SEQUENCE,
} from "./merging_scan.ts";

const KEYS = 24;
const key = fc.integer({ min: 0, max: KEYS }).map((n) =>
  String.fromCharCode(97 + (n >> 2)) + "x".repeat(n & 3)
);
const sequence = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 40 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 9 }).map((n) => OVERLAY_SEQUENCE + n),
  },
);
const value = fc.option(
  fc.integer({ min: 0, max: 60 }).map((n) => "v".repeat(n)),
  { nil: undefined, freq: 3 },
);

interface Case {
  readonly entries: PlainEntry[];
  /** Which source each entry is in, by its index. */
  readonly places: number[];
  readonly tombstones: PlainTombstone[];
  readonly perRun: number[];
  readonly waits: boolean[];
  readonly start: string | null;
  readonly end: string | null;
  readonly snapshot: number;
  readonly overlay: number;
  readonly reverse: boolean;
}

const cases: fc.Arbitrary<Case> = fc.record({
  entries: fc.uniqueArray(
    fc.record({ key, sequence, value }, { noNullPrototype: true }),
    {
      selector: ({ key, sequence }) => `${key}@${sequence}`,
      maxLength: 160,
      size: "max",
    },
  ),
  places: fc.array(fc.nat(4), {
    minLength: 160,
    maxLength: 160,
    size: "max",
  }),
  tombstones: fc.array(
    fc.record({
      start: key,
      end: key,
      sequence: fc.integer({ min: 1, max: 40 }),
    }),
    { maxLength: 4 },
  ),
  perRun: fc.array(fc.constantFrom(1, 2, 3, 7, 100), {
    minLength: 5,
    maxLength: 5,
  }),
  waits: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  start: fc.option(key),
  end: fc.option(key),
  snapshot: fc.integer({ min: 0, max: 41 }),
  overlay: fc.integer({ min: 0, max: 11 }),
  reverse: fc.boolean(),
});

function scanOf(given: Case): MergingScan {
  const { entries, perRun, waits, reverse, start, end } = given;
  const sources = perRun.map((perRun, place): RunSource => {
    const own = entries.filter((_, i) => given.places[i] === place);
    return sourceOf(own.sort(compareEntries), perRun, {
      reverse,
      waits: (index) => waits[place]! && index % 2 === 0,
      spoils: !reverse,
    });
  });
  return new MergingScan({
    sources,
    range: {
      start: start === null ? undefined : bytes(start),
      end: end === null ? undefined : bytes(end),
    },
    snapshot: given.snapshot,
    overlaySnapshot: OVERLAY_SEQUENCE + given.overlay - 1,
    tombstones: given.tombstones
      .filter(({ start, end }) => start < end)
      .map(({ start, end, sequence }) => ({
        start: bytes(start),
        end: bytes(end),
        sequence,
      })),
    reverse,
  });
}

/** What a scan gives; every batch must have an entry. */
async function all(scan: MergingScan): Promise<PlainEntry[]> {
  return await entriesOf({
    nextRun: async () => {
      const batch = await scan.next();
      assert(batch === undefined || batch.count > 0, "an empty batch");
      return batch;
    },
  });
}

function expected(given: Case): PlainEntry[] {
  const { start, end, snapshot, overlay, reverse } = given;
  const visible = visibleAt(
    given.entries,
    given.tombstones.filter(({ start, end }) => start < end),
    (sequence) =>
      sequence <= snapshot ||
      (sequence >= OVERLAY_SEQUENCE && sequence < OVERLAY_SEQUENCE + overlay),
  ).filter(({ key }) =>
    (start === null || key >= start) && (end === null || key < end)
  );
  return reverse ? visible.reverse() : visible;
}

Deno.test("[K-054, K-056, L-022] a scan gives the newest visible version of each key, whatever the sources", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (given) => {
      assertEquals(await all(scanOf(given)), expected(given));
    }),
    { numRuns: 1500 },
  );
});

Deno.test("a scan over sources that answer at once answers at once", () => {
  const entries = Array.from({ length: 500 }, (_, i) => ({
    key: `k${String(i).padStart(4, "0")}`,
    sequence: 1,
    value: "v",
  }));
  for (const reverse of [false, true]) {
    const scan = new MergingScan({
      sources: [
        sourceOf(entries.filter((_, i) => i % 2 === 0), 20, { reverse }),
        sourceOf(entries.filter((_, i) => i % 2 === 1), 33, { reverse }),
      ],
      range: {},
      snapshot: 1,
      tombstones: [],
      reverse,
    });
    let count = 0;
    for (;;) {
      const batch = scan.next();
      assert(!isPromise(batch));
      if (batch === undefined) break;
      count += batch.count;
    }
    assertEquals(count, 500);
    assertEquals(scan.next(), undefined);
  }
});

Deno.test("a run that no other overlaps is handed on without a copy", async () => {
  const entries = Array.from({ length: 60 }, (_, i) => ({
    key: String.fromCharCode(65 + i),
    sequence: 1,
    value: "v",
  }));
  const runs: EntryRun[] = [];
  const remembering = (source: RunSource): RunSource => ({
    nextRun: () => {
      const run = source.nextRun();
      if (run !== undefined) runs.push(run as EntryRun);
      return run;
    },
  });
  const scan = new MergingScan({
    sources: [
      remembering(sourceOf(entries.slice(0, 40), 20)),
      remembering(sourceOf(entries.slice(40), 20)),
    ],
    range: {},
    snapshot: 1,
    tombstones: [],
  });
  const counts: number[] = [];
  for (let batch = await scan.next(); batch; batch = await scan.next()) {
    const { keys } = batch;
    assert(runs.some((run) => run.keys === keys), "the batch was copied");
    counts.push(batch.count);
  }
  assertEquals(counts, [20, 20, 20]);
});

Deno.test("what is there is returned before a source has to be waited for", () => {
  const scan = new MergingScan({
    sources: [
      sourceOf(
        ["a", "b", "c"].map((key) => ({ key, sequence: 1, value: "v" })),
        2,
        { waits: (index) => index === 1 },
      ),
    ],
    range: {},
    snapshot: 1,
    tombstones: [],
  });
  const first = scan.next();
  assert(!isPromise(first));
  assertEquals(first?.count, 2);
  assert(isPromise(scan.next()));
});

Deno.test("batches of sources that interleave stay small", async () => {
  const entries = Array.from({ length: 2000 }, (_, i) => ({
    key: `k${String(i).padStart(4, "0")}`,
    sequence: 1,
    value: "v",
  }));
  const scan = new MergingScan({
    sources: [0, 1, 2].map((n) =>
      sourceOf(entries.filter((_, i) => i % 3 === n), 1000)
    ),
    range: {},
    snapshot: 1,
    tombstones: [],
  });
  let count = 0;
  for (let batch = await scan.next(); batch; batch = await scan.next()) {
    assert(batch.count <= 256);
    count += batch.count;
  }
  assertEquals(count, 2000);
});

Deno.test("what a source throws, the scan throws", async () => {
  const failing: MergingScanOptions = {
    sources: [
      sourceOf([{ key: "a", sequence: 1, value: "1" }], 1),
      { nextRun: () => Promise.reject(new Error("broken source")) },
    ],
    range: {},
    snapshot: 1,
    tombstones: [],
  };
  await assertRejects(
    async () => await new MergingScan(failing).next(),
    Error,
    "broken source",
  );
});

Deno.test("[L-179] a run that is visible as a whole is handed on as it is, others are not", async () => {
  const entry = (key: string, sequence = 1): PlainEntry => ({
    key,
    sequence,
    value: "v",
  });
  const plain = [entry("b"), entry("c"), entry("d")];
  const handedOn = async (
    options: Partial<MergingScanOptions> = {},
    own: readonly PlainEntry[] = plain,
    others: readonly PlainEntry[] = [entry("e")],
  ): Promise<boolean> => {
    const runs: (EntryRun | undefined)[] = [];
    const source = sourceOf(own, 100);
    const scan = new MergingScan({
      sources: [
        {
          nextRun: (): EntryRun | undefined => {
            const run = source.nextRun() as EntryRun | undefined;
            runs.push(run);
            return run;
          },
        },
        sourceOf(others, 100),
      ],
      range: {},
      snapshot: 9,
      tombstones: [],
      ...options,
    });
    for (let run = await scan.next(); run; run = await scan.next()) {
      if (run === runs[0]) return true;
    }
    return false;
  };
  assert(await handedOn());
  assert(!await handedOn({}, plain, [entry("d")]));
  assert(!await handedOn({}, plain, [entry("c", 2)]));
  assert(!await handedOn({}, [entry("b", 2), entry("b", 1)]));
  assert(!await handedOn({}, [{ key: "b", sequence: 1, value: undefined }]));
  assert(!await handedOn({ snapshot: 0 }));
  assert(!await handedOn({ range: { start: bytes("c") } }));
  assert(!await handedOn({ range: { end: bytes("d") } }));
  const tombstone = { start: bytes("a"), end: bytes("c"), sequence: 5 };
  assert(!await handedOn({ tombstones: [tombstone] }));
  // One that is beside the range is not looked at.
  const beside = { ...tombstone, start: bytes("x"), end: bytes("y") };
  assert(await handedOn({ tombstones: [beside], range: { end: bytes("e") } }));
});
