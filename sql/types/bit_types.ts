/**
 * Bit strings: `bit(n)` and `bit varying(n)`. A value is the text of its digits,
 * `0` and `1`; the order of the texts is that of the bits.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { CastDefinition } from "./cast_definition.ts";
import type { DataType, SqlValue } from "./data_type.ts";
import { int4, int8, normalizeInt8 } from "./int_types.ts";
import { textOfJs } from "./js_value.ts";

/** The most bits that a type can ask for. */
const LENGTH_MAX = 83886080;

/** The digits that `101`, `b101`, `x5` mean. */
function readBits(text: string): string {
  const form = text[0]?.toLowerCase();
  if (form === "x") return readHex(text.slice(1));
  const digits = form === "b" ? text.slice(1) : text;
  const wrong = /[^01]/u.exec(digits);
  if (wrong === null) return digits;
  throw new SqlError("22P02", `"${wrong[0]}" is not a valid binary digit`);
}

function readHex(text: string): string {
  const wrong = /[^0-9a-fA-F]/u.exec(text);
  if (wrong !== null) {
    throw new SqlError(
      "22P02",
      `"${wrong[0]}" is not a valid hexadecimal digit`,
    );
  }
  return text.replace(
    /./g,
    (digit) => parseInt(digit, 16).toString(2).padStart(4, "0"),
  );
}

function lengthOf(name: string, modifiers: readonly number[]): number {
  const [length] = modifiers;
  if (length === undefined || modifiers.length > 1) {
    throw new SqlError("22023", "invalid type modifier");
  }
  if (length < 1) {
    throw new SqlError("22023", `length for type ${name} must be at least 1`);
  }
  if (length > LENGTH_MAX) {
    throw new SqlError(
      "22023",
      `length for type ${name} cannot exceed ${LENGTH_MAX}`,
    );
  }
  return length;
}

function fitBit(value: SqlValue, length: number, explicit: boolean): string {
  const bits = value as string;
  if (bits.length === length) return bits;
  if (!explicit) {
    throw new SqlError(
      "22026",
      `bit string length ${bits.length} does not match type bit(${length})`,
    );
  }
  return bits.slice(0, length).padEnd(length, "0");
}

function fitVarbit(value: SqlValue, length: number, explicit: boolean): string {
  const bits = value as string;
  if (bits.length <= length) return bits;
  if (!explicit) {
    throw new SqlError(
      "22001",
      `bit string too long for type bit varying(${length})`,
    );
  }
  return bits.slice(0, length);
}

/** What both types do alike. */
const COMMON = {
  category: "V",
  length: -1,
  storage: "reference",
  input: readBits,
  output: (value: SqlValue): string => value as string,
  compare: (a: SqlValue, b: SqlValue): number =>
    a === b ? 0 : (a as string) < (b as string) ? -1 : 1,
  hashKey: (value: SqlValue): string => value as string,
  fromJs: (value: unknown): SqlValue => readBits(textOfJs(value)),
  toJs: (value: SqlValue): unknown => value,
  typmodOutput: (typmod: number): string => `(${typmod})`,
} as const;

/** `bit(n)`: exactly n bits. */
export const bit: DataType = {
  ...COMMON,
  oid: 1560,
  name: "bit",
  displayName: "bit",
  preferred: false,
  typmodInput: (modifiers) => lengthOf("bit", modifiers),
  applyTypmod: fitBit,
};

/** `bit varying(n)`: at most n bits. */
export const varbit: DataType = {
  ...COMMON,
  oid: 1562,
  name: "varbit",
  displayName: "bit varying",
  preferred: true,
  typmodInput: (modifiers) => lengthOf("varbit", modifiers),
  applyTypmod: fitVarbit,
};

/** The lowest bits of an integer, its sign repeated to the left. */
function bitsOfInteger(value: SqlValue, length: number): string {
  const integer = BigInt(value as number | bigint);
  if (length > 64) {
    return (integer < 0n ? "1" : "0").repeat(length - 64) +
      bitsOfInteger(value, 64);
  }
  return BigInt.asUintN(length, integer).toString(2).padStart(length, "0");
}

function integerOfBits(
  value: SqlValue,
  type: DataType,
  size: number,
): SqlValue {
  const bits = value as string;
  if (bits.length > size) {
    throw new SqlError("22003", `${type.displayName} out of range`);
  }
  const integer = BigInt(bits === "" ? 0 : `0b${bits}`);
  return normalizeInt8(BigInt.asIntN(size, integer));
}

/** Casts of bit strings; the length of those of integers is the type's. */
export const bitCasts: readonly CastDefinition[] = [
  { source: bit, target: varbit, context: "implicit" },
  { source: varbit, target: bit, context: "implicit" },
  ...([[int4, 32], [int8, 64]] as const).flatMap(([type, size]) => [
    {
      source: type,
      target: bit,
      context: "explicit" as const,
      convert: (value: SqlValue): SqlValue => bitsOfInteger(value, 1),
      convertTo: (typmod: number) => (value: SqlValue): SqlValue =>
        bitsOfInteger(value, typmod),
    },
    {
      source: bit,
      target: type,
      context: "explicit" as const,
      convert: (value: SqlValue): SqlValue => integerOfBits(value, type, size),
    },
  ]),
];
