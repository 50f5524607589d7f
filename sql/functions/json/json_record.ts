/**
 * Values of SQL types out of JSON, as `json_to_record` wants them: JSON stays
 * JSON, an array fills an array, an object fills a row, a string is read by the
 * type's input, anything else by the input of its text.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { SqlArray } from "../../types/array/array_value.ts";
import { castValue } from "../../types/cast.ts";
import type { DataType, Nullable, TypeRef } from "../../types/data_type.ts";
import { json } from "../../types/json_types.ts";
import { SqlRow } from "../../types/row/row_value.ts";
import { parseJson } from "../../types/json_text.ts";
import { formatJson, isArray, type JsonNode } from "../../types/json_tree.ts";
import { unknown } from "../../types/text_types.ts";
import { inputContextOf } from "../input_context.ts";
import type { FunctionContext } from "../registry.ts";
import type { SetColumn } from "../sets/set_source.ts";
import { type JsonPiece, type Member, partsOf } from "./json_parts.ts";

/** The value of a type that a piece of JSON means; `name` is told in errors. */
export function valueOfPiece(
  piece: JsonPiece,
  type: TypeRef,
  name: string,
  context: FunctionContext,
): Nullable {
  if (isJson(type.type)) {
    if (piece.text === null && type.type.name === "json") return null;
    return piece.text === null ? null : type.type.input(piece.json, -1);
  }
  if (piece.text === null) return null;
  const { element, fields } = type.type;
  if (fields !== undefined && !piece.json.startsWith('"')) {
    return new SqlRow(fields, rowOf(piece.json, json, fields, context));
  }
  if (element !== undefined && piece.json.trimStart().startsWith("[")) {
    return arrayOf(parseJson(piece.json), element, type.typmod, context);
  }
  if (element !== undefined && !piece.json.startsWith('"')) {
    throw new SqlError("22P02", "expected JSON array", {
      hint: `See the value of key "${name}".`,
    });
  }
  return read(piece.text, type, context);
}

/** The values of the fields in an object; `base` has those it leaves out. */
export function recordOf(
  members: readonly Member[],
  columns: readonly SetColumn[],
  context: FunctionContext,
  base?: readonly Nullable[],
): Nullable[] {
  return columns.map(({ name, type }, i) => {
    const member = members.findLast(({ key }) => key === name);
    return member === undefined
      ? base?.[i] ?? null
      : valueOfPiece(member.value, type, name, context);
  });
}

/**
 * The values of the fields in a document that has to be an object.
 *
 * @throws {SqlError} `22023` when it is none.
 */
export function rowOf(
  document: Nullable,
  type: DataType,
  columns: readonly SetColumn[],
  context: FunctionContext,
  base?: readonly Nullable[],
): Nullable[] {
  const parts = partsOf(type, document);
  if (parts.kind === "object") {
    return recordOf(parts.members, columns, context, base);
  }
  const what = parts.kind === "array" ? "an array" : "a scalar";
  throw new SqlError("22023", `cannot call populate_composite on ${what}`);
}

function isJson(type: DataType): boolean {
  return type.name === "json" || type.name === "jsonb";
}

function read(
  text: string,
  type: TypeRef,
  context: FunctionContext,
): Nullable {
  return castValue(
    text,
    unknown,
    type,
    "assignment",
    inputContextOf(context),
  );
}

function arrayOf(
  node: JsonNode,
  element: DataType,
  typmod: number,
  context: FunctionContext,
): Nullable {
  const elements: Nullable[] = [];
  const dims: number[] = [];
  const collect = (list: readonly JsonNode[], depth: number): void => {
    if (depth === dims.length) dims.push(list.length);
    else if (dims[depth] !== list.length) throw ragged();
    for (const item of list) {
      if (isArray(item) && !isJson(element)) {
        if (elements.length > 0 && depth + 1 >= dims.length) throw ragged();
        collect(item, depth + 1);
      } else if (depth < dims.length - 1) {
        throw ragged();
      } else {
        elements.push(itemOf(item, element, typmod, context));
      }
    }
  };
  collect(node as readonly JsonNode[], 0);
  return SqlArray.shaped(elements, dims, dims.map(() => 1));
}

function ragged(): SqlError {
  return new SqlError("22P02", "malformed JSON array", {
    detail:
      "Multidimensional arrays must have sub-arrays with matching dimensions.",
  });
}

function itemOf(
  node: JsonNode,
  element: DataType,
  typmod: number,
  context: FunctionContext,
): Nullable {
  if (node === null) return null;
  if (isJson(element)) return element.input(formatJson(node), -1);
  if (element.fields !== undefined && typeof node === "object") {
    const values = rowOf(formatJson(node), json, element.fields, context);
    return new SqlRow(element.fields, values);
  }
  const text = typeof node === "string" ? node : formatJson(node);
  return read(text, { type: element, typmod }, context);
}
