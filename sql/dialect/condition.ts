/**
 * An expression as a value or as a condition.
 *
 * Where conditions are numbers (MySQL, SQLite), an operand of a logical
 * operation that is no condition is compared with 0, and a condition that is
 * used as a value becomes 1 or 0.
 *
 * @module
 */
import { operand } from "./fragments.ts";
import type { Translation } from "./translation.ts";
import { TreeNode } from "./tree_node.ts";

const COMPARISONS = ["=", "<>", "!=", "<", "<=", ">", ">=", "<=>", "=="];
const LOGICAL = ["AND", "OR", "XOR", "&&"];
const TESTS = [
  ...["IS", "IS NOT", "IN", "NOT IN", "BETWEEN", "NOT BETWEEN"],
  ...["LIKE", "NOT LIKE", "ILIKE", "NOT ILIKE", "REGEXP", "NOT REGEXP"],
  ...["RLIKE", "NOT RLIKE", "GLOB"],
];

/** An expression as a value. */
export function writeValue(node: TreeNode, translation: Translation): string {
  const text = translation.expression(node);
  return translation.rules.numericConditions && isCondition(node, translation)
    ? `(${text})::int`
    : text;
}

/** An expression as a condition. */
export function writeCondition(
  node: TreeNode,
  translation: Translation,
): string {
  const text = translation.expression(node);
  if (!translation.rules.numericConditions) return text;
  return isCondition(node, translation) ? text : `${operand(text)} <> 0`;
}

/** Whether a call is EXISTS, which the parsers take for a function. */
function isExists(node: TreeNode): boolean {
  const [part] = TreeNode.of(node.raw("name"))?.list("name") ?? [];
  return String(part?.raw("value")).toUpperCase() === "EXISTS";
}

/** Whether the expression is a condition wherever it stands. */
function isCondition(node: TreeNode, translation: Translation): boolean {
  const operator = String(node.raw("operator") ?? "").toUpperCase();
  switch (node.raw("type")) {
    case "binary_expr":
      return COMPARISONS.includes(operator) || LOGICAL.includes(operator) ||
        TESTS.includes(operator) || operator === "||" && translation.isMysql;
    case "unary_expr":
      return operator === "NOT" || operator === "!";
    case "function":
      return isExists(node);
    default:
      return false;
  }
}
