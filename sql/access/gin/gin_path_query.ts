/**
 * What a `jsonpath` asks of the keys and scalars of a `jsonb`: all keys on a
 * path must be there, and the literal that something on it equals.
 *
 * What cannot be told asks nothing: rows that are found are looked at again.
 *
 * @module
 */
import { JsonNumber } from "../../types/json_tree.ts";
import type {
  PathExpression,
  PathPredicate,
} from "../../types/jsonpath/path_syntax.ts";
import { parseJsonPath } from "../../types/jsonpath/path_parser.ts";
import { keyItem, scalarItem } from "./gin_items.ts";
import type { GinQuery } from "./item_query.ts";

const ALL: GinQuery = { kind: "all" };

/** What `@?` (the path finds something) or `@@` (it is true) asks. */
export function pathQuery(operator: string, text: string): GinQuery {
  const { expression } = parseJsonPath(text);
  const { start, steps } = expression;
  if (start.kind !== "predicate") return ofExpression(expression);
  // A predicate always finds something: its value.
  return operator === "@@" && steps.length === 0
    ? ofPredicate(start.predicate)
    : ALL;
}

function both(kind: "and" | "or", parts: readonly GinQuery[]): GinQuery {
  return { kind, parts };
}

function ofExpression({ start, steps }: PathExpression): GinQuery {
  const parts: GinQuery[] = [];
  if (start.kind === "group") parts.push(ofExpression(start.inner));
  else if (start.kind !== "root" && start.kind !== "current") return ALL;
  for (const step of steps) {
    if (step.kind === "member") {
      parts.push({ kind: "item", item: keyItem(step.key) });
    } else if (step.kind === "filter") {
      parts.push(ofPredicate(step.predicate));
    }
  }
  return both("and", parts);
}

function ofPredicate(predicate: PathPredicate): GinQuery {
  switch (predicate.kind) {
    case "and":
    case "or":
      return both(predicate.kind, [
        ofPredicate(predicate.left),
        ofPredicate(predicate.right),
      ]);
    case "comparison": {
      const { left, right, operator } = predicate;
      const parts = [ofExpression(left), ofExpression(right)];
      if (operator === "==") {
        parts.push(ofValue(left, right), ofValue(right, left));
      }
      return both("and", parts);
    }
    case "exists":
    case "starts_with":
    case "like_regex":
      return ofExpression(predicate.operand);
    default:
      return ALL;
  }
}

/** The literal that what a path leads to equals. */
function ofValue(path: PathExpression, value: PathExpression): GinQuery {
  const isPath = path.start.kind === "root" || path.start.kind === "current";
  if (
    !isPath || value.steps.length > 0 ||
    path.steps.some(({ kind }) => kind === "method")
  ) return ALL;
  const { start } = value;
  switch (start.kind) {
    case "string":
      return both("or", [
        { kind: "item", item: keyItem(start.value) },
        { kind: "item", item: scalarItem(start.value) },
      ]);
    case "number":
      return { kind: "item", item: scalarItem(new JsonNumber(start.text)) };
    case "boolean":
      return { kind: "item", item: scalarItem(start.value) };
    default:
      return ALL;
  }
}
