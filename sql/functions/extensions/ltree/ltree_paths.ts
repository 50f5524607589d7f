/**
 * Parts of trees: the forms behind the functions of `ltree`.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import type { SqlArray } from "../../../types/array/array_value.ts";
import {
  labelsOf,
  ltreeOf,
} from "../../../types/extensions/ltree/ltree_value.ts";

/** The labels from `start` to before `end`. @throws {SqlError} `22023`. */
export function subtree(value: string, start: number, end: number): string {
  const labels = labelsOf(value);
  if (start < 0 || end < 0 || start >= labels.length || start > end) {
    throw new SqlError("22023", "invalid positions");
  }
  return ltreeOf(labels.slice(start, end));
}

/** `subpath`: `length` labels; negative numbers count from the end. */
export function subpath(
  value: string,
  offset: number,
  length?: number,
): string {
  const count = labelsOf(value).length;
  let start = offset;
  for (let i = 0; i < 2 && start < 0; i++) start += count;
  const end = length === undefined
    ? count
    : length < 0
    ? count + length
    : start + length;
  return subtree(value, start, end);
}

/** `index`: where `part` begins at `from` or later; -1: nowhere. */
export function indexOf(value: string, part: string, from: number): number {
  const labels = labelsOf(value);
  const wanted = labelsOf(part);
  if (labels.length === 0 || wanted.length === 0) return -1;
  const first = from < 0 ? Math.max(labels.length + from, 0) : from;
  for (let i = first; i + wanted.length <= labels.length; i++) {
    if (wanted.every((label, j) => labels[i + j] === label)) return i;
  }
  return -1;
}

/** `lca`: the longest ancestor that all have; NULL where one has none. */
export function commonAncestor(values: readonly string[]): string | null {
  const [first, ...others] = values.map(labelsOf);
  if (first === undefined || first.length === 0) return null;
  let count = first.length - 1;
  for (const other of others) {
    if (other.length === 0) return null;
    let same = 0;
    while (
      same < Math.min(count, other.length - 1) && other[same] === first[same]
    ) same++;
    count = same;
  }
  return first.slice(0, count).join(".");
}

/** The elements of an array of trees, which has one dimension. */
export function treesOf({ elements, dims }: SqlArray): string[] {
  if (dims.length > 1) {
    throw new SqlError("2202E", "array must be one-dimensional");
  }
  if (elements.includes(null)) {
    throw new SqlError("22004", "array must not contain nulls");
  }
  return elements as string[];
}
