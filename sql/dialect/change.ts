/**
 * INSERT, REPLACE, UPDATE and DELETE in PostgreSQL's words.
 *
 * @module
 */
import { quoteIdentifier } from "../parser/quote.ts";
import { writeCondition, writeValue } from "./condition.ts";
import { writeFrom, writeQuery, writeWhere } from "./query.ts";
import type { Translation } from "./translation.ts";
import { type TreeNode, unsupported } from "./tree_node.ts";

/** INSERT or REPLACE. */
export function writeInsert(node: TreeNode, translation: Translation): string {
  const [table, ...more] = node.list("table");
  if (table === undefined || more.length > 0) throw unsupported("INSERT");
  const name = translation.table(table);
  const { columns, rows } = insertedRows(node, translation);
  const list = columns === undefined ? "" : ` (${columns.join(", ")})`;
  const conflict = conflictOf(node, table, translation);
  const returning = writeReturning(node, translation);
  node.raw("type");
  node.raw("prefix");
  node.done();
  return `INSERT INTO ${name}${list} ${rows}${conflict}${returning}`;
}

function insertedRows(node: TreeNode, translation: Translation): {
  readonly columns: readonly string[] | undefined;
  readonly rows: string;
} {
  const set = node.list("set");
  if (set.length > 0) {
    const columns = set.map((each) =>
      translation.name(each.text("column") ?? "")
    );
    const values = set.map((each) =>
      writeValue(each.need("value"), translation)
    );
    return { columns, rows: `VALUES (${values.join(", ")})` };
  }
  const words = node.raw("columns");
  const columns = Array.isArray(words)
    ? words.map((word) => {
      if (typeof word !== "string") throw unsupported("A form of a column");
      return translation.name(word);
    })
    : undefined;
  const values = node.need("values");
  if (values.raw("type") === "select") {
    return { columns, rows: writeQuery(values, translation) };
  }
  const rows = values.list("values")
    .map((row) => writeRow(row, translation));
  values.raw("type");
  values.done();
  return { columns, rows: `VALUES ${rows.join(", ")}` };
}

function writeRow(row: TreeNode, translation: Translation): string {
  const values = row.list("value").map((each) =>
    each.raw("column") === "DEFAULT" ? "DEFAULT" : writeValue(each, translation)
  );
  return `(${values.join(", ")})`;
}

/** What happens to a row whose key there is already. */
function conflictOf(
  node: TreeNode,
  table: TreeNode,
  translation: Translation,
): string {
  const words = node.list("or").map((each) => String(each.raw("value")));
  const word = [node.raw("type"), node.raw("prefix"), ...words]
    .join(" ").toUpperCase();
  if (/\bIGNORE\b/.test(word)) return " ON CONFLICT DO NOTHING";
  const update = node.node("on_duplicate_update");
  if (update !== undefined) {
    const { key } = soleKey(table, translation, "ON DUPLICATE KEY UPDATE");
    update.raw("keyword");
    const set = writeSet(update.list("set"), translation, table);
    update.done();
    return ` ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${set}`;
  }
  if (!/\bREPLACE\b/.test(word)) return "";
  const { key, columns } = soleKey(table, translation, "REPLACE");
  const others = columns.filter((column) => !key.includes(column));
  if (others.length === 0) return " ON CONFLICT DO NOTHING";
  // What the row does not give is its default in EXCLUDED, as in a new row.
  const set = others.map((column) => `${column} = excluded.${column}`);
  return ` ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${set.join(", ")}`;
}

/** The table's key, if there is one: with several, which one is meant? */
function soleKey(
  table: TreeNode,
  translation: Translation,
  what: string,
): { readonly key: readonly string[]; readonly columns: readonly string[] } {
  const { schema, name } = translation.tableParts(table);
  const found = translation.catalog.table(schema, name);
  const [key, ...more] = found?.keys ?? [];
  if (found === undefined || key === undefined || more.length > 0) {
    const count = more.length + (key === undefined ? 0 : 1);
    throw unsupported(
      `${what} on the table "${name}", which has ${count} unique keys,`,
    );
  }
  return {
    key: key.map(quoteIdentifier),
    columns: found.columns.map(quoteIdentifier),
  };
}

/** Assignments; `VALUES(c)` of MySQL is the row that was to be inserted. */
function writeSet(
  items: readonly TreeNode[],
  translation: Translation,
  inserted?: TreeNode,
): string {
  return items.map((item) => {
    const column = translation.name(item.text("column") ?? "");
    const value = item.need("value");
    item.raw("table");
    item.raw("keyword");
    const text = value.raw("column") === "DEFAULT"
      ? "DEFAULT"
      : translation.inScopeOf(
        inserted,
        () => writeValue(value, translation),
      );
    item.done();
    return `${column} = ${text}`;
  }).join(", ");
}

