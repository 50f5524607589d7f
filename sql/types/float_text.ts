/**
 * The shortest text of a `float8` that reads back as the same float, laid out
 * as PostgreSQL does: `0.0001`, `1e-05`, `100000000000000`, `1e+15`. That of a
 * `float4` is in `vector/types/float32_text.ts`.
 *
 * JavaScript's own shortest digits differ from PostgreSQL's in one case: a
 * decimal that lies exactly half way between two floats is accepted by
 * JavaScript when rounding to even leads back, and never by PostgreSQL. So
 * `1e23` prints as `9.999999999999999e+22` there and here.
 *
 * @module
 */

/** Digits and the exponent of the first: `d.ddd × 10^exponent`. */
interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

/** `float8` as text. */
export function formatFloat8(value: number): string {
  if (Number.isInteger(value) && value < 1e15 && value > -1e15) {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  if (!Number.isFinite(value)) return formatSpecial(value);
  return layOut(value < 0, shortest8(Math.abs(value)));
}

function formatSpecial(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}

/** Exponents below -4 and from 15 on are written with `e`. */
function layOut(negative: boolean, decimal: Decimal): string {
  const { digits, exponent } = decimal;
  const sign = negative ? "-" : "";
  if (exponent < -4 || exponent >= 15) {
    const mantissa = digits.length === 1
      ? digits
      : `${digits[0]}.${digits.slice(1)}`;
    const power = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${power}`;
  }
  if (exponent < 0) {
    return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  }
  if (digits.length <= exponent + 1) {
    return sign + digits.padEnd(exponent + 1, "0");
  }
  return `${sign}${digits.slice(0, exponent + 1)}.${
    digits.slice(exponent + 1)
  }`;
}

/** A number to six digits, as C's `%g` prints it: in PostgreSQL's messages. */
export function formatSixDigits(value: number): string {
  if (!Number.isFinite(value)) return formatSpecial(value);
  const { digits, exponent } = split(Math.abs(value).toExponential(5));
  if (exponent < 6) return layOut(value < 0, { digits, exponent });
  const power = String(exponent).padStart(2, "0");
  const rest = digits.length > 1 ? `.${digits.slice(1)}` : "";
  return `${value < 0 ? "-" : ""}${digits[0]}${rest}e+${power}`;
}

/** Splits what `toExponential` and `toPrecision` give. */
function split(text: string): Decimal {
  const at = text.indexOf("e");
  const digits = text.slice(0, at).replace(".", "").replace(/0+$/, "");
  return {
    digits: digits === "" ? "0" : digits,
    exponent: +text.slice(at + 1),
  };
}

function shortest8(value: number): Decimal {
  const decimal = split(value.toExponential());
  // Half way points have so few digits only among large integers.
  if (value < 2 ** 53 || value > 1e40 || !isHalfWay8(value, decimal)) {
    return decimal;
  }
  for (let count = decimal.digits.length; count < 17; count++) {
    const next = split(value.toExponential(count));
    if (!isHalfWay8(value, next) && joined(next) === value) return next;
  }
  return split(value.toExponential(16));
}

function joined(decimal: Decimal): number {
  return Number(
    `${decimal.digits[0]}.${decimal.digits.slice(1)}e${decimal.exponent}`,
  );
}

/** Whether the decimal is the middle between `value` and a neighbour. */
function isHalfWay8(value: number, decimal: Decimal): boolean {
  const zeros = decimal.exponent - decimal.digits.length + 1;
  if (zeros < 0) return false;
  const exact = BigInt(value);
  const shown = BigInt(decimal.digits) * 10n ** BigInt(zeros);
  if (shown === exact) return false;
  const neighbour = BigInt(adjacent8(value, shown > exact ? 1n : -1n));
  return shown * 2n === exact + neighbour;
}

const scratch = new DataView(new ArrayBuffer(8));

/** The next float above (`step` 1) or below (-1) a positive one. */
function adjacent8(value: number, step: bigint): number {
  scratch.setFloat64(0, value);
  scratch.setBigInt64(0, scratch.getBigInt64(0) + step);
  return scratch.getFloat64(0);
}
