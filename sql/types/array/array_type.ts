/**
 * Array types: for each type of elements one, made of it.
 *
 * In JavaScript an array is an array, of arrays where there are several
 * dimensions; subscripts then begin at 0, and lower bounds are not said.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType, InputContext, SqlValue } from "../data_type.ts";
import { isRowType, record } from "../row/row_type.ts";
import { textOfJs } from "../js_value.ts";
import { formatArray, parseArray } from "./array_text.ts";
import { checkDimensions, SqlArray } from "./array_value.ts";

/** The OIDs that PostgreSQL gives to the array types of its own types. */
const ARRAY_OIDS: Readonly<Record<string, number>> = {
  bool: 1000,
  bytea: 1001,
  char: 1002,
  name: 1003,
  int2: 1005,
  int4: 1007,
  text: 1009,
  oid: 1028,
  bpchar: 1014,
  varchar: 1015,
  int8: 1016,
  float4: 1021,
  float8: 1022,
  timestamp: 1115,
  date: 1182,
  time: 1183,
  timestamptz: 1185,
  interval: 1187,
  numeric: 1231,
  timetz: 1270,
  bit: 1561,
  varbit: 1563,
  record: 2287,
  uuid: 2951,
  tsvector: 3643,
  tsquery: 3645,
  regconfig: 3735,
  json: 199,
  jsonb: 3807,
  int4range: 3905,
  numrange: 3907,
  tsrange: 3909,
  tstzrange: 3911,
  daterange: 3913,
  int8range: 3927,
  int4multirange: 6150,
  nummultirange: 6151,
  tsmultirange: 6152,
  tstzmultirange: 6153,
  datemultirange: 6155,
  int8multirange: 6157,
  vector: 16386,
  halfvec: 16388,
  sparsevec: 16390,
  regproc: 1008,
  regprocedure: 2207,
  regclass: 2210,
  regtype: 2211,
  regnamespace: 4090,
  regrole: 4097,
  "pg_snapshot": 5039,
  "txid_snapshot": 2949,
  refcursor: 2201,
  regcollation: 4192,
  point: 1017,
  lseg: 1018,
  line: 629,
  box: 1020,
  circle: 719,
  path: 1019,
  polygon: 1027,
  money: 791,
  inet: 1041,
  cidr: 651,
  macaddr: 1040,
  macaddr8: 775,
  xid: 1011,
  cid: 1012,
  xid8: 271,
  tid: 1010,
  "pg_lsn": 3221,
  citext: 15002,
  hstore: 15004,
  ltree: 15006,
  lquery: 15008,
  ltxtquery: 15010,
  "query_int": 15012,
};

/** Types whose own values are given as JavaScript arrays. */
const TAKES_ARRAYS: ReadonlySet<string> = new Set([
  "json",
  "jsonb",
  "vector",
  "halfvec",
  "sparsevec",
]);

const arrayTypes = new WeakMap<DataType, DataType>();

/** The type of arrays of `element`, if there is one. */
export function arrayTypeOf(element: DataType): DataType | undefined {
  const known = arrayTypes.get(element);
  if (known !== undefined) return known;
  const oid = isRowType(element)
    ? ARRAY_OIDS["record"]
    : ARRAY_OIDS[element.name];
  if (oid === undefined) return undefined;
  return element.category === "P" && element !== record
    ? undefined
    : makeArrayType(element, oid);
}

/**
 * Makes the type of arrays of `element`, once; PostgreSQL calls it `_name`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { int4 } from "../int_types.ts";
 * import { arrayTypeOf } from "./array_type.ts";
 *
 * const type = arrayTypeOf(int4)!;
 * const value = type.input("{{1,2},{NULL,4}}", -1);
 * assertEquals(type.toJs(value), [[1, 2], [null, 4]]);
 * assertEquals(type.output(type.fromJs([1, null])), "{1,NULL}");
 * ```
 */
