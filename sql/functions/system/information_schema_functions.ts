/**
 * The functions behind the views of `information_schema`, which drivers call
 * too: what a typmod says, and the elements of an array with their places.
 *
 * @module
 */
import type { SqlArray } from "../../types/array/array_value.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { int4, oid } from "../../types/int_types.ts";
import { anyArray, anyElement } from "../../types/pseudo_types.ts";
import { record } from "../../types/row/row_type.ts";
import { define } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";
import { rowSetFunction } from "../sets/set_define.ts";

/** OIDs of types that have something to say. */
const INT8 = 20;
const INT2 = 21;
const INT4 = 23;
const TEXT = 25;
const FLOAT4 = 700;
const FLOAT8 = 701;
const BPCHAR = 1042;
const VARCHAR = 1043;
const DATE = 1082;
const INTERVAL = 1186;
const BIT = 1560;
const VARBIT = 1562;
const NUMERIC = 1700;

/** `time`, `timestamp`, `timestamptz`, `timetz`. */
const TIMES: ReadonlySet<number> = new Set([1083, 1114, 1184, 1266]);

/** The digits of seconds where a type does not say. */
const SECOND_DIGITS = 6;

/** Bytes that a character takes at most. */
const CHARACTER_BYTES_MAX = 4;

/** What `character_octet_length` says of what has no limit. */
const OCTETS_MAX = 2 ** 30;

/** In bits, of the binary types. */
const PRECISIONS: ReadonlyMap<number, number> = new Map([
  [INT2, 16],
  [INT4, 32],
  [INT8, 64],
  [FLOAT4, 24],
  [FLOAT8, 53],
]);

const INTEGERS: ReadonlySet<number> = new Set([INT2, INT4, INT8]);

/** What is said of a type with a typmod. */
type TypmodFact = (type: number, typmod: number) => number | null;

const charLength: TypmodFact = (type, typmod) => {
  if (typmod === -1) return null;
  if (type === BPCHAR || type === VARCHAR) return typmod - 4;
  return type === BIT || type === VARBIT ? typmod : null;
};

const FACTS: Readonly<Record<string, TypmodFact>> = {
  "_pg_char_max_length": charLength,
  "_pg_char_octet_length": (type, typmod) => {
    if (type !== TEXT && type !== BPCHAR && type !== VARCHAR) return null;
    if (typmod === -1) return OCTETS_MAX;
    const length = charLength(type, typmod);
    return length === null ? null : length * CHARACTER_BYTES_MAX;
  },
  "_pg_numeric_precision": (type, typmod) =>
    type !== NUMERIC
      ? PRECISIONS.get(type) ?? null
      : typmod === -1
      ? null
      : ((typmod - 4) >> 16) & 0xffff,
  "_pg_numeric_precision_radix": (type) =>
    type === NUMERIC ? 10 : PRECISIONS.has(type) ? 2 : null,
  "_pg_numeric_scale": (type, typmod) =>
    INTEGERS.has(type)
      ? 0
      : type !== NUMERIC || typmod === -1
      ? null
      : (typmod - 4) & 0xffff,
  "_pg_datetime_precision": (type, typmod) => {
    if (type === DATE) return 0;
    if (TIMES.has(type)) return typmod < 0 ? SECOND_DIGITS : typmod;
    if (type !== INTERVAL) return null;
    const digits = typmod & 0xffff;
    return typmod < 0 || digits === 0xffff ? SECOND_DIGITS : digits;
  },
};

function* numbered({ elements }: SqlArray): Iterable<readonly Nullable[]> {
  for (let i = 0; i < elements.length; i++) yield [elements[i]!, i + 1];
}

function expandArray(type: DataType): FunctionDefinition {
  return rowSetFunction(
    "_pg_expandarray",
    [type],
    record,
    [["x", type.element ?? anyElement], ["n", int4]],
    ([array]) => numbered(array as SqlArray),
  );
}

/** The functions of `information_schema`. */
export const informationSchemaFunctions: readonly FunctionDefinition[] = [
  { ...expandArray(anyArray), specialize: ([type]) => expandArray(type!) },
  ...Object.entries(FACTS).map(([name, fact]) =>
    define(
      name,
      [oid, int4],
      int4,
      ([type, typmod]) => fact(Number(type), typmod as number),
    )
  ),
];
