/**
 * Exact decimal numbers, as PostgreSQL's `numeric`: a value and the number of
 * decimals it is shown with.
 *
 * A finite value is `unscaled × 10^-scale`. The scale is PostgreSQL's display
 * scale: `1.50` and `1.5` are equal but not printed alike. NaN equals itself
 * and is greater than everything else, as in PostgreSQL.
 *
 * Invariants:
 * 1. `0 <= scale <= SCALE_MAX`, and at most `INTEGER_DIGITS_MAX` digits stand
 *    before the decimal point.
 * 2. A special value (NaN, Infinity, -Infinity) has `unscaled` 0n and `scale`
 *    0, and is one of three constants.
 *
 * Rejected: a decimal library. PostgreSQL's rules for the scale of a result
 * (division above all) are what has to be exact here, and `bigint` already
 * gives the digits.
 *
 * @module
 */
import { invalidSyntax } from "./type_error.ts";
import { SqlError } from "../errors/sql_error.ts";

/** The most decimals a value can have (NUMERIC_DSCALE_MAX). */
export const SCALE_MAX = 16383;

/** The most digits before the decimal point. */
export const INTEGER_DIGITS_MAX = 131072;

/** What a value is: an ordinary number or one of the three others. */
export type NumericKind = "finite" | "nan" | "infinity" | "-infinity";

const powers: bigint[] = [1n];

/** 10 to the power of `exponent`, which is not negative. */
export function powerOfTen(exponent: number): bigint {
  if (exponent > 400) return 10n ** BigInt(exponent);
  for (let i = powers.length; i <= exponent; i++) {
    powers.push(powers[i - 1]! * 10n);
  }
  return powers[exponent]!;
}

/** `22003`: too many digits for any numeric. */
export function numericOverflow(): SqlError {
  return new SqlError("22003", "value overflows numeric format");
}

/**
 * An exact decimal number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Numeric } from "./numeric.ts";
 *
 * const price = Numeric.parse("12.50");
 * assertEquals(price.unscaled, 1250n);
 * assertEquals(price.toString(), "12.50");
 * assertEquals(price.compare(Numeric.parse("12.5")), 0);
 * ```
 */
export class Numeric {
  /** Not a number: greater than everything else. */
  static readonly NAN: Numeric = new Numeric(0n, 0, "nan");
  /** Positive infinity. */
  static readonly INFINITY: Numeric = new Numeric(0n, 0, "infinity");
  /** Negative infinity. */
  static readonly NEGATIVE_INFINITY: Numeric = new Numeric(0n, 0, "-infinity");
  /** Zero without decimals. */
  static readonly ZERO: Numeric = new Numeric(0n, 0, "finite");

  /** The digits as an integer. */
  readonly unscaled: bigint;
  /** How many of them are decimals. */
  readonly scale: number;
  /** What the value is. */
  readonly kind: NumericKind;

  private constructor(unscaled: bigint, scale: number, kind: NumericKind) {
    this.unscaled = unscaled;
    this.scale = scale;
    this.kind = kind;
  }

  /**
   * `unscaled × 10^-scale`.
   *
   * @throws {SqlError} `22003` when it has too many digits.
   */
  static of(unscaled: bigint, scale: number = 0): Numeric {
    if (scale > SCALE_MAX) throw numericOverflow();
    const value = new Numeric(unscaled, scale, "finite");
    if (
      unscaled > MAYBE_TOO_LARGE || unscaled < MAYBE_TOO_SMALL
    ) {
      if (value.digits().length - scale > INTEGER_DIGITS_MAX) {
        throw numericOverflow();
      }
    }
    return value;
  }

  /** An integer without decimals. */
  static fromInteger(value: number | bigint): Numeric {
    return new Numeric(BigInt(value), 0, "finite");
  }

  /**
   * Reads the text form.
   *
   * @throws {SqlError} `22P02` when it is not a number, `22003` when too large.
   */
  static parse(text: string): Numeric {
    const plain = parsePlain(text);
    if (plain !== undefined) return plain;
    return parseAny(text);
  }

  /** Whether the value is an ordinary number. */
  get isFinite(): boolean {
    return this.kind === "finite";
  }

  /** -1, 0 or 1; NaN counts as 1. */
  get sign(): number {
    if (this.kind === "finite") {
      return this.unscaled > 0n ? 1 : this.unscaled < 0n ? -1 : 0;
    }
    return this.kind === "-infinity" ? -1 : 1;
  }

  /** The digits of the absolute value, `"0"` for zero. */
  digits(): string {
    return (this.unscaled < 0n ? -this.unscaled : this.unscaled).toString();
  }

  /** Negative, zero or positive, in PostgreSQL's order. */
  compare(other: Numeric): number {
    if (this.kind !== "finite" || other.kind !== "finite") {
      return rank(this) - rank(other);
    }
    let a = this.unscaled;
    let b = other.unscaled;
    if (this.scale < other.scale) {
      a *= powerOfTen(other.scale - this.scale);
    } else if (other.scale < this.scale) {
      b *= powerOfTen(this.scale - other.scale);
    }
    return a < b ? -1 : a > b ? 1 : 0;
  }

  /** The same value with exactly `scale` decimals, rounded half away from 0. */
  withScale(scale: number): Numeric {
    if (this.kind !== "finite" || scale === this.scale) return this;
    if (scale > this.scale) {
      return new Numeric(
        this.unscaled * powerOfTen(scale - this.scale),
        scale,
        "finite",
      );
    }
    return new Numeric(
      divideRounded(this.unscaled, powerOfTen(this.scale - scale)),
      scale,
      "finite",
    );
  }

