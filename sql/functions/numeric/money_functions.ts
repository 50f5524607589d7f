/**
 * Operators and functions of `money`.
 *
 * @module
 */
import type { DataType, SqlValue } from "../../types/data_type.ts";
import { float4, float8 } from "../../types/float_types.ts";
import { int2, int4, int8 } from "../../types/int_types.ts";
import {
  type Cents,
  checkMoney,
  divideMoney,
  money,
  moneyOfFloat,
} from "../../types/money_type.ts";
import { text } from "../../types/text_types.ts";
import { divisionByZero } from "../../types/type_error.ts";
import { binary, infix, unary } from "../define.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";

const INTEGERS: readonly DataType[] = [int2, int4, int8];
const FLOATS: readonly DataType[] = [float4, float8];

/** `*` on both sides of an amount. */
function products<N extends number | bigint>(
  type: DataType,
  form: (cents: Cents, by: N) => SqlValue,
): OperatorDefinition[] {
  return [
    infix(
      binary<Cents, N>("*", [money, type], money, form),
      { commutator: "*" },
    ),
    infix(
      binary<N, Cents>(
        "*",
        [type, money],
        money,
        (by, cents) => form(cents, by),
      ),
      { commutator: "*" },
    ),
  ];
}

function timesInteger(cents: Cents, by: number | bigint): Cents {
  return checkMoney(BigInt(cents) * BigInt(by));
}

function overFloat(cents: Cents, by: number): Cents {
  if (by === 0) throw divisionByZero();
  return moneyOfFloat(Number(cents) / by, Number.isFinite(by));
}

/** The operators of `money`, comparison aside. */
export const moneyOperators: readonly OperatorDefinition[] = [
  infix(
    binary<Cents, Cents>(
      "+",
      [money, money],
      money,
      (a, b) => checkMoney(BigInt(a) + BigInt(b)),
    ),
    { commutator: "+" },
  ),
  infix(
    binary<Cents, Cents>(
      "-",
      [money, money],
      money,
      (a, b) => checkMoney(BigInt(a) - BigInt(b)),
    ),
  ),
  infix(
    binary<Cents, Cents>("/", [money, money], float8, (a, b) => {
      if (BigInt(b) === 0n) throw divisionByZero();
      return Number(a) / Number(b);
    }),
  ),
  ...INTEGERS.flatMap((type) => [
    ...products(type, timesInteger),
    infix(
      binary<Cents, number | bigint>("/", [money, type], money, divideMoney),
    ),
  ]),
  ...FLOATS.flatMap((type) => [
    ...products(
      type,
      (cents, by: number) =>
        moneyOfFloat(Number(cents) * by, Number.isFinite(by)),
    ),
    infix(binary<Cents, number>("/", [money, type], money, overFloat)),
  ]),
];

const SMALL =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
    .split(" ");
const TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety"
  .split(" ");

/** A number below 1000 in words, as PostgreSQL's `append_num_word` has them. */
function wordsBelowThousand(value: number): string {
  const hundreds = Math.floor(value / 100);
  const rest = value % 100;
  const tens = TENS[Math.floor(rest / 10)]!;
  const ones = SMALL[rest % 10]!;
  if (value <= 20) return value === 20 ? "twenty" : SMALL[value]!;
  if (rest === 0) return `${SMALL[hundreds]} hundred`;
  if (value > 99) {
    const head = `${SMALL[hundreds]} hundred`;
    if (value % 10 === 0 && rest > 10) return `${head} ${tens}`;
    if (rest < 20) return `${head} and ${SMALL[rest]}`;
    return `${head} ${tens} ${ones}`;
  }
  return value % 10 === 0 ? tens : `${tens} ${ones}`;
}

const SCALES: readonly (readonly [bigint, string])[] = [
  [10n ** 15n, "quadrillion"],
  [10n ** 12n, "trillion"],
  [10n ** 9n, "billion"],
  [10n ** 6n, "million"],
  [1000n, "thousand"],
];

/** An amount in words. */
function moneyInWords(value: Cents): string {
  const cents = BigInt(value);
  const magnitude = cents < 0n ? -cents : cents;
  const dollars = magnitude / 100n;
  let words = cents < 0n ? "minus " : "";
  for (const [scale, name] of SCALES) {
    const part = Number(dollars / scale % 1000n);
    if (part > 0) words += `${wordsBelowThousand(part)} ${name} `;
  }
  const units = Number(dollars % 1000n);
  if (units > 0) words += wordsBelowThousand(units);
  if (dollars === 0n) words += "zero";
  words += dollars === 1n ? " dollar and " : " dollars and ";
  const rest = Number(magnitude % 100n);
  words += `${wordsBelowThousand(rest)} ${rest === 1 ? "cent" : "cents"}`;
  return words[0]!.toUpperCase() + words.slice(1);
}

/** The functions of `money`. */
export const moneyFunctions: readonly FunctionDefinition[] = [
  unary<Cents>("cash_words", money, text, moneyInWords),
];
