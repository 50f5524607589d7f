import { assert, assertEquals } from "@std/assert";
import { systemEnvironment } from "../../base/environment.ts";
import { supportedVariants } from "../hnsw/create_kernels.ts";
import { SeededRandom } from "../hnsw/seeded_random.ts";
import { SegmentMemory } from "../hnsw/segment_memory.ts";
import { SegmentBuilder } from "../segments/segment_builder.ts";
import { encodeSegment } from "../segments/segment_encoder.ts";
import { decodeSegment } from "../segments/segment_loader.ts";
import { BitCoder } from "./bit_coder.ts";
import type { Coder } from "./code_form.ts";
import { Rotation } from "./rotation.ts";
import { ScalarCoder } from "./scalar_coder.ts";

/** Components of one size: what a coder may meet. */
const SIZES: readonly number[] = [1, 1e-22, 1e-40, 1e15];

/** Every length up to 40, then some of each remainder up to 2100. */
function lengths(): number[] {
  const all = Array.from({ length: 40 }, (_, i) => i + 1);
  for (let n = 41; n <= 2100; n += 103) all.push(n);
  return [...all, 127, 128, 129, 384, 768, 1536, 2100];
}

function rowsOf(
  random: SeededRandom,
  count: number,
  options: { readonly dims: number; readonly size: number },
): Float32Array[] {
  return Array.from(
    { length: count },
    () =>
      Float32Array.from(
        { length: options.dims },
        () => (random.next() / 2 ** 31 - 1) * options.size,
      ),
  );
}

/** What a coder says of the distance, but for what is the same for all rows. */
function codedDistance(
  coder: Coder,
  query: Float32Array,
  row: Float32Array,
): number {
  const bytes = new Uint8Array(16 * (coder.chunks + 1 + coder.queryChunks));
  const memory = { bytes, floats: new Float32Array(bytes.buffer) };
  const at = 16 * coder.chunks + 16;
  assert(coder.encode(Float64Array.from(row), memory, 0));
  const made = coder.encodeQuery(Float64Array.from(query), memory, at);
  assert(made !== undefined);
  let sum = 0;
  for (let i = 0; i < 16 * coder.chunks; i++) {
    if (coder.kind === 1) sum += (bytes[at + i]! << 24 >> 24) * bytes[i]!;
    for (let bit = 0; coder.kind === 2 && bit < 8; bit++) {
      if ((bytes[i]! >> bit & 1) === 0) continue;
      for (let p = 0; p < 4; p++) {
        sum += (bytes[at + 16 * coder.chunks * p + i]! >> bit & 1) << p;
      }
    }
  }
  const [u, v, w] = memory.floats.subarray(4 * coder.chunks);
  return w! + (v! * made.alpha + u! * (made.beta * sum + made.gamma));
}

Deno.test("codes: bytes give distances within the rounding of their steps", () => {
  const random = new SeededRandom(0x5a8);
  for (const dims of lengths()) {
    for (const size of SIZES) {
      const [query, row, other] = rowsOf(random, 3, { dims, size });
      const mean = Float64Array.from(other!, (x) => x / 2);
      const coder = new ScalarCoder(mean, "l2");
      let squares = 0;
      let product = 0;
      let queryMost = 0;
      let rowSum = 0;
      let querySum = 0;
      for (let i = 0; i < dims; i++) {
        const x = row![i]! - mean[i]!;
        const q = query![i]! - mean[i]!;
        squares += x * x;
        product += x * q;
        queryMost = Math.max(queryMost, Math.abs(q));
        rowSum += Math.abs(x);
        querySum += Math.abs(q);
      }
      // Half a step a component, of the row's and of the query's.
      const step = 3 * size / 127 / 2;
      const error = 2 * step * querySum +
        2 * queryMost / 127 / 2 * (rowSum + dims * step);
      const found = codedDistance(coder, query!, row!);
      const wanted = squares - 2 * product;
      assert(
        Math.abs(found - wanted) <= 1.01 * error + 1e-44 * dims,
        `${dims} of ${size}: ${found}, not ${wanted}`,
      );
    }
  }
});

