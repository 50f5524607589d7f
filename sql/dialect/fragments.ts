/**
 * Small parts of statements, made of texts.
 *
 * @module
 */
import { TreeNode, unsupported } from "./tree_node.ts";

/** A text in parentheses, unless it is plain. */
export function operand(text: string): string {
  return /^(\$?\w+|'[^']*'|[\w"]+\.[\w"]+|\([^()]*\))$/.test(text)
    ? text
    : `(${text})`;
}

/** The word of a column: BigQuery's parser wraps it. */
export function columnWord(value: unknown): string {
  if (typeof value === "string") return value;
  const word = TreeNode.of(TreeNode.of(value)?.raw("expr"))?.raw("value");
  if (typeof word === "string") return word;
  throw unsupported("a form of a column");
}

/** `$.a.b[0]` or `a` as the text of PostgreSQL's path: `{a,b,0}`. */
export function jsonKeys(path: string): string | undefined {
  if (!path.startsWith("$")) return `{${quoteKey(path)}}`;
  const steps = path.slice(1).match(/\.[A-Za-z_]\w*|\."[^"\\]*"|\[\d+\]/g) ??
    [];
  if (steps.join("") !== path.slice(1)) return undefined;
  return `{${
    steps.map((step) =>
      step.startsWith("[")
        ? step.slice(1, -1)
        : quoteKey(step.slice(1).replaceAll('"', ""))
    ).join(",")
  }}`;
}

function quoteKey(key: string): string {
  return /^\w+$/.test(key)
    ? key
    : `"${key.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

const UNITS: Readonly<Record<string, string>> = {
  microsecond: "microseconds",
  millisecond: "milliseconds",
  second: "seconds",
  minute: "minutes",
  hour: "hours",
  day: "days",
  week: "weeks",
  month: "months",
  quarter: "quarters",
  year: "years",
};

/** `count` units as an interval. */
export function intervalOf(count: string, unit: string): string {
  const word = UNITS[unit.toLowerCase().replace(/s$/, "")];
  if (word === undefined) throw unsupported(`The unit ${unit.toUpperCase()}`);
  if (word === "quarters") return `${operand(count)} * interval '3 months'`;
  return `${operand(count)} * interval '1 ${word.slice(0, -1)}'`;
}
