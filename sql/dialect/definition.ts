/**
 * CREATE, ALTER, DROP and TRUNCATE in PostgreSQL's words.
 *
 * @module
 */
import { writeCondition } from "./condition.ts";
import { writeQuery } from "./query.ts";
import { writeColumn } from "./table_column.ts";
import { writeConstraint } from "./table_constraint.ts";
import type { Translation } from "./translation.ts";
import { type TreeNode, unsupported } from "./tree_node.ts";

/** CREATE of a table, an index or a view, as one or more statements. */
export function writeCreate(
  node: TreeNode,
  translation: Translation,
): readonly string[] {
  node.raw("type");
  const keyword = node.text("keyword");
  switch (keyword) {
    case "table":
      return createTable(node, translation);
    case "index":
      return [createIndex(node, translation)];
    case "view":
      return [createView(node, translation)];
    default:
      throw unsupported(`CREATE ${keyword?.toUpperCase()}`);
  }
}

function createTable(
  node: TreeNode,
  translation: Translation,
): readonly string[] {
  const [table] = node.list("table");
  if (table === undefined) throw unsupported("CREATE TABLE");
  const name = translation.table(table);
  const guard = node.has("if_not_exists") ? "IF NOT EXISTS " : "";
  const temporary = node.has("temporary") ? "TEMPORARY " : "";
  const before = node.has("replace") ? [`DROP TABLE IF EXISTS ${name}`] : [];
  // The engine, the character set and the like say nothing here.
  node.raw("table_options");
  const query = node.node("query_expr");
  const like = node.node("like");
  const head = `CREATE ${temporary}TABLE ${guard}${name}`;
  if (query !== undefined) {
    node.raw("as");
    const text = writeQuery(query, translation);
    if (node.has("create_definitions")) {
      throw unsupported("CREATE TABLE … AS with columns");
    }
    node.done();
    return [...before, `${head} AS ${text}`];
  }
  if (like !== undefined) {
    const [model] = like.list("table");
    node.done();
    return [
      ...before,
      `${head} (LIKE ${translation.table(model!)} INCLUDING ALL)`,
    ];
  }
  const parts: string[] = [];
  const after: string[] = [];
  for (const item of node.list("create_definitions")) {
    const resource = item.text("resource");
    if (resource === "column") parts.push(writeColumn(item, translation));
    else if (resource === "constraint") {
      parts.push(writeConstraint(item, translation));
    } else after.push(keyOf(item, name, translation));
  }
  node.done();
  return [...before, `${head} (${parts.join(", ")})`, ...after];
}

/** A KEY among a table's columns, as an index of its own. */
function keyOf(
  item: TreeNode,
  table: string,
  translation: Translation,
): string {
  const keyword = item.text("keyword") ?? "";
  if (!/^(key|index)$/i.test(keyword)) throw unsupported(keyword.toUpperCase());
  item.raw("resource");
  item.raw("index_type");
  const name = item.text("index");
  const columns = item.list("definition")
    .map((each) => indexColumn(each, translation));
  item.done();
  const named = name === undefined ? "" : ` ${translation.name(name)}`;
  return `CREATE INDEX${named} ON ${table} (${columns.join(", ")})`;
}

function indexColumn(node: TreeNode, translation: Translation): string {
  const direction = (node.text("order_by") ?? node.text("order") ?? "")
    .toUpperCase();
  const text = translation.expression(node);
  return direction === "" ? text : `${text} ${direction}`;
}

