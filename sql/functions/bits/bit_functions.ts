/**
 * Operators, functions and aggregates of bit strings.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { bit, varbit } from "../../types/bit_types.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { int4, int8 } from "../../types/int_types.ts";
import { aggregate } from "../aggregates/aggregate_define.ts";
import { FoldState } from "../aggregates/value_aggregates.ts";
import { comparisonOperatorsOf } from "../comparison/comparison_operators.ts";
import { binary, define, infix, prefix, unary } from "../define.ts";
import type {
  AggregateDefinition,
  FunctionDefinition,
  OperatorDefinition,
} from "../registry.ts";

/** Bit by bit, of strings of one length; `name` is what the error calls it. */
function combine(
  name: string,
  form: (a: boolean, b: boolean) => boolean,
): (a: string, b: string) => string {
  return (a, b) => {
    if (a.length !== b.length) {
      throw new SqlError(
        "22026",
        `cannot ${name} bit strings of different sizes`,
      );
    }
    let result = "";
    for (let i = 0; i < a.length; i++) {
      result += form(a[i] === "1", b[i] === "1") ? "1" : "0";
    }
    return result;
  };
}

const and = combine("AND", (a, b) => a && b);
const or = combine("OR", (a, b) => a || b);
const xor = combine("XOR", (a, b) => a !== b);

/** Moves the bits to the left, or to the right by less than nothing. */
function shift(bits: string, count: number): string {
  const { length } = bits;
  if (Math.abs(count) >= length) return "0".repeat(length);
  return count >= 0
    ? bits.slice(count) + "0".repeat(count)
    : "0".repeat(-count) + bits.slice(0, length + count);
}

function invert(bits: string): string {
  return bits.replace(/./g, (digit) => digit === "0" ? "1" : "0");
}

/** From bit `start` (the first is 1) on, `count` bits or all. */
function substring(bits: string, start: number, count?: Nullable): string {
  if (count === undefined) return bits.slice(Math.max(0, start - 1));
  const end = start - 1 + (count as number);
  if ((count as number) < 0) {
    throw new SqlError("22011", "negative substring length not allowed");
  }
  return bits.slice(Math.max(0, start - 1), Math.max(0, end));
}

function overlay(
  bits: string,
  other: string,
  start: number,
  count: number,
): string {
  if (start <= 0) {
    throw new SqlError("22011", "negative substring length not allowed");
  }
  const after = start + count;
  if (after > 2147483647) {
    throw new SqlError("22003", "integer out of range");
  }
  return substring(bits, 1, start - 1) + other + substring(bits, after);
}

function checkIndex(bits: string, index: number): void {
  if (index >= 0 && index < bits.length) return;
  throw new SqlError(
    "2202E",
    `bit index ${index} out of valid range (0..${bits.length - 1})`,
  );
}

function setBit(bits: string, index: number, value: number): string {
  checkIndex(bits, index);
  if (value !== 0 && value !== 1) {
    throw new SqlError("22023", "new bit must be 0 or 1");
  }
  return bits.slice(0, index) + value + bits.slice(index + 1);
}

function ofTwo(
  name: string,
  form: (a: string, b: string) => string,
): OperatorDefinition {
  return infix(binary<string, string>(name, [bit, bit], bit, form), {
    commutator: name,
  });
}

/** The operators of bit strings. */
export const bitOperators: readonly OperatorDefinition[] = [
  ...comparisonOperatorsOf(bit),
  ...comparisonOperatorsOf(varbit),
  ofTwo("&", and),
  ofTwo("|", or),
  ofTwo("#", xor),
  prefix(unary<string>("~", bit, bit, invert)),
  infix(binary<string, number>("<<", [bit, int4], bit, shift)),
  infix(
    binary<string, number>(
      ">>",
      [bit, int4],
      bit,
      (bits, count) => shift(bits, -count),
    ),
  ),
  infix(
    binary<string, string>("||", [varbit, varbit], varbit, (a, b) => a + b),
  ),
];

function count(
  name: string,
  returns: DataType,
  form: (bits: string) => number,
): FunctionDefinition {
  return unary<string>(name, bit, returns, form);
}

/** Functions of bit strings. */
export const bitFunctions: readonly FunctionDefinition[] = [
  count("length", int4, (bits) => bits.length),
  count("bit_length", int4, (bits) => bits.length),
  count("octet_length", int4, (bits) => (bits.length + 7) >>> 3),
  count("bit_count", int8, (bits) => bits.replaceAll("0", "").length),
  binary<string, string>(
    "position",
    [bit, bit],
    int4,
    (bits, wanted) => bits.indexOf(wanted) + 1,
  ),
  define(
    "substring",
    [bit, int4],
    bit,
    ([bits, start]) => substring(bits as string, start as number),
  ),
  define(
    "substring",
    [bit, int4, int4],
    bit,
    ([bits, start, length]) =>
      substring(bits as string, start as number, length!),
  ),
  define("overlay", [bit, bit, int4], bit, ([bits, other, start]) =>
    overlay(
      bits as string,
      other as string,
      start as number,
      (other as string).length,
    )),
  define(
    "overlay",
    [bit, bit, int4, int4],
    bit,
    ([bits, other, start, length]) =>
      overlay(
        bits as string,
        other as string,
        start as number,
        length as number,
      ),
  ),
  binary<string, number>("get_bit", [bit, int4], int4, (bits, index) => {
    checkIndex(bits, index);
    return Number(bits[index]);
  }),
  define(
    "set_bit",
    [bit, int4, int4],
    bit,
    ([bits, index, value]) =>
      setBit(bits as string, index as number, value as number),
  ),
];

function fold(
  name: string,
  form: (a: string, b: string) => string,
): AggregateDefinition {
  return aggregate(
    name,
    bit,
    bit,
    () => new FoldState((a, b) => form(a as string, b as string)),
  );
}

/** Aggregates of bit strings. */
export const bitAggregates: readonly AggregateDefinition[] = [
  fold("bit_and", and),
  fold("bit_or", or),
  fold("bit_xor", xor),
];
