import { assert, assertEquals, assertThrows } from "@std/assert";
import { clusteredVectors } from "../../tests/support/vector_data.ts";
import {
  asElement,
  dimsAs,
  KINDS_OF_VECTORS,
} from "../../tests/support/vector_elements.ts";
import { crc32c } from "../../base/checksum.ts";
import { systemEnvironment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import {
  canQuantize,
  type Quantization,
  QUANTIZATIONS,
} from "../codes/quantization.ts";
import {
  ELEMENTS,
  type Metric,
  metricsOf,
  type VectorElement,
} from "../distance/metric.ts";
import { SeededRandom } from "../hnsw/seeded_random.ts";
import type { SealedSegment } from "./sealed_segment.ts";
import { SegmentBuilder } from "./segment_builder.ts";
import { encodeSegment } from "./segment_encoder.ts";
import {
  PART_KINDS,
  type PartKind,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES_MAX,
} from "./segment_format.ts";
import { decodeSegment, SegmentLoader } from "./segment_loader.ts";

/** A segment of `count` rows, some of them equal and some zero. */
function build(
  options: {
    count: number;
    dims?: number;
    metric?: Metric;
    element?: VectorElement;
    quantization?: Quantization;
    leavesRows?: boolean;
    m?: number;
  },
): SealedSegment {
  const { count, dims = 5, metric = "cosine", m = 4 } = options;
  const { element = "float32", quantization, leavesRows } = options;
  const builder = new SegmentBuilder({
    dims: dimsAs(element, dims),
    metric,
    element,
    quantization,
    leavesRows,
    m,
    efConstruction: 20,
    seed: 77,
    environment: systemEnvironment,
  });
  const rows = clusteredVectors({
    seed: count + dims,
    count,
    dims,
    clusters: 3,
    spread: 0.3,
  });
  rows.forEach((row, i) => {
    const vector = i % 9 === 1
      ? rows[0]!
      : i % 11 === 2
      ? new Float32Array(dims)
      : row;
    const begin = 1 + i % 40;
    builder.add(i * 2 ** 30 + 5, asElement(element, vector), begin);
  });
  return builder.build({ from: 1, to: 40 }).finish().segment;
}

/** What searches of a segment give. */
function answers(segment: SealedSegment): number[] {
  const { memory } = segment;
  const out: number[] = [];
  for (let row = 0; row < Math.min(20, segment.count); row++) {
    if (memory.isNowhere(row)) continue;
    memory.setQueryToRow(row);
    const found = memory.kernels.search(12, 8);
    out.push(...memory.outIds(found), ...memory.outDistances(found));
  }
  return out;
}

function corrupt(bytes: Uint8Array, what = ""): KriyaError {
  const error = assertThrows(() => decodeSegment(bytes, "vec/9"), KriyaError);
  assertEquals(error.kind, "corrupt", `${what}: ${error.message}`);
  assert(error.message.startsWith('Cannot read "vec/9" at byte '));
  return error;
}

Deno.test("[K-179] a segment is read back as it was: graph, rows and calibration", () => {
  for (const kind of KINDS_OF_VECTORS) {
    for (const count of [0, 1, 2, 300, 1100]) {
      const segment = build({ count, ...kind });
      const bytes = encodeSegment(segment);
      const loaded = decodeSegment(bytes, "vec/9");
      // The same links: nothing was built again.
      assertEquals(encodeSegment(loaded), bytes);
      assertEquals(answers(loaded), answers(segment));
      assertEquals(loaded.calibration, segment.calibration);
      assertEquals(segment.calibration.length > 0, count >= 1000);
      assertEquals([loaded.coveredFrom, loaded.coveredTo], [1, 40]);
      for (let i = 0; i < count; i++) {
        const { versions } = segment;
        assertEquals(loaded.versions.locatorOf(i), versions.locatorOf(i));
        assertEquals(loaded.versions.beginOf(i), versions.beginOf(i));
      }
    }
  }
});

Deno.test("the same rows and seed give the same bytes", () => {
  const [a, b] = [build({ count: 500 }), build({ count: 500 })];
  assertEquals(encodeSegment(a), encodeSegment(b));
});

for (const { element, metric } of KINDS_OF_VECTORS) {
  if (metric !== metricsOf(element)[0]) continue;
  Deno.test(`SegmentLoader takes a long segment of ${element} part by part`, () => {
    takesParts(element, metric);
  });
}

function takesParts(element: VectorElement, metric: Metric): void {
  const dims = { float32: 2047, float16: 4001, bit: 12_001, sparse: 999 };
  const count = element === "sparse" ? 2000 : 900;
  const segment = build({ count, dims: dims[element], element, metric });
  const bytes = encodeSegment(segment);
  const head = bytes.subarray(0, SEGMENT_HEADER_BYTES_MAX);
  const header = readSegmentHeader(head, "vec/9", bytes.length);
  const vectors = header.parts.filter(({ kind }) => kind === "vectors");
  assert(vectors.length > 1);
  const unit = segment.memory.form.storedBytes ?? 8;
  assertEquals(vectors[0]!.length % unit, 0);
  const loader = new SegmentLoader(header, "vec/9");
  for (
    let part = loader.nextPart;
    part !== undefined;
    part = loader.nextPart
  ) {
    assertThrows(() => loader.load(new Uint8Array(3)), KriyaError, "3 of");
    const own = bytes.slice(part.offset, part.offset + part.length);
    const target = loader.targetOf(part);
    const isDense = element !== "sparse";
    if (part.kind === "level0") assertEquals(target !== undefined, isDense);
    target?.set(own);
    loader.load(target ?? own);
  }
  assertEquals(answers(loader.finish()), answers(segment));
  const error = assertThrows(
    () => readSegmentHeader(head, "vec/9", bytes.length - 1),
    KriyaError,
  );
  assertEquals(error.kind, "corrupt");
}

for (const element of ELEMENTS) {
  Deno.test(`a segment of ${element} with any bit flipped is corrupt`, () => {
    const metric = metricsOf(element)[0]!;
    flipBits(encodeSegment(build({ count: 60, element, metric })));
  });
}

function flipBits(bytes: Uint8Array): void {
  const random = new SeededRandom(5);
  const header = readSegmentHeader(bytes, "vec/9");
  // Every byte of the header, the ends of every part, and some between.
  const offsets = new Set<number>();
  for (let at = 0; at < header.parts[0]!.offset; at++) offsets.add(at);
  for (const { offset, length } of header.parts) {
    offsets.add(offset).add(offset + length - 1);
    for (let i = 0; i < 20; i++) offsets.add(offset + random.below(length));
  }
  for (const at of offsets) {
    const damaged = bytes.slice();
    damaged[at]! ^= 1 << random.below(8);
    corrupt(damaged, `byte ${at}`);
  }
}

Deno.test("a segment that is cut, or longer, is corrupt", () => {
  const bytes = encodeSegment(build({ count: 60 }));
  const { parts } = readSegmentHeader(bytes, "vec/9");
  const ends = [0, 1, 8, 10, 55, 56, ...parts.map(({ offset }) => offset)];
  for (let at = 0; at < bytes.length; at += 97) ends.push(at);
  for (const end of [...ends, bytes.length - 1]) {
    corrupt(bytes.slice(0, end), `cut at ${end}`);
  }
  corrupt(Uint8Array.from([...bytes, 0]));
});

Deno.test("random bytes are corrupt", () => {
  const random = new SeededRandom(6);
  const bytes = encodeSegment(build({ count: 10 }));
  for (let i = 0; i < 300; i++) {
    const noise = Uint8Array.from(
      { length: random.below(400) },
      () => random.below(256),
    );
    // Half of them begin as a segment does.
    if (i % 2 === 0) noise.set(bytes.subarray(0, Math.min(20, noise.length)));
    corrupt(noise);
  }
});

/** Changes a segment's bytes and makes all checksums right again. */
function forge(
  bytes: Uint8Array,
  change: (view: DataView, at: (kind: PartKind) => number) => void,
): Uint8Array {
  const forged = bytes.slice();
  const view = new DataView(forged.buffer);
  const { parts } = readSegmentHeader(bytes, "forge");
  change(
    view,
    (kind) => parts.find((part) => part.kind === kind)?.offset ?? -1,
  );
  parts.forEach(({ offset, length }, i) => {
    view.setUint32(
      56 + 24 * i + 4,
      crc32c(forged, offset, offset + length),
      true,
    );
  });
  const end = 56 + 24 * parts.length;
  view.setUint32(end, crc32c(forged, 0, end), true);
  return forged;
}

Deno.test("a forged header is corrupt, however right its checksums", () => {
  const bytes = encodeSegment(build({ count: 60 }));
  const u32 = [0, 1, 5, 59, 61, 4096, 0x7fff_ffff, 0xffff_ffff];
  for (let at = 8; at < 56; at += 2) {
    for (const value of u32) {
      const forged = forge(bytes, (view) => {
        if (at <= 52) view.setUint32(at, value, true);
      });
      tryDecode(forged, bytes);
    }
  }
  const { parts } = readSegmentHeader(bytes, "forge");
  for (let i = 0; i < parts.length; i++) {
    for (const field of [0, 8, 12, 16, 20]) {
      for (const value of u32) {
        const forged = forge(bytes, (view) => {
          view.setUint32(56 + 24 * i + field, value, true);
        });
        tryDecode(forged, bytes);
      }
    }
  }
});

/** Decodes: it is corrupt, or a segment that can be searched. */
function tryDecode(forged: Uint8Array, original: Uint8Array): void {
  try {
    const segment = decodeSegment(forged, "vec/9");
    answers(segment);
    assertEquals(forged.length, original.length);
  } catch (error) {
    assert(error instanceof KriyaError, String(error));
    assertEquals(error.kind, "corrupt");
  }
}

Deno.test("a forged graph is corrupt: no search can leave it or turn in it", () => {
  const segment = build({ count: 200, m: 4 });
  const bytes = encodeSegment(segment);
  const { memory, levels } = segment;
  const entry = memory.kernels.getEntry();
  const list = (id: number): number => 4 * 8 * id;
  const low = levels.findIndex((level, id) =>
    level === 0 && !memory.isNowhere(id) &&
    memory.numbers[memory.graph.level0 / 4 + 8 * id]! < 200
  );
  const chained = memory.numbers.subarray(
    memory.graph.duplicates / 4,
    memory.graph.duplicates / 4 + 200,
  );
  const isChained = new Set(chained);
  const head = chained.findIndex((next, id) =>
    next < 200 && !isChained.has(id)
  );
  const second = chained[head]!;
  assert(low >= 0 && head >= 0 && chained[second]! < 200);
  type Change = Parameters<typeof forge>[1];
  const cases: [string, Change][] = [
    [
      "neighbour 200 of 200",
      (v, at) => v.setUint32(at("level0") + list(low), 200, true),
    ],
    ["gap in the list", (v, at) => {
      v.setUint32(at("level0") + list(low), 0xffff_ffff, true);
      v.setUint32(at("level0") + list(low) + 4, 0, true);
    }],
    ["is not on layer 1", (v, at) => v.setUint32(at("upper"), low, true)],
    ["neighbour 9999 of 200", (v, at) => v.setUint32(at("upper"), 9999, true)],
    ["layers", (v, at) => v.setUint8(at("levels") + low, 1)],
    ["layers", (v, at) => v.setUint8(at("levels") + entry, 0)],
    ["on layer 0, not", (v) => v.setUint32(24, low, true)],
    ["without entry point", (v) => {
      v.setUint32(24, 0xffff_ffff, true);
      v.setUint8(11, 255);
    }],
    [
      "duplicate 4000000 of 200",
      (v, at) => v.setUint32(at("duplicates") + 4 * low, 4_000_000, true),
    ],
    [
      "of two nodes",
      (v, at) => v.setUint32(at("duplicates") + 4 * low, second, true),
    ],
    // A chain that turns back on its head.
    ["is a duplicate", (v, at) => {
      let last = second;
      while (chained[last]! < 200) last = chained[last]!;
      v.setUint32(at("duplicates") + 4 * last, head, true);
    }],
    [
      "is a duplicate",
      (v, at) => v.setUint32(at("level0") + list(low), second, true),
    ],
    ["has neighbours", (v, at) => {
      v.setUint32(at("level0") + list(second), low, true);
    }],
    ["sequence that is not covered", (v, at) => v.setUint8(at("begins"), 41)],
    ["sequence that is not covered", (v, at) => v.setUint8(at("begins"), 0)],
  ];
  for (const [what, change] of cases) {
    const error = corrupt(forge(bytes, change), what);
    assert(error.message.includes(what), `${what}: ${error.message}`);
  }
});

Deno.test("a forged calibration is corrupt", () => {
  const bytes = encodeSegment(build({ count: 1000 }));
  const bad: ((view: DataView, at: number) => void)[] = [
    (view, at) => view.setUint32(at, 0, true),
    (view, at) => view.setUint32(at + 12, 50, true),
    (view, at) => view.setFloat32(at + 4, 1.5, true),
    (view, at) => view.setFloat32(at + 8, NaN, true),
  ];
  for (const change of bad) {
    const forged = forge(bytes, (view, at) => change(view, at("calibration")));
    assert(corrupt(forged).message.includes("calibration"));
  }
});

Deno.test("forged numbers of what codes are made with, and of rows looked at, are corrupt", () => {
  const options = { quantization: "sq8", leavesRows: true } as const;
  const bytes = encodeSegment(build({ count: 1000, ...options }));
  const mean = forge(
    bytes,
    (view, at) => view.setFloat64(at("mean"), NaN, true),
  );
  assert(corrupt(mean).message.includes("mean"));
  const windows = forge(
    bytes,
    (view, at) => view.setUint32(at("windows") + 4, 3, true),
  );
  assert(corrupt(windows).message.includes("rows that are looked at"));
});

Deno.test("every kind of part is met by the tests above", () => {
  const sparse = build({ count: 1000, element: "sparse" });
  const coded = build({ count: 1000, quantization: "sq8", leavesRows: true });
  const met = new Set(
    [sparse, coded].flatMap((segment) =>
      readSegmentHeader(encodeSegment(segment), "vec/9").parts
        .map(({ kind }) => kind)
    ),
  );
  assertEquals(PART_KINDS.filter((kind) => !met.has(kind)), []);
});

Deno.test("a segment with versions that were taken back is not written", () => {
  const segment = build({ count: 50 });
  segment.rollbackTo(20);
  assertThrows(() => encodeSegment(segment), KriyaError, "taken back");
});

Deno.test("segment: codes are made again on loading, and are no bytes", () => {
  for (const { element, metric } of KINDS_OF_VECTORS) {
    if (!canQuantize(element, metric)) continue;
    const options = { count: 300, dims: 21, element, metric };
    const plain = encodeSegment(build(options));
    for (const quantization of QUANTIZATIONS) {
      const segment = build({ ...options, quantization });
      const bytes = encodeSegment(segment);
      assertEquals(bytes.length, plain.length);
      const loaded = decodeSegment(bytes, "vec/9");
      assertEquals(loaded.quantization, quantization);
      assertEquals(answers(loaded), answers(segment));
    }
  }
});

Deno.test("segment: codes of a metric that has none are damage", () => {
  const bytes = encodeSegment(build({ count: 10, metric: "l1" }));
  bytes[10]! |= 1 << 5;
  corrupt(bytes, "checksum");
  const end = readSegmentHeader(encodeSegment(build({ count: 10 })), "vec/9")
    .parts[0]!.offset;
  new DataView(bytes.buffer).setUint32(
    end - 4,
    crc32c(bytes, 0, end - 4),
    true,
  );
  const error = corrupt(bytes);
  assert(error.message.includes("unknown codes"), error.message);
});
