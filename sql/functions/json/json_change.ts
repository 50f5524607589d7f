/**
 * Operators and functions of `jsonb` that compare structure or make a changed
 * copy: `@>`, `<@`, `?`, `?|`, `?&`, `||`, `-`, `#-`, `jsonb_set`,
 * `jsonb_insert`, `jsonb_strip_nulls`, `jsonb_pretty`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { bool } from "../../types/bool_type.ts";
import type { SqlValue } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import type { SqlArray } from "../../types/array/array_value.ts";
import { parseJson } from "../../types/json_text.ts";
import {
  canonicalObject,
  compareJson,
  formatJson,
  isArray,
  type JsonNode,
  JsonObject,
  quoteJson,
} from "../../types/json_tree.ts";
import { jsonb } from "../../types/json_types.ts";
import {
  type ArrayElement,
  elementsOf,
  textArray,
} from "../../types/text_array_type.ts";
import { text } from "../../types/text_types.ts";
import { binary, define, infix, unary } from "../define.ts";
import { indexOfStep } from "./json_access.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";

function isContainer(
  node: JsonNode,
): node is readonly JsonNode[] | JsonObject {
  return isArray(node) || node instanceof JsonObject;
}

/** Whether `part` is contained in `whole`, both containers or both scalars. */
function containsNode(whole: JsonNode, part: JsonNode): boolean {
  if (part instanceof JsonObject) {
    return whole instanceof JsonObject &&
      part.keys.every((key, i) => {
        const value = whole.get(key);
        return value !== undefined && containsNode(value, part.values[i]!);
      });
  }
  if (isArray(part)) {
    return isArray(whole) &&
      part.every((wanted) => whole.some((item) => containsNode(item, wanted)));
  }
  return !isContainer(whole) && compareJson(whole, part) === 0;
}

/** `@>`: on the outside an array also contains a scalar that is in it. */
function contains(whole: string, part: string): boolean {
  const a = parseJson(whole);
  const b = parseJson(part);
  if (isArray(a) && !isContainer(b)) {
    return a.some((item) => containsNode(item, b));
  }
  return containsNode(a, b);
}

/** `?`: a key of an object, or a string in an array. */
function hasKey(node: JsonNode, key: string): boolean {
  if (node instanceof JsonObject) return node.keys.includes(key);
  if (isArray(node)) return node.includes(key);
  return node === key;
}

function keysOf(value: SqlValue): string[] {
  return elementsOf(value).filter((key) => key !== null);
}

function asArray(node: JsonNode): readonly JsonNode[] {
  return isArray(node) ? node : [node];
}

function concatenate(left: string, right: string): string {
  const a = parseJson(left);
  const b = parseJson(right);
  if (a instanceof JsonObject && b instanceof JsonObject) {
    return formatJson(
      canonicalObject([...a.keys, ...b.keys], [...a.values, ...b.values]),
    );
  }
  return formatJson([...asArray(a), ...asArray(b)]);
}

function badDelete(what: string): SqlError {
  return new SqlError("22023", `cannot delete from ${what}`);
}

/** The object without the members whose key `test` is true for. */
function withoutKeys(
  node: JsonObject,
  test: (key: string) => boolean,
): JsonObject {
  const kept = node.keys.map((_, i) => i).filter((i) => !test(node.keys[i]!));
  return new JsonObject(
    kept.map((i) => node.keys[i]!),
    kept.map((i) => node.values[i]!),
  );
}

function deleteKeys(document: string, keys: readonly string[]): string {
  const node = parseJson(document);
  if (node instanceof JsonObject) {
    return formatJson(withoutKeys(node, (key) => keys.includes(key)));
  }
  if (!isArray(node)) throw badDelete("scalar");
  return formatJson(
    node.filter((item) => typeof item !== "string" || !keys.includes(item)),
  );
}

function deleteIndex(document: string, index: number): string {
  const node = parseJson(document);
  if (node instanceof JsonObject) {
    throw badDelete("object using integer index");
  }
  if (!isArray(node)) throw badDelete("scalar");
  const at = index < 0 ? node.length + index : index;
  return formatJson(node.filter((_, i) => i !== at));
}

