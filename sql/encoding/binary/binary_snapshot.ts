/**
 * `pg_snapshot` in its binary form: how many transactions were running (4), the
 * first of them (8), the first that had not begun (8), those that were running
 * (8 each).
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { SqlValue } from "../../types/data_type.ts";
import { snapshotOf, snapshotParts } from "../../types/snapshot_types.ts";
import type { BinaryReader, BinaryWriter } from "./binary_bytes.ts";

/** Writes a snapshot. */
export function writeBinarySnapshot(
  writer: BinaryWriter,
  value: SqlValue,
): void {
  const { xmin, xmax, running } = snapshotParts(value);
  writer.i32(running.length);
  for (const id of [xmin, xmax, ...running]) {
    writer.i64(BigInt.asIntN(64, id));
  }
}

/** Reads the text of a snapshot, which its type then checks. */
export function readBinarySnapshot(reader: BinaryReader): string {
  const count = reader.i32();
  if (count < 0 || count * 8 + 16 !== reader.left) {
    throw new SqlError("22P03", "invalid external pg_snapshot data");
  }
  const id = (): bigint => BigInt.asUintN(64, reader.i64());
  const xmin = id();
  const xmax = id();
  return snapshotOf({
    xmin,
    xmax,
    running: Array.from({ length: count }, id),
  });
}
