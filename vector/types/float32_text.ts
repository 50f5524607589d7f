/**
 * Text of 32-bit floats as PostgreSQL reads and prints `float4`.
 *
 * Printing gives the fewest decimal digits that read back as the same float
 * (`float4out` with `extra_float_digits` at its default): fixed notation for
 * exponents from -4 to 5, else `d.ddde+XX` with two exponent digits at least.
 * A decimal that lies exactly between two floats is not used, as in
 * PostgreSQL, so that the reader's rule for ties does not matter.
 *
 * Reading rounds the decimal once, to the nearest float, ties to even. Going
 * through a 64-bit float would round twice; the one case where that differs,
 * a double that lies exactly between two floats, is settled with integers.
 *
 * @module
 */

/** What {@linkcode parseFloat32} found at the start of a text. */
export interface ParsedFloat32 {
  /** The value: may be infinite or NaN, by name only. */
  readonly value: number;
  /** How many characters it took; 0 if there is no number. */
  readonly length: number;
  /** Whether the digits stand for a number beyond the range of floats. */
  readonly overflow: boolean;
}

const NUMBER =
  /[+-]?(?:inf(?:inity)?|nan|0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p[+-]?[0-9]+)?|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)/iy;

/**
 * Reads the longest number that begins at `offset`, as C's `strtof` does:
 * decimal, hexadecimal, `inf`, `infinity` or `nan`, letters in either case.
 */
export function parseFloat32(text: string, offset: number): ParsedFloat32 {
  NUMBER.lastIndex = offset;
  const token = NUMBER.exec(text)?.[0];
  if (token === undefined) return { value: 0, length: 0, overflow: false };
  const negative = token[0] === "-";
  const digits = negative || token[0] === "+" ? token.slice(1) : token;
  const first = digits[0]!;
  if (first === "n" || first === "N") {
    return { value: NaN, length: token.length, overflow: false };
  }
  if (first === "i" || first === "I") {
    const value = negative ? -Infinity : Infinity;
    return { value, length: token.length, overflow: false };
  }
  const magnitude = digits[1] === "x" || digits[1] === "X"
    ? hexToFloat32(digits)
    : decimalToFloat32(digits);
  return {
    value: negative ? -magnitude : magnitude,
    length: token.length,
    overflow: magnitude === Infinity,
  };
}

/** The float nearest to an unsigned decimal, ties to even. */
function decimalToFloat32(digits: string): number {
  const double = Number(digits);
  const float = Math.fround(double);
  if (float === double || double === Infinity) return float;
  const other = neighbour(float, double);
  // Both ends and the midpoint are exact in 64 bits; beyond the largest float
  // the next one would be 2^128.
  const low = Math.min(float, other, 2 ** 128);
  const high = Math.min(Math.max(float, other), 2 ** 128);
  const middle = low + (high - low) / 2;
  if (double !== middle) return float;
  const order = compareDecimal(digits, middle);
  if (order === 0) return float;
  return order > 0 ? Math.fround(high) : low;
}

/** The float next to `float` on the side where `double` lies. */
function neighbour(float: number, double: number): number {
  scratchFloat[0] = float;
  scratchBits[0] = scratchBits[0]! + (double > float ? 1 : -1);
  return scratchFloat[0]!;
}

const scratchFloat = new Float32Array(1);
const scratchBits = new Uint32Array(scratchFloat.buffer);

/** The sign of (decimal - double), exactly; both are positive. */
function compareDecimal(digits: string, double: number): number {
  const [mantissa = "", exponentText = "0"] = digits.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  let decimal = BigInt(whole + fraction);
  const exponent = Number(exponentText) - fraction.length;
  // A midpoint of two floats is an integer multiple of 2^-150.
  let binary = BigInt(Math.floor(double)) << 150n;
  let rest = double - Math.floor(double);
  for (let bit = 149n; rest > 0; bit--) {
    rest *= 2;
    if (rest >= 1) {
      binary += 1n << bit;
      rest -= 1;
    }
  }
  decimal <<= 150n;
  if (exponent >= 0) decimal *= 10n ** BigInt(exponent);
  else binary *= 10n ** BigInt(-exponent);
  return decimal > binary ? 1 : decimal < binary ? -1 : 0;
}

