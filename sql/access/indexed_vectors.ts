/**
 * Values of columns as the vectors of an index.
 *
 * @module
 */
import type { AnyVector, VectorElement } from "../../vector/distance/metric.ts";
import { RowForm } from "../../vector/hnsw/row_form.ts";
import { BitVector } from "../../vector/types/bit_vector.ts";
import { SparseVector } from "../../vector/types/sparse_vector.ts";
import type { Nullable, SqlValue } from "../types/data_type.ts";

/** A value of a column as a vector: bit strings are packed. */
export function vectorOf(value: SqlValue): AnyVector {
  return typeof value === "string"
    ? BitVector.parse(value)
    : value as Float32Array | SparseVector;
}

/** {@linkcode vectorOf}; `undefined` for NULL. */
export function vectorOrNone(
  value: Nullable | undefined,
): AnyVector | undefined {
  return value === null || value === undefined ? undefined : vectorOf(value);
}

/** How many dimensions a value of a column has. */
export function dimsOf(value: SqlValue): number {
  return value instanceof SparseVector
    ? value.dims
    : (value as string | Float32Array).length;
}

/**
 * Fails unless an index can have the value.
 *
 * @throws {KriyaError} 54000 for a sparse vector of too many elements.
 */
export function checkIndexable(element: VectorElement, value: SqlValue): void {
  if (element !== "sparse") return;
  const vector = value as SparseVector;
  new RowForm(element, "l2", vector.dims).check(vector);
}

/** Whether two values, or NULLs, are the same vector. */
export function sameVector(a: Nullable, b: Nullable): boolean {
  if (a === null || b === null || typeof a === "string") return a === b;
  if (a instanceof SparseVector) {
    const other = b as SparseVector;
    return a.dims === other.dims && sameItems(a.indices, other.indices) &&
      sameItems(a.values, other.values);
  }
  return sameItems(a as Float32Array, b as Float32Array);
}

function sameItems(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}