/** What happens at the end of a path. */
interface Change {
  readonly value: JsonNode | undefined;
  /** Whether a missing key or element is added. */
  readonly create: boolean;
  /** Puts the value beside what is there instead of in its place. */
  readonly insert?: "before" | "after";
}

function integerStep(step: string, place: number): number {
  const index = indexOfStep(step);
  if (index !== undefined) return index;
  throw new SqlError(
    "22P02",
    `path element at position ${place} is not an integer: "${step}"`,
  );
}

/** A copy of `node` with the change made at the end of `path`. */
function changeAt(
  node: JsonNode,
  path: readonly ArrayElement[],
  depth: number,
  change: Change,
): JsonNode {
  const step = path[depth];
  if (step === null) {
    throw new SqlError(
      "22004",
      `path element at position ${depth + 1} is null`,
    );
  }
  if (step === undefined || !isContainer(node)) return node;
  return node instanceof JsonObject
    ? changeObject(node, path, depth, change)
    : changeArray(node, path, depth, change);
}

function changeObject(
  node: JsonObject,
  path: readonly ArrayElement[],
  depth: number,
  change: Change,
): JsonObject {
  const key = path[depth]!;
  const last = depth === path.length - 1;
  const at = node.keys.indexOf(key);
  if (!last) {
    if (at < 0) return node;
    const changed = changeAt(node.values[at]!, path, depth + 1, change);
    return new JsonObject(node.keys, node.values.with(at, changed));
  }
  if (change.value === undefined) return withoutKeys(node, (k) => k === key);
  if (at < 0) {
    return change.create
      ? canonicalObject([...node.keys, key], [...node.values, change.value])
      : node;
  }
  if (change.insert !== undefined) {
    throw new SqlError("22023", "cannot replace existing key", {
      hint: "Try using the function jsonb_set to replace key value.",
    });
  }
  return new JsonObject(node.keys, node.values.with(at, change.value));
}

function changeArray(
  node: readonly JsonNode[],
  path: readonly ArrayElement[],
  depth: number,
  change: Change,
): readonly JsonNode[] {
  const given = integerStep(path[depth]!, depth + 1);
  const at = given < 0 ? node.length + given : given;
  const inside = at >= 0 && at < node.length;
  if (depth < path.length - 1) {
    if (!inside) return node;
    return node.with(at, changeAt(node[at]!, path, depth + 1, change));
  }
  const { value } = change;
  if (value === undefined) return node.filter((_, i) => i !== at);
  if (!inside) {
    if (!change.create) return node;
    return at < 0 ? [value, ...node] : [...node, value];
  }
  if (change.insert === undefined) return node.with(at, value);
  const place = change.insert === "after" ? at + 1 : at;
  return node.toSpliced(place, 0, value);
}

/** The document with a change at a path; `verb` says in errors what it is. */
export function changeDocument(
  document: string,
  path: SqlValue,
  change: Change,
  verb: string,
): string {
  if ((path as SqlArray).dims.length > 1) {
    throw new SqlError("2202E", "wrong number of array subscripts");
  }
  const node = parseJson(document);
  const steps = elementsOf(path);
  if (!isContainer(node)) {
    throw new SqlError("22023", `cannot ${verb} scalar`);
  }
  const size = isArray(node) ? node.length : node.keys.length;
  if (steps.length === 0 || (size === 0 && !change.create)) return document;
  return formatJson(changeAt(node, steps, 0, change));
}

function stripNulls(node: JsonNode, inArrays: boolean): JsonNode {
  if (isArray(node)) {
    const kept = inArrays ? node.filter((item) => item !== null) : node;
    return kept.map((item) => stripNulls(item, inArrays));
  }
  if (!(node instanceof JsonObject)) return node;
  const kept = node.keys.map((_, i) => i)
    .filter((i) => node.values[i] !== null);
  return new JsonObject(
    kept.map((i) => node.keys[i]!),
    kept.map((i) => stripNulls(node.values[i]!, inArrays)),
  );
}

