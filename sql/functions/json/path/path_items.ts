/**
 * What is done with single items of a `jsonpath`: comparison, patterns, the
 * levels below.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import {
  compareJson,
  type JsonNode,
  JsonNumber,
  JsonObject,
} from "../../../types/json_tree.ts";
import type { PathStep } from "../../../types/jsonpath/path_syntax.ts";
import { compareText } from "../../../types/text_order.ts";
import { compileRegex } from "../../text/regex_pattern.ts";
import { compareMoments, MomentItem, type PathZone } from "./path_moments.ts";

/** An item: a part of a document, or a date or time. */
export type PathItem = JsonNode | MomentItem;

/** Whether an item is an array. */
export function isElements(item: PathItem): item is readonly JsonNode[] {
  return Array.isArray(item);
}

/** An item as a part of a document. */
export function nodeOf(item: PathItem): JsonNode {
  return item instanceof MomentItem ? item.toString() : item;
}

function childrenOf(item: PathItem): readonly JsonNode[] {
  if (isElements(item)) return item;
  return item instanceof JsonObject ? item.values : [];
}

/** Adds what is below an item at the levels of a step. */
export function anyLevel(
  item: PathItem,
  level: number,
  step: Extract<PathStep, { kind: "any_level" }>,
  out: PathItem[],
): void {
  const children = childrenOf(item);
  const isWanted = step.from === Infinity
    ? level > 0 && !isElements(item) && !(item instanceof JsonObject)
    : level >= step.from;
  if (isWanted && level <= step.to) out.push(item);
  if (level >= step.to) return;
  for (const child of children) anyLevel(child, level + 1, step, out);
}

/** A pattern; `i`, `s`, `m`, `x`, `q` as the options of our patterns. */
export function regexOf(pattern: string, flags: string): RegExp {
  let options = flags.includes("i") ? "i" : "";
  if (flags.includes("q")) return compileRegex(pattern, `${options}q`);
  const [dot, lines] = [flags.includes("s"), flags.includes("m")];
  if (flags.includes("x")) {
    throw new SqlError(
      "0A000",
      'XQuery "x" flag (expanded regular expressions) is not implemented',
    );
  }
  if (!dot) options += lines ? "n" : "p";
  else if (lines) options += "w";
  return compileRegex(pattern, options);
}

/** How two items compare; `null`: not at all. */
export function compareItems(
  operator: string,
  a: PathItem,
  b: PathItem,
  zone: PathZone,
): boolean | null {
  if (a instanceof MomentItem && b instanceof MomentItem) {
    const order = compareMoments(a, b, zone);
    return order === null ? null : holds(operator, order);
  }
  const kind = (item: PathItem): string =>
    item === null
      ? "null"
      : item instanceof JsonNumber
      ? "number"
      : item instanceof MomentItem
      ? "moment"
      : typeof item;
  if (kind(a) !== kind(b)) {
    return a === null || b === null ? operator === "!=" : null;
  }
  if (typeof a === "object" && a !== null && !(a instanceof JsonNumber)) {
    return null;
  }
  const order = typeof a === "string"
    ? compareText(a, b as string)
    : compareJson(a, b as JsonNode);
  return holds(operator, order);
}

function holds(operator: string, order: number): boolean {
  switch (operator) {
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    default:
      return order >= 0;
  }
}
