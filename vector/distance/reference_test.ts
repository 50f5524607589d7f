import { assertAlmostEquals, assertEquals } from "@std/assert";
import { SeededRandom } from "../hnsw/seeded_random.ts";
import {
  distanceOf,
  ELEMENTS,
  metricCode,
  metricOfCode,
  metricsOf,
} from "./metric.ts";
import {
  cosine,
  innerProduct,
  l1,
  l2,
  negativeInnerProduct,
  norm,
  squaredL2,
} from "./reference.ts";

const of = (...values: number[]): Float32Array => Float32Array.from(values);

Deno.test("[K-163] [K-164] [K-165] distances of small vectors are as written by hand", () => {
  const a = of(1, 2, 3);
  const b = of(4, 6, 3);
  assertEquals(squaredL2(a, b), 25);
  assertEquals(l2(a, b), 5);
  assertEquals(innerProduct(a, b), 25);
  assertEquals(negativeInnerProduct(a, b), -25);
  assertEquals(l1(a, b), 7);
  assertEquals(norm(of(3, 4)), 5);
  assertEquals(cosine(of(1, 0), of(0, 2)), 1);
  assertEquals(cosine(of(1, 1), of(3, 3)), 0);
  assertEquals(cosine(of(1, 0), of(-2, 0)), 2);
  assertAlmostEquals(cosine(of(1, 0), of(1, 1)), 1 - Math.SQRT1_2, 1e-15);
});

Deno.test("[K-164] the cosine distance to a zero vector is NaN", () => {
  assertEquals(cosine(of(0, 0), of(1, 1)), NaN);
  assertEquals(cosine(of(1, 1), of(0, 0)), NaN);
});

Deno.test("sums beyond 32 bits are infinite, as in pgvector", () => {
  assertEquals(l2(of(3e38), of(-3e38)), Infinity);
  assertEquals(innerProduct(of(3e38), of(3e38)), Infinity);
  assertEquals(cosine(of(3e38), of(3e38)), NaN);
});

Deno.test("metricCode and distanceOf agree on every metric", () => {
  const metrics = metricsOf("float32");
  assertEquals(metrics.map((metric) => metricCode(metric)), [0, 1, 2, 3]);
  const functions: unknown[] = metrics.map((metric) => distanceOf(metric));
  assertEquals(functions, [l2, cosine, negativeInnerProduct, l1]);
  for (const element of ELEMENTS) {
    for (const metric of metricsOf(element)) {
      const code = metricCode(metric, element);
      assertEquals(metricOfCode(code), { metric, element });
    }
  }
  assertEquals([4, 5, 6, 16, 20, 28, 32].map(metricOfCode), [
    undefined,
    undefined,
    undefined,
    undefined,
    { metric: "hamming", element: "bit" },
    undefined,
    undefined,
  ]);
});

Deno.test("reference distances are those of 64-bit arithmetic, but for rounding", () => {
  const random = new SeededRandom(3);
  const uniform = (): number => random.next() / 2 ** 31 - 1;
  for (let dims = 1; dims < 1000; dims += 37) {
    const a = Float32Array.from({ length: dims }, uniform);
    const b = Float32Array.from({ length: dims }, uniform);
    let square = 0;
    let product = 0;
    let city = 0;
    for (let i = 0; i < dims; i++) {
      square += (a[i]! - b[i]!) ** 2;
      product += a[i]! * b[i]!;
      city += Math.abs(a[i]! - b[i]!);
    }
    const rounding = (dims + 4) ** 2 * 2 ** -24;
    assertAlmostEquals(squaredL2(a, b), square, rounding);
    assertAlmostEquals(innerProduct(a, b), product, rounding);
    assertAlmostEquals(l1(a, b), city, rounding);
    const angle = 1 - product / (norm(a) * norm(b));
    assertAlmostEquals(cosine(a, b), angle, (dims + 4) * 2 ** -24);
  }
});
