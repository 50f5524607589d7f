/**
 * Subscripts of `jsonb` as functions: what the analyzer puts for `j['a'][0]`
 * and for assignments to it. A subscript is an integer or a text.
 *
 * An assignment makes what is missing on the way: an object for a text, an
 * array for an integer, with nulls before the element. It never goes into a
 * scalar, and never before an array's first element.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { parseJson } from "../../types/json_text.ts";
import {
  canonicalObject,
  formatJson,
  isArray,
  type JsonNode,
  JsonObject,
} from "../../types/json_tree.ts";
import { jsonb } from "../../types/json_types.ts";
import { define } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";
import { follow, indexOfStep } from "./json_access.ts";

/** The most elements that an assignment may make of an array. */
const ELEMENTS_MAX = 16_777_215;

/** The name of a function over the subscripts: no two kinds share one. */
function nameOf(prefix: string, subscripts: readonly DataType[]): string {
  return `${prefix}[${subscripts.map(({ name }) => name).join(",")}]`;
}

/** `document[…]`, with subscripts of these types. */
export function jsonSubscriptFunction(
  subscripts: readonly DataType[],
): FunctionDefinition {
  return {
    ...define(
      nameOf("jsonb_subscript", subscripts),
      [jsonb, ...subscripts],
      jsonb,
      ([document, ...steps]) => {
        const node = follow(
          parseJson(document as string),
          steps.map(String),
        );
        return node === undefined ? null : formatJson(node);
      },
    ),
    deparse: ([document, ...steps]) =>
      `(${document})${steps.map((step) => `[${step}]`).join("")}`,
  };
}

/** The document with `document[…]` assigned to. */
export function jsonAssignFunction(
  subscripts: readonly DataType[],
): FunctionDefinition {
  return define(
    nameOf("jsonb_assign", subscripts),
    [jsonb, ...subscripts, jsonb],
    jsonb,
    (args): Nullable => {
      const steps = args.slice(1, -1);
      if (steps.includes(null)) {
        throw new SqlError(
          "22004",
          "jsonb subscript in assignment must not be null",
        );
      }
      const [document] = args;
      const value = args.at(-1) as string | null;
      const root: JsonNode = document !== null
        ? parseJson(document as string)
        : typeof steps[0] === "number"
        ? []
        : new JsonObject([], []);
      const assigned = value === null ? null : parseJson(value);
      return formatJson(setAt(root, steps.map(String), 0, assigned));
    },
    { strict: false },
  );
}

/** A copy of `node` with `value` where `path` leads from step `depth` on. */
function setAt(
  node: JsonNode,
  path: readonly string[],
  depth: number,
  value: JsonNode,
): JsonNode {
  if (depth === path.length) return value;
  if (node instanceof JsonObject) {
    const key = path[depth]!;
    const at = node.keys.indexOf(key);
    if (at < 0) {
      const made = chain(path, depth + 1, value);
      return canonicalObject([...node.keys, key], [...node.values, made]);
    }
    const changed = setAt(node.values[at]!, path, depth + 1, value);
    return new JsonObject(node.keys, node.values.with(at, changed));
  }
  if (isArray(node)) return setElement(node, path, depth, value);
  throw new SqlError("22023", "cannot replace existing key", {
    detail:
      "The path assumes key is a composite object, but it is a scalar value.",
  });
}

function setElement(
  node: readonly JsonNode[],
  path: readonly string[],
  depth: number,
  value: JsonNode,
): JsonNode {
  const given = indexOfStep(path[depth]!);
  if (given === undefined) {
    throw new SqlError(
      "22P02",
      `path element at position ${depth + 1} is not an integer: "${
        path[depth]
      }"`,
    );
  }
  const at = given < 0 ? node.length + given : given;
  if (at < 0) {
    throw new SqlError(
      "22023",
      `path element at position ${depth + 1} is out of range: ${given}`,
    );
  }
  if (at < node.length) {
    return node.with(at, setAt(node[at]!, path, depth + 1, value));
  }
  return [...node, ...nulls(at - node.length), chain(path, depth + 1, value)];
}

/** What the steps from `depth` on lead through where nothing is yet. */
function chain(
  path: readonly string[],
  depth: number,
  value: JsonNode,
): JsonNode {
  let made = value;
  for (let i = path.length - 1; i >= depth; i--) {
    const step = path[i]!;
    const index = indexOfStep(step);
    made = index === undefined
      ? new JsonObject([step], [made])
      : [...nulls(Math.max(index, 0)), made];
  }
  return made;
}

function nulls(count: number): JsonNode[] {
  if (count < ELEMENTS_MAX) return new Array<JsonNode>(count).fill(null);
  throw new SqlError(
    "54000",
    `number of jsonb array elements exceeds the maximum allowed (${ELEMENTS_MAX})`,
  );
}
