/**
 * Expressions in PostgreSQL's words. Every operand that is itself an operation
 * is put in parentheses, so that no dialect's precedence matters.
 *
 * @module
 */
import { quoteLiteral } from "../parser/quote.ts";
import { writeCondition, writeValue } from "./condition.ts";
import { FunctionCall } from "./function_call.ts";
import { functionRule } from "./functions/function_rules.ts";
import { columnWord, intervalOf, jsonKeys, operand } from "./fragments.ts";
import type { Translation } from "./translation.ts";
import { type TreeNode, unsupported } from "./tree_node.ts";
import { writeType } from "./type_names.ts";

const ARITHMETIC = ["+", "-", "*", "%", "&", "|", "<<", ">>", "->", "->>"];

/** An expression of any kind. */
export function writeExpression(
  node: TreeNode,
  translation: Translation,
): string {
  const text = writeNode(node, translation);
  node.done();
  return text;
}

function writeNode(node: TreeNode, translation: Translation): string {
  const { rules } = translation;
  if (node.has("ast")) return `(${translation.query(node.need("ast"))})`;
  const type = String(node.raw("type"));
  switch (type) {
    case "number":
    case "bigint":
      return translation.number(node.raw("value") as number | string);
    case "single_quote_string":
    case "double_quote_string":
    case "string":
    case "var_string":
    case "regex_string":
      return translation.literal(String(node.raw("value")));
    case "bool": {
      const value = node.raw("value") === true;
      if (rules.numericConditions) return value ? "1" : "0";
      return value ? "TRUE" : "FALSE";
    }
    case "null":
      return "NULL";
    case "star":
      node.raw("value");
      return "*";
    case "date":
    case "time":
    case "timestamp":
    case "datetime": {
      const word = type === "datetime" ? "timestamp" : type;
      return `${word} ${translation.literal(String(node.raw("value")))}`;
    }
    case "column_ref":
      return writeColumn(node, translation);
    case "binary_expr":
      return writeBinary(node, translation);
    case "unary_expr":
      return writeUnary(node, translation);
    case "expr_list":
      return `(${
        node.list("value").map((each) => writeValue(each, translation))
          .join(", ")
      })`;
    case "case":
      return writeCase(node, translation);
    case "cast":
      return writeCast(node, translation);
    case "extract": {
      const args = node.need("args");
      const field = args.text("field") ?? "";
      const source = writeValue(args.need("source"), translation);
      args.done();
      return `extract(${field.toLowerCase()} FROM ${source})`;
    }
    case "interval":
      return writeInterval(node, translation);
    case "var":
    case "param":
      throw unsupported(
        `The variable ${node.text("prefix") ?? ""}${
          node.text("name") ?? node.text("value") ?? ""
        }`,
      );
    case "array":
      node.raw("brackets");
      node.raw("keyword");
      node.raw("definition");
      return `ARRAY[${
        node.list("array_path").map((each) => {
          const text = writeValue(each.need("expr"), translation);
          each.done();
          return text;
        }).join(", ")
      }]`;
    case "function":
    case "aggr_func":
    case "window_func":
      return writeCall(node, translation);
    default:
      throw unsupported(type.replaceAll("_", " ").toUpperCase());
  }
}

function writeCall(node: TreeNode, translation: Translation): string {
  const call = new FunctionCall(node, translation);
  return call.write(functionRule(call.name, translation.rules.dialect));
}

function writeColumn(node: TreeNode, translation: Translation): string {
  const column = columnWord(node.raw("column"));
  if (column.startsWith("@")) throw unsupported(`The variable ${column}`);
  if ((node.raw("notations") as string[] | undefined)?.includes(":")) {
    throw unsupported("A path with :");
  }
  const isQualified = node.has("table") || node.has("db") ||
    node.has("schema");
  const owner = isQualified ? translation.table(node) : translation.scope;
  const table = owner === undefined ? "" : `${owner}.`;
  return `${table}${column === "*" ? "*" : translation.name(column)}`;
}

