/**
 * Queries in PostgreSQL's words.
 *
 * The names of the outermost query's columns keep the letters they were written
 * with, as results of these dialects do; so do references to them.
 *
 * @module
 */
import { quoteIdentifier } from "../parser/quote.ts";
import { writeCondition, writeValue } from "./condition.ts";
import { columnWord, operand } from "./fragments.ts";
import type { Translation } from "./translation.ts";
import { TreeNode, unsupported } from "./tree_node.ts";
import { writeOrder, writeSpecification } from "./window.ts";

/** A query with its set operations. */
export function writeQuery(
  node: TreeNode,
  translation: Translation,
  outermost = false,
): string {
  const withClause = writeWith(node, translation);
  const labels = new Map<string, string>();
  let text = writeSelect(node, translation, outermost ? labels : undefined);
  let current = node;
  let next = node.node("_next");
  while (next !== undefined) {
    const operation = setOperation(current.text("set_op"));
    const part = writeSelect(next, translation, undefined);
    text = `${inOperation(current, node, text)} ${operation} ${
      inOperation(next, undefined, part)
    }`;
    current = next;
    next = next.node("_next");
  }
  const tail = [
    writeOrder(node.list("_orderby"), translation),
    writeLimit(node.node("_limit"), undefined, translation),
  ].filter((part) => part !== "");
  return [withClause, text, ...tail].filter((part) => part !== "").join(" ");
}

/** A member of a set operation, in parentheses where it has them. */
function inOperation(
  member: TreeNode,
  first: TreeNode | undefined,
  text: string,
): string {
  const isFirst = first === undefined || member === first;
  return isFirst && member.raw("parentheses_symbol") === true
    ? `(${text})`
    : text;
}

function setOperation(word: string | undefined): string {
  const operation = (word ?? "").toUpperCase().replace(" DISTINCT", "")
    .replace("MINUS", "EXCEPT");
  if (/^(UNION|INTERSECT|EXCEPT)( ALL)?$/.test(operation)) return operation;
  throw unsupported(operation);
}

function writeWith(node: TreeNode, translation: Translation): string {
  const parts = node.list("with");
  if (parts.length === 0) return "";
  let recursive = false;
  const written = parts.map((part) => {
    recursive ||= part.raw("recursive") === true;
    const name = part.need("name").text("value") ?? "";
    const columns = part.list("columns")
      .map((each) => translation.name(each.text("column") ?? ""));
    const statement = part.need("stmt");
    const query = statement.node("ast") ?? statement;
    const list = columns.length === 0 ? "" : ` (${columns.join(", ")})`;
    const text = writeQuery(query, translation);
    part.done();
    return `${translation.name(name)}${list} AS (${text})`;
  });
  return `WITH ${recursive ? "RECURSIVE " : ""}${written.join(", ")}`;
}

/** One SELECT; `labels` collects the names of the outermost one's columns. */
function writeSelect(
  node: TreeNode,
  translation: Translation,
  labels: Map<string, string> | undefined,
): string {
  if (node.raw("type") !== "select") {
    throw unsupported(String(node.raw("type")).toUpperCase());
  }
  const columns = node.list("columns")
    .map((each) => writeResultColumn(each, translation, labels));
  const qualify = node.node("qualify");
  if (qualify !== undefined) throw unsupported("QUALIFY");
  const into = node.node("into");
  if (into?.has("expr")) throw unsupported("SELECT INTO");
  const distinct = node.has("distinct") ? "DISTINCT " : "";
  const from = node.list("from");
  const clauses = [
    `SELECT ${distinct}${columns.join(", ")}`,
    from.length === 0 ? "" : `FROM ${writeFrom(from, translation)}`,
    writeWhere(node, translation),
    writeGroup(node, translation),
    writeHaving(node, translation),
    writeNamedWindows(node, translation),
    writeOrder(node.list("orderby"), translation, labels),
    writeLimit(node.node("limit"), node.node("top"), translation),
    writeLocking(node),
  ];
  node.raw("parentheses_symbol");
  node.raw("set_op");
  node.raw("_next");
  node.raw("_orderby");
  node.raw("_limit");
  node.raw("with");
  node.done();
  return clauses.filter((clause) => clause !== "").join(" ");
}

