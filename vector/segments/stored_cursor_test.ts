import { assert, assertEquals, assertThrows } from "@std/assert";
import { crc32c } from "../../base/checksum.ts";
import { KriyaError } from "../../base/errors.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import { clusteredVectors } from "../../tests/support/vector_data.ts";
import type { Quantization } from "../codes/quantization.ts";
import type { Metric } from "../distance/metric.ts";
import { SeededRandom } from "../hnsw/seeded_random.ts";
import type { SealedSegment } from "./sealed_segment.ts";
import { newCounters, type SearchCounters } from "./search_counters.ts";
import { encodeSegment } from "./segment_encoder.ts";
import { readSegmentHeader, rowPagesOf } from "./segment_format.ts";
import { decodeSegment } from "./segment_loader.ts";
import type { SegmentJob } from "./segment_job.ts";
import type { RowPages, StoredRows } from "./stored_rows.ts";
import { VectorIndex } from "./vector_index.ts";

const DIMS = 48;

/** Rows in bytes, which come later, or at once. */
function rowsIn(bytes: Uint8Array, pages: RowPages, isLate = true): StoredRows {
  return {
    byteLength: 4 * pages.checksums.length,
    read(
      ordinals: Uint32Array,
      counters?: SearchCounters,
    ): MaybePromise<Uint8Array[]> {
      if (counters !== undefined) counters.requests += ordinals.length;
      const { offset, rowBytes } = pages;
      const rows = Array.from(ordinals, (ordinal, i) => {
        assert(i === 0 || ordinal > ordinals[i - 1]!, "rows in order");
        const at = offset + ordinal * rowBytes;
        return bytes.subarray(at, at + rowBytes);
      });
      return isLate ? Promise.resolve(rows) : rows;
    },
    close(): void {},
  };
}

/** Where the vectors of an encoded segment are. */
function pagesIn(bytes: Uint8Array): RowPages {
  const header = readSegmentHeader(bytes, "segment");
  const part = header.parts.find(({ kind }) => kind === "pages")!;
  const end = part.offset + part.length;
  return rowPagesOf(header, bytes.subarray(part.offset, end));
}

/** Lets the vectors of all sealed segments stay in their bytes. */
function leaveAll(index: VectorIndex): void {
  for (const segment of index.sealed) {
    if (segment.stored !== undefined) continue;
    assert(segment.canLeaveRows, segment.quantization);
    const bytes = encodeSegment(segment);
    segment.leaveRows(rowsIn(bytes, pagesIn(bytes)));
  }
}

async function finish(job: SegmentJob): Promise<void> {
  while (!job.step(1000)) await Promise.resolve();
}

interface Made {
  readonly index: VectorIndex;
  readonly rows: readonly Float32Array[];
}

function vectors(count: number): Float32Array[] {
  const shape = { dims: DIMS, clusters: 30, spread: 0.4 };
  return clusteredVectors({ seed: 11, count, ...shape });
}

/** An index whose vectors are left, of several segments. */
async function make(
  options: {
    readonly metric: Metric;
    readonly quantization: Quantization;
    readonly segments?: number;
  },
): Promise<Made> {
  const { segments = 1 } = options;
  const rows = vectors(2000 * segments);
  rows[7] = new Float32Array(DIMS);
  const index = new VectorIndex({
    dims: DIMS,
    m: 8,
    efConstruction: 60,
    seed: 5,
    leavesRows: () => true,
    ...options,
  });
  for (let from = 0; from < rows.length; from += 2000) {
    for (let i = from; i < from + 2000; i++) {
      index.insert(i, rows[i]!, 1 + Math.floor(i / 2000));
    }
    const job = index.startSeal()!;
    await finish(job);
    index.install(job);
  }
  return { index, rows };
}

interface Asked {
  readonly k: number;
  readonly allowed?: Float64Array;
  readonly plan?: "auto" | "graph" | "exact";
}

async function ask(
  index: VectorIndex,
  query: Float32Array,
  { k, ...options }: Asked,
): Promise<{ locators: number[]; distances: number[] }> {
  const cursor = index.search(query, { k, ...options });
  const { locators, distances } = await cursor.read(k);
  return { locators: [...locators], distances: [...distances] };
}

/** Vectors around the same centres, none of them a row. */
function queriesOf(count: number): Float32Array[] {
  return vectors(4000 + count).slice(4000);
}

Deno.test("[K-180] vectors left where a segment is stored: exact searches give what memory gives", async () => {
  for (const metric of ["l2", "cosine", "inner_product"] as const) {
    const { index } = await make({ metric, quantization: "rabitq" });
    const allowed = Float64Array.from({ length: 60 }, (_, i) => 30 * i);
    const asked: Asked[] = [
      { k: 2000, plan: "exact" },
      { k: 10, plan: "exact" },
      { k: 10, allowed },
    ];
    const queries = queriesOf(3);
    const askAll = (): Promise<unknown[]> =>
      Promise.all(
        queries.flatMap((query) =>
          asked.map((each) => ask(index, query, each))
        ),
      );
    const before = await askAll();
    const held = index.byteLength;
    leaveAll(index);
    assert(index.byteLength < held);
    assertEquals(await askAll(), before);
  }
});

