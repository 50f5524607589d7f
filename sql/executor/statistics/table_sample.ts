/**
 * A random sample of the rows of a table: Vitter's algorithm R, which reads all
 * rows once and keeps as many as asked for, each with the same chance. The
 * seed is the table's, so that the same rows give the same statistics.
 *
 * Of a value of more than {@linkcode WIDE_BYTES} only the width is kept, so that
 * a sample takes a bounded amount of memory.
 *
 * @module
 */
import type { Cancellation } from "../../../base/cancellation.ts";
import type { AccessRegistry } from "../../access/access_registry.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { valueAt } from "../../chunk/chunk.ts";
import type { TransactionHandle } from "../../transaction/transaction_handle.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";

/** How many bytes a value has that is not compared with others. */
const WIDE_BYTES = 1024;

/** The values of a column in the rows of a sample, in the order of the rows. */
export interface ColumnSample {
  /** The values; `undefined`: one that is too wide. */
  readonly values: (Nullable | undefined)[];
  /** Their bytes. */
  readonly widths: Uint32Array;
}

/** Rows of a table. */
export interface TableSample {
  /** How many rows the table has. */
  readonly rowCount: number;
  /** How many of them are in the sample. */
  readonly sampleCount: number;
  /** The wanted columns. */
  readonly columns: readonly ColumnSample[];
}

/** What a sample is taken of. */
export interface SampleRequest {
  readonly table: TableEntry;
  /** The columns wanted: positions in `table.columns`. */
  readonly columns: readonly number[];
  /** How many rows it has at most. */
  readonly countMax: number;
  readonly signal: Cancellation | undefined;
}

/** Takes a sample of what the transaction sees. */
export async function sampleTable(
  { table, columns, countMax, signal }: SampleRequest,
  access: AccessRegistry,
  transaction: TransactionHandle,
): Promise<TableSample> {
  const types = columns.map((at) => table.columns[at]!.type.type);
  const samples = types.map(() => ({
    values: [] as (Nullable | undefined)[],
    widths: new Uint32Array(countMax),
  }));
  const ordinals = new Float64Array(countMax);
  const random = seeded(table.id);
  let rowCount = 0;
  const scan = access.table(table.accessMethod)
    .scan(table, transaction, { columns, signal });
  try {
    for (;;) {
      signal?.throwIfAborted();
      const located = await scan.next();
      if (located === undefined) break;
      const { chunk } = located;
      for (let row = 0; row < chunk.rowCount; row++) {
        const slot = rowCount < countMax
          ? rowCount
          : Math.floor(random() * (rowCount + 1));
        rowCount++;
        if (slot >= countMax) continue;
        ordinals[slot] = rowCount;
        for (let i = 0; i < samples.length; i++) {
          const value = valueAt(chunk.columns[i]!, row);
          const width = value === null ? 0 : widthOf(types[i]!, value);
          samples[i]!.widths[slot] = width;
          samples[i]!.values[slot] = width > WIDE_BYTES ? undefined : value;
        }
      }
    }
  } finally {
    scan.close();
  }
  const sampleCount = Math.min(rowCount, countMax);
  return {
    rowCount,
    sampleCount,
    columns: rowCount > countMax ? inOrder(samples, ordinals) : samples,
  };
}

/** The sample in the order in which the table has its rows. */
function inOrder(
  samples: readonly ColumnSample[],
  ordinals: Float64Array,
): ColumnSample[] {
  const order = Uint32Array.from(ordinals, (_, slot) => slot)
    .sort((a, b) => ordinals[a]! - ordinals[b]!);
  return samples.map(({ values, widths }) => ({
    values: Array.from(order, (slot) => values[slot]),
    widths: order.map((slot) => widths[slot]!),
  }));
}

/** Bytes of a value, as PostgreSQL stores it. */
function widthOf(type: DataType, value: SqlValue): number {
  if (type.length > 0) return type.length;
  const bytes = value instanceof Float32Array
    ? 4 + 4 * value.length
    : value instanceof Uint8Array
    ? value.length
    : typeof value === "string"
    ? value.length
    : type.output(value).length;
  return bytes < 127 ? bytes + 1 : bytes + 4;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
