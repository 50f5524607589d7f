/**
 * Where the vectors of a vector index are.
 *
 * | key of the index | the vector is |
 * | --- | --- |
 * | a column | in the row of the table |
 * | an expression | in the entry of the index, as a row of one column |
 *
 * Both lie under a storage id and the tuple id, so that whoever reads them need
 * not know which it is.
 *
 * @module
 */
import { ByteWriter } from "../../base/bytes.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import type { Column } from "../chunk/chunk.ts";
import { RowCodec } from "../encoding/row_encoding.ts";
import type { TypeRef } from "../types/data_type.ts";
import { keyTypes } from "./index_keys.ts";
import type { LsmTableMethod } from "./lsm_table.ts";

/** Where to find vectors by tuple id. */
export interface VectorPlace {
  /** The storage id of the rows. */
  readonly storageId: number;
  /** Reads the rows. */
  readonly codec: RowCodec;
  /** Which of their columns it is. */
  readonly position: number;
}

const EMPTY = new Uint8Array(0);

/** Where the vectors of an index are. */
export function vectorPlace(
  index: IndexEntry,
  table: TableEntry,
  tables: LsmTableMethod,
): VectorPlace {
  const [key] = index.columns;
  if (key!.expression !== undefined) {
    return {
      storageId: index.storageId,
      codec: entryCodec(index, table),
      position: 0,
    };
  }
  return {
    storageId: table.storageId,
    codec: tables.codec(table),
    position: table.columns.findIndex(({ number }) =>
      number === key!.columnNumber
    ),
  };
}

function entryCodec(index: IndexEntry, table: TableEntry): RowCodec {
  const [{ type }] = keyTypes(index, table) as [TypeRef];
  return new RowCodec([{ number: 1, type }]);
}

/** Writes what the entry of a row holds besides its key. */
export function entryValues(
  index: IndexEntry,
  table: TableEntry,
  column: Column,
): (row: number) => Uint8Array {
  if (index.columns[0]!.expression === undefined) return () => EMPTY;
  const codec = entryCodec(index, table);
  const writer = new ByteWriter(256);
  return (row) => {
    writer.reset();
    codec.encodeRow(writer, [column], row);
    return writer.written;
  };
}
