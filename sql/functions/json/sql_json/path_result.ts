/**
 * What `JSON_EXISTS`, `JSON_VALUE` and `JSON_QUERY` make of what a path finds.
 *
 * | form | found | gives |
 * | --- | --- | --- |
 * | exists | anything | true |
 * | value | one scalar | its text, read by the input of the type |
 * | query | one item, or several under a wrapper | JSON, filled into the type |
 *
 * An error of the data, in the path or in the conversion, is what ON ERROR is
 * about; nothing found is what ON EMPTY is about.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import { bool } from "../../../types/bool_type.ts";
import { castValue } from "../../../types/cast.ts";
import type { Nullable, TypeRef } from "../../../types/data_type.ts";
import {
  formatJson,
  isArray,
  type JsonNode,
  JsonObject,
} from "../../../types/json_tree.ts";
import { parseJsonPath } from "../../../types/jsonpath/path_parser.ts";
import { text, unknown } from "../../../types/text_types.ts";
import { utf8Encode } from "../../../../base/bytes.ts";
import { inputContextOf } from "../../input_context.ts";
import type { FunctionContext } from "../../registry.ts";
import { valueOfPiece } from "../json_record.ts";
import { PathEvaluation } from "../path/path_evaluation.ts";
import type { PathItem } from "../path/path_items.ts";
import { MomentItem, pathZoneOf } from "../path/path_moments.ts";

/** What stands in the place of a result. */
export type JsonBehavior =
  | {
    readonly kind:
      | "null"
      | "error"
      | "true"
      | "false"
      | "unknown"
      | "empty_array"
      | "empty_object";
  }
  /** The value of an argument of the call, which is of the type already. */
  | { readonly kind: "default"; readonly argument: number };

/** How what a path finds becomes a value. */
export interface PathResult {
  readonly form: "exists" | "value" | "query";
  readonly type: TypeRef;
  readonly wrapper: "none" | "conditional" | "unconditional";
  readonly omitsQuotes: boolean;
  readonly onEmpty: JsonBehavior;
  readonly onError: JsonBehavior;
  /** The column of JSON_TABLE that errors name. */
  readonly column: string | undefined;
}

/** A path over a document, and what its variables stand for. */
export interface PathInput {
  readonly document: JsonNode;
  readonly path: string;
  readonly variables: JsonObject;
}

/** Whether ON ERROR is about an error: one of the data. */
export function isDataError(error: unknown): boolean {
  return error instanceof SqlError && /^2[23]/.test(error.code);
}

/** All that the path finds. */
export function pathItems(
  input: PathInput,
  context: FunctionContext,
): JsonNode[] {
  const items: JsonNode[] = [];
  evaluationOf(input, context).run(items);
  return items;
}

/** The same; dates and times as their types show them. */
function pathScalars(input: PathInput, context: FunctionContext): JsonNode[] {
  const items: PathItem[] = [];
  evaluationOf(input, context).collect(items);
  return items.map((item) =>
    item instanceof MomentItem
      ? item.type.output(item.value, context.datetime)
      : item
  );
}

function evaluationOf(
  { path, document, variables }: PathInput,
  context: FunctionContext,
): PathEvaluation {
  const zone = pathZoneOf(context, true);
  return new PathEvaluation(parseJsonPath(path), document, variables, zone);
}

/** The result of a path; `args` are those of the call. */
export function resultOfPath(
  result: PathResult,
  input: PathInput,
  args: readonly Nullable[],
  context: FunctionContext,
): Nullable {
  try {
    if (result.form === "exists") {
      return ofTruth(exists(input, context), result.type, context);
    }
    const found = result.form === "value"
      ? scalarOf(pathScalars(input, context), result)
      : itemOf(pathItems(input, context), result);
    if (found !== undefined) return convert(found, result, context);
  } catch (error) {
    if (result.onError.kind === "error" || !isDataError(error)) throw error;
    return behave(result.onError, result, args, context);
  }
  if (result.onEmpty.kind === "error") throw nothingFound(result);
  return behave(result.onEmpty, result, args, context);
}

