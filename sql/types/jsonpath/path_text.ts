/**
 * The canonical text of a `jsonpath`: keys in quotes, computations in
 * parentheses.
 *
 * @module
 */
import { quoteJson } from "../json_tree.ts";
import type {
  JsonPath,
  PathExpression,
  PathPredicate,
  PathStart,
  PathStep,
} from "./path_syntax.ts";

/** The text of a path. */
export function formatJsonPath({ strict, expression }: JsonPath): string {
  return (strict ? "strict " : "") + expressionText(expression, true);
}

/** How tightly a predicate binds. */
function predicateRank({ kind }: PathPredicate): number {
  if (kind === "or") return 0;
  if (kind === "and") return 1;
  return kind === "comparison" || kind === "starts_with" ? 2 : 6;
}

/** How tightly an expression binds. */
function rankOf({ start, steps }: PathExpression): number {
  if (steps.length > 0) return 6;
  switch (start.kind) {
    case "group":
      return rankOf(start.inner);
    case "predicate":
      return predicateRank(start.predicate);
    case "arithmetic":
      return start.operator === "+" || start.operator === "-" ? 3 : 4;
    case "sign":
      return 5;
    default:
      return 6;
  }
}

/** An operand of what binds with `rank`. */
function operandText(expression: PathExpression, rank: number): string {
  return expressionText(expression, rankOf(expression) <= rank);
}

function expressionText(
  { start, steps }: PathExpression,
  brackets: boolean,
): string {
  return startText(start, brackets || steps.length > 0) +
    steps.map(stepText).join("");
}

function startText(start: PathStart, brackets: boolean): string {
  const around = (text: string): string => brackets ? `(${text})` : text;
  switch (start.kind) {
    case "root":
      return "$";
    case "current":
      return "@";
    case "last":
    case "null":
      return start.kind;
    case "variable":
      return `$${quoteJson(start.name)}`;
    case "string":
      return quoteJson(start.value);
    case "number":
      return start.text;
    case "boolean":
      return String(start.value);
    case "arithmetic": {
      const rank = rankOf({ start, steps: [] });
      return around(
        `${operandText(start.left, rank)} ${start.operator} ` +
          operandText(start.right, rank),
      );
    }
    case "sign":
      return around(start.operator + operandText(start.operand, 5));
    case "predicate": {
      const text = predicateText(start.predicate);
      const isPlain = predicateRank(start.predicate) === 6 &&
        start.predicate.kind !== "like_regex";
      return isPlain ? text : around(text);
    }
    case "group":
      return expressionText(start.inner, brackets);
  }
}

function stepText(step: PathStep): string {
  switch (step.kind) {
    case "member":
      return `.${quoteJson(step.key)}`;
    case "any_member":
      return ".*";
    case "any_element":
      return "[*]";
    case "any_level": {
      const level = (value: number): string =>
        value === Infinity ? "last" : String(value);
      if (step.from === 0 && step.to === Infinity) return ".**";
      return step.from === step.to
        ? `.**{${level(step.from)}}`
        : `.**{${level(step.from)} to ${level(step.to)}}`;
    }
    case "elements":
      return `[${
        step.subscripts.map(({ from, to }) =>
          to === undefined
            ? expressionText(from, false)
            : `${expressionText(from, false)} to ${expressionText(to, false)}`
        ).join(",")
      }]`;
    case "filter":
      return `?(${predicateText(step.predicate)})`;
    case "method":
      return step.template === undefined
        ? `.${step.name}(${step.args.join(",")})`
        : `.${step.name}(${quoteJson(step.template)})`;
  }
}

function predicateText(predicate: PathPredicate): string {
  switch (predicate.kind) {
    case "comparison":
      return `${operandText(predicate.left, 2)} ${predicate.operator} ${
        operandText(predicate.right, 2)
      }`;
    case "and":
    case "or": {
      const rank = predicateRank(predicate);
      const side = (inner: PathPredicate): string =>
        predicateRank(inner) <= rank
          ? `(${predicateText(inner)})`
          : predicateText(inner);
      const word = predicate.kind === "and" ? "&&" : "||";
      return `${side(predicate.left)} ${word} ${side(predicate.right)}`;
    }
    case "not":
      return `!(${predicateText(predicate.operand)})`;
    case "is_unknown":
      return `(${predicateText(predicate.operand)}) is unknown`;
    case "exists":
      return `exists (${expressionText(predicate.operand, false)})`;
    case "starts_with":
      return `${operandText(predicate.operand, 2)} starts with ${
        operandText(predicate.prefix, 2)
      }`;
    case "like_regex": {
      const flags = predicate.flags === ""
        ? ""
        : ` flag ${quoteJson(predicate.flags)}`;
      return `${operandText(predicate.operand, 6)} like_regex ${
        quoteJson(predicate.pattern)
      }${flags}`;
    }
  }
}
