import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { KriyaError } from "../../../base/errors.ts";
import { supportedVariants } from "../../hnsw/create_kernels.ts";
import { SeededRandom } from "../../hnsw/seeded_random.ts";
import { ProductCodebook } from "./product_codebook.ts";
import {
  CODE_HEAD_BYTES,
  NO_CODE,
  originOf,
  ProductCoder,
  type ProductMetric,
  residualOf,
} from "./product_coder.ts";
import { ProductQueries } from "./product_query.ts";
import { ProductRows } from "./product_rows.ts";

const METRICS: readonly ProductMetric[] = ["l2", "cosine", "inner_product"];

function vectorsOf(
  random: SeededRandom,
  count: number,
  { dims, size = 1 }: { readonly dims: number; readonly size?: number },
): Float32Array[] {
  return Array.from(
    { length: count },
    () =>
      Float32Array.from(
        { length: dims },
        () => (random.next() / 2 ** 31 - 1) * size,
      ),
  );
}

/** A codebook of residuals of vectors that are relative to one centroid. */
function codebookOf(
  vectors: readonly Float32Array[],
  { centroid, metric, parts, origin }: {
    readonly centroid: Float32Array;
    readonly metric: ProductMetric;
    readonly parts: number;
    readonly origin?: Float32Array<ArrayBuffer>;
  },
): ProductCodebook {
  const dims = centroid.length;
  const residuals = new Float32Array(dims * vectors.length);
  const residual = new Float64Array(dims);
  vectors.forEach((vector, i) => {
    residualOf(vector, originOf(centroid, metric), metric, residual);
    residuals.set(residual, i * dims);
  });
  const work = ProductCodebook.train(residuals, {
    origin: origin ?? new Float32Array(dims),
    parts,
    random: new SeededRandom(3),
  });
  for (;;) {
    const next = work.next();
    if (next.done === true) return next.value;
  }
}

/** Dimensions and parts: every remainder, some that do not divide, long ones. */
function shapes(): (readonly [number, number])[] {
  const all: (readonly [number, number])[] = [];
  for (let dims = 1; dims <= 40; dims++) {
    for (const parts of new Set([1, 2, Math.ceil(dims / 2), dims - 1, dims])) {
      if (parts >= 1 && parts <= dims) all.push([dims, parts]);
    }
  }
  // Beyond 512 parts sums are made in several rounds.
  return [...all, [511, 511], [513, 512], [514, 513], [1100, 1029], [2100, 77]];
}

Deno.test("product codes: all variants give the sums of plain TypeScript, at any number of parts", () => {
  const random = new SeededRandom(0x9c);
  for (const [dims, parts] of shapes()) {
    const vectors = vectorsOf(random, 37, { dims });
    const [centroid] = vectorsOf(random, 1, { dims, size: 0.2 });
    const metric = METRICS[dims % 3]!;
    const codebook = codebookOf(vectors, {
      centroid: centroid!,
      metric,
      parts,
    });
    const coder = new ProductCoder(codebook, metric);
    const frame = coder.frameOf(centroid!);
    const query = new ProductQueries(coder, metric, vectors[5]!).of(frame, 0.5);
    const found = supportedVariants().map((variant) => {
      const rows = new ProductRows(parts, variant);
      rows.reserve(40);
      vectors.forEach((vector, i) => rows.put(i, coder.code(vector, frame)));
      rows.setQuery(query);
      return [...Array.from(rows.distances(0, 37)).slice(0, 37)];
    });
    for (const each of found) {
      assertEquals(each, found[0], `${dims} / ${parts}`);
    }
  }
});