/** The float nearest to an unsigned hexadecimal number, ties to even. */
function hexToFloat32(digits: string): number {
  const [mantissa = "", exponentText = "0"] = digits.slice(2).toLowerCase()
    .split("p");
  const [whole = "", fraction = ""] = mantissa.split(".");
  let value = BigInt(`0x${whole}${fraction}`);
  if (value === 0n) return 0;
  let exponent = Number(exponentText) - 4 * fraction.length;
  // Keep 40 bits and fold the rest into one sticky bit: the double is then
  // exact where floats could tie, and never on a tie by accident.
  const excess = value.toString(2).length - 40;
  if (excess > 0) {
    const kept = value >> BigInt(excess);
    const sticky = kept << BigInt(excess) === value ? 0n : 1n;
    value = (kept << 1n) | sticky;
    exponent += excess - 1;
  }
  if (exponent > 300) return Infinity;
  if (exponent < -400) return 0;
  return Math.fround(Number(value) * 2 ** exponent);
}

/**
 * The shortest text of a float, as PostgreSQL's `float4out`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatFloat32 } from "./float32_text.ts";
 *
 * assertEquals(formatFloat32(Math.fround(0.1)), "0.1");
 * assertEquals(formatFloat32(1e20), "1e+20");
 * assertEquals(formatFloat32(-0), "-0");
 * ```
 */
export function formatFloat32(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  const magnitude = Math.abs(value);
  const text = layOut(shortest(magnitude));
  return value < 0 ? "-" + text : text;
}

/** The smallest normal float: below it digits are fewer. */
const NORMAL_MIN = 2 ** -126;

/** Shortest `d.ddde±x` that reads back as `value`, in `toExponential` form. */
function shortest(value: number): string {
  // Six digits tell any two normal floats' decimals apart, so a shorter text
  // is one of six digits with zeros at its end.
  const first = value < NORMAL_MIN ? 1 : 6;
  for (let digits = first; digits < 9; digits++) {
    const text = nearestDecimal(value, digits);
    if (readsBackAs(value, Number(text))) return text;
    // Above a power of two floats are twice as far apart as below it: the
    // next decimal up may read back where the nearest, below, does not.
    if (isPowerOfTwo(value)) {
      const step = 10 **
        (Number(text.slice(text.indexOf("e") + 1)) - digits + 1);
      const up = (Number(text) + step).toExponential(digits - 1);
      if (readsBackAs(value, Number(up))) return up;
    }
  }
  return nearestDecimal(value, 9);
}

/** The nearest decimal of so many digits; of two as near, the even one. */
function nearestDecimal(value: number, digits: number): string {
  const text = value.toExponential(digits - 1);
  const mark = text.indexOf("e");
  const last = Number(text[mark - 1]);
  if (last % 2 === 0) return text;
  // `toExponential` takes the larger of two: the tie shows as a 5 at the end.
  const exact = value.toExponential(digits + 30);
  if (!/^50*e/.test(exact.slice(digits + 1))) return text;
  return text.slice(0, mark - 1) + (last - 1) + text.slice(mark);
}

function readsBackAs(value: number, decimal: number): boolean {
  if (Math.fround(decimal) !== value) return false;
  if (decimal === value) return true;
  return decimal !== value + (neighbour(value, decimal) - value) / 2;
}

function isPowerOfTwo(value: number): boolean {
  scratchFloat[0] = value;
  return (scratchBits[0]! & 0x7f_ffff) === 0;
}

/** `toExponential` text as PostgreSQL writes it. */
function layOut(text: string): string {
  const mark = text.indexOf("e");
  const exponent = Number(text.slice(mark + 1));
  let digits = text[0]! + text.slice(2, mark);
  digits = digits.replace(/0+$/, "");
  if (exponent < -4 || exponent >= 6) {
    const size = Math.abs(exponent);
    const fraction = digits.length > 1 ? "." + digits.slice(1) : "";
    return `${digits[0]!}${fraction}e${exponent < 0 ? "-" : "+"}${
      size < 10 ? "0" : ""
    }${size}`;
  }
  if (exponent < 0) return "0." + "0".repeat(-exponent - 1) + digits;
  if (digits.length <= exponent + 1) return digits.padEnd(exponent + 1, "0");
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}
