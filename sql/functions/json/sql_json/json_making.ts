/**
 * `JSON_OBJECT`, `JSON_ARRAY`, `JSON_SCALAR`, `JSON(… WITH UNIQUE KEYS)` and
 * `IS JSON` as functions: what the analyzer makes for one of them.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import { bool } from "../../../types/bool_type.ts";
import type { DataType, Nullable } from "../../../types/data_type.ts";
import {
  elementSlices,
  memberSlices,
  type Slice,
  wholeSlice,
} from "../../../types/json_slice.ts";
import { parseJson } from "../../../types/json_text.ts";
import { isArray, JsonObject, quoteJson } from "../../../types/json_tree.ts";
import { json, jsonb } from "../../../types/json_types.ts";
import { text } from "../../../types/text_types.ts";
import { define } from "../../define.ts";
import type { FunctionDefinition } from "../../registry.ts";
import { textVolatility } from "./text_volatility.ts";
import { finishText, keyOf, nullable } from "../json_build.ts";

/** What an object or array is made of. */
export interface JsonMaking {
  /** `json` or `jsonb`. */
  readonly target: DataType;
  readonly absentOnNull: boolean;
  readonly unique: boolean;
}

function nameOf(word: string, making: JsonMaking): string {
  const { target, absentOnNull, unique } = making;
  return `${word}${absentOnNull ? " ABSENT ON NULL" : ""}${
    unique ? " WITH UNIQUE KEYS" : ""
  } RETURNING ${target.name}`;
}

/** `JSON_OBJECT` of keys and values in turn, of these types. */
export function jsonObjectFunction(
  types: readonly DataType[],
  making: JsonMaking,
): FunctionDefinition {
  const { target, absentOnNull, unique } = making;
  return {
    ...define(nameOf("JSON_OBJECT", making), types, target, (args, context) => {
      const { datetime } = context;
      const members: string[] = [];
      const keys = new Set<string>();
      for (let i = 0; i < args.length; i += 2) {
        const value = args[i + 1]!;
        if (args[i] === null) throw nullKey(target, i);
        const key = keyOf(types[i]!, args[i]!, datetime);
        if (unique && keys.has(key)) throw duplicateKey(target, key);
        keys.add(key);
        if (absentOnNull && value === null) continue;
        const valueText = nullable(types[i + 1]!, datetime)(value);
        members.push(`${quoteJson(key)} : ${valueText}`);
      }
      return finishText(target, `{${members.join(", ")}}`);
    }, { strict: false, volatility: textVolatility(types) }),
    deparse: (args) => {
      const members: string[] = [];
      for (let i = 0; i < args.length; i += 2) {
        members.push(`${args[i]} : ${args[i + 1]}`);
      }
      return `JSON_OBJECT(${members.join(", ")} RETURNING ${target.name})`;
    },
  };
}

function nullKey(target: DataType, index: number): SqlError {
  return target === jsonb
    ? new SqlError("22023", `argument ${index + 1}: key must not be null`)
    : new SqlError("22004", "null value not allowed for object key");
}

function duplicateKey(target: DataType, key: string): SqlError {
  return new SqlError(
    "22030",
    target === jsonb
      ? "duplicate JSON object key value"
      : `duplicate JSON object key value: ${quoteJson(key)}`,
  );
}

/** `JSON_ARRAY` of values of these types. */
export function jsonArrayFunction(
  types: readonly DataType[],
  making: JsonMaking,
): FunctionDefinition {
  const { target, absentOnNull } = making;
  return {
    ...define(nameOf("JSON_ARRAY", making), types, target, (args, context) => {
      const items: string[] = [];
      args.forEach((value, i) => {
        if (absentOnNull && value === null) return;
        items.push(nullable(types[i]!, context.datetime)(value));
      });
      return finishText(target, `[${items.join(", ")}]`);
    }, { strict: false, volatility: textVolatility(types) }),
    deparse: (args) =>
      `JSON_ARRAY(${args.join(", ")} RETURNING ${target.name})`,
  };
}

/** `JSON_SCALAR` of a value of the type. */
export function jsonScalarFunction(type: DataType): FunctionDefinition {
  return define(
    "JSON_SCALAR",
    [type],
    json,
    ([value], { datetime }) => nullable(type, datetime)(value!),
    { volatility: textVolatility([type]) },
  );
}

/** `JSON(text WITH UNIQUE KEYS)` */
export const jsonUniqueFunction: FunctionDefinition = define(
  "JSON WITH UNIQUE KEYS",
  [text],
  json,
  ([value]) => {
    const source = value as string;
    parseJson(source);
    if (hasUniqueKeys(source, wholeSlice(source))) return source;
    throw new SqlError("22030", "duplicate JSON object key value");
  },
);

/** Whether no object in the value at `slice` has a key twice. */
function hasUniqueKeys(source: string, slice: Slice): boolean {
  const elements = elementSlices(source, slice);
  if (elements !== undefined) {
    return elements.every((element) => hasUniqueKeys(source, element));
  }
  const members = memberSlices(source, slice);
  if (members === undefined) return true;
  return new Set(members.map(({ key }) => key)).size === members.length &&
    members.every(({ value }) => hasUniqueKeys(source, value));
}

/** What `IS JSON` asks for. */
export interface JsonTest {
  readonly form: "any" | "object" | "array" | "scalar";
  readonly unique: boolean;
}

/** `IS JSON` of a text or of JSON, `type`. */
export function jsonTestFunction(
  type: DataType,
  test: JsonTest,
): FunctionDefinition {
  const unique = test.unique ? " WITH UNIQUE KEYS" : "";
  const form = test.form === "any" ? "" : ` ${test.form.toUpperCase()}`;
  return {
    ...define(
      `IS JSON${form}${unique}`,
      [type],
      bool,
      ([value]): Nullable => passes(value as string, type, test),
    ),
    deparse: ([value]) => `(${value} IS JSON${form}${unique})`,
  };
}

function passes(source: string, type: DataType, test: JsonTest): boolean {
  let node;
  try {
    node = parseJson(source);
  } catch (error) {
    if (error instanceof SqlError && error.code.startsWith("22")) return false;
    throw error;
  }
  const form = isArray(node)
    ? "array"
    : node instanceof JsonObject
    ? "object"
    : "scalar";
  if (test.form !== "any" && test.form !== form) return false;
  if (!test.unique || type === jsonb || form === "scalar") return true;
  return hasUniqueKeys(source, wholeSlice(source));
}
