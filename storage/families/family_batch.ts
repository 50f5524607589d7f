/**
 * Writes to several families that take effect together.
 *
 * @module
 */
import { WriteBatch } from "../engine/write_batch.ts";
import { type ColumnFamily, spaceKey } from "./column_family.ts";

/** A {@linkcode WriteBatch} whose keys are in families. */
export class FamilyBatch {
  /** What the store commits. */
  readonly batch: WriteBatch = new WriteBatch();

  /** How many puts and deletes there are. */
  get count(): number {
    return this.batch.count;
  }

  /** As {@linkcode WriteBatch.put}. */
  put(
    family: ColumnFamily,
    key: Uint8Array,
    value: Uint8Array,
    checked = false,
  ): void {
    this.batch.put(family.writtenKey(key), value, checked);
  }

  /** As {@linkcode WriteBatch.delete}. */
  delete(family: ColumnFamily, key: Uint8Array, checked = false): void {
    this.batch.delete(family.writtenKey(key), checked);
  }

  /** As {@linkcode WriteBatch.deleteRange}; without an end, all from `start`. */
  deleteRange(
    family: ColumnFamily,
    start: Uint8Array,
    end?: Uint8Array,
  ): void {
    this.batch.deleteRange(
      family.writtenKey(start),
      end === undefined ? spaceKey(family.number + 1) : family.writtenKey(end),
    );
  }
}