function createIndex(node: TreeNode, translation: Translation): string {
  const kind = node.text("index_type")?.toUpperCase() ?? "";
  if (kind !== "" && kind !== "UNIQUE") throw unsupported(`${kind} INDEX`);
  node.raw("on_kw");
  const named = node.node("index");
  const name = named?.text("name") ?? node.text("index");
  const guard = node.has("if_not_exists") ? "IF NOT EXISTS " : "";
  const columns = node.list("index_columns")
    .map((each) => indexColumn(each, translation));
  const include = node.node("include");
  const included = include?.raw("columns") as readonly string[] | undefined;
  const where = node.node("where");
  const parts = [
    `CREATE ${kind === "" ? "" : "UNIQUE "}INDEX ${guard}`.trimEnd(),
    name === undefined ? "" : translation.name(name),
    `ON ${translation.table(node.need("table"))}`,
    `(${columns.join(", ")})`,
    included === undefined
      ? ""
      : `INCLUDE (${
        included.map((each) => translation.name(each)).join(", ")
      })`,
    where === undefined ? "" : `WHERE ${writeCondition(where, translation)}`,
  ];
  node.done();
  return parts.filter((part) => part !== "").join(" ");
}

function createView(node: TreeNode, translation: Translation): string {
  const view = node.need("view");
  const name = view.text("view") ?? view.text("table") ?? "";
  const columns = node.raw("columns");
  const list = Array.isArray(columns)
    ? ` (${columns.map((each) => translation.name(String(each))).join(", ")})`
    : "";
  const replace = node.has("replace") ? "OR REPLACE " : "";
  const text = writeQuery(node.need("select"), translation);
  node.done();
  return `CREATE ${replace}VIEW ${translation.name(name)}${list} AS ${text}`;
}

/** DROP of tables, views or an index. */
export function writeDrop(node: TreeNode, translation: Translation): string {
  const keyword = (node.text("keyword") ?? "").toUpperCase();
  const guard = node.has("prefix") ? "IF EXISTS " : "";
  node.raw("type");
  const named = node.node("name");
  node.raw("table");
  const names = keyword === "INDEX"
    ? [translation.name(String(named?.raw("column") ?? named?.raw("table")))]
    : node.list("name").map((each) => translation.table(each));
  if (!/^(TABLE|VIEW|INDEX)$/.test(keyword)) {
    throw unsupported(`DROP ${keyword}`);
  }
  node.done();
  return `DROP ${keyword} ${guard}${names.join(", ")}`;
}

/** TRUNCATE. */
export function writeTruncate(
  node: TreeNode,
  translation: Translation,
): string {
  const names = node.list("name").map((each) => translation.table(each));
  node.raw("type");
  node.raw("keyword");
  node.done();
  return `TRUNCATE ${names.join(", ")} RESTART IDENTITY`;
}

/** ALTER TABLE, as one statement an action. */
export function writeAlter(
  node: TreeNode,
  translation: Translation,
): readonly string[] {
  node.raw("type");
  node.raw("keyword");
  const [table] = node.list("table");
  if (table === undefined) throw unsupported("ALTER");
  const name = translation.table(table);
  const actions = node.list("expr")
    .map((each) => writeAction(each, name, translation));
  node.done();
  return actions;
}

function writeAction(
  node: TreeNode,
  table: string,
  translation: Translation,
): string {
  const what = `${node.text("action")} ${node.text("resource")}`;
  node.raw("type");
  const column = (key: string): string =>
    translation.name(String(node.node(key)?.raw("column") ?? ""));
  switch (what) {
    case "add column":
      // Where it stands among the others says nothing here.
      node.raw("suffix");
      return `ALTER TABLE ${table} ADD COLUMN ${
        writeColumn(node, translation)
      }`;
    case "drop column":
      return `ALTER TABLE ${table} DROP COLUMN ${column("column")}`;
    case "rename column":
      return `ALTER TABLE ${table} RENAME COLUMN ${column("old_column")} TO ${
        column("column")
      }`;
    case "rename table":
      return `ALTER TABLE ${table} RENAME TO ${
        translation.name(String(node.raw("table")))
      }`;
    case "add constraint":
      return `ALTER TABLE ${table} ADD ${
        writeConstraint(node.need("create_definitions"), translation)
      }`;
    case "add index":
      node.raw("action");
      return keyOf(node, table, translation);
    default:
      throw unsupported(`ALTER TABLE … ${what.toUpperCase()}`);
  }
}
