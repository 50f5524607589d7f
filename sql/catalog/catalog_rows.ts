/**
 * The catalog as rows of the tree, under the reserved prefix 0.
 *
 * | key | value |
 * | --- | --- |
 * | `00000000 01` id (u32) | the object, JSON |
 * | `00000000 02` schema `00` name | the relation's id, u64: who takes the name |
 * | `00000000 03` | the next object id and storage id, u64 |
 * | `00000000 04` storage id (u32) | the next tuple id of the table, u64 |
 * | `00000000 05` name | the schema's id, u64: who takes the name |
 * | `00000000 06` id (u32) id (u32) | nothing: the second object needs the first |
 * | `00000000 14` name | the role's id, u64: who takes the name |
 * | `00000000 16` name | the extension's id, u64: who takes the name |
 * | `00000000 15` table id (u32) | the id of its statistics, u64 |
 * | `00000000 09` schema `00` name | the type's id, u64: who takes the name |
 * | `00000000 0a` schema `00` name `00` types | the routine's id, u64: who takes the name and its arguments' types |
 * | `00000000 0b` table id (u32) name | the trigger's id, u64: who takes the name |
 * | `00000000 1e` types | the cast's id, u64: who converts the one to the other |
 * | `00000000 1f` schema `00` symbol `00` types | the operator's id, u64: who takes the symbol and its operands' types |
 * | `00000000 07` storage id (u32) | where a sequence stands (`sequence_place.ts`) |
 *
 * Numbers are big-endian. A transaction that makes an object writes the row of
 * its name under the condition that it is unchanged, so two cannot take one
 * name; every transaction that writes rows has the condition that its tables'
 * rows here are unchanged, so no row is written past a DROP or a CREATE INDEX;
 * one that makes an object has it of the row of its schema, and of what the
 * object needs; and one that drops an object has it of all names in it and of
 * all rows that say what needs it, so nothing comes to need what goes.
 *
 * Versions of the JSON: 1, as the field `version`.
 *
 * @module
 */
import { utf8Decode, utf8Encode } from "../../base/bytes.ts";
import type { TypeRegistry } from "../types/type_registry.ts";
import type {
  CastEntry,
  CatalogEntry,
  Dependency,
  ExtensionEntry,
  OperatorEntry,
  RelationEntry,
  RoleEntry,
  RoutineEntry,
  SchemaEntry,
  SequenceEntry,
  StatisticsEntry,
  TableEntry,
  TriggerEntry,
  TypeEntry,
  ViewEntry,
} from "./entries.ts";
import { decodeIndex, indexFields } from "./index_fields.ts";
import { typeFields } from "./type_fields.ts";
import { hostTypeFields } from "./host_type_entry.ts";
import { decodeTypeEntry } from "./type_rows.ts";
import { isTypeEntry } from "./entries.ts";
import { decodeCast } from "./operators/cast_entry.ts";
import { decodeOperator, operandsOf } from "./operators/operator_entry.ts";
import { decodeRoutine, signatureOf } from "./routine_entry.ts";
import { decodeExtension, extensionFields } from "./extension_entry.ts";
import { decodeAccess, decodeRole } from "./role_entry.ts";
import { sequenceFields, sequenceRangeOf } from "./sequence_entry.ts";
import {
  booleanAt,
  corrupt,
  type Fields,
  idAt,
  isRecord,
  listAt,
  optional,
  textAt,
} from "./stored_fields.ts";
import { decodeStatistics } from "./statistics_entry.ts";
import {
  decodeColumns,
  decodeTable,
  encodeColumn,
  tableFields,
} from "./table_fields.ts";
import { decodeTrigger } from "./trigger_entry.ts";

const VERSION = 1;
const ENTRY = 1;
const NAME = 2;
const NEXT_ID = 3;
const NEXT_TID = 4;
const SCHEMA_NAME = 5;
const NEED = 6;
const TYPE_NAME = 9;
const ROUTINE_NAME = 10;
const TRIGGER_NAME = 11;
const ROLE_NAME = 20;
const STATISTICS = 21;
const CAST = 30;
const OPERATOR_NAME = 31;
const EXTENSION_NAME = 22;

/** The first id of objects; below are the system's. */
export const FIRST_RELATION_ID = 16_384;

/** The first key of the objects' rows. */
export const ENTRIES_START: Uint8Array = key(ENTRY, 0);