Deno.test("product codes: distances are those of what codes stand for", () => {
  const random = new SeededRandom(0xd15);
  for (const metric of METRICS) {
    for (const [dims, parts] of [[7, 3], [12, 12], [100, 50]] as const) {
      const vectors = vectorsOf(random, 200, { dims });
      // Far from zero, where the metric does not look at that.
      if (metric === "l2") {
        vectors.forEach((v) => v.forEach((_, i) => v[i]! += 9));
      }
      const centroid = Float32Array.from(
        { length: dims },
        (_, i) => vectors[0]![i]! / 2 + vectors[1]![i]! / 2,
      );
      const origin = metric === "l2" ? centroid : new Float32Array(dims);
      const codebook = codebookOf(vectors, {
        centroid,
        metric,
        parts,
        origin: origin.slice(),
      });
      const coder = new ProductCoder(codebook, metric);
      const frame = coder.frameOf(centroid);
      const rows = new ProductRows(parts);
      rows.reserve(200);
      vectors.forEach((vector, i) => rows.put(i, coder.code(vector, frame)));
      const query = vectors[7]!;
      const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
        let sum = 0;
        for (let i = 0; i < dims; i++) sum += a[i]! * b[i]!;
        return sum;
      };
      const moved = query.map((x, i) => x - centroid[i]!);
      const toCentroid = metric === "l2"
        ? dot(moved, moved)
        : 1 - dot(query, frame.centroid) / Math.sqrt(dot(query, query));
      const queries = new ProductQueries(coder, metric, query);
      rows.setQuery(queries.of(frame, toCentroid));
      const found = Array.from(rows.distances(0, 200)).slice(0, 200);
      const residual = new Float64Array(dims);
      const code = new Uint8Array(dims);
      vectors.forEach((vector, i) => {
        const along = residualOf(vector, frame.centroid, metric, residual)!;
        codebook.code(residual, code, 0);
        const length = metric === "cosine" ? Math.sqrt(dot(query, query)) : 1;
        const row = residual.map((r, j) =>
          r + (metric === "l2" ? 1 : along) * frame.centroid[j]!
        );
        const away = row.map((x, j) => query[j]! - x);
        const wanted = metric === "l2"
          ? dot(away, away)
          : (metric === "cosine" ? 1 : 0) - dot(query, row) / length;
        // A step of the tables for every part, at most.
        assertAlmostEquals(found[i]!, wanted, 0.02 * dims, `${metric} ${dims}`);
      });
    }
  }
});

Deno.test("product codes: a code of another frame, or none, says nothing", () => {
  const random = new SeededRandom(5);
  const vectors = vectorsOf(random, 30, { dims: 6 });
  const [centroid, other] = vectors;
  const options = { centroid: centroid!, metric: "l2", parts: 3 } as const;
  const coder = new ProductCoder(codebookOf(vectors, options), "l2");
  const frame = coder.frameOf(centroid!);
  const rows = new ProductRows(3);
  rows.reserve(16);
  rows.put(0, coder.code(vectors[2]!, frame));
  rows.put(1, coder.code(vectors[2]!, coder.frameOf(other!)));
  rows.put(2, NO_CODE);
  rows.put(3, new Uint8Array(5));
  rows.copy(4, 0);
  const queries = new ProductQueries(coder, "l2", vectors[3]!);
  rows.setQuery(queries.of(frame, 1));
  const [first, ...rest] = Array.from(rows.distances(0, 5)).slice(0, 5);
  assert(Number.isFinite(first));
  assertEquals(rest, [-Infinity, -Infinity, -Infinity, first]);
  rows.setQuery(queries.of(undefined, 1));
  assertEquals(rows.distances(0, 1)[0], -Infinity);
  const huge = new Float32Array(6).fill(3e38);
  assertEquals(coder.code(huge, frame), NO_CODE);
  rows.setQuery(new ProductQueries(coder, "l2", huge).of(frame, Infinity));
  assertEquals(rows.distances(0, 1)[0], -Infinity);
  const directions = new ProductCoder(
    codebookOf(vectors, { ...options, metric: "cosine" }),
    "cosine",
  );
  const nowhere = new Float32Array(6);
  const north = directions.frameOf(centroid!);
  assertEquals(directions.code(nowhere, north), NO_CODE);
  assertEquals(
    directions.code(vectors[2]!, directions.frameOf(nowhere)).length,
    CODE_HEAD_BYTES + 2,
  );
});

Deno.test("a codebook is read as it was written, and any byte of it that is changed is seen", () => {
  const random = new SeededRandom(8);
  const vectors = vectorsOf(random, 64, { dims: 5 });
  const codebook = codebookOf(vectors, {
    centroid: vectors[0]!,
    metric: "l2",
    parts: 2,
    origin: Float32Array.of(1, 2, 3, 4, 5),
  });
  const bytes = codebook.encode();
  const read = ProductCodebook.decode(bytes, 5);
  assertEquals(read.encode(), bytes);
  assertEquals([read.name, read.parts, read.trained], [codebook.name, 2, 64]);
  for (let at = 0; at < bytes.length; at++) {
    const damaged = bytes.slice();
    damaged[at]! ^= 1 << at % 8;
    assertThrows(() => ProductCodebook.decode(damaged, 5), KriyaError);
  }
  for (const length of [0, 3, 19, bytes.length - 1]) {
    assertThrows(
      () => ProductCodebook.decode(bytes.slice(0, length), 5),
      KriyaError,
    );
  }
  assertThrows(() => ProductCodebook.decode(bytes, 4), KriyaError);
});
