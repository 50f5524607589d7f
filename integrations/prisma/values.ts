/**
 * Values as Prisma sends and takes them: times as text in UTC, JSON as text,
 * large integers as text, everything else as JavaScript has it.
 *
 * @module
 */
import type { ArgType, ColumnType } from "@prisma/driver-adapter-utils";
import type { QueryOptions } from "../../mod.ts";
import { KriyaDriverAdapterError } from "./errors.ts";

/** Prisma's numbers of types of columns. */
const INT32 = 0;
const INT64 = 1;
const FLOAT = 2;
const DOUBLE = 3;
const NUMERIC = 4;
const BOOLEAN = 5;
const CHARACTER = 6;
const TEXT = 7;
const DATE = 8;
const TIME = 9;
const DATETIME = 10;
const JSON_TEXT = 11;
const BYTES = 13;
const UUID = 15;

/** Types whose lists have a number out of order. */
const LISTS: ReadonlyMap<number, number> = new Map([[BYTES, 77], [UUID, 78]]);

/** What is added for a list of a type. */
const LIST = 64;

/** Prisma's types by the OIDs of PostgreSQL's: of the type, of its list. */
const TYPES: readonly (readonly [number, number, number])[] = [
  [21, 1005, INT32],
  [23, 1007, INT32],
  [20, 1016, INT64],
  [26, 1028, INT64],
  [700, 1021, FLOAT],
  [701, 1022, DOUBLE],
  [1700, 1231, NUMERIC],
  [790, 791, NUMERIC],
  [16, 1000, BOOLEAN],
  [18, 1002, CHARACTER],
  [1042, 1014, TEXT],
  [25, 1009, TEXT],
  [1043, 1015, TEXT],
  [19, 1003, TEXT],
  [1560, 1561, TEXT],
  [1562, 1563, TEXT],
  [869, 1041, TEXT],
  [650, 651, TEXT],
  [1082, 1182, DATE],
  [1083, 1183, TIME],
  [1266, 1270, TIME],
  [1114, 1115, DATETIME],
  [1184, 1185, DATETIME],
  [114, 199, JSON_TEXT],
  [3802, 3807, JSON_TEXT],
  [17, 1001, BYTES],
  [2950, 2951, UUID],
];

const COLUMN_TYPES: ReadonlyMap<number, number> = new Map(
  TYPES.flatMap(([scalar, list, type]) => [
    [scalar, type] as const,
    [list, LISTS.get(type) ?? type + LIST] as const,
  ]),
);

/** The first OID of types that are not PostgreSQL's own. */
const FIRST_OWN_OID = 16_384;

/**
 * Prisma's type of a column.
 *
 * @throws {KriyaDriverAdapterError} for a type that Prisma has none for.
 */
export function columnTypeOf(field: {
  readonly dataTypeID: number;
  readonly dataType: string;
}): ColumnType {
  const { dataTypeID, dataType } = field;
  const type = COLUMN_TYPES.get(dataTypeID);
  if (type !== undefined) return type as ColumnType;
  if (dataTypeID >= FIRST_OWN_OID) return TEXT as ColumnType;
  throw new KriyaDriverAdapterError({
    kind: "UnsupportedNativeDataType",
    type: dataType,
  });
}

/** Forms of values as Prisma takes them. */
export const RESULT_OPTIONS: QueryOptions = {
  rowMode: "array",
  types: { int8: "string", json: "text", vector: "text" },
  parsers: {
    26: (text) => text,
    790: (text) => text.replace(/[$,]/g, ""),
    1114: (text) => `${text.replace(" ", "T")}+00:00`,
    1184: (text) => utc(text),
    1266: (text) => text.replace(/[+-]\d\d(?::\d\d)?$/, ""),
  },
};

/** A time with its zone, in UTC; the infinities stay what they are. */
function utc(text: string): string {
  if (text.endsWith("+00")) {
    return `${text.slice(0, -3).replace(" ", "T")}+00:00`;
  }
  const time = new Date(text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"));
  return Number.isNaN(time.getTime())
    ? text
    : time.toISOString().replace("Z", "+00:00");
}

/** A parameter as the database takes it. */
export function parameterOf(
  value: unknown,
  type: ArgType | undefined,
): unknown {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value) && type?.arity === "list") {
    return value.map((item) => parameterOf(item, type));
  }
  let given = value;
  if (typeof given === "string" && type?.scalarType === "datetime") {
    given = new Date(given);
  }
  if (given instanceof Date) return timeText(given, type?.dbType);
  if (typeof given === "string" && type?.scalarType === "bytes") {
    return Uint8Array.from(atob(given), (char) => char.charCodeAt(0));
  }
  return given;
}

/** A moment as text of a type, in UTC. */
function timeText(date: Date, dbType: string | undefined): string {
  const [day, time] = date.toISOString().replace("Z", "").split("T");
  switch (dbType) {
    case "DATE":
      return day!;
    case "TIME":
    case "TIMETZ":
      return time!;
    default:
      return `${day} ${time}`;
  }
}