/** The first key after them. */
export const ENTRIES_END: Uint8Array = Uint8Array.of(0, 0, 0, 0, NAME);
/** The key of the next object id. */
export const NEXT_ID_KEY: Uint8Array = Uint8Array.of(0, 0, 0, 0, NEXT_ID);

/** The key of an object's row. */
export function entryKey(id: number): Uint8Array {
  return key(ENTRY, id);
}

/** The object whose row has a key that {@linkcode entryKey} gave. */
export function idOfEntry(entry: Uint8Array): number {
  return new DataView(entry.buffer, entry.byteOffset).getUint32(5);
}

/** The key of the row that says who takes an object's name. */
export function nameKey(
  entry:
    | Pick<RelationEntry | TypeEntry | RoleEntry, "kind" | "schema" | "name">
    | SchemaEntry
    | ExtensionEntry
    | RoutineEntry
    | StatisticsEntry
    | CastEntry
    | OperatorEntry
    | TriggerEntry,
): Uint8Array {
  if (entry.kind === "routine") {
    const { schema, name } = entry;
    return keyOfText(
      ROUTINE_NAME,
      `${schema}\0${name}\0${signatureOf(entry)}`,
    );
  }
  if (entry.kind === "trigger") {
    const name = utf8Encode(entry.name);
    const bytes = new Uint8Array(9 + name.length);
    bytes.set(key(TRIGGER_NAME, entry.tableId));
    bytes.set(name, 9);
    return bytes;
  }
  if (entry.kind === "statistics") return key(STATISTICS, entry.tableId);
  if (entry.kind === "cast") return keyOfText(CAST, entry.name);
  if (entry.kind === "operator") {
    const { schema, name } = entry;
    return keyOfText(
      OPERATOR_NAME,
      `${schema}\0${name}\0${operandsOf(entry)}`,
    );
  }
  if (entry.kind === "extension") return keyOfText(EXTENSION_NAME, entry.name);
  if (entry.kind === "role") return keyOfText(ROLE_NAME, entry.name);
  if (isTypeEntry(entry)) {
    return keyOfText(TYPE_NAME, `${entry.schema}\0${entry.name}`);
  }
  return entry.kind === "schema"
    ? keyOfText(SCHEMA_NAME, entry.name)
    : keyOfText(NAME, `${entry.schema}\0${entry.name}`);
}

/** The key of the row that says that `dependent` needs `needed`. */
export function needKey(needed: number, dependent: number): Uint8Array {
  const bytes = new Uint8Array(13);
  bytes.set(key(NEED, needed));
  new DataView(bytes.buffer).setUint32(9, dependent);
  return bytes;
}

/** The keys that others write who come to need an object. */
export function needRanges(entry: CatalogEntry): KeyBounds[] {
  const needs = { start: key(NEED, entry.id), end: key(NEED, entry.id + 1) };
  if (entry.kind !== "schema") return [needs];
  const { name } = entry;
  return [
    needs,
    ...[NAME, TYPE_NAME, ROUTINE_NAME, OPERATOR_NAME].map((kind) => ({
      start: keyOfText(kind, `${name}\0`),
      end: keyOfText(kind, `${name}\x01`),
    })),
  ];
}

/** A range of keys, its end not included. */
interface KeyBounds {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
}