function writeLocking(node: TreeNode): string {
  const words = node.text("locking_read");
  if (words === undefined) return "";
  const word = words.toUpperCase().replace("LOCK IN SHARE MODE", "FOR SHARE");
  if (!/^FOR (UPDATE|SHARE)( NOWAIT| SKIP LOCKED)?$/.test(word)) {
    throw unsupported(word);
  }
  return word;
}

function writeResultColumn(
  node: TreeNode,
  translation: Translation,
  labels: Map<string, string> | undefined,
): string {
  node.raw("type");
  const expression = node.need("expr");
  if (node.has("expr_list")) throw unsupported("SELECT * EXCEPT");
  const text = writeValue(expression, translation);
  const alias = node.text("as");
  node.done();
  const word = alias ??
    (labels === undefined ? undefined : labelOf(expression));
  if (word === undefined || text.endsWith("*")) return text;
  const written = translation.written(word);
  if (labels === undefined) return `${text} AS ${translation.name(word)}`;
  if (alias === undefined && !/[A-Z]/.test(written)) return text;
  labels.set(translation.plainName(word), written);
  return `${text} AS ${quoteIdentifier(written)}`;
}

/** The name of a column that is selected as it is. */
function labelOf(expression: TreeNode): string | undefined {
  return expression.raw("type") === "column_ref"
    ? columnWord(expression.raw("column"))
    : undefined;
}

const JOINS: Readonly<Record<string, string>> = {
  "INNER JOIN": "JOIN",
  "JOIN": "JOIN",
  "CROSS JOIN": "CROSS JOIN",
  "STRAIGHT_JOIN": "JOIN",
  "LEFT JOIN": "LEFT JOIN",
  "LEFT OUTER JOIN": "LEFT JOIN",
  "RIGHT JOIN": "RIGHT JOIN",
  "RIGHT OUTER JOIN": "RIGHT JOIN",
  "FULL JOIN": "FULL JOIN",
  "FULL OUTER JOIN": "FULL JOIN",
  "NATURAL JOIN": "NATURAL JOIN",
  "CROSS APPLY": "CROSS JOIN LATERAL",
  "OUTER APPLY": "LEFT JOIN LATERAL",
};

/** What stands behind FROM. */
export function writeFrom(
  items: readonly TreeNode[],
  translation: Translation,
): string {
  let text = "";
  for (const item of items) {
    const kind = item.text("join");
    if (kind === undefined) {
      text += `${text === "" ? "" : ", "}${writeFromItem(item, translation)}`;
      item.done();
      continue;
    }
    const join = JOINS[kind.toUpperCase()];
    if (join === undefined) throw unsupported(kind.toUpperCase());
    text += ` ${join} ${writeFromItem(item, translation)}`;
    text += writeJoinCondition(item, join, translation);
    item.done();
  }
  return text;
}

function writeJoinCondition(
  item: TreeNode,
  join: string,
  translation: Translation,
): string {
  const on = item.node("on");
  if (on !== undefined) return ` ON ${writeCondition(on, translation)}`;
  const using = item.raw("using");
  if (Array.isArray(using) && using.length > 0) {
    const columns = using.map((each) => translation.name(usingColumn(each)));
    return ` USING (${columns.join(", ")})`;
  }
  // MySQL and SQLite join without a condition; APPLY has it in its query.
  return /^(JOIN|LEFT JOIN LATERAL)$/.test(join) ? " ON TRUE" : "";
}

/** A column of USING: a word, or a node that has one. */
function usingColumn(value: unknown): string {
  if (typeof value === "string") return value;
  const node = TreeNode.of(value);
  const word = node?.raw("column") ?? node?.raw("value");
  if (typeof word !== "string") throw unsupported("A form of USING");
  return word;
}

