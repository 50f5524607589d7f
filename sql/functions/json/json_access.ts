/**
 * `->`, `->>`, `#>`, `#>>` and what goes with them, for `json` and `jsonb`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { kindOfJson } from "../../types/json_casts.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import {
  elementSlices,
  memberSlices,
  type Slice,
  wholeSlice,
} from "../../types/json_slice.ts";
import { parseJson } from "../../types/json_text.ts";
import {
  formatJson,
  isArray,
  type JsonNode,
  JsonObject,
} from "../../types/json_tree.ts";
import { json, jsonb } from "../../types/json_types.ts";
import {
  type ArrayElement,
  elementsOf,
  textArray,
} from "../../types/text_array_type.ts";
import { text } from "../../types/text_types.ts";
import { binary, define, infix, unary } from "../define.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";

/** The integer that a step of a path is, if it is one. */
export function indexOfStep(step: string): number | undefined {
  if (!/^\s*[+-]?\d+\s*$/.test(step)) return undefined;
  const index = Number(step);
  return Math.abs(index) <= 2147483647 ? index : undefined;
}

function fieldOf(node: JsonNode, key: string): JsonNode | undefined {
  return node instanceof JsonObject ? node.get(key) : undefined;
}

function elementOf(node: JsonNode, index: number): JsonNode | undefined {
  return isArray(node) ? node.at(index) : undefined;
}

/** On the outside a scalar counts as an array of itself, in PostgreSQL. */
function elementOfDocument(
  node: JsonNode,
  index: number,
): JsonNode | undefined {
  if (node instanceof JsonObject) return undefined;
  return elementOf(isArray(node) ? node : [node], index);
}

/** The value at the end of a path; `undefined` when it leads nowhere. */
export function follow(
  node: JsonNode,
  path: readonly ArrayElement[],
): JsonNode | undefined {
  let current: JsonNode | undefined = node;
  for (const step of path) {
    if (current === undefined || step === null) return undefined;
    if (isArray(current)) {
      const index = indexOfStep(step);
      current = index === undefined ? undefined : elementOf(current, index);
    } else {
      current = fieldOf(current, step);
    }
  }
  return current;
}

function asJson(node: JsonNode | undefined): Nullable {
  return node === undefined ? null : formatJson(node);
}

function asText(node: JsonNode | undefined): Nullable {
  if (node === undefined || node === null) return null;
  return typeof node === "string" ? node : formatJson(node);
}

/** The member `key` of the object at `slice`; of equal keys the last one. */
function memberSlice(
  source: string,
  slice: Slice,
  key: string,
): Slice | undefined {
  const members = memberSlices(source, slice);
  return members?.findLast((member) => member.key === key)?.value;
}

/** The piece of `json` text at the end of a path. */
function followText(
  source: string,
  path: readonly ArrayElement[],
): Slice | undefined {
  let slice: Slice | undefined = wholeSlice(source);
  for (const step of path) {
    if (slice === undefined || step === null) return undefined;
    const elements = elementSlices(source, slice);
    if (elements === undefined) {
      slice = memberSlice(source, slice, step);
    } else {
      const index = indexOfStep(step);
      slice = index === undefined ? undefined : elements.at(index);
    }
  }
  return slice;
}

function sliceAsJson(source: string, slice: Slice | undefined): Nullable {
  return slice === undefined ? null : source.slice(slice.start, slice.end);
}

function sliceAsText(source: string, slice: Slice | undefined): Nullable {
  if (slice === undefined) return null;
  const piece = source.slice(slice.start, slice.end);
  if (piece === "null") return null;
  return piece.startsWith('"') ? parseJson(piece) as string : piece;
}

type Step = (document: string, step: Nullable) => Nullable;

/** The forms of one type: by key, by index, by path; as JSON or as text. */
interface Access {
  readonly type: DataType;
  readonly key: (asText: boolean) => Step;
  readonly index: (asText: boolean) => Step;
  readonly path: (asText: boolean) => Step;
}

