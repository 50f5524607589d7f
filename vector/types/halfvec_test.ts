import { assertEquals, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { float16Bits, float16OfBits, roundToFloat16 } from "./float16.ts";
import { parseHalfvec, readHalves, toHalfvec, writeHalves } from "./halfvec.ts";

/** The definition: sign, exponent and fraction by arithmetic. */
function valueOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

Deno.test("every 16-bit float is read as it is defined, and written back", () => {
  for (let bits = 0; bits < 0x1_0000; bits++) {
    const value = float16OfBits(bits);
    assertEquals(Object.is(value, valueOf(bits)), true, bits.toString(16));
    if (!Number.isNaN(value)) assertEquals(float16Bits(value), bits);
  }
});

Deno.test("a 32-bit float goes to the nearest 16-bit one, ties to even", () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const low = valueOf(bits);
    const high = valueOf(bits + 1);
    const middle = (low + high) / 2;
    const even = bits % 2 === 0 ? low : high;
    assertEquals(roundToFloat16(middle), even);
    const ulp = (high - low) * 2 ** -10;
    assertEquals(roundToFloat16(Math.fround(middle - ulp)), low);
    assertEquals(roundToFloat16(Math.fround(middle + ulp)), high);
    assertEquals(roundToFloat16(-middle), -even);
  }
  assertEquals(roundToFloat16(65_519.996), 65_504);
  assertEquals(roundToFloat16(65_520), Infinity);
  assertEquals(roundToFloat16(-Infinity), -Infinity);
  assertEquals(roundToFloat16(NaN), NaN);
  assertEquals(Object.is(roundToFloat16(-1e-20), -0), true);
});

Deno.test("half vectors refuse what 16 bits cannot hold", () => {
  const codeOf = (run: () => unknown): string | undefined =>
    assertThrows(run, KriyaError).code;
  assertEquals(codeOf(() => parseHalfvec("[65520]")), "22003");
  assertEquals(codeOf(() => toHalfvec([65_520])), "22003");
  assertEquals(codeOf(() => toHalfvec([Infinity])), "22000");
  assertEquals(codeOf(() => toHalfvec([NaN])), "22000");
  assertEquals(codeOf(() => toHalfvec([])), "22000");
  assertEquals(codeOf(() => toHalfvec(new Float32Array(16_001))), "54000");
  assertEquals(toHalfvec([0.1, 1]), parseHalfvec("[0.1,1]"));
});

Deno.test("half vectors take two bytes a component; damage is corrupt", () => {
  const corrupt = (what: string, at: number): Error =>
    new KriyaError("corrupt", `${what} at ${at}`);
  const vector = toHalfvec([1, -0.5, 65_504, 6e-8, 0]);
  const view = new DataView(new ArrayBuffer(10));
  writeHalves(vector, view, 0);
  assertEquals(readHalves(view, 0, 5, corrupt), vector);
  view.setUint16(4, 0x7c01, true);
  assertThrows(
    () => readHalves(view, 0, 5, corrupt),
    KriyaError,
    "component is not finite at 4",
  );
});
