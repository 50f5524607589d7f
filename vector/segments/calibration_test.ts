import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type Calibration, efFor, lowerBound } from "./calibration.ts";

const CALIBRATION: Calibration = [
  { ef: 50, recall10: 0.8, recall100: 0.5 },
  { ef: 100, recall10: 0.9, recall100: 0.8 },
  { ef: 200, recall10: 1, recall100: 0.9 },
];

Deno.test("efFor draws the width between the points that were measured", () => {
  const ef = (k: number, minRecall: number): number =>
    efFor(CALIBRATION, { k, minRecall });
  assertEquals(ef(10, 0.5), 50);
  assertEquals(ef(1, 0.8), 50);
  assertEquals(ef(10, 0.85), 75);
  assertEquals(ef(10, 0.95), 150);
  assertEquals(ef(100, 0.9), 200);
  assertEquals(ef(1000, 0.9), 2000);
  // Halfway between 10 and 100, as logarithms go.
  assertEquals(ef(Math.sqrt(1000), 0.9), 150);
});

Deno.test("efFor says Infinity where no width reaches the recall", () => {
  assertEquals(efFor(CALIBRATION, { k: 100, minRecall: 0.95 }), Infinity);
  assertEquals(efFor(CALIBRATION, { k: 10, minRecall: 1 }), Infinity);
  assertEquals(efFor([], { k: 10, minRecall: 0.1 }), Infinity);
});

Deno.test("efFor is at least k", () => {
  assertEquals(efFor(CALIBRATION, { k: 90, minRecall: 0.01 }), 90);
});

Deno.test("lowerBound is the mean less its standard error", () => {
  assertEquals(lowerBound([0.9, 0.9, 0.9]), 0.9);
  assertAlmostEquals(lowerBound([1, 0.8]), 0.8, 1e-12);
  assertEquals(lowerBound([1, 0]), 0);
});
