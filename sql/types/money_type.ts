/**
 * `money`: an amount in cents, in the form of `int8`.
 *
 * The text form is that of the locale C: `$1,234.56`, `-$0.50`. The input
 * takes a currency sign, thousands separators, a minus sign or parentheses on
 * either side, as PostgreSQL's `cash_in` does. In JavaScript an amount is its
 * text.
 *
 * @module
 */
import { divisionByZero, invalidSyntax, outOfRange } from "./type_error.ts";
import { textOutOfRange } from "./type_error.ts";
import type { CastDefinition } from "./cast_definition.ts";
import type { DataType, SqlValue } from "./data_type.ts";
import { int4, int8 } from "./int_types.ts";
import {
  compareInt8,
  INT8_MAX,
  INT8_MIN,
  normalizeInt8,
} from "./int8_value.ts";
import { textOfJs } from "./js_value.ts";
import { Numeric } from "./numeric.ts";
import { numeric } from "./numeric_type.ts";
import { SqlError } from "../errors/sql_error.ts";

/** An amount in cents. */
export type Cents = number | bigint;

/** Signs and currency before the digits. */
const HEAD = /^\s*\$?\s*([-(]|\+?)\s*\$?\s*/;
/** What may stand behind the digits. */
const TAIL = /^\d*[\s)\-+$]*$/;

function read(text: string): Cents {
  const head = HEAD.exec(text)!;
  let at = head[0].length;
  let negative = head[1] === "-" || head[1] === "(";
  let cents = 0n;
  let places = -1;
  for (; at < text.length; at++) {
    const letter = text[at]!;
    if (letter >= "0" && letter <= "9" && places < 2) {
      cents = cents * 10n + BigInt(letter);
      if (cents > -INT8_MIN) throw textOutOfRange("money", text);
      if (places >= 0) places++;
    } else if (letter === "." && places < 0) {
      places = 0;
    } else if (letter !== ",") break;
  }
  if (/^[5-9]/.test(text.slice(at))) cents++;
  cents *= 10n ** BigInt(2 - Math.max(places, 0));
  if (cents > -INT8_MIN) throw textOutOfRange("money", text);
  const tail = text.slice(at);
  if (!TAIL.test(tail)) throw invalidSyntax("money", text);
  if (tail.includes("-")) negative = true;
  const value = negative ? -cents : cents;
  if (value > INT8_MAX) throw textOutOfRange("money", text);
  return normalizeInt8(value);
}

function write(value: Cents): string {
  const cents = BigInt(value);
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, "0");
  const whole = digits.slice(0, -2).replace(/\B(?=(?:\d{3})+$)/g, ",");
  return `${cents < 0n ? "-" : ""}$${whole}.${digits.slice(-2)}`;
}

/** An amount, if it is one; `22003` else. */
export function checkMoney(cents: bigint): Cents {
  if (cents < INT8_MIN || cents > INT8_MAX) throw outOfRange("money");
  return normalizeInt8(cents);
}

/**
 * An amount of a float, rounded to even. `isFinite`: what it was computed of is
 * finite.
 */
export function moneyOfFloat(cents: number, isFinite: boolean): Cents {
  if (isFinite && Math.abs(cents) === Infinity) {
    throw new SqlError("22003", "value out of range: overflow");
  }
  const floor = Math.floor(cents);
  const isHalf = cents - floor === 0.5;
  const rounded = isHalf ? floor + floor % 2 : Math.round(cents);
  if (!(rounded >= -(2 ** 63) && rounded < 2 ** 63)) throw outOfRange("money");
  return normalizeInt8(BigInt(rounded));
}

/** `money`. */
export const money: DataType = {
  oid: 790,
  name: "money",
  displayName: "money",
  category: "N",
  preferred: false,
  length: 8,
  storage: "reference",
  input: read,
  output: (value) => write(value as Cents),
  compare: compareInt8 as (a: SqlValue, b: SqlValue) => number,
  hashKey: (value) => value as Cents,
  fromJs: (value) => read(textOfJs(value)),
  toJs: (value) => write(value as Cents),
};

/** A whole amount divided by a whole number, towards zero. */
export function divideMoney(cents: Cents, by: number | bigint): Cents {
  if (BigInt(by) === 0n) throw divisionByZero();
  return checkMoney(BigInt(cents) / BigInt(by));
}

function ofWhole(value: SqlValue): SqlValue {
  const cents = BigInt(value as number | bigint) * 100n;
  if (cents < INT8_MIN || cents > INT8_MAX) throw outOfRange("bigint");
  return normalizeInt8(cents);
}

function ofNumeric(value: SqlValue): SqlValue {
  const given = value as Numeric;
  if (given.kind !== "finite") {
    const word = given.kind === "nan" ? "NaN" : "infinity";
    throw new SqlError("0A000", `cannot convert ${word} to bigint`);
  }
  const { unscaled } = given.withScale(2);
  if (unscaled < INT8_MIN || unscaled > INT8_MAX) throw outOfRange("bigint");
  return normalizeInt8(unscaled);
}

/** Casts from and to `money`. */
export const moneyCasts: readonly CastDefinition[] = [
  { source: int4, target: money, context: "assignment", convert: ofWhole },
  { source: int8, target: money, context: "assignment", convert: ofWhole },
  { source: numeric, target: money, context: "assignment", convert: ofNumeric },
  {
    source: money,
    target: numeric,
    context: "assignment",
    convert: (value) => Numeric.of(BigInt(value as Cents), 2),
  },
];