function writeFromItem(item: TreeNode, translation: Translation): string {
  const alias = item.text("as");
  const label = alias === undefined ? "" : ` AS ${translation.name(alias)}`;
  const hint = item.node("table_hint");
  if (hint !== undefined) {
    // NOLOCK and its kin change nothing that a snapshot does not give.
    hint.raw("keyword");
    hint.raw("expr");
    hint.done();
  }
  const expression = item.node("expr");
  if (item.raw("type") === "unnest" && expression !== undefined) {
    if (item.has("with_offset")) throw unsupported("WITH OFFSET");
    return `unnest(${writeValue(expression, translation)})${label}`;
  }
  if (expression === undefined) return `${translation.table(item)}${label}`;
  if (item.has("prefix") && item.text("prefix")?.toUpperCase() !== "LATERAL") {
    throw unsupported(item.text("prefix")!.toUpperCase());
  }
  const lateral = item.has("prefix") ? "LATERAL " : "";
  return `${lateral}${operandOf(expression, translation)}${label}`;
}

function operandOf(node: TreeNode, translation: Translation): string {
  const text = writeValue(node, translation);
  return /^\(|^\w+\(/.test(text) ? text : operand(text);
}

/** WHERE, or nothing. */
export function writeWhere(node: TreeNode, translation: Translation): string {
  const where = node.node("where");
  return where === undefined
    ? ""
    : `WHERE ${writeCondition(where, translation)}`;
}

function writeGroup(node: TreeNode, translation: Translation): string {
  const group = node.node("groupby");
  if (group === undefined) return "";
  const columns = group.list("columns")
    .map((each) => writeValue(each, translation)).join(", ");
  const [modifier, ...more] = group.list("modifiers")
    .map((each) => each.text("value")?.toLowerCase());
  if (more.length > 0) throw unsupported("GROUP BY with several modifiers");
  if (modifier === undefined) return `GROUP BY ${columns}`;
  if (modifier === "with rollup") return `GROUP BY ROLLUP (${columns})`;
  if (modifier === "with cube") return `GROUP BY CUBE (${columns})`;
  throw unsupported(modifier.toUpperCase());
}

function writeHaving(node: TreeNode, translation: Translation): string {
  const having = node.node("having");
  return having === undefined
    ? ""
    : `HAVING ${writeCondition(having, translation)}`;
}

function writeNamedWindows(node: TreeNode, translation: Translation): string {
  const window = node.node("window");
  if (window === undefined) return "";
  const parts = window.list("expr").map((each) => {
    const name = translation.name(each.text("name") ?? "");
    return `${name} AS ${writeSpecification(each, translation)}`;
  });
  return `WINDOW ${parts.join(", ")}`;
}

function writeLimit(
  limit: TreeNode | undefined,
  top: TreeNode | undefined,
  translation: Translation,
): string {
  if (top !== undefined) {
    if (top.has("percent")) throw unsupported("TOP … PERCENT");
    const count = translation.number(top.raw("value") as number);
    top.done();
    return `LIMIT ${count}`;
  }
  if (limit === undefined) return "";
  const fetch = limit.node("fetch");
  const offset = limit.node("offset");
  if (fetch !== undefined || offset !== undefined) {
    const parts = [
      fetch && `LIMIT ${writeValue(fetch.need("value"), translation)}`,
      offset && `OFFSET ${writeValue(offset.need("value"), translation)}`,
    ];
    return parts.filter((part) => part !== undefined).join(" ");
  }
  const [first, second] = limit.list("value")
    .map((each) => writeValue(each, translation));
  if (first === undefined) return "";
  if (second === undefined) return `LIMIT ${first}`;
  return limit.text("seperator") === ","
    ? `LIMIT ${second} OFFSET ${first}`
    : `LIMIT ${first} OFFSET ${second}`;
}
