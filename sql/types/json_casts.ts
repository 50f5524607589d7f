/**
 * Casts of `json` and `jsonb`. A jsonb `null` becomes NULL.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { bool } from "./bool_type.ts";
import type { CastDefinition } from "./cast_definition.ts";
import type { DataType, Nullable, SqlValue } from "./data_type.ts";
import { float4, float8 } from "./float_types.ts";
import { int2, int4, int8 } from "./int_types.ts";
import { parseJson } from "./json_text.ts";
import { isArray, type JsonNode, JsonNumber } from "./json_tree.ts";
import { json, jsonb } from "./json_types.ts";
import { numberCasts } from "./number_casts.ts";
import { numeric } from "./numeric_type.ts";

/** `string`, `array` …: the kind of a JSON value, as `jsonb_typeof` names it. */
export function kindOfJson(node: JsonNode): string {
  if (node === null) return "null";
  if (typeof node === "string") return "string";
  if (typeof node === "boolean") return "boolean";
  if (node instanceof JsonNumber) return "number";
  return isArray(node) ? "array" : "object";
}

function cannotCastJson(node: JsonNode, target: DataType): SqlError {
  const kind = kindOfJson(node).replace("number", "numeric");
  return new SqlError(
    "22023",
    `cannot cast jsonb ${kind} to type ${target.displayName}`,
  );
}

function toNumber(target: DataType): (value: SqlValue) => Nullable {
  const fromNumeric = numberCasts.find((cast) =>
    cast.source === numeric && cast.target === target
  );
  return (value) => {
    const node = parseJson(value as string);
    if (node === null) return null;
    if (!(node instanceof JsonNumber)) throw cannotCastJson(node, target);
    const exact = node.value;
    return fromNumeric === undefined ? exact : fromNumeric.convert!(exact);
  };
}

function toBool(value: SqlValue): Nullable {
  const node = parseJson(value as string);
  if (node === null || typeof node === "boolean") return node;
  throw cannotCastJson(node, bool);
}

/** The casts of `json` and `jsonb`. */
export const jsonCasts: readonly CastDefinition[] = [
  {
    source: json,
    target: jsonb,
    context: "assignment",
    convert: (value) => jsonb.input(value as string, -1),
  },
  { source: jsonb, target: json, context: "assignment", convert: (v) => v },
  { source: jsonb, target: bool, context: "explicit", convert: toBool },
  ...[int2, int4, int8, float4, float8, numeric].map((
    target,
  ): CastDefinition => ({
    source: jsonb,
    target,
    context: "explicit",
    convert: toNumber(target),
  })),
];