function keyOfText(kind: number, words: string): Uint8Array {
  const text = utf8Encode(words);
  const bytes = new Uint8Array(5 + text.length);
  bytes[4] = kind;
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

/** The value of an object's row. */
export function encodeEntry(entry: CatalogEntry): Uint8Array {
  const fields = entry.kind === "sequence"
    ? sequenceFields(entry)
    : entry.kind === "domain"
    ? { ...entry, base: typeFields(entry.base) }
    : entry.kind === "range"
    ? { ...entry, subtype: typeFields(entry.subtype) }
    : entry.kind === "base"
    ? hostTypeFields(entry)
    : entry.kind === "table"
    ? tableFields(entry)
    : entry.kind === "view" || entry.kind === "composite"
    ? { ...entry, columns: entry.columns.map(encodeColumn) }
    : entry.kind === "index"
    ? indexFields(entry)
    : entry.kind === "extension"
    ? extensionFields(entry)
    : entry;
  return utf8Encode(JSON.stringify({ version: VERSION, ...fields }));
}

/**
 * Reads an object's row.
 *
 * @throws {KriyaError} `corrupt` when it is damaged or of a newer version.
 */
export function decodeEntry(
  bytes: Uint8Array,
  types: TypeRegistry,
): CatalogEntry {
  let fields: unknown;
  try {
    fields = JSON.parse(utf8Decode(bytes));
  } catch (cause) {
    throw corrupt("an object is not JSON", cause);
  }
  if (!isRecord(fields)) throw corrupt("an object is no record");
  const { version, ...entry } = fields;
  if (version !== VERSION) {
    throw corrupt(`an object has version ${version}, not ${VERSION}`);
  }
  const common = { ...decodeCommon(entry), ...decodeAccess(entry) };
  switch (entry["kind"]) {
    case "role":
      return { ...common, ...decodeRole(entry) };
    case "extension":
      return { ...common, ...decodeExtension(entry) };
    case "schema":
      return {
        kind: "schema",
        ...common,
        ...optional("dropped", entry["dropped"], () => true),
      };
    case "table":
      return {
        ...common,
        ...decodeStored(entry),
        ...decodeTable(entry, types),
      };
    case "index":
      return {
        ...common,
        ...decodeStored(entry),
        ...decodeIndex(entry, types),
      };
    case "enum":
    case "domain":
    case "composite":
    case "range":
    case "multirange":
    case "base":
      return { ...common, ...decodeTypeEntry(entry, types) };
    case "routine":
      return { ...common, ...decodeRoutine(entry) };
    case "statistics":
      return { ...common, ...decodeStatistics(entry) };
    case "operator":
      return { ...common, ...decodeOperator(entry) };
    case "cast":
      return { ...common, ...decodeCast(entry) };
    case "trigger":
      return { ...common, ...decodeTrigger(entry) };
    case "view":
      return { ...common, ...decodeView(entry, types) };
    case "sequence":
      return { ...common, ...decodeSequence(entry) };
    default:
      throw corrupt("an object is of a kind that is not known");
  }
}

type Common = Pick<
  CatalogEntry,
  "id" | "name" | "dependencies" | "comment"
>;

function decodeCommon(fields: Fields): Common {
  return {
    id: idAt(fields, "id"),
    name: textAt(fields, "name"),
    ...optional(
      "dependencies",
      fields["dependencies"],
      () => listAt(fields, "dependencies").map(decodeDependency),
    ),
    ...optional("comment", fields["comment"], () => textAt(fields, "comment")),
  };
}

const DEPENDENCY_KINDS: readonly Dependency["kind"][] = [
  "normal",
  "auto",
  "internal",
];

function decodeDependency(fields: Fields): Dependency {
  const kind = DEPENDENCY_KINDS.find((each) => each === fields["kind"]);
  if (kind === undefined) throw corrupt("a dependency is of no kind");
  return {
    id: idAt(fields, "id"),
    ...optional("column", fields["column"], () => idAt(fields, "column")),
    kind,
  };
}

type Stored = Pick<
  TableEntry,
  "storageId" | "schema" | "accessMethod" | "options"
>;

function decodeStored(fields: Fields): Stored {
  const options = fields["options"];
  if (
    !isRecord(options) ||
    Object.values(options).some((value) => typeof value !== "string")
  ) throw corrupt("the options of a relation are no texts");
  return {
    storageId: idAt(fields, "storageId"),
    schema: textAt(fields, "schema"),
    accessMethod: textAt(fields, "accessMethod"),
    options: options as Readonly<Record<string, string>>,
  };
}

function decodeSequence(fields: Fields): Omit<SequenceEntry, keyof Common> {
  const range = sequenceRangeOf(fields);
  if (range === undefined) throw corrupt("a sequence has no range");
  const { owner } = fields;
  if (owner !== undefined && !isRecord(owner)) {
    throw corrupt("the owner of a sequence is no column");
  }
  return {
    kind: "sequence",
    storageId: idAt(fields, "storageId"),
    schema: textAt(fields, "schema"),
    ...range,
    ...(owner === undefined ? {} : {
      owner: {
        tableId: idAt(owner, "tableId"),
        columnNumber: idAt(owner, "columnNumber"),
        identity: booleanAt(owner, "identity"),
      },
    }),
  };
}

function decodeView(
  fields: Fields,
  types: TypeRegistry,
): Omit<ViewEntry, keyof Common> {
  const option = fields["checkOption"];
  if (option !== undefined && option !== "local" && option !== "cascaded") {
    throw corrupt("the check option of a view is none");
  }
  return {
    kind: "view",
    schema: textAt(fields, "schema"),
    columns: decodeColumns(fields, types),
    sql: textAt(fields, "sql"),
    ...optional("checkOption", option, () => option!),
  };
}