Deno.test("codes: a rotation keeps lengths and products", () => {
  const random = new SeededRandom(7);
  for (const width of [128, 256, 2048]) {
    const rotation = new Rotation(width);
    const [a, b] = rowsOf(random, 2, { dims: width, size: 1 })
      .map((row) => Float64Array.from(row));
    const product = (): number => a!.reduce((sum, x, i) => sum + x * b![i]!, 0);
    const before = product();
    rotation.turn(a!);
    rotation.turn(b!);
    assert(Math.abs(product() - before) < 1e-9 * width);
  }
});

Deno.test("codes: bits of rotated rows give distances within RaBitQ's bound", () => {
  const random = new SeededRandom(0xb17);
  for (const dims of [100, 128, 700, 1536]) {
    let within = 0;
    const pairs = 100;
    for (let i = 0; i < pairs; i++) {
      const [query, row] = rowsOf(random, 2, { dims, size: 1 });
      // One far component in ten: what a rotation is there for.
      for (const each of [query!, row!]) {
        for (let j = 0; j < dims; j += 10) each[j]! *= 10;
      }
      const coder = new BitCoder(new Float64Array(dims), "inner_product", {
        rotated: true,
      });
      const product = query!.reduce((sum, x, j) => sum + x * row![j]!, 0);
      const found = -codedDistance(coder, query!, row!);
      const length = (v: Float32Array): number => Math.hypot(...v);
      const bound = 2 * length(query!) * length(row!) / Math.sqrt(dims);
      if (Math.abs(found - product) <= bound) within++;
    }
    assert(within >= 0.95 * pairs, `${dims}: ${within} of ${pairs}`);
  }
});

Deno.test("codes: all variants find the same by codes, at any length and size", () => {
  const random = new SeededRandom(0xc0de);
  for (const dims of lengths()) {
    for (const size of [1, SIZES[dims % SIZES.length]!]) {
      const rows = rowsOf(random, 24, { dims, size });
      for (const quantization of ["sq8", "binary", "rabitq"] as const) {
        const builder = new SegmentBuilder({
          dims,
          metric: "l2",
          quantization,
          m: 4,
          efConstruction: 20,
          seed: 5,
          variant: "plain",
          environment: systemEnvironment,
        });
        rows.slice(0, 20).forEach((row, i) => builder.add(i, row, 1));
        const task = builder.build({ from: 1, to: 1 });
        const bytes = encodeSegment(task.finish().segment);
        const found = supportedVariants().map((variant) => {
          const { memory } = decodeSegment(bytes, "vec/1", { variant });
          assertEquals(memory.quantization, quantization);
          return rows.map((query) => {
            memory.setQuery(query);
            // In the order of their codes: a window of one row each.
            const count = memory.kernels.search(8, 1);
            return [...memory.outIds(count)].join();
          });
        });
        for (const each of found) {
          assertEquals(each, found[0], `${dims} of ${size}, ${quantization}`);
        }
      }
    }
  }
});

Deno.test("codes: rows and queries too large for them are walked as they are", () => {
  for (const variant of supportedVariants()) {
    const memory = new SegmentMemory({ dims: 3, metric: "l2", variant });
    const rows = [[1, 2, 3], [2, 3, 4], [3e38, -3e38, 0]]
      .map((row) => Float32Array.from(row));
    memory.reserveRows(3);
    rows.forEach((row, i) => memory.setRow(i, row));
    memory.addGraph(new Uint8Array(3), 4);
    for (let i = 0; i < 3; i++) memory.kernels.insert(i, 0, 20);
    const coding = memory.addCodes("sq8");
    let next = coding.next();
    while (next.done !== true) next = coding.next();
    assertEquals(next.value, false);
    assertEquals(memory.quantization, "none");
    memory.setQuery(rows[1]!);
    assertEquals(memory.kernels.search(3, 1), 3);
    assertEquals(memory.outIds(1)[0], 1);
  }
  const memory = new SegmentMemory({ dims: 2, metric: "l2" });
  memory.reserveRows(2);
  memory.setRow(0, Float32Array.of(1, 1));
  memory.setRow(1, Float32Array.of(-1, -1));
  memory.addGraph(new Uint8Array(2), 4);
  for (let i = 0; i < 2; i++) memory.kernels.insert(i, 0, 20);
  const coding = memory.addCodes("sq8");
  while (coding.next().done !== true) continue;
  memory.setQuery(Float32Array.of(3e18, 3e18));
  assertEquals(memory.kernels.search(2, 2), 2);
  assertEquals(memory.outIds(1)[0], 0);
});
