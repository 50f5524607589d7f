/**
 * An index as the catalog stores it.
 *
 * @module
 */
import type { TypeRegistry } from "../types/type_registry.ts";
import type { IndexColumn, IndexEntry } from "./entries.ts";
import {
  booleanAt,
  corrupt,
  type Fields,
  idAt,
  idsAt,
  isRecord,
  listAt,
  optional,
  textAt,
  textsAt,
} from "./stored_fields.ts";
import { decodeType, typeFields } from "./type_fields.ts";

/** The fields of an index, for JSON. */
export function indexFields(entry: IndexEntry): Fields {
  return {
    ...entry,
    columns: entry.columns.map(indexColumnFields),
  };
}

/** The fields of a key column, for JSON. */
export function indexColumnFields(
  { expression, ...column }: IndexColumn,
): Fields {
  return {
    ...column,
    ...expression && {
      expression: { ...expression, type: typeFields(expression.type) },
    },
  };
}

/**
 * Reads what is of an index alone.
 *
 * @throws {KriyaError} `corrupt`.
 */
export function decodeIndex(
  fields: Fields,
  types: TypeRegistry,
): Omit<
  IndexEntry,
  | "id"
  | "name"
  | "dependencies"
  | "comment"
  | "storageId"
  | "schema"
  | "accessMethod"
  | "options"
> {
  return {
    kind: "index",
    tableId: idAt(fields, "tableId"),
    columns: listAt(fields, "columns").map((column) =>
      decodeIndexColumn(column, types)
    ),
    unique: booleanAt(fields, "unique"),
    primary: booleanAt(fields, "primary"),
    ...optional(
      "constraintName",
      fields["constraintName"],
      () => textAt(fields, "constraintName"),
    ),
    ...optional(
      "exclusion",
      fields["exclusion"],
      () => textsAt(fields, "exclusion"),
    ),
    ...optional(
      "temporal",
      fields["temporal"],
      () => booleanAt(fields, "temporal"),
    ),
    ...optional(
      "constraintComment",
      fields["constraintComment"],
      () => textAt(fields, "constraintComment"),
    ),
    ...optional(
      "deferrable",
      fields["deferrable"],
      () => booleanAt(fields, "deferrable"),
    ),
    ...optional(
      "initiallyDeferred",
      fields["initiallyDeferred"],
      () => booleanAt(fields, "initiallyDeferred"),
    ),
    ...optional("include", fields["include"], () => idsAt(fields, "include")),
    ...optional(
      "predicate",
      fields["predicate"],
      () => textAt(fields, "predicate"),
    ),
    ...optional(
      "usedColumns",
      fields["usedColumns"],
      () => idsAt(fields, "usedColumns"),
    ),
    ...optional(
      "nullsNotDistinct",
      fields["nullsNotDistinct"],
      () => booleanAt(fields, "nullsNotDistinct"),
    ),
    ...optional("parentId", fields["parentId"], () => idAt(fields, "parentId")),
  };
}

/** Reads a stored key column. */
export function decodeIndexColumn(
  column: Fields,
  types: TypeRegistry,
): IndexColumn {
  const { expression } = column;
  return {
    columnNumber: idAt(column, "columnNumber"),
    operatorClass: textAt(column, "operatorClass"),
    descending: booleanAt(column, "descending"),
    nullsFirst: booleanAt(column, "nullsFirst"),
    ...optional("expression", expression, () => {
      if (!isRecord(expression)) throw corrupt("an expression is no record");
      return {
        sql: textAt(expression, "sql"),
        type: decodeType(expression["type"], types),
        name: textAt(expression, "name"),
      };
    }),
  };
}