const binaryAccess: Access = {
  type: jsonb,
  key: (texts) => (document, key) =>
    (texts ? asText : asJson)(fieldOf(parseJson(document), key as string)),
  index: (texts) => (document, index) =>
    (texts ? asText : asJson)(
      elementOfDocument(parseJson(document), index as number),
    ),
  path: (texts) => (document, path) =>
    (texts ? asText : asJson)(follow(parseJson(document), elementsOf(path!))),
};

const textAccess: Access = {
  type: json,
  key: (texts) => (document, key) =>
    (texts ? sliceAsText : sliceAsJson)(
      document,
      memberSlice(document, wholeSlice(document), key as string),
    ),
  index: (texts) => (document, index) =>
    (texts ? sliceAsText : sliceAsJson)(
      document,
      elementSlices(document, wholeSlice(document))?.at(index as number),
    ),
  path: (texts) => (document, path) =>
    (texts ? sliceAsText : sliceAsJson)(
      document,
      followText(document, elementsOf(path!)),
    ),
};

function accessOperators(access: Access): OperatorDefinition[] {
  const { type } = access;
  const on = (
    name: string,
    right: DataType,
    returnType: DataType,
    form: Step,
  ): OperatorDefinition =>
    infix(
      define(name, [type, right], returnType, ([document, step]) =>
        form(document as string, step!)),
    );
  return [
    on("->", text, type, access.key(false)),
    on("->>", text, text, access.key(true)),
    on("->", int4, type, access.index(false)),
    on("->>", int4, text, access.index(true)),
    on("#>", textArray, type, access.path(false)),
    on("#>>", textArray, text, access.path(true)),
  ];
}

/** `json(b)_extract_path(_text)`: the steps as arguments. */
function extractors(
  prefix: string,
  type: DataType,
  asJsonForm: (document: string, path: readonly ArrayElement[]) => Nullable,
  asTextForm: (document: string, path: readonly ArrayElement[]) => Nullable,
): FunctionDefinition[] {
  const on = (
    name: string,
    returnType: DataType,
    form: (document: string, path: readonly ArrayElement[]) => Nullable,
  ): FunctionDefinition =>
    define(
      name,
      [type, text],
      returnType,
      ([document, ...path]) =>
        form(document as string, path as readonly ArrayElement[]),
      { variadic: true },
    );
  return [
    on(`${prefix}_extract_path`, type, asJsonForm),
    on(`${prefix}_extract_path_text`, text, asTextForm),
  ];
}

/** How many elements an array has. */
function arrayLength(document: string): number {
  const node = parseJson(document);
  if (isArray(node)) return node.length;
  throw new SqlError(
    "22023",
    node instanceof JsonObject
      ? "cannot get array length of a non-array"
      : "cannot get array length of a scalar",
  );
}

/** Functions that look into JSON. */
export const jsonAccessFunctions: readonly FunctionDefinition[] = [
  ...[json, jsonb].flatMap((type) => [
    unary<string>(
      `${type.name}_typeof`,
      type,
      text,
      (document) => kindOfJson(parseJson(document)),
    ),
    unary<string>(`${type.name}_array_length`, type, int4, arrayLength),
    binary<string, string>(
      `${type.name}_object_field`,
      [type, text],
      type,
      (type === json ? textAccess : binaryAccess).key(false),
    ),
  ]),
  ...extractors(
    "jsonb",
    jsonb,
    (document, path) => asJson(follow(parseJson(document), path)),
    (document, path) => asText(follow(parseJson(document), path)),
  ),
  ...extractors(
    "json",
    json,
    (document, path) => sliceAsJson(document, followText(document, path)),
    (document, path) => sliceAsText(document, followText(document, path)),
  ),
];

/** Operators that look into JSON. */
export const jsonAccessOperators: readonly OperatorDefinition[] = [
  ...accessOperators(binaryAccess),
  ...accessOperators(textAccess),
];
