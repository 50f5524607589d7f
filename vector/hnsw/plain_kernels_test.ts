/**
 * The plain kernels and the WebAssembly ones over the same data: the same
 * graph and the same results, bit for bit where nothing is fused.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  type AnyVector,
  type Metric,
  metricsOf,
  type VectorElement,
} from "../distance/metric.ts";
import {
  asElement,
  dimsAs,
  KINDS_OF_VECTORS,
} from "../../tests/support/vector_elements.ts";
import {
  canQuantize,
  type Quantization,
  QUANTIZATIONS,
} from "../codes/quantization.ts";
import type { KernelVariant } from "../kernels/kernels.ts";
import { supportedVariants } from "./create_kernels.ts";
import { graphProblem } from "./graph_check.ts";
import { drawLevels, drawOrder, SeededRandom } from "./seeded_random.ts";
import { SegmentMemory } from "./segment_memory.ts";

/** Nodes that are ranked by their rows, where walks look at codes. */
const WINDOW = 12;

interface Data {
  readonly dims: number;
  readonly metric: Metric;
  readonly element?: VectorElement | undefined;
  readonly m: number;
  readonly rows: AnyVector[];
}

/** Clustered vectors with duplicates and zero vectors among them. */
function makeRows(seed: number, count: number, dims: number): Float32Array[] {
  const random = new SeededRandom(seed);
  const uniform = (): number => random.next() / 2 ** 31 - 1;
  const centres = Array.from(
    { length: 1 + random.below(20) },
    () => Float32Array.from({ length: dims }, uniform),
  );
  const rows: Float32Array[] = [];
  for (let i = 0; i < count; i++) {
    const kind = random.below(20);
    const centre = centres[random.below(centres.length)]!;
    if (kind === 0) rows.push(new Float32Array(dims));
    else if (kind < 4 && i > 0) rows.push(rows[random.below(i)]!.slice());
    else rows.push(centre.map((x) => x + 0.1 * uniform()));
  }
  return rows;
}

function build(data: Data, variant: KernelVariant, seed: number): {
  memory: SegmentMemory;
  levels: Uint8Array;
} {
  const { rows, m } = data;
  const memory = new SegmentMemory({ ...data, variant });
  const random = new SeededRandom(seed);
  const levels = drawLevels(random, { count: rows.length, m });
  memory.reserveRows(rows.length);
  rows.forEach((row, i) => memory.setRow(i, row));
  memory.addGraph(levels, m);
  for (const id of drawOrder(random, rows.length)) {
    memory.kernels.insert(id, levels[id]!, 40);
  }
  assertEquals(graphProblem(memory, levels, { built: true }), undefined);
  return { memory, levels };
}

/** Gives a memory codes. */
function code(memory: SegmentMemory, quantization: Quantization): void {
  const coding = memory.addCodes(quantization);
  let next = coding.next();
  while (next.done !== true) next = coding.next();
  assertEquals(next.value, true);
}

/** The graph's bytes. */
function graphOf(memory: SegmentMemory): Uint8Array {
  const { level0, visited } = memory.graph;
  return memory.bytes.slice(level0, visited);
}

/** What all kinds of searches give, as one list. */
function searchAll(memory: SegmentMemory, query: AnyVector): number[] {
  const { kernels } = memory;
  const { count } = memory.graph;
  const out: number[] = [];
  const note = (found: number): void => {
    out.push(found);
    if (found < 0) return;
    out.push(...memory.outIds(found), ...memory.outDistances(found));
  };
  memory.setQuery(query);
  note(kernels.scan(7, count));
  const bits = new Uint8Array(8 * Math.ceil(count / 64));
  for (let id = 0; id < count; id += 3) bits[id >> 3]! |= 1 << (id & 7);
  const offset = memory.loadBits(bits, 1);
  note(kernels.scanBits(9, offset, bits.length / 8));
  if (memory.isNowhere("query")) return out;
  if (memory.hasCodeQuery) {
    note(kernels.scanCodes(9, offset, bits.length / 8));
    note(kernels.search(20, 0));
    note(kernels.searchFiltered(10, offset, 1e9, 0));
  }
  note(kernels.search(1, WINDOW));
  note(kernels.search(20, WINDOW));
  note(kernels.searchFiltered(10, offset, 1e9, WINDOW));
  note(kernels.searchFiltered(10, offset, 30, WINDOW));
  return out;
}

const wasm = supportedVariants().includes("simd");

