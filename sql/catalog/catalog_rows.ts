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
import type {
  ColumnEntry,
  IndexColumn,
  IndexEntry,
  RelationEntry,
  TableEntry,
} from "./entries.ts";

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
  let fields: unknown;
  try {
    fields = JSON.parse(utf8Decode(bytes));
  } catch (cause) {
    throw corrupt("a relation is not JSON", cause);
  }
  if (!isRecord(fields)) throw corrupt("a relation is not an object");
  const { version, ...entry } = fields;
  if (version !== VERSION) {
    throw corrupt(`a relation has version ${version}, not ${VERSION}`);
  }
  switch (entry["kind"]) {
    case "table":
      return { ...decodeCommon(entry), ...decodeTable(entry, types) };
    case "index":
      return { ...decodeCommon(entry), ...decodeIndex(entry) };
    default:
      throw corrupt("a relation is neither a table nor an index");
  }
}

type Fields = Readonly<Record<string, unknown>>;
type Common = Pick<
  RelationEntry,
  "id" | "storageId" | "schema" | "name" | "accessMethod" | "options"
>;

function decodeCommon(fields: Fields): Common {
  const options = fields["options"];
  if (
    !isRecord(options) ||
    Object.values(options).some((value) => typeof value !== "string")
  ) throw corrupt("the options of a relation are no texts");
  return {
    id: idAt(fields, "id"),
    storageId: idAt(fields, "storageId"),
    schema: textAt(fields, "schema"),
    name: textAt(fields, "name"),
    accessMethod: textAt(fields, "accessMethod"),
    options: options as Readonly<Record<string, string>>,
  };
}

function decodeTable(
  fields: Fields,
  types: TypeRegistry,
): Pick<TableEntry, "kind" | "columns"> {
  const columns = listAt(fields, "columns").map((column): ColumnEntry => ({
    number: idAt(column, "number"),
    name: textAt(column, "name"),
    type: decodeType(column["type"], types),
    notNull: booleanAt(column, "notNull"),
    ...(column["defaultSql"] === undefined
      ? {}
      : { defaultSql: textAt(column, "defaultSql") }),
  }));
  return { kind: "table", columns };
}

function decodeIndex(fields: Fields): Omit<IndexEntry, keyof Common> {
  const columns = listAt(fields, "columns").map((column): IndexColumn => ({
    columnNumber: idAt(column, "columnNumber"),
    operatorClass: textAt(column, "operatorClass"),
    descending: booleanAt(column, "descending"),
    nullsFirst: booleanAt(column, "nullsFirst"),
  }));
  return {
    kind: "index",
    tableId: idAt(fields, "tableId"),
    columns,
    unique: booleanAt(fields, "unique"),
    primary: booleanAt(fields, "primary"),
    ...(fields["constraintName"] === undefined
      ? {}
      : { constraintName: textAt(fields, "constraintName") }),
  };
}

function decodeType(stored: unknown, types: TypeRegistry): TypeRef {
  if (!Array.isArray(stored)) throw corrupt("a column has no type");
  const [oid, typmod] = stored;
  const type = types.byOid(oid);
  if (type === undefined) throw corrupt(`type ${oid} is not known`);
  if (!Number.isSafeInteger(typmod)) throw corrupt("a modifier is no number");
  return { type, typmod };
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listAt(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name];
  if (Array.isArray(value) && value.every(isRecord)) return value;
  throw corrupt(`"${name}" of a relation is no list`);
}

function textAt(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string") return value;
  throw corrupt(`"${name}" of a relation is no text`);
}

function booleanAt(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (typeof value === "boolean") return value;
  throw corrupt(`"${name}" of a relation is no boolean`);
}

/** An id, which keys hold in 32 bits. */
function idAt(fields: Fields, name: string): number {
  const value = fields[name];
  if (
    typeof value === "number" && Number.isInteger(value) && value >= 0 &&
    value < 2 ** 32
  ) return value;
  throw corrupt(`"${name}" of a relation is no id`);
}

function corrupt(what: string, cause?: unknown): KriyaError {
  return new KriyaError("corrupt", `Cannot read the catalog: ${what}`, {
    cause,
  });
}
