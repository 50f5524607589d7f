/**
 * The dimensions of a vector index, which one whose key does not say them takes
 * from the first vector: kept under the key that is the storage id alone.
 *
 * @module
 */
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import { readU32, writeU32 } from "./row_key.ts";

const DIMS_BYTES = 4;

/** Dimensions as they are kept. */
export function encodeDims(dims: number): Uint8Array {
  const value = new Uint8Array(DIMS_BYTES);
  writeU32(value, 0, dims);
  return value;
}

/** Dimensions that were kept. */
export function decodeDims(value: Uint8Array): number {
  return readU32(value, 0);
}

/** The error (22000) of a vector of other dimensions. */
export function otherDims(
  index: IndexEntry,
  table: TableEntry,
  dims: number,
  found: number,
): SqlError {
  return new SqlError("22000", `expected ${dims} dimensions, not ${found}`, {
    table: table.name,
    detail: `Index "${index.name}" holds vectors of ${dims} dimensions.`,
  });
}