function writeReturning(node: TreeNode, translation: Translation): string {
  const returning = node.node("returning");
  if (returning === undefined) return "";
  const columns = returning.list("columns").map((each) => {
    const text = writeValue(each.need("expr"), translation);
    const alias = each.text("as");
    each.raw("type");
    each.done();
    return alias === undefined ? text : `${text} AS ${translation.name(alias)}`;
  });
  returning.raw("type");
  returning.done();
  return ` RETURNING ${columns.join(", ")}`;
}

/** UPDATE, of a table or of one that is joined with others. */
export function writeUpdate(node: TreeNode, translation: Translation): string {
  const set = node.list("set");
  const written = writeSet(set, translation);
  const tables = node.list("table");
  const from = node.list("from");
  // T-SQL names the table in FROM again; MySQL joins in the table's place.
  const items = from.length > 0 ? from : tables;
  const wanted = from.length > 0
    ? tables[0]!.text("table")
    : set[0]?.text("table") ?? tables[0]?.text("table");
  const { target, others, conditions } = joined(items, wanted, translation);
  refuseOrder(node, "UPDATE");
  const more = others.length === 0
    ? ""
    : ` FROM ${writeFrom(others, translation)}`;
  const where = allOf(conditions, writeWhere(node, translation));
  const returning = writeReturning(node, translation);
  node.raw("type");
  node.done();
  return `UPDATE ${target} SET ${written}${more}${where}${returning}`;
}

/** DELETE, of a table or of one that is joined with others. */
export function writeDelete(node: TreeNode, translation: Translation): string {
  const tables = node.list("table");
  const from = node.list("from");
  const items = from.length > 0 ? from : tables;
  const { target, others, conditions } = joined(
    items,
    tables[0]?.text("table"),
    translation,
  );
  if (tables.length > 1) throw unsupported("DELETE from several tables");
  tables[0]?.raw("addition");
  if (from.length > 0 && tables[0]?.has("expr")) throw unsupported("TOP");
  refuseOrder(node, "DELETE");
  const more = others.length === 0
    ? ""
    : ` USING ${writeFrom(others, translation)}`;
  const where = allOf(conditions, writeWhere(node, translation));
  const returning = writeReturning(node, translation);
  node.raw("type");
  node.done();
  return `DELETE FROM ${target}${more}${where}${returning}`;
}

function refuseOrder(node: TreeNode, what: string): void {
  if (node.has("orderby")) throw unsupported(`${what} … ORDER BY`);
  if (node.node("limit")?.has("value")) throw unsupported(`${what} … LIMIT`);
}

function allOf(conditions: readonly string[], where: string): string {
  const parts = conditions.map((each) => `(${each})`);
  if (where !== "") parts.push(`(${where.slice("WHERE ".length)})`);
  if (parts.length === 0) return "";
  return ` WHERE ${
    parts.length === 1 ? parts[0]!.slice(1, -1) : parts.join(" AND ")
  }`;
}

/** The table that is changed, what it is joined with, and on what. */
function joined(
  items: readonly TreeNode[],
  wanted: string | undefined,
  translation: Translation,
): {
  readonly target: string;
  readonly others: readonly TreeNode[];
  readonly conditions: readonly string[];
} {
  const name = translation.plainName(wanted ?? "");
  const index = items.findIndex((item) =>
    [item.text("as"), item.text("table")]
      .some((word) =>
        word !== undefined && translation.plainName(word) === name
      )
  );
  const item = items[Math.max(0, index)];
  if (item === undefined) throw unsupported("A change without a table");
  const alias = item.text("as");
  const table = translation.table(item);
  const conditions: string[] = [];
  for (const each of items) {
    const kind = each.text("join")?.toUpperCase();
    const isPlain = kind === undefined || kind === "INNER JOIN" ||
      kind === "JOIN" || kind === "CROSS JOIN";
    if (!isPlain) throw unsupported(`A change of a ${kind}`);
    if (each.has("using")) throw unsupported("A change of a join with USING");
    const on = each.node("on");
    if (on !== undefined) conditions.push(writeCondition(on, translation));
  }
  const target = alias === undefined
    ? table
    : `${table} AS ${translation.name(alias)}`;
  const others = items.filter((each) => each !== item)
    .map((each) => each.without("join", "on"));
  item.raw("join");
  return { target, others, conditions };
}