/** In lax mode the first item decides, whatever comes after it. */
function exists(input: PathInput, context: FunctionContext): boolean {
  const items: JsonNode[] = [];
  const evaluation = evaluationOf(input, context);
  try {
    evaluation.run(items);
  } catch (error) {
    if (evaluation.strict || items.length === 0) throw error;
  }
  return items.length > 0;
}

function ofTruth(
  truth: boolean,
  type: TypeRef,
  context: FunctionContext,
): Nullable {
  if (type.type === bool) return truth;
  return castValue(truth, bool, type, "explicit", inputContextOf(context));
}

function nothingFound({ column }: PathResult): SqlError {
  const where = column === undefined ? "" : ` of column "${column}"`;
  return new SqlError(
    "22035",
    `no SQL/JSON item found for specified path${where}`,
  );
}

function scalarOf(
  items: readonly JsonNode[],
  { column }: PathResult,
): JsonNode | undefined {
  const [item] = items;
  if (item === undefined) return undefined;
  const isScalar = !isArray(item) && !(item instanceof JsonObject);
  if (items.length === 1 && isScalar) return item;
  const what = column === undefined
    ? "JSON path expression in JSON_VALUE"
    : `JSON path expression for column "${column}"`;
  throw new SqlError(
    items.length > 1 ? "22034" : "2203F",
    `${what} must return single scalar item`,
  );
}

function itemOf(
  items: readonly JsonNode[],
  { wrapper, column }: PathResult,
): JsonNode | undefined {
  if (items.length === 0) return undefined;
  if (wrapper === "unconditional") return items;
  if (items.length === 1) return items[0];
  if (wrapper === "conditional") return items;
  const what = column === undefined
    ? "JSON path expression in JSON_QUERY"
    : `JSON path expression for column "${column}"`;
  throw new SqlError(
    "22034",
    `${what} must return single item when no wrapper is requested`,
    {
      hint: "Use the WITH WRAPPER clause to wrap SQL/JSON items into an array.",
    },
  );
}

function convert(
  node: JsonNode,
  result: PathResult,
  context: FunctionContext,
): Nullable {
  const { type } = result;
  const isJson = type.type.name === "json" || type.type.name === "jsonb";
  const scalarText = typeof node === "string"
    ? node
    : typeof node === "boolean"
    ? bool.output(node)
    : formatJson(node);
  if (result.form === "value" && node === null) return null;
  if (result.form === "value" ? !isJson : result.omitsQuotes) {
    return read(scalarText, type, context);
  }
  return populate(node, type, context);
}

/** A text as the input of the type reads it. */
function read(
  value: string,
  type: TypeRef,
  context: FunctionContext,
): Nullable {
  return castValue(
    value,
    unknown,
    type,
    "assignment",
    inputContextOf(context),
  );
}

/** JSON filled into a type: text types take its text. */
function populate(
  node: JsonNode,
  type: TypeRef,
  context: FunctionContext,
): Nullable {
  const json = formatJson(node);
  const { name, category } = type.type;
  if (name === "jsonb") return json;
  if (name === "json") return json;
  if (name === "bytea") return utf8Encode(json);
  if (category === "S") {
    return castValue(json, text, type, "assignment", inputContextOf(context));
  }
  const textual = node === null ? null : typeof node === "string" ? node : json;
  return valueOfPiece({ json, text: textual }, type, "", context);
}

function behave(
  behavior: JsonBehavior,
  { type }: PathResult,
  args: readonly Nullable[],
  context: FunctionContext,
): Nullable {
  switch (behavior.kind) {
    case "default":
      return args[behavior.argument]!;
    case "true":
    case "false":
      return ofTruth(behavior.kind === "true", type, context);
    case "empty_array":
      return populate([], type, context);
    case "empty_object":
      return populate(new JsonObject([], []), type, context);
    default:
      return null;
  }
}