Deno.test("[K-180] vectors left where a segment is stored: recall, with and without a filter", async () => {
  for (const quantization of ["sq8", "rabitq"] as const) {
    const { index } = await make({ metric: "l2", quantization, segments: 2 });
    leaveAll(index);
    const half = Float64Array.from({ length: 2000 }, (_, i) => 2 * i);
    const few = Float64Array.from({ length: 400 }, (_, i) => 10 * i);
    for (const allowed of [undefined, half, few]) {
      for (const k of [10, 100]) {
        let found = 0;
        const queries = queriesOf(30);
        for (const query of queries) {
          const asked = { k, ...(allowed && { allowed }) };
          const exact = await ask(index, query, { ...asked, plan: "exact" });
          const got = await ask(index, query, asked);
          assertEquals(got.locators.length, k);
          const worst = exact.distances.at(-1)!;
          found += got.distances.filter((each) => each <= worst).length;
        }
        const recall = found / (queries.length * k);
        const share = allowed?.length ?? 4000;
        assert(recall >= 0.94, `${quantization} ${k} ${share}: ${recall}`);
      }
    }
  }
});

Deno.test("a cursor over stored vectors goes on to the last row, each once, beside others", async () => {
  const { index, rows } = await make({ metric: "cosine", quantization: "sq8" });
  leaveAll(index);
  index.end(5, 9);
  const cursors = queriesOf(3).map((query) => index.search(query, { k: 10 }));
  const seen = cursors.map(() => new Set<number>());
  for (let size = 10; seen.some(({ size }) => size < rows.length - 1);) {
    await Promise.all(cursors.map(async (cursor, i) => {
      const batch = await cursor.read(size);
      for (const locator of batch.locators) {
        assert(!seen[i]!.has(locator), `row ${locator} twice`);
        seen[i]!.add(locator);
      }
    }));
    size = Math.min(2 * size, 500);
  }
  for (const each of seen) assert(!each.has(5));
});

Deno.test("segments whose vectors are stored are merged, and versions that ended are left out", async () => {
  const { index, rows } = await make({
    metric: "l2",
    quantization: "rabitq",
    segments: 2,
  });
  leaveAll(index);
  for (let i = 0; i < rows.length; i += 3) index.end(i, 5);
  index.advanceTo(6);
  const job = index.startMerge(index.sealed, 6);
  await finish(job);
  index.install(job);
  const [merged] = index.sealed;
  assertEquals(merged!.count, rows.length - Math.ceil(rows.length / 3));
  for (let ordinal = 0; ordinal < merged!.count; ordinal += 97) {
    const locator = merged!.versions.locatorOf(ordinal);
    assertEquals(merged!.memory.vectorAt(ordinal), rows[locator]);
  }
});

Deno.test("a search says how much it read, and how it went", async () => {
  const { index } = await make({ metric: "l2", quantization: "rabitq" });
  leaveAll(index);
  const counters = newCounters();
  const [query] = queriesOf(1);
  const cursor = index.search(query!, { k: 10, plan: "graph", counters });
  await cursor.read(10);
  assertEquals(cursor.plans, ["graph"]);
  assert(counters.nodes > 0 && counters.requests >= 10);
  // As many rows as are calibrated, not all that the walk found.
  assert(counters.requests < 400, `${counters.requests}`);
  assertThrows(() => index.search(query!).next(10));
});

Deno.test("a segment with codes is loaded with its vectors, or without them", async () => {
  for (const quantization of ["sq8", "binary", "rabitq"] as const) {
    const { index } = await make({ metric: "cosine", quantization });
    const [segment] = index.sealed;
    const bytes = encodeSegment(segment!);
    assertEquals(bytes[8], 2);
    const whole = decodeSegment(bytes, "whole");
    assertEquals(encodeSegment(whole), bytes);
    const pages = pagesIn(bytes);
    for (let page = 0; page < pages.checksums.length; page++) {
      const at = pages.offset + page * pages.rowsAPage * pages.rowBytes;
      const rows = Math.min(
        pages.rowsAPage,
        pages.count - page * pages.rowsAPage,
      );
      const crc = crc32c(bytes, at, at + rows * pages.rowBytes);
      assertEquals(crc, pages.checksums[page]);
    }
    const left = decodeSegment(bytes, "left", {
      leaveRows: (pages) => rowsIn(bytes, pages, false),
    });
    assert(left.byteLength < whole.byteLength);
    const searches = [segment!, whole, left].map((each) => {
      const other = new VectorIndex({ dims: DIMS, metric: "cosine" });
      other.addSealed(each);
      return queriesOf(20).map((
        query,
      ) => [...other.search(query, { plan: "graph" }).next(10).distances]);
    });
    assertEquals(searches[1], searches[0]);
    assertEquals(searches[2]!.length, searches[0]!.length);
  }
});

Deno.test("bytes of a segment with codes that are damaged are refused", async () => {
  const { index } = await make({ metric: "l2", quantization: "rabitq" });
  const bytes = encodeSegment(index.sealed[0]!);
  const random = new SeededRandom(3);
  for (let i = 0; i < 200; i++) {
    const forged = bytes.slice(
      0,
      i % 4 === 0 ? random.below(bytes.length) : undefined,
    );
    forged[random.below(forged.length)]! ^= 1 + random.below(255);
    assertThrows(() => load(forged), KriyaError);
  }
  function load(forged: Uint8Array): SealedSegment {
    return decodeSegment(forged, "forged");
  }
});
