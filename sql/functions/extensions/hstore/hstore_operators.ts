/**
 * What `hstore` values are asked and made of: the forms behind its functions
 * and operators.
 *
 * @module
 */
import { SqlArray } from "../../../types/array/array_value.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import type { Nullable } from "../../../types/data_type.ts";
import {
  formatHstore,
  type HstorePairs,
  pairsOf,
} from "../../../types/extensions/hstore_value.ts";
import {
  formatJson,
  type JsonNode,
  JsonNumber,
  JsonObject,
} from "../../../types/json_tree.ts";
import { nullKey } from "../../../types/extensions/hstore_type.ts";

/** The keys of a text array that are not NULL. */
function keysOf(array: SqlArray): string[] {
  return array.elements.filter((each) => each !== null) as string[];
}

/** `->`: the value of a key. */
export function valueOf(value: string, key: string): string | null {
  return pairsOf(value).get(key) ?? null;
}

/** `-> text[]`: the values of keys, in the shape of these. */
export function valuesOf(value: string, keys: SqlArray): SqlArray {
  const pairs = pairsOf(value);
  return keys.map((key) =>
    key === null ? null : pairs.get(key as string) ?? null
  );
}

/** `?`. */
export function hasKey(value: string, key: string): boolean {
  return pairsOf(value).has(key);
}

/** `?&`. */
export function hasAllKeys(value: string, keys: SqlArray): boolean {
  const pairs = pairsOf(value);
  return keysOf(keys).every((key) => pairs.has(key));
}

/** `?|`. */
export function hasSomeKey(value: string, keys: SqlArray): boolean {
  const pairs = pairsOf(value);
  return keysOf(keys).some((key) => pairs.has(key));
}

/** `@>`. */
export function contains(value: string, part: string): boolean {
  const pairs = pairsOf(value);
  const wanted = pairsOf(part);
  for (const [key, item] of wanted) {
    if (pairs.get(key) !== item) return false;
  }
  return true;
}

/** `||`: of a key that both have the right one's value. */
export function concat(a: string, b: string): string {
  const pairs = pairsOf(a);
  return formatHstore(new Map([...pairs, ...pairsOf(b)]));
}

function keep(
  value: string,
  test: (key: string, item: string | null) => boolean,
): string {
  const pairs = pairsOf(value);
  return formatHstore(new Map([...pairs].filter(([k, v]) => test(k, v))));
}

/** `- text`. */
export function withoutKey(value: string, key: string): string {
  return keep(value, (each) => each !== key);
}

/** `- text[]`. */
export function withoutKeys(value: string, keys: SqlArray): string {
  const gone = new Set(keysOf(keys));
  return keep(value, (each) => !gone.has(each));
}

/** `- hstore`: pairs that are in both go. */
export function withoutPairs(value: string, other: string): string {
  const pairs = pairsOf(value);
  const gone = pairsOf(other);
  return formatHstore(
    new Map([...pairs].filter(([key, item]) => gone.get(key) !== item)),
  );
}

/** `slice`: the pairs of these keys. */
export function slice(value: string, keys: SqlArray): string {
  const wanted = new Set(keysOf(keys));
  return keep(value, (each) => wanted.has(each));
}

/** `%%` and `%#`: keys and values, one behind the other or side by side. */
export function toArray(value: string, isMatrix: boolean): SqlArray {
  const pairs = pairsOf(value);
  const elements = [...pairs].flat();
  return isMatrix && pairs.size > 0
    ? SqlArray.shaped(elements, [pairs.size, 2], [1, 1])
    : SqlArray.of(elements);
}

/** `hstore(text[], text[])`: keys and values; no values are NULLs. */
export function ofArrays(keys: SqlArray, values: SqlArray | null): string {
  if (keys.dims.length > 1) throw wrongSubscripts();
  if (
    values !== null &&
    (values.dims.length > 1 || values.elements.length !== keys.elements.length)
  ) {
    if (values.dims.length > 1) throw wrongSubscripts();
    throw new SqlError("2202E", "arrays must have same bounds");
  }
  const pairs = new Map<string, string | null>();
  keys.elements.forEach((key, i) => {
    if (key === null) throw nullKey();
    if (pairs.has(key as string)) return;
    pairs.set(key as string, (values?.elements[i] ?? null) as string | null);
  });
  return formatHstore(pairs);
}

function wrongSubscripts(): SqlError {
  return new SqlError("2202E", "wrong number of array subscripts");
}

/** The pairs with one assigned: `h['key'] = value`. */
export function assign(
  value: Nullable,
  key: Nullable,
  item: Nullable,
): string {
  if (key === null) {
    throw new SqlError(
      "22004",
      "hstore subscript in assignment must not be null",
    );
  }
  const pairs: HstorePairs = value === null
    ? new Map()
    : pairsOf(value as string);
  return formatHstore(
    new Map([...pairs, [key as string, item as string | null]]),
  );
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function looseNode(item: string | null): JsonNode {
  if (item === "t") return true;
  if (item === "f") return false;
  return item !== null && NUMBER.test(item) ? new JsonNumber(item) : item;
}

/** JSON in which numbers and truths are what they look like. */
export function looseJson(value: string): string {
  const pairs = pairsOf(value);
  return formatJson(
    new JsonObject([...pairs.keys()], [...pairs.values()].map(looseNode)),
  );
}
