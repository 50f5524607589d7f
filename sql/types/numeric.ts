/**
 * Exact decimal numbers, as PostgreSQL's `numeric`: a value and the number of
 * decimals it is shown with.
 *
 * A finite value is `unscaled × 10^-scale`. Nearly all there are have so few
 * digits that `unscaled` is an integer that a double holds; they are kept as
 * such, and computed without a `bigint`. The scale is PostgreSQL's display
 * scale: `1.50` and `1.5` are equal but not printed alike. NaN equals itself
 * and is greater than everything else, as in PostgreSQL.
 *
 * Invariants:
 * 1. `0 <= scale <= SCALE_MAX`, and at most `INTEGER_DIGITS_MAX` digits stand
 *    before the decimal point.
 * 2. A special value (NaN, Infinity, -Infinity) has `unscaled` 0n and `scale`
 *    0, and is one of three constants.
 * 3. `big` is there if and only if the unscaled value is no safe integer; then
 *    `small` is NaN, else it is that value, and not -0.
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
  static readonly NAN: Numeric = new Numeric(0, undefined, 0, "nan");
  /** Positive infinity. */
  static readonly INFINITY: Numeric = new Numeric(
    0,
    undefined,
    0,
    "infinity",
  );
  /** Negative infinity. */
  static readonly NEGATIVE_INFINITY: Numeric = new Numeric(
    0,
    undefined,
    0,
    "-infinity",
  );
  /** Zero without decimals. */
  static readonly ZERO: Numeric = new Numeric(0, undefined, 0, "finite");

  /** The digits as an integer, if that is a safe one; else NaN. */
  readonly small: number;
  /** The digits as an integer, if that is not a safe one. */
  readonly big: bigint | undefined;
  /** How many of them are decimals. */
  readonly scale: number;
  /** What the value is. */
  readonly kind: NumericKind;

  private constructor(
    small: number,
    big: bigint | undefined,
    scale: number,
    kind: NumericKind,
  ) {
    this.small = small;
    this.big = big;
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
    if (unscaled <= SAFE_MAX && unscaled >= SAFE_MIN) {
      return new Numeric(Number(unscaled), undefined, scale, "finite");
    }
    const value = new Numeric(NaN, unscaled, scale, "finite");
    if (
      unscaled > MAYBE_TOO_LARGE || unscaled < MAYBE_TOO_SMALL
    ) {
      if (value.digits().length - scale > INTEGER_DIGITS_MAX) {
        throw numericOverflow();
      }
    }
    return value;
  }

  /**
   * `unscaled × 10^-scale`.
   *
   * REQUIRES: `unscaled` is a safe integer, and the scale in range.
   */
  static ofSafe(unscaled: number, scale: number): Numeric {
    // An addition of 0 makes 0 of -0.
    return new Numeric(unscaled + 0, undefined, scale, "finite");
  }

  /** An integer without decimals. */
  static fromInteger(value: number | bigint): Numeric {
    return Number.isSafeInteger(value)
      ? Numeric.ofSafe(value as number, 0)
      : Numeric.of(BigInt(value), 0);
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

  /** The digits as an integer. */
  get unscaled(): bigint {
    return this.big ?? BigInt(this.small);
  }

  /** Whether the value is an ordinary number. */
  get isFinite(): boolean {
    return this.kind === "finite";
  }

  /** -1, 0 or 1; NaN counts as 1. */
  get sign(): number {
    if (this.kind === "finite") {
      const { big } = this;
      if (big === undefined) return Math.sign(this.small);
      return big > 0n ? 1 : -1;
    }
    return this.kind === "-infinity" ? -1 : 1;
  }

  /** The digits of the absolute value, `"0"` for zero. */
  digits(): string {
    const { big } = this;
    if (big === undefined) return Math.abs(this.small).toString();
    return (big < 0n ? -big : big).toString();
  }

  /** Negative, zero or positive, in PostgreSQL's order. */
  compare(other: Numeric): number {
    if (this.kind !== "finite" || other.kind !== "finite") {
      return rank(this) - rank(other);
    }
    if (this.big === undefined && other.big === undefined) {
      const places = other.scale - this.scale;
      if (places === 0) return order(this.small, other.small);
      const mine = places < 0 ? this.small : this.small * safePower(places);
      const its = places < 0 ? other.small * safePower(-places) : other.small;
      if (isSafe(mine) && isSafe(its)) return order(mine, its);
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
      const shifted = this.small * safePower(scale - this.scale);
      if (isSafe(shifted)) return Numeric.ofSafe(shifted, scale);
      return Numeric.of(this.unscaled * powerOfTen(scale - this.scale), scale);
    }
    return Numeric.of(
      divideRounded(this.unscaled, powerOfTen(this.scale - scale)),
      scale,
    );
  }

  /** The same value without trailing zero decimals. */
  trimmed(): Numeric {
    if (this.scale === 0) return this;
    let scale = this.scale;
    if (this.big === undefined) {
      let { small } = this;
      while (scale > 0 && small % 10 === 0) {
        small /= 10;
        scale--;
      }
      return scale === this.scale ? this : Numeric.ofSafe(small, scale);
    }
    let unscaled = this.big;
    while (scale > 0 && unscaled % 10n === 0n) {
      unscaled /= 10n;
      scale--;
    }
    return scale === this.scale ? this : Numeric.of(unscaled, scale);
  }

  /** The nearest double. */
  toNumber(): number {
    switch (this.kind) {
      case "finite":
        if (this.scale === 0) return Number(this.big ?? this.small);
        // A quotient of two integers that doubles hold is rounded once.
        return this.big === undefined && this.scale < SAFE_POWERS.length
          ? this.small / safePower(this.scale)
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
    if (this.scale === 0) return (this.big ?? this.small).toString();
    const sign = this.sign < 0 ? "-" : "";
    const digits = this.digits().padStart(this.scale + 1, "0");
    const point = digits.length - this.scale;
    return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  }
}

/** Below it, no check of the number of digits is needed. */
const MAYBE_TOO_LARGE: bigint = 10n ** BigInt(INTEGER_DIGITS_MAX);
/** The same of negative values; to negate so many digits takes a while. */
const MAYBE_TOO_SMALL: bigint = -MAYBE_TOO_LARGE;

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);
const SAFE_MIN = -SAFE_MAX;

/** Whether a number is an integer that a double holds exactly. */
export function isSafe(value: number): boolean {
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
}

/** 10 to the power of `exponent`; NaN where a double does not hold it. */
export function safePower(exponent: number): number {
  return SAFE_POWERS[exponent] ?? NaN;
}

const SAFE_POWERS: readonly number[] = Array.from(
  { length: 16 },
  (_, exponent) => 10 ** exponent,
);

function order(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

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
    return length - start <= 15
      ? Numeric.ofSafe(Number(text), 0)
      : Numeric.of(bigintOf(text, start));
  }
  const digits = text.slice(start, point) + text.slice(point + 1);
  if (digits === "") return undefined;
  if (digits.length <= 15) {
    const small = Number(digits);
    return Numeric.ofSafe(first === 45 ? -small : small, length - point - 1);
  }
  const unscaled = BigInt(digits);
  return Numeric.of(first === 45 ? -unscaled : unscaled, length - point - 1);
}

function bigintOf(text: string, start: number): bigint {
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
