/**
 * What an operator asks of an inverted index: which items a row must have.
 *
 * @module
 */
import { unreachable } from "../../../base/invariant.ts";
import type { ArrayValue, DataType, SqlValue } from "../../types/data_type.ts";
import { trigramsOfPattern } from "../../functions/extensions/pg_trgm/trigrams.ts";
import { parseJson } from "../../types/json_text.ts";
import {
  parseTsQuery,
  type QueryNode,
} from "../../types/text_search/ts_query.ts";
import { SqlArray } from "../../types/array/array_value.ts";
import {
  type NumberCondition,
  readQueryInt,
} from "../../types/extensions/query_int.ts";
import { pathQuery } from "./gin_path_query.ts";
import type { GinQuery } from "./item_query.ts";
import {
  arrayItems,
  EMPTY_ITEM,
  type Item,
  jsonItems,
  jsonPathItems,
  keyItem,
  NULL_ITEM,
  pairItems,
  pairKeyItem,
  trigramItems,
} from "./gin_items.ts";

const ALL: GinQuery = { kind: "all" };
const NONE: GinQuery = { kind: "none" };

function has(item: Item): GinQuery {
  return { kind: "item", item };
}

function hasAll(items: readonly Item[]): GinQuery {
  if (items.length === 0) return ALL;
  return { kind: "and", parts: items.map(has) };
}

function hasOne(items: readonly Item[]): GinQuery {
  return items.length === 0 ? NONE : { kind: "or", parts: items.map(has) };
}

/** What an operator of `array_ops` asks. */
export function arrayQuery(
  operator: string,
  value: SqlValue,
  type: DataType,
): GinQuery {
  const items = arrayItems(value, type);
  const hasNull = items.includes(NULL_ITEM);
  const others = items.filter((each) => each !== NULL_ITEM);
  switch (operator) {
    case "@>":
      return hasNull ? NONE : hasAll(items);
    case "&&":
      return hasOne(others);
    case "<@":
      return hasOne([...others, EMPTY_ITEM]);
    case "=":
      return hasAll(items.length === 0 ? [EMPTY_ITEM] : items);
    default:
      return unreachable(operator as never);
  }
}

/** What `@@` asks of arrays of integers. */
export function numbersQuery(query: string, type: DataType): GinQuery {
  return ofCondition(readQueryInt(query), type);
}

function ofCondition(condition: NumberCondition, type: DataType): GinQuery {
  switch (condition.kind) {
    case "number":
      return hasAll(arrayItems(SqlArray.of([condition.value]), type));
    // Rows that have no such number may be any.
    case "not":
      return ALL;
    case "and":
    case "or": {
      const { left, right } = condition;
      const parts = [ofCondition(left, type), ofCondition(right, type)];
      return { kind: condition.kind, parts };
    }
  }
}

/** What an operator of `gin_hstore_ops` asks. */
export function hstoreQuery(operator: string, value: SqlValue): GinQuery {
  switch (operator) {
    case "@>":
      return hasAll(pairItems(value as string));
    case "?":
      return has(pairKeyItem(value as string));
    case "?|":
      return hasOne(textsOf(value).map(pairKeyItem));
    case "?&":
      return hasAll(textsOf(value).map(pairKeyItem));
    default:
      return unreachable(operator as never);
  }
}

/** What an operator of `jsonb_ops` asks. */
export function jsonQuery(operator: string, value: SqlValue): GinQuery {
  switch (operator) {
    case "@>":
      return hasAll(jsonItems(parseJson(value as string)));
    case "?":
      return has(keyItem(value as string));
    case "?|":
      return hasOne(keysOf(value));
    case "?&":
      return hasAll(keysOf(value));
    case "@?":
    case "@@":
      return pathQuery(operator, value as string);
    default:
      return unreachable(operator as never);
  }
}

function textsOf(value: SqlValue): string[] {
  return (value as ArrayValue).elements.filter((each) =>
    each !== null
  ) as string[];
}

function keysOf(value: SqlValue): Item[] {
  return textsOf(value).map(keyItem);
}

/** What `@@` asks of documents; where a word stands is looked at in the row. */
export function textQuery(_operator: string, value: SqlValue): GinQuery {
  const root = parseTsQuery(value as string);
  return root === undefined ? NONE : ofQueryNode(root);
}

function ofQueryNode(node: QueryNode): GinQuery {
  switch (node.kind) {
    case "word":
      return node.prefix ? ALL : has(keyItem(node.word));
    case "not":
      return ALL;
    case "or":
    case "and":
    case "phrase": {
      const kind = node.kind === "or" ? "or" : "and";
      const parts = [ofQueryNode(node.left), ofQueryNode(node.right)];
      return { kind, parts };
    }
  }
}

/** What an operator of `jsonb_path_ops` asks. */
export function jsonPathQuery(_operator: string, value: SqlValue): GinQuery {
  return hasAll(jsonPathItems(parseJson(value as string)));
}

/** What an operator of `gin_trgm_ops` asks: the rows are looked at again. */
export function trigramQuery(operator: string, value: SqlValue): GinQuery {
  const given = value as string;
  if (operator === "=") return hasAll(trigramItems(given));
  if (operator === "~~" || operator === "~~*") {
    const certain = [...trigramsOfPattern(given)];
    return certain.length === 0 ? ALL : hasAll(certain.map(keyItem));
  }
  const items = trigramItems(given);
  return hasOne(items);
}
