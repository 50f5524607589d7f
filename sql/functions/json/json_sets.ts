/**
 * JSON as rows: `json_each`, `json_object_keys`, `json_array_elements`,
 * `json_to_record`, `json_to_recordset` and their `jsonb` and `_text` twins.
 *
 * What comes of `json` is the pieces of its text, in the order and as often as
 * they are written; what comes of `jsonb` is canonical.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { json, jsonb } from "../../types/json_types.ts";
import { record } from "../../types/row/row_type.ts";
import { text } from "../../types/text_types.ts";
import type { FunctionContext, FunctionDefinition } from "../registry.ts";
import { rowSetFunction, setFunction } from "../sets/set_define.ts";
import {
  NO_ROWS,
  rowsSource,
  type SetColumn,
  type SetSource,
} from "../sets/set_source.ts";
import {
  type JsonPiece,
  type Member,
  objectsOf,
  partsOf,
} from "./json_parts.ts";
import { recordOf, rowOf } from "./json_record.ts";

function wrong(message: string): SqlError {
  return new SqlError("22023", message);
}

function membersOf(
  type: DataType,
  document: Nullable,
  name: string,
): readonly Member[] {
  const parts = partsOf(type, document);
  if (parts.kind === "object") return parts.members;
  if (type === jsonb) throw wrong(`cannot call ${name} on a non-object`);
  throw wrong(
    parts.kind === "array"
      ? "cannot deconstruct an array as an object"
      : "cannot deconstruct a scalar",
  );
}

function elementsOf(
  type: DataType,
  document: Nullable,
  name: string,
): readonly JsonPiece[] {
  const parts = partsOf(type, document);
  if (parts.kind === "array") return parts.elements;
  const isObject = parts.kind === "object";
  if (type === jsonb) {
    throw wrong(
      isObject
        ? "cannot extract elements from an object"
        : "cannot extract elements from a scalar",
    );
  }
  throw wrong(`cannot call ${name} on a ${isObject ? "non-array" : "scalar"}`);
}

function keysOf(
  type: DataType,
  document: Nullable,
  name: string,
): readonly string[] {
  const parts = partsOf(type, document);
  if (parts.kind === "object") return parts.members.map(({ key }) => key);
  const what = parts.kind === "array" ? "an array" : "a scalar";
  throw wrong(`cannot call ${name} on ${what}`);
}

/** A function of one type, `each` giving JSON or text. */
function each(type: DataType, asText: boolean): FunctionDefinition {
  const name = `${type.name}_each${asText ? "_text" : ""}`;
  return rowSetFunction(
    name,
    [type],
    record,
    [["key", text], ["value", asText ? text : type]],
    ([document]) =>
      membersOf(type, document!, name).map(({ key, value }) => [
        key,
        asText ? value.text : value.json,
      ]),
  );
}

function arrayElements(type: DataType, asText: boolean): FunctionDefinition {
  const name = `${type.name}_array_elements${asText ? "_text" : ""}`;
  return setFunction(
    name,
    [type],
    asText ? text : type,
    ([document]) =>
      elementsOf(type, document!, name).map((piece) =>
        asText ? piece.text : piece.json
      ),
    { columnName: "value" },
  );
}

function toRecord(type: DataType): FunctionDefinition {
  const name = `${type.name}_to_record`;
  return recordFunction(
    name,
    type,
    (document, columns, context) => [rowOf(document, type, columns, context)],
  );
}

function toRecordSet(type: DataType): FunctionDefinition {
  const name = `${type.name}_to_recordset`;
  return recordFunction(
    name,
    type,
    (document, columns, context) =>
      objectsOf(type, document, name).map((members) =>
        recordOf(members, columns, context)
      ),
  );
}

function recordFunction(
  name: string,
  type: DataType,
  rows: (
    document: Nullable,
    columns: readonly SetColumn[],
    context: FunctionContext,
  ) => readonly (readonly Nullable[])[],
): FunctionDefinition {
  return {
    name,
    argumentTypes: [type],
    returnType: record,
    strict: name === `${type.name}_to_record`,
    volatility: "stable",
    columns: "record",
    set: ([document], context, columns): SetSource =>
      document === null
        ? NO_ROWS
        : rowsSource(rows(document!, columns, context)),
  };
}

/** Set-returning functions of JSON. */
export const jsonSetFunctions: readonly FunctionDefinition[] = [json, jsonb]
  .flatMap((type) => [
    each(type, false),
    each(type, true),
    arrayElements(type, false),
    arrayElements(type, true),
    setFunction(
      `${type.name}_object_keys`,
      [type],
      text,
      ([document]) => keysOf(type, document!, `${type.name}_object_keys`),
    ),
    toRecord(type),
    toRecordSet(type),
  ]);