function writeBinary(node: TreeNode, translation: Translation): string {
  const { rules } = translation;
  const operator = (node.text("operator") ?? "").toUpperCase();
  const left = node.need("left");
  const right = node.need("right");
  const value = (each: TreeNode): string =>
    operand(writeValue(each, translation));
  const condition = (each: TreeNode): string =>
    operand(writeCondition(each, translation));
  switch (operator) {
    case "AND":
    case "&&":
      return `${condition(left)} AND ${condition(right)}`;
    case "OR":
      return `${condition(left)} OR ${condition(right)}`;
    case "XOR":
      return `${condition(left)} <> ${condition(right)}`;
    case "||":
      return translation.isMysql
        ? `${condition(left)} OR ${condition(right)}`
        : `${value(left)} || ${value(right)}`;
    case "<=>":
      return `${value(left)} IS NOT DISTINCT FROM ${value(right)}`;
    case "==":
      return `${value(left)} = ${value(right)}`;
    case "=":
    case "<>":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return `${value(left)} ${operator} ${quantified(right, translation)}`;
    case "BETWEEN":
    case "NOT BETWEEN": {
      const [from, to] = right.list("value").map(value);
      right.raw("type");
      right.done();
      return `${value(left)} ${operator} ${from} AND ${to}`;
    }
    case "IN":
    case "NOT IN":
      return `${value(left)} ${operator} ${writeList(right, translation)}`;
    case "IS":
    case "IS NOT":
      return writeIs(left, operator, right, translation);
    case "LIKE":
    case "NOT LIKE":
    case "ILIKE":
    case "NOT ILIKE":
      return writeLike(node, operator, translation);
    case "GLOB":
      return `${value(left)} LIKE ${globPattern(right, translation)}`;
    case "REGEXP":
    case "RLIKE":
      return `${value(left)} ~* ${value(right)}`;
    case "NOT REGEXP":
    case "NOT RLIKE":
      return `${value(left)} !~* ${value(right)}`;
    case "DIV":
      return `div(${value(left)}, ${
        divisor(value(right), translation)
      })::bigint`;
    case "MOD":
    case "%":
      return `${value(left)} % ${divisor(value(right), translation)}`;
    case "/": {
      const by = divisor(value(right), translation);
      return rules.division === "integer"
        ? `${value(left)} / ${by}`
        : `1.0 * ${value(left)} / ${by}`;
    }
    case "^":
      return translation.rules.dialect === "bigquery" ||
          translation.isMysql || rules.dialect === "tsql"
        ? `${value(left)} # ${value(right)}`
        : `${value(left)} ^ ${value(right)}`;
    case "+":
      if (rules.dialect === "tsql" && (isText(left) || isText(right))) {
        return `${value(left)} || ${value(right)}`;
      }
      return `${value(left)} + ${value(right)}`;
    default:
      if (!ARITHMETIC.includes(operator)) throw unsupported(operator);
      return writeArithmetic(left, operator, right, translation);
  }
}

function writeArithmetic(
  left: TreeNode,
  operator: string,
  right: TreeNode,
  translation: Translation,
): string {
  const of = operand(writeValue(left, translation));
  if (operator !== "->" && operator !== "->>") {
    return `${of} ${operator} ${operand(writeValue(right, translation))}`;
  }
  const path = translation.textOf(String(right.raw("value")));
  const keys = path === undefined ? undefined : jsonKeys(path);
  if (keys === undefined) throw unsupported(`${operator} of this path`);
  right.raw("type");
  right.done();
  const arrow = operator === "->" ? "#>" : "#>>";
  return `${of}::jsonb ${arrow} ${quoteLiteral(keys)}`;
}

function isText(node: TreeNode): boolean {
  return /string/.test(String(node.raw("type")));
}

function divisor(text: string, { rules }: Translation): string {
  return rules.nullByZero ? `nullif(${text}, 0)` : text;
}

/** What is compared with: a value, or ANY of a query. */
function quantified(node: TreeNode, translation: Translation): string {
  return operand(writeValue(node, translation));
}

/** What IN looks in. */
function writeList(node: TreeNode, translation: Translation): string {
  const items = node.raw("type") === "expr_list" ? node.list("value") : [node];
  node.done();
  const [only] = items;
  if (items.length === 1 && only!.has("ast")) {
    return writeExpression(only!, translation);
  }
  return `(${items.map((each) => writeValue(each, translation)).join(", ")})`;
}