Deno.test("[O-081] plain kernels build and search as plain SIMD does, bit for bit", () => {
  assert(wasm, "this runtime has no SIMD to compare with");
  let seed = 100;
  for (const { element, metric } of KINDS_OF_VECTORS) {
    for (const [count, size, m] of [[1, 3, 16], [2, 1, 2], [600, 9, 4]]) {
      const make = (seed: number, count: number): AnyVector[] =>
        makeRows(seed, count, size!).map((row) => asElement(element, row));
      const rows = make(++seed, count!);
      const dims = dimsAs(element, size!);
      const data = { metric, element, dims, m: m!, rows };
      const plain = build(data, "plain", seed);
      const simd = build(data, "simd", seed);
      assertEquals(graphOf(plain.memory), graphOf(simd.memory), `${seed}`);
      const queries = [...make(seed + 1, 30), rows[0]!];
      for (const query of queries) {
        assertEquals(
          searchAll(plain.memory, query),
          searchAll(simd.memory, query),
          `seed ${seed}`,
        );
      }
      if (!canQuantize(element, metric)) continue;
      for (const quantization of QUANTIZATIONS) {
        for (const { memory } of [plain, simd]) code(memory, quantization);
        for (const query of queries) {
          assertEquals(
            searchAll(plain.memory, query),
            searchAll(simd.memory, query),
            `seed ${seed}, ${quantization}`,
          );
        }
      }
    }
  }
});

Deno.test("plain kernels and SIMD agree over a wide graph and many epochs", () => {
  assert(wasm, "this runtime has no SIMD to compare with");
  const rows = makeRows(7, 1500, 24);
  const data = {
    metric: "l2",
    element: "float32",
    dims: 24,
    m: 16,
    rows,
  } as const;
  const plain = build(data, "plain", 3);
  const simd = build(data, "simd", 3);
  assertEquals(graphOf(plain.memory), graphOf(simd.memory));
  for (const query of makeRows(8, 300, 24)) {
    plain.memory.setQuery(query);
    simd.memory.setQuery(query);
    const found = plain.memory.kernels.search(60, WINDOW);
    assertEquals(simd.memory.kernels.search(60, WINDOW), found);
    assertEquals(plain.memory.outIds(found), simd.memory.outIds(found));
  }
});

Deno.test("relaxed SIMD finds what plain SIMD finds, up to rounding", () => {
  assert(supportedVariants().includes("relaxed-simd"));
  for (const metric of metricsOf("float32")) {
    const data = { metric, dims: 48, m: 16, rows: makeRows(11, 3000, 48) };
    const relaxed = build(data, "relaxed-simd", 5).memory;
    const simd = build(data, "simd", 5).memory;
    let same = 0;
    const queries = makeRows(12, 100, 48).filter((q) => q.some((x) => x !== 0));
    for (const query of queries) {
      const ids = [relaxed, simd].map((memory) => {
        memory.setQuery(query);
        const found = memory.kernels.search(64, WINDOW);
        return new Set(memory.outIds(Math.min(10, found)));
      });
      same += ids[0]!.intersection(ids[1]!).size;
    }
    assert(same >= 0.99 * 10 * queries.length, `${metric}: ${same}`);
  }
});

Deno.test("[K-171] [Y-120] [Y-121] layers have 1/m of the nodes below, the top one has the entry, and lists end at m and 2m", () => {
  const m = 8;
  const count = 40_000;
  const levels = drawLevels(new SeededRandom(1), { count, m });
  for (let layer = 1; layer <= 4; layer++) {
    const want = count / m ** layer;
    const have = levels.reduce((n, level) => n + (level >= layer ? 1 : 0), 0);
    assert(
      Math.abs(have - want) < 4 * Math.sqrt(want) + 1,
      `layer ${layer}: ${have}, not about ${want}`,
    );
  }
  // Every pair wants to link here: all vectors lie on a ring.
  const rows = Array.from({ length: 2000 }, (_, i) => {
    const angle = i / 2000 * 2 * Math.PI;
    return Float32Array.of(Math.cos(angle), Math.sin(angle), i % 7 / 50, 1);
  });
  const data = { metric: "l2", dims: 4, m, rows } as const;
  const built = build(data, supportedVariants()[0]!, 2);
  const { level0, upper, upperAt } = built.memory.graph;
  const numbers = built.memory.numbers;
  assert(built.memory.kernels.getEntryLevel() >= 2);
  const top = built.memory.kernels.getEntry();
  assertEquals(built.levels[top], Math.max(...built.levels));
  for (let id = 0; id < rows.length; id++) {
    const list = numbers.subarray(level0 / 4 + id * 2 * m);
    assert(list.subarray(0, 2 * m).some((next) => next < rows.length));
    if (built.levels[id] === 0) continue;
    const at = upper / 4 + numbers[upperAt / 4 + id]!;
    const above = numbers.subarray(at, at + m).filter((n) => n < rows.length);
    assert([...above].every((next) => built.levels[next]! >= 1));
  }
});

Deno.test("insert chains a vector that is there already, however many there are", () => {
  const one = Float32Array.of(1, 2, 3, 4);
  const random = new SeededRandom(9);
  const rows = Array.from(
    { length: 1000 },
    (_, i) => i % 2 === 0 ? one : one.map((x) => x + random.next() / 2 ** 32),
  );
  for (const variant of supportedVariants()) {
    const data = { metric: "l2", dims: 4, m: 4, rows } as const;
    const { memory } = build(data, variant, 6);
    memory.setQuery(one);
    const found = memory.kernels.search(1, WINDOW);
    assertEquals(found, 500);
    assert([...memory.outIds(found)].every((id) => id % 2 === 0));
    assert([...memory.outDistances(found)].every((d) => d === 0));
  }
});