export function makeArrayType(element: DataType, oid: number): DataType {
  const { inputTakesTypmod, typmodInput, typmodOutput, applyTypmod } = element;
  const type: DataType = {
    oid,
    name: `_${element.name}`,
    displayName: `${element.displayName}[]`,
    category: element === record ? "P" : "A",
    preferred: false,
    length: -1,
    storage: "reference",
    element,
    input: (text: string, typmod: number, context?: InputContext) =>
      parseArray(
        text,
        (item) => element.input(item, typmod, context),
        element.delimiter,
      ),
    output: (value, settings) =>
      formatArray(
        value as SqlArray,
        (item) => element.output(item, settings),
        element.delimiter,
      ),
    compare: (a, b) => compareArrays(element, a as SqlArray, b as SqlArray),
    hashKey: (value) => hashKeyOf(element, value as SqlArray),
    fromJs: (value, context) => arrayOfJs(element, value, context),
    toJs: (value) => arrayToJs((item) => element.toJs(item), value as SqlArray),
    ...inputTakesTypmod === true ? { inputTakesTypmod } : {},
    ...typmodInput === undefined ? {} : { typmodInput },
    ...typmodOutput === undefined ? {} : { typmodOutput },
    ...applyTypmod === undefined ? {} : {
      applyTypmod: (value, typmod, explicit): SqlValue =>
        (value as SqlArray).map((item) =>
          item === null ? null : applyTypmod(item, typmod, explicit)
        ),
    },
  };
  arrayTypes.set(element, type);
  return type;
}

/**
 * Element by element, NULL last; then the shorter one first, then the shapes.
 */
function compareArrays(element: DataType, a: SqlArray, b: SqlArray): number {
  if (a === b) return 0;
  const count = Math.min(a.elements.length, b.elements.length);
  for (let i = 0; i < count; i++) {
    const x = a.elements[i]!;
    const y = b.elements[i]!;
    if (x === null || y === null) {
      if (x !== y) return x === null ? 1 : -1;
      continue;
    }
    const order = element.compare(x, y);
    if (order !== 0) return order;
  }
  return a.elements.length - b.elements.length ||
    a.dims.length - b.dims.length ||
    compareNumbers(a.dims, b.dims) ||
    compareNumbers(a.lowerBounds, b.lowerBounds);
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return 0;
}

/** The shape, then each element's key with its length, so that none runs on. */
function hashKeyOf(element: DataType, array: SqlArray): string {
  let key = array.dims.length === 1 && array.isPlain
    ? ""
    : `${array.dims.join()};${array.lowerBounds.join()};`;
  for (const item of array.elements) {
    if (item === null) {
      key += "N";
    } else {
      const part = String(element.hashKey(item));
      key += `${part.length}:${part}`;
    }
  }
  return key;
}

/** The array that a JavaScript value means: a list, or the text of one. */
function arrayOfJs(
  element: DataType,
  value: unknown,
  context?: InputContext,
): SqlArray {
  const list = listOf(value);
  if (list === undefined) {
    return parseArray(
      textOfJs(value),
      (item) => element.input(item, -1, context),
      element.delimiter,
    );
  }
  const elements: (SqlValue | null)[] = [];
  const dims: number[] = [];
  collect(element, list, 0, elements, dims, context);
  return SqlArray.shaped(elements, dims, dims.map(() => 1));
}

function listOf(value: unknown): ArrayLike<unknown> | undefined {
  if (Array.isArray(value)) return value;
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? value as unknown as ArrayLike<unknown>
    : undefined;
}

function collect(
  element: DataType,
  list: ArrayLike<unknown>,
  depth: number,
  elements: (SqlValue | null)[],
  dims: number[],
  context: InputContext | undefined,
): void {
  if (depth === dims.length && elements.length === 0) {
    checkDimensions(depth + 1);
    dims.push(list.length);
  } else if (depth >= dims.length || dims[depth] !== list.length) {
    throw raggedArray();
  }
  for (let i = 0; i < list.length; i++) {
    const item = list[i];
    if (isNested(element, item)) {
      collect(element, item, depth + 1, elements, dims, context);
    } else if (depth < dims.length - 1) {
      throw raggedArray();
    } else {
      elements.push(
        item === null || item === undefined
          ? null
          : element.fromJs(item, context),
      );
    }
  }
}

function isNested(
  element: DataType,
  item: unknown,
): item is readonly unknown[] {
  return Array.isArray(item) && !TAKES_ARRAYS.has(element.name);
}

function raggedArray(): SqlError {
  return new SqlError("22P02", "malformed array", {
    detail:
      "Multidimensional arrays must have sub-arrays with matching dimensions.",
  });
}

/** The elements as `toJs` gives them, in lists of lists. */
export function arrayToJs(
  toJs: (item: SqlValue) => unknown,
  array: SqlArray,
): unknown[] {
  let items: unknown[] = array.elements.map((item) =>
    item === null ? null : toJs(item)
  );
  for (let i = array.dims.length - 1; i > 0; i--) {
    const size = array.dims[i]!;
    const outer: unknown[] = [];
    for (let at = 0; at < items.length; at += size) {
      outer.push(items.slice(at, at + size));
    }
    items = outer;
  }
  return items;
}