function writeIs(
  left: TreeNode,
  operator: string,
  right: TreeNode,
  translation: Translation,
): string {
  const type = right.raw("type");
  if (type === "null") {
    return `${operand(writeValue(left, translation))} ${operator} NULL`;
  }
  if (type === "bool") {
    const word = right.raw("value") === true ? "TRUE" : "FALSE";
    right.done();
    return `${operand(writeCondition(left, translation))} ${operator} ${word}`;
  }
  // SQLite's IS compares any two values.
  const not = operator === "IS" ? "NOT " : "";
  return `${operand(writeValue(left, translation))} IS ${not}DISTINCT FROM ${
    operand(writeValue(right, translation))
  }`;
}

function writeLike(
  node: TreeNode,
  operator: string,
  translation: Translation,
): string {
  const { rules } = translation;
  const left = operand(writeValue(node.need("left"), translation));
  const right = node.need("right");
  const pattern = translation.textOf(String(right.raw("value")));
  if (rules.dialect === "tsql" && pattern?.includes("[")) {
    throw unsupported("LIKE with [ ]");
  }
  const escape = node.node("escape") ?? right.node("escape");
  let escaped = rules.likeEscape === "\\" ? "" : " ESCAPE ''";
  if (escape !== undefined) {
    escaped = ` ESCAPE ${writeValue(escape.need("value"), translation)}`;
    escape.raw("type");
    escape.done();
  }
  const fold = rules.foldingLike && !operator.includes("ILIKE");
  const word = fold ? operator.replace("LIKE", "ILIKE") : operator;
  return `${left} ${word} ${operand(writeValue(right, translation))}${escaped}`;
}

/** A literal pattern of GLOB as one of LIKE. */
function globPattern(node: TreeNode, translation: Translation): string {
  const pattern = translation.textOf(String(node.raw("value")));
  if (pattern === undefined || pattern.includes("[")) {
    throw unsupported("GLOB of a pattern of this kind");
  }
  return quoteLiteral(
    pattern.replace(/[\\%_]/g, "\\$&").replaceAll("*", "%")
      .replaceAll("?", "_"),
  );
}

function writeUnary(node: TreeNode, translation: Translation): string {
  const operator = (node.text("operator") ?? "").toUpperCase();
  const inner = node.need("expr");
  switch (operator) {
    case "NOT":
    case "!":
      return `NOT ${operand(writeCondition(inner, translation))}`;
    case "-":
    case "+":
    case "~":
      return `${operator}${operand(writeValue(inner, translation))}`;
    default:
      throw unsupported(operator);
  }
}

function writeCase(node: TreeNode, translation: Translation): string {
  const subject = node.node("expr");
  const parts = ["CASE"];
  if (subject !== undefined) parts.push(writeValue(subject, translation));
  for (const each of node.list("args")) {
    if (each.raw("type") === "when") {
      const when = each.need("cond");
      const cond = subject === undefined
        ? writeCondition(when, translation)
        : writeValue(when, translation);
      parts.push(`WHEN ${cond} THEN`);
    } else parts.push("ELSE");
    parts.push(writeValue(each.need("result"), translation));
    each.done();
  }
  return [...parts, "END"].join(" ");
}

function writeCast(node: TreeNode, translation: Translation): string {
  const keyword = node.text("keyword");
  if (keyword !== "cast" && keyword !== "convert") {
    throw unsupported(String(keyword).toUpperCase());
  }
  node.raw("symbol");
  const value = writeValue(node.need("expr"), translation);
  const [target, ...more] = node.list("target");
  if (target === undefined || more.length > 0) throw unsupported("A CAST");
  return `CAST(${value} AS ${writeType(target, translation).type})`;
}

function writeInterval(node: TreeNode, translation: Translation): string {
  const unit = node.text("unit");
  const count = node.need("expr");
  if (unit === undefined) {
    return `interval ${writeExpression(count, translation)}`;
  }
  const text = translation.textOf(String(count.raw("value")));
  if (text !== undefined && /^-?\d+$/.test(text)) {
    return `(${intervalOf(text, unit)})`;
  }
  return `(${intervalOf(writeValue(count, translation), unit)})`;
}
