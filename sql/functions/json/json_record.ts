/**
 * Values of SQL types out of JSON, as `json_to_record` wants them: JSON stays
 * JSON, an array fills an array, a string is read by the type's input, anything
 * else by the input of its text.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { SqlArray } from "../../types/array/array_value.ts";
import { castValue } from "../../types/cast.ts";
import type { DataType, Nullable, TypeRef } from "../../types/data_type.ts";
import { parseJson } from "../../types/json_text.ts";
import { formatJson, isArray, type JsonNode } from "../../types/json_tree.ts";
import { unknown } from "../../types/text_types.ts";
import type { FunctionContext } from "../registry.ts";

/** A value in JSON: as JSON, and as text (`null`: JSON's null). */
export interface JsonPiece {
  readonly json: string;
  readonly text: string | null;
}

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
  const { element } = type.type;
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

function isJson(type: DataType): boolean {
  return type.name === "json" || type.name === "jsonb";
}

function read(
  text: string,
  type: TypeRef,
  context: FunctionContext,
): Nullable {
  return castValue(text, unknown, type, "assignment", {
    now: () => context.transactionTimestamp,
    datetime: context.datetime,
  });
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
  const text = typeof node === "string" ? node : formatJson(node);
  return read(text, { type: element, typmod }, context);
}
