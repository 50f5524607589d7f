import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../hnsw/seeded_random.ts";
import { RowForm } from "../hnsw/row_form.ts";
import type { AnyVector } from "../distance/metric.ts";
import { squaredL2 } from "../distance/reference.ts";
import { BitVector } from "../types/bit_vector.ts";
import { kMeans } from "./k_means.ts";

function run<T>(work: Generator<void, T>): T {
  for (;;) {
    const next = work.next();
    if (next.done === true) return next.value;
  }
}

/** `count` vectors around each of `centers`. */
function around(
  centers: readonly Float32Array[],
  count: number,
  random: SeededRandom,
): Float32Array[] {
  return centers.flatMap((center) =>
    Array.from(
      { length: count },
      () => center.map((x) => x + random.below(1000) / 1000 - 0.5),
    )
  );
}

Deno.test("k-means finds the clusters that there are", () => {
  const random = new SeededRandom(3);
  const centers = [[0, 0, 0], [20, 0, 0], [0, 20, 0], [20, 20, 20]].map((c) =>
    Float32Array.from(c)
  );
  const vectors = around(centers, 50, random);
  const form = new RowForm("float32", "l2", 3);
  const found = run(kMeans({ form, vectors, clusters: 4, random }));
  assertEquals(found.length, 4);
  for (const center of centers) {
    const near = found.filter((each) =>
      squaredL2(each as Float32Array, center) < 1
    );
    assertEquals(near.length, 1);
  }
});

Deno.test("k-means of two levels serves vectors about as well as the best of one", () => {
  const random = new SeededRandom(4);
  const centers = Array.from(
    { length: 200 },
    () => Float32Array.from({ length: 8 }, () => random.below(100)),
  );
  const vectors = around(centers, 20, random);
  const form = new RowForm("float32", "l2", 8);
  const found = run(kMeans({ form, vectors, clusters: 200, random }));
  assert(found.length > 150 && found.length <= 220, `${found.length}`);
  const mean = (all: readonly AnyVector[]): number =>
    vectors.reduce(
      (sum, vector) =>
        sum +
        Math.min(...all.map((each) => squaredL2(each as Float32Array, vector))),
      0,
    ) / vectors.length;
  const one = run(kMeans({ form, vectors, clusters: 1, random }));
  assert(mean(found) < mean(one) / 20, `${mean(found)} of ${mean(one)}`);
});

Deno.test("k-means of equal vectors, of few, of none with a direction, of bits", () => {
  const random = new SeededRandom(5);
  const form = new RowForm("float32", "cosine", 2);
  const same = Array.from({ length: 30 }, () => Float32Array.of(1, 2));
  assertEquals(
    run(kMeans({ form, vectors: same, clusters: 4, random })).length,
    1,
  );
  const two = [Float32Array.of(1, 0), Float32Array.of(0, 1)];
  assertEquals(
    run(kMeans({ form, vectors: two, clusters: 9, random })).length,
    2,
  );
  const nowhere = Array.from({ length: 9 }, () => new Float32Array(2));
  assertEquals(
    run(kMeans({ form, vectors: nowhere, clusters: 3, random })).length,
    1,
  );
  const bits = ["1111", "1110", "0000", "0001"].map((b) => BitVector.parse(b));
  const found = run(kMeans({
    form: new RowForm("bit", "hamming", 4),
    vectors: [...bits, ...bits],
    clusters: 2,
    random,
  }));
  assertEquals(found.length, 2);
  const ones = found.map((each) => String(each).replaceAll("0", "").length);
  assert(Math.min(...ones) <= 1 && Math.max(...ones) >= 3, `${found}`);
});