/** One member or element a line, four blanks a level. */
function pretty(node: JsonNode, indent: string): string {
  const inner = `${indent}    `;
  if (isArray(node)) {
    if (node.length === 0) return `[\n${indent}]`;
    const items = node.map((item) => inner + pretty(item, inner));
    return `[\n${items.join(",\n")}\n${indent}]`;
  }
  if (!(node instanceof JsonObject)) return formatJson(node);
  if (node.keys.length === 0) return `{\n${indent}}`;
  const members = node.keys.map((key, i) =>
    `${inner}${quoteJson(key)}: ${pretty(node.values[i]!, inner)}`
  );
  return `{\n${members.join(",\n")}\n${indent}}`;
}

/** Functions that change jsonb. */
export const jsonChangeFunctions: readonly FunctionDefinition[] = [
  ...[true, false].map((hasFlag) =>
    define(
      "jsonb_set",
      hasFlag ? [jsonb, textArray, jsonb, bool] : [jsonb, textArray, jsonb],
      jsonb,
      ([document, path, value, create]) =>
        changeDocument(document as string, path as string, {
          value: parseJson(value as string),
          create: hasFlag ? create as boolean : true,
        }, "set path in"),
    )
  ),
  ...[true, false].map((hasFlag) =>
    define(
      "jsonb_insert",
      hasFlag ? [jsonb, textArray, jsonb, bool] : [jsonb, textArray, jsonb],
      jsonb,
      ([document, path, value, after]) =>
        changeDocument(document as string, path as string, {
          value: parseJson(value as string),
          create: true,
          insert: hasFlag && after === true ? "after" : "before",
        }, "set path in"),
    )
  ),
  unary<string>(
    "jsonb_strip_nulls",
    jsonb,
    jsonb,
    (document) => formatJson(stripNulls(parseJson(document), false)),
  ),
  binary<string, boolean>(
    "jsonb_strip_nulls",
    [jsonb, bool],
    jsonb,
    (document, inArrays) =>
      formatJson(stripNulls(parseJson(document), inArrays)),
  ),
  unary<string>(
    "jsonb_pretty",
    jsonb,
    text,
    (document) => pretty(parseJson(document), ""),
  ),
];

/** Operators of jsonb, access and comparison aside. */
export const jsonChangeOperators: readonly OperatorDefinition[] = [
  infix(
    binary<string, string>("@>", [jsonb, jsonb], bool, contains),
    { commutator: "<@" },
  ),
  infix(
    binary<string, string>(
      "<@",
      [jsonb, jsonb],
      bool,
      (a, b) => contains(b, a),
    ),
    { commutator: "@>" },
  ),
  infix(
    binary<string, string>(
      "?",
      [jsonb, text],
      bool,
      (document, key) => hasKey(parseJson(document), key),
    ),
  ),
  infix(
    binary<string, SqlValue>(
      "?|",
      [jsonb, textArray],
      bool,
      (document, keys) => {
        const node = parseJson(document);
        return keysOf(keys).some((key) => hasKey(node, key));
      },
    ),
  ),
  infix(
    binary<string, SqlValue>(
      "?&",
      [jsonb, textArray],
      bool,
      (document, keys) => {
        const node = parseJson(document);
        return keysOf(keys).every((key) => hasKey(node, key));
      },
    ),
  ),
  infix(binary<string, string>("||", [jsonb, jsonb], jsonb, concatenate)),
  infix(
    binary<string, string>(
      "-",
      [jsonb, text],
      jsonb,
      (document, key) => deleteKeys(document, [key]),
    ),
  ),
  infix(
    binary<string, SqlValue>(
      "-",
      [jsonb, textArray],
      jsonb,
      (document, keys) => deleteKeys(document, keysOf(keys)),
    ),
  ),
  infix(binary<string, number>("-", [jsonb, int4], jsonb, deleteIndex)),
  infix(
    binary<string, SqlValue>(
      "#-",
      [jsonb, textArray],
      jsonb,
      (document, path) =>
        changeDocument(
          document,
          path,
          { value: undefined, create: false },
          "delete path in",
        ),
    ),
  ),
];
