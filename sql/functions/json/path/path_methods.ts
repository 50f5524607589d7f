/**
 * Item methods of `jsonpath`: `.type()`, `.size()`, `.double()`, `.keyvalue()`
 * and their kin.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import { bool } from "../../../types/bool_type.ts";
import { float8 } from "../../../types/float_types.ts";
import { int4, int8 } from "../../../types/int_types.ts";
import { kindOfJson } from "../../../types/json_casts.ts";
import {
  canonicalObject,
  isArray,
  type JsonNode,
  JsonNumber,
  JsonObject,
} from "../../../types/json_tree.ts";
import type { PathStep } from "../../../types/jsonpath/path_syntax.ts";
import { Numeric } from "../../../types/numeric.ts";
import {
  absolute,
  ceiling,
  floor,
  roundTo,
} from "../../../types/numeric_arithmetic.ts";
import { numeric } from "../../../types/numeric_type.ts";
import { isElements, type PathItem } from "./path_items.ts";
import {
  isMomentMethod,
  MomentItem,
  momentOfText,
  type PathZone,
} from "./path_moments.ts";

type Method = Extract<PathStep, { kind: "method" }>;

/** What methods ask of the evaluation. */
export interface MethodContext {
  /** Whether structure that is not there is an error. */
  readonly reports: boolean;
  readonly root: JsonNode;
  readonly zone: PathZone;
}

function wrong(code: string, name: string, message: string): SqlError {
  return new SqlError(code, `jsonpath item method .${name}() ${message}`);
}

function badArgument(name: string, text: string, type: string): SqlError {
  return new SqlError(
    "22036",
    `argument "${text}" of jsonpath item method .${name}() is invalid for type ${type}`,
  );
}

/** What a method gives for an item. */
export function applyMethod(
  step: Method,
  item: PathItem,
  context: MethodContext,
): readonly PathItem[] {
  if (isMomentMethod(step.name)) return [toMoment(step, item, context)];
  switch (step.name) {
    case "type":
      return [
        item instanceof MomentItem ? item.type.displayName : kindOfJson(item),
      ];
    case "size":
      if (!isElements(item) && context.reports) {
        throw wrong("22039", "size", "can only be applied to an array");
      }
      return [new JsonNumber(String(isElements(item) ? item.length : 1))];
    case "abs":
      return [rounded(step.name, item, absolute)];
    case "ceiling":
      return [rounded(step.name, item, ceiling)];
    case "floor":
      return [rounded(step.name, item, floor)];
    case "boolean":
      return [toBoolean(item)];
    case "string":
      return [toText(item)];
    case "keyvalue":
      return keyValues(item, context);
    default:
      return [toNumber(step, item)];
  }
}

function rounded(
  name: string,
  item: PathItem,
  form: (value: Numeric) => Numeric,
): JsonNode {
  if (item instanceof JsonNumber) {
    return new JsonNumber(form(item.value).toString());
  }
  throw wrong("22036", name, "can only be applied to a numeric value");
}

function textOf(name: string, item: PathItem): string {
  if (item instanceof JsonNumber) return item.text;
  if (typeof item === "string") return item;
  throw wrong(
    "22036",
    name,
    "can only be applied to a string or numeric value",
  );
}

function toNumber({ name, args }: Method, item: PathItem): JsonNode {
  const text = textOf(name, item);
  const type = name === "double"
    ? "double precision"
    : name === "number" || name === "decimal"
    ? "numeric"
    : name;
  try {
    switch (name) {
      case "double": {
        const value = float8.input(text, -1) as number;
        if (!Number.isFinite(value)) {
          throw new SqlError(
            "22036",
            "NaN or Infinity is not allowed for jsonpath item method .double()",
          );
        }
        return new JsonNumber(Numeric.parse(float8.output(value)).toString());
      }
      case "bigint":
      case "integer": {
        const value = item instanceof JsonNumber
          ? roundTo(item.value, 0).toString()
          : text;
        const target = name === "bigint" ? int8 : int4;
        return new JsonNumber(target.output(target.input(value, -1)));
      }
      default: {
        const typmod = name === "decimal" && args.length > 0
          ? numeric.typmodInput!(args)
          : -1;
        const value = numeric.input(text, typmod) as Numeric;
        if (!value.isFinite) {
          throw new SqlError(
            "22036",
            `NaN or Infinity is not allowed for jsonpath item method .${name}()`,
          );
        }
        return new JsonNumber(value.toString());
      }
    }
  } catch (error) {
    if (error instanceof SqlError && /^22(?:P02|003)/.test(error.code)) {
      throw badArgument(name, text, type);
    }
    throw error;
  }
}

function toBoolean(item: PathItem): JsonNode {
  if (typeof item === "boolean") return item;
  if (item instanceof JsonNumber || typeof item === "string") {
    const text = item instanceof JsonNumber ? item.text : item;
    try {
      return item instanceof JsonNumber
        ? int4.input(text, -1) !== 0
        : bool.input(text, -1) as boolean;
    } catch {
      throw badArgument("boolean", text, "boolean");
    }
  }
  throw wrong(
    "22036",
    "boolean",
    "can only be applied to a boolean, string, or numeric value",
  );
}

function toMoment(
  step: Method,
  item: PathItem,
  { zone }: MethodContext,
): PathItem {
  if (typeof item === "string") return momentOfText(step, item, zone);
  throw wrong("22031", step.name, "can only be applied to a string");
}

function toText(item: PathItem): JsonNode {
  if (item instanceof MomentItem) return item.toString();
  if (typeof item === "string") return item;
  if (item instanceof JsonNumber) return item.text;
  if (typeof item === "boolean") return String(item);
  throw wrong(
    "22036",
    "string",
    "can only be applied to a boolean, string, numeric, or datetime value",
  );
}

/** Members as objects of key, value and the number of their object. */
function keyValues(
  item: PathItem,
  { root }: MethodContext,
): readonly JsonNode[] {
  if (!(item instanceof JsonObject)) {
    throw wrong("2203C", "keyvalue", "can only be applied to an object");
  }
  const id = new JsonNumber(item === root ? "0" : String(placeOf(root, item)));
  return item.keys.map((key, i) =>
    canonicalObject(["id", "key", "value"], [id, key, item.values[i]!])
  );
}

/** Which of the containers of a document an object is, from 1. */
function placeOf(root: JsonNode, wanted: JsonObject): number {
  let place = 0;
  const visit = (node: JsonNode): boolean => {
    if (node === wanted) return true;
    const children = isArray(node)
      ? node
      : node instanceof JsonObject
      ? node.values
      : [];
    if (children.length > 0) place++;
    return children.some(visit);
  };
  visit(root);
  return place;
}
