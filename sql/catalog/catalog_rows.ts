/**
 * The catalog as rows of the tree, under the reserved prefix 0.
 *
 * | key | value |
 * | --- | --- |
 * | `00000000 01` id (u32) | the relation, JSON |
 * | `00000000 02` schema `00` name | the relation's id, u32: who takes the name |
 * | `00000000 03` | the next relation id and storage id, u64 |
 * | `00000000 04` storage id (u32) | the next tuple id of the table, u64 |
 *
 * Numbers are big-endian. A transaction that makes a relation writes the row of
 * its name under the condition that it is unchanged, so two cannot take one
 * name; every transaction that writes rows has the condition that its tables'
 * rows here are unchanged, so no row is written past a DROP or a CREATE INDEX.
 *
 * Versions of the JSON: 1, as the field `version`.
 *
 * @module
 */
import { utf8Decode, utf8Encode } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import type { TypeRef } from "../types/data_type.ts";
import type { TypeRegistry } from "../types/type_registry.ts";
import type { ColumnEntry, IndexColumn, RelationEntry } from "./entries.ts";

const VERSION = 1;
const RELATION = 1;
const NAME = 2;
const NEXT_ID = 3;
const NEXT_TID = 4;

/** The first id of relations; below are the system's. */
export const FIRST_RELATION_ID = 16_384;

/** The first key of the relations' rows. */
export const RELATIONS_START: Uint8Array = key(RELATION, 0);
/** The first key after them. */
export const RELATIONS_END: Uint8Array = Uint8Array.of(0, 0, 0, 0, NAME);
/** The key of the next relation id. */
export const NEXT_ID_KEY: Uint8Array = Uint8Array.of(0, 0, 0, 0, NEXT_ID);

/** The key of a relation's row. */
export function relationKey(id: number): Uint8Array {
  return key(RELATION, id);
}

/** The key of the row that says who takes a name. */
export function nameKey(schema: string, name: string): Uint8Array {
  const text = utf8Encode(`${schema}\0${name}`);
  const bytes = new Uint8Array(5 + text.length);
  bytes[4] = NAME;
  bytes.set(text, 5);
  return bytes;
}

/** The key of a table's next tuple id. */
export function nextTidKey(storageId: number): Uint8Array {
  return key(NEXT_TID, storageId);
}

function key(kind: number, id: number): Uint8Array {
  const bytes = new Uint8Array(9);
  bytes[4] = kind;
  new DataView(bytes.buffer).setUint32(5, id);
  return bytes;
}

/** A counter's value as it is stored. */
export function encodeCounter(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeCounter(bytes, 0, value);
  return bytes;
}

/** Writes a counter's value at `at`. */
export function writeCounter(
  bytes: Uint8Array,
  at: number,
  value: number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(at, Math.floor(value / 0x1_0000_0000));
  view.setUint32(at + 4, value >>> 0);
}

/**
 * Reads a counter's value.
 *
 * @throws {KriyaError} `corrupt`.
 */
export function decodeCounter(bytes: Uint8Array): number {
  if (bytes.length !== 8) throw corrupt("a counter has the wrong length");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const value = view.getUint32(0) * 0x1_0000_0000 + view.getUint32(4);
  if (!Number.isSafeInteger(value)) throw corrupt("a counter is too large");
  return value;
}

/** The value of a relation's row. */
export function encodeRelation(entry: RelationEntry): Uint8Array {
  const columns = entry.kind === "table"
    ? entry.columns.map(({ type, ...column }) => ({
      ...column,
      type: [type.type.oid, type.typmod],
    }))
    : entry.columns;
  return utf8Encode(JSON.stringify({ version: VERSION, ...entry, columns }));
}

/**
 * Reads a relation's row.
 *
 * @throws {KriyaError} `corrupt` when it is damaged or of a newer version.
 */
export function decodeRelation(
  bytes: Uint8Array,
  types: TypeRegistry,
): RelationEntry {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(utf8Decode(bytes));
  } catch (cause) {
    throw corrupt("a relation is not JSON", cause);
  }
  const { version, ...entry } = fields;
  if (version !== VERSION) {
    throw corrupt(`a relation has version ${version}, not ${VERSION}`);
  }
  const { kind, id, storageId, name, schema, columns } = entry;
  if (
    (kind !== "table" && kind !== "index") || !Number.isSafeInteger(id) ||
    !Number.isSafeInteger(storageId) || typeof name !== "string" ||
    typeof schema !== "string" || !Array.isArray(columns)
  ) throw corrupt("a relation has bad fields");
  const decoded: unknown = kind === "table"
    ? {
      ...entry,
      columns: columns.map((column) => decodeColumn(column, types)),
    }
    : { ...entry, columns: columns as IndexColumn[] };
  return decoded as RelationEntry;
}

function decodeColumn(
  column: Omit<ColumnEntry, "type"> & { readonly type: unknown },
  types: TypeRegistry,
): ColumnEntry {
  return { ...column, type: decodeType(column.type, types) };
}

function decodeType(stored: unknown, types: TypeRegistry): TypeRef {
  if (!Array.isArray(stored)) throw corrupt("a column has no type");
  const [oid, typmod] = stored;
  const type = types.byOid(oid);
  if (type === undefined) throw corrupt(`type ${oid} is not known`);
  return { type, typmod };
}

function corrupt(what: string, cause?: unknown): KriyaError {
  return new KriyaError("corrupt", `Cannot read the catalog: ${what}`, {
    cause,
  });
}
