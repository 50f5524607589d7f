/**
 * `=`, `<>`, `<`, `<=`, `>` and `>=` for every type that has an order.
 *
 * Both operands are of one type: operands of different types are brought
 * together by implicit casts, which gives the results of PostgreSQL's own
 * mixed operators (`int4 < int8`, `date < timestamp`). The floats have mixed
 * ones, because they decide what else a `float4` meets: `int4 = float4` compares
 * as `float8`.
 *
 * @module
 */
import { bool } from "../../types/bool_type.ts";
import { bytea } from "../../types/bytea_type.ts";
import { charType } from "../../types/char_type.ts";
import type { DataType, SqlValue } from "../../types/data_type.ts";
import { float4, float8 } from "../../types/float_types.ts";
import { int2, int4, int8, oid } from "../../types/int_types.ts";
import { interval } from "../../types/interval_type.ts";
import { jsonb } from "../../types/json_types.ts";
import { money } from "../../types/money_type.ts";
import { macaddr, macaddr8 } from "../../types/network/hardware_types.ts";
import { inet } from "../../types/network/network_types.ts";
import { pgLsn, tid, xid8 } from "../../types/place_types.ts";
import { numeric } from "../../types/numeric_type.ts";
import { date, timestamp, timestamptz } from "../../types/temporal_types.ts";
import { bpchar, name, text } from "../../types/text_types.ts";
import { time } from "../../types/time_type.ts";
import { timetz } from "../../types/timetz_type.ts";
import { tsquery, tsvector } from "../../types/text_search/ts_types.ts";
import { uuid } from "../../types/uuid_type.ts";
import { halfvec, sparsevec, vector } from "../../types/vector_type.ts";
import {
  type Comparison,
  comparisonKernel,
  IDENTICAL,
} from "./comparison_kernels.ts";
import { binary, infix } from "../define.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";

/** The types whose values can be compared. */
export const ORDERED_TYPES: readonly DataType[] = [
  bool,
  int2,
  int4,
  int8,
  oid,
  float4,
  float8,
  numeric,
  text,
  bpchar,
  name,
  bytea,
  uuid,
  date,
  time,
  timetz,
  timestamp,
  timestamptz,
  interval,
  jsonb,
  vector,
  tsvector,
  tsquery,
  halfvec,
  sparsevec,
  money,
  inet,
  macaddr,
  macaddr8,
  tid,
  xid8,
  pgLsn,
  charType,
];

/** Commutator and negator of each operator. */
export const COMPARISONS:
  readonly (readonly [Comparison, Comparison, Comparison])[] = [
    ["=", "=", "<>"],
    ["<>", "<>", "="],
    ["<", ">", ">="],
    ["<=", ">=", ">"],
    [">", "<", "<="],
    [">=", "<=", "<"],
  ];

/** The scalar form: what the order of the type says. */
export function holds(
  type: DataType,
  operator: Comparison,
): (a: SqlValue, b: SqlValue) => boolean {
  const { compare } = type;
  if (IDENTICAL.has(type.name)) {
    if (operator === "=") return (a, b) => a === b;
    if (operator === "<>") return (a, b) => a !== b;
  }
  switch (operator) {
    case "=":
      return (a, b) => compare(a, b) === 0;
    case "<>":
      return (a, b) => compare(a, b) !== 0;
    case "<":
      return (a, b) => compare(a, b) < 0;
    case "<=":
      return (a, b) => compare(a, b) <= 0;
    case ">":
      return (a, b) => compare(a, b) > 0;
    case ">=":
      return (a, b) => compare(a, b) >= 0;
  }
}

function comparison(
  types: readonly [DataType, DataType],
  operator: Comparison,
): FunctionDefinition {
  return binary(operator, types, bool, holds(types[0], operator), {
    column: comparisonKernel(types[0], operator),
  });
}

function operatorsOf(
  types: readonly [DataType, DataType],
): OperatorDefinition[] {
  return COMPARISONS.map(([operator, commutator, negator]) =>
    infix(comparison(types, operator), { commutator, negator })
  );
}

/** The operators of comparison of one type. */
export function comparisonOperatorsOf(type: DataType): OperatorDefinition[] {
  return operatorsOf([type, type]);
}

/** The operators of comparison of all types. */
export const comparisonOperators: readonly OperatorDefinition[] = [
  ...ORDERED_TYPES.flatMap(comparisonOperatorsOf),
  // A float4 has the form of the float8 it is compared with.
  ...operatorsOf([float4, float8]),
  ...operatorsOf([float8, float4]),
];
