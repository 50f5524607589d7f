/**
 * Aggregates that pick or join values: `min`, `max`, `bool_and`, `bool_or`,
 * `every`, `any_value`, `bit_and`, `bit_or`, `bit_xor`, `string_agg`.
 *
 * @module
 */
import { bool } from "../../types/bool_type.ts";
import { bytea } from "../../types/bytea_type.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import { float4, float8 } from "../../types/float_types.ts";
import { int2, int4, int8, normalizeInt8, oid } from "../../types/int_types.ts";
import { interval } from "../../types/interval_type.ts";
import { money } from "../../types/money_type.ts";
import { inet } from "../../types/network/network_types.ts";
import { pgLsn, tid, xid8 } from "../../types/place_types.ts";
import { record } from "../../types/row/row_type.ts";
import { numeric } from "../../types/numeric_type.ts";
import { anyElement, anyEnum } from "../../types/pseudo_types.ts";
import { date, timestamp, timestamptz } from "../../types/temporal_types.ts";
import { bpchar, text } from "../../types/text_types.ts";
import { time } from "../../types/time_type.ts";
import { timetz } from "../../types/timetz_type.ts";
import { aggregate, ValueState } from "./aggregate_define.ts";
import { ExtremeGroups } from "./grouped_states.ts";
import { SlidingExtreme } from "./sliding_aggregates.ts";
import type { AggregateDefinition, AggregateState } from "../registry.ts";

/** The types that `min` and `max` take. */
const EXTREME_TYPES: readonly DataType[] = [
  int2,
  int4,
  int8,
  oid,
  float4,
  float8,
  numeric,
  text,
  bpchar,
  bytea,
  date,
  time,
  timestamp,
  timestamptz,
  timetz,
  interval,
  money,
  inet,
  tid,
  xid8,
  pgLsn,
];

/** Keeps the least (`sign` -1) or the greatest (1) value. */
export class ExtremeState extends ValueState {
  readonly #compare: (a: SqlValue, b: SqlValue) => number;
  readonly #sign: number;
  #value: Nullable = null;

  constructor(type: DataType, sign: number) {
    super();
    this.#compare = type.compare;
    this.#sign = sign;
  }

  add(value: SqlValue): void {
    if (
      this.#value === null ||
      this.#compare(value, this.#value) * this.#sign > 0
    ) this.#value = value;
  }

  finish(): Nullable {
    return this.#value;
  }
}

/** Folds values two by two; NULL without any. */
export class FoldState extends ValueState {
  readonly #fold: (a: SqlValue, b: SqlValue) => SqlValue;
  #value: Nullable = null;

  constructor(fold: (a: SqlValue, b: SqlValue) => SqlValue) {
    super();
    this.#fold = fold;
  }

  add(value: SqlValue): void {
    this.#value = this.#value === null ? value : this.#fold(this.#value, value);
  }

  finish(): Nullable {
    return this.#value;
  }
}

function fold(
  name: string,
  type: DataType,
  form: (a: SqlValue, b: SqlValue) => SqlValue,
): AggregateDefinition {
  return aggregate(name, type, type, () => new FoldState(form));
}

/** `string_agg`: rows whose value is NULL are left out, a NULL separator is empty. */
class JoinState implements AggregateState {
  readonly #parts: SqlValue[] = [];
  readonly #join: (parts: readonly SqlValue[]) => SqlValue;
  readonly #empty: SqlValue;

  constructor(join: (parts: readonly SqlValue[]) => SqlValue, empty: SqlValue) {
    this.#join = join;
    this.#empty = empty;
  }

  step(args: readonly Nullable[]): void {
    const [value, separator] = args;
    if (value === null) return;
    if (this.#parts.length > 0) this.#parts.push(separator ?? this.#empty);
    this.#parts.push(value!);
  }

  finish(): Nullable {
    return this.#parts.length === 0 ? null : this.#join(this.#parts);
  }
}

function joinBytes(parts: readonly SqlValue[]): SqlValue {
  const all = parts as readonly Uint8Array[];
  const result = new Uint8Array(
    all.reduce((length, part) => length + part.length, 0),
  );
  let at = 0;
  for (const part of all) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

function bits(
  name: string,
  form: (a: bigint, b: bigint) => bigint,
): AggregateDefinition[] {
  return [int2, int4, int8].map((type) =>
    fold(
      name,
      type,
      (a, b) => normalizeInt8(form(BigInt(a as number), BigInt(b as number))),
    )
  );
}

/** `min` or `max` of values of a type. */
export function extremeAggregate(
  name: "min" | "max",
  type: DataType,
): AggregateDefinition {
  const sign = name === "min" ? -1 : 1;
  return {
    ...aggregate(name, type, type, () => new ExtremeState(type, sign)),
    sliding: () => new SlidingExtreme(type.compare, sign),
    ...type.storage === "int32" || type.storage === "float64"
      ? { grouped: () => new ExtremeGroups(type, sign) }
      : {},
  };
}

function extremes(name: "min" | "max"): AggregateDefinition[] {
  const extreme = (type: DataType): AggregateDefinition =>
    extremeAggregate(name, type);
  return [
    ...EXTREME_TYPES.map(extreme),
    ...[anyEnum, record].map((any) => ({
      ...extreme(any),
      specialize: ([type]: readonly DataType[]) => extreme(type!),
    })),
  ];
}

const anyValue: AggregateDefinition = {
  ...fold("any_value", anyElement, (a) => a),
  specialize: ([type]) => fold("any_value", type!, (a) => a),
};

/** The aggregates that pick or join values. */
export const valueAggregates: readonly AggregateDefinition[] = [
  ...extremes("min"),
  ...extremes("max"),
  fold("bool_and", bool, (a, b) => a === true && b === true),
  fold("every", bool, (a, b) => a === true && b === true),
  fold("bool_or", bool, (a, b) => a === true || b === true),
  ...bits("bit_and", (a, b) => a & b),
  ...bits("bit_or", (a, b) => a | b),
  ...bits("bit_xor", (a, b) => a ^ b),
  anyValue,
  {
    name: "string_agg",
    argumentTypes: [text, text],
    returnType: text,
    strict: false,
    gathers: true,
    create: () => new JoinState((parts) => parts.join(""), ""),
  },
  {
    name: "string_agg",
    argumentTypes: [bytea, bytea],
    returnType: bytea,
    strict: false,
    gathers: true,
    create: () => new JoinState(joinBytes, new Uint8Array(0)),
  },
];