  /** The same value without trailing zero decimals. */
  trimmed(): Numeric {
    if (this.scale === 0) return this;
    let unscaled = this.unscaled;
    let scale = this.scale;
    while (scale > 0 && unscaled % 10n === 0n) {
      unscaled /= 10n;
      scale--;
    }
    return scale === this.scale ? this : new Numeric(unscaled, scale, "finite");
  }

  /** The nearest double. */
  toNumber(): number {
    switch (this.kind) {
      case "finite":
        return this.scale === 0
          ? Number(this.unscaled)
          : Number(this.toString());
      case "nan":
        return NaN;
      case "infinity":
        return Infinity;
      case "-infinity":
        return -Infinity;
    }
  }

  /** The text form, with all the decimals of the scale. */
  toString(): string {
    switch (this.kind) {
      case "finite":
        break;
      case "nan":
        return "NaN";
      case "infinity":
        return "Infinity";
      case "-infinity":
        return "-Infinity";
    }
    if (this.scale === 0) return this.unscaled.toString();
    const sign = this.unscaled < 0n ? "-" : "";
    const digits = this.digits().padStart(this.scale + 1, "0");
    const point = digits.length - this.scale;
    return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  }
}

/** Below it, no check of the number of digits is needed. */
const MAYBE_TOO_LARGE: bigint = 10n ** BigInt(INTEGER_DIGITS_MAX);
/** The same of negative values; to negate so many digits takes a while. */
const MAYBE_TOO_SMALL: bigint = -MAYBE_TOO_LARGE;

function rank(value: Numeric): number {
  switch (value.kind) {
    case "-infinity":
      return -1;
    case "finite":
      return 0;
    case "infinity":
      return 1;
    case "nan":
      return 2;
  }
}

/** `a / b` rounded half away from zero; `b` is positive. */
export function divideRounded(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  const rest = a % b;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  if (twice < b) return quotient;
  return a < 0n ? quotient - 1n : quotient + 1n;
}

/** Digits with at most one point: nearly all texts there are. */
function parsePlain(text: string): Numeric | undefined {
  const length = text.length;
  if (length === 0 || length > 300) return undefined;
  let point = -1;
  const first = text.charCodeAt(0);
  const start = first === 45 || first === 43 ? 1 : 0;
  for (let i = start; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57) continue;
    if (code !== 46 || point >= 0) return undefined;
    point = i;
  }
  if (point < 0) {
    if (start === length) return undefined;
    return Numeric.of(bigintOf(text, start, length));
  }
  const digits = text.slice(start, point) + text.slice(point + 1);
  if (digits === "") return undefined;
  const unscaled = BigInt(digits);
  return Numeric.of(first === 45 ? -unscaled : unscaled, length - point - 1);
}

function bigintOf(text: string, start: number, length: number): bigint {
  if (length - start <= 15) return BigInt(Number(text));
  const value = BigInt(start === 0 ? text : text.slice(1));
  return text.charCodeAt(0) === 45 ? -value : value;
}

const DECIMAL =
  /^([+-]?)(?:(\d+(?:_\d+)*)(?:\.(\d+(?:_\d+)*)?)?|\.(\d+(?:_\d+)*))(?:[eE]([+-]?)(\d+(?:_\d+)*))?$/;
const BASED =
  /^([+-]?)(0[xX](?:_?[0-9a-fA-F]+)+|0[oO](?:_?[0-7]+)+|0[bB](?:_?[01]+)+)$/;
const SPECIAL = /^(?:([+-]?)(?:infinity|inf)|nan)$/i;

/** White space as C's isspace has it. */
export const SPACES = " \t\n\v\f\r";

/** The text without white space around it. */
export function trimSpaces(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACES.includes(text[start]!)) start++;
  while (end > start && SPACES.includes(text[end - 1]!)) end--;
  return text.slice(start, end);
}

function parseAny(text: string): Numeric {
  const trimmed = trimSpaces(text);
  const special = SPECIAL.exec(trimmed);
  if (special !== null) {
    if (/^nan$/i.test(trimmed)) return Numeric.NAN;
    return special[1] === "-" ? Numeric.NEGATIVE_INFINITY : Numeric.INFINITY;
  }
  const based = BASED.exec(trimmed);
  if (based !== null) {
    const value = BigInt(based[2]!.replaceAll("_", ""));
    return Numeric.of(based[1] === "-" ? -value : value);
  }
  const match = DECIMAL.exec(trimmed);
  if (match === null) throw invalidSyntax("numeric", text);
  return parseDecimal(match, text);
}

function parseDecimal(match: RegExpExecArray, text: string): Numeric {
  const integer = (match[2] ?? "").replaceAll("_", "");
  const fraction = (match[3] ?? match[4] ?? "").replaceAll("_", "");
  let exponent = 0;
  if (match[6] !== undefined) {
    exponent = Number(match[6].replaceAll("_", ""));
    if (exponent >= 1_073_741_823) throw numericOverflow();
    if (match[5] === "-") exponent = -exponent;
  }
  const digits = integer + fraction;
  const scale = fraction.length - exponent;
  if (scale > SCALE_MAX) throw numericOverflow();
  const significant = digits.replace(/^0+/, "");
  if (significant.length - scale > INTEGER_DIGITS_MAX && significant !== "") {
    throw numericOverflow();
  }
  void text;
  let unscaled = significant === "" ? 0n : BigInt(significant);
  if (scale < 0) unscaled *= powerOfTen(-scale);
  return Numeric.of(
    match[1] === "-" ? -unscaled : unscaled,
    Math.max(0, scale),
  );
}
