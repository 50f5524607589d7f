/**
 * What functions answer about indexes: their definitions.
 *
 * @module
 */
import { qualifiedName } from "../analyzer/name_references.ts";
import { shownName } from "../analyzer/describe.ts";
import type {
  IndexColumn,
  IndexEntry,
  TableEntry,
} from "../catalog/entries.ts";
import { quoteIdentifier, quoteLiteral } from "../parser/quote.ts";
import type { Nullable } from "../types/data_type.ts";
import type { Asked } from "./catalog_question.ts";

/** `pg_get_indexdef`; of one column, what it is. */
export function indexDefinition(
  asked: Asked,
  [id, number, pretty]: readonly Nullable[],
): Nullable {
  const { catalog } = asked;
  const index = catalog.relationById(id as number);
  if (index?.kind !== "index") return null;
  const table = catalog.relationById(index.tableId) as TableEntry;
  const isPretty = pretty === true;
  if (number !== undefined && number !== 0) {
    const key = index.columns[number as number - 1];
    return key === undefined ? "" : keyText(table, key, isPretty);
  }
  const keys = index.columns.map((key) =>
    [
      keyText(table, key, isPretty),
      ...keyOptions(asked, index, key),
    ].join(" ")
  );
  const included = (index.include ?? []).map((column) => nameOf(table, column));
  const options = Object.entries(index.options)
    .map(([name, value]) => `${name}=${quoteLiteral(value)}`);
  return [
    index.unique ? "CREATE UNIQUE INDEX" : "CREATE INDEX",
    quoteIdentifier(index.name),
    "ON",
    isPretty ? shownName(catalog, table) : qualifiedName(table),
    "USING",
    index.accessMethod,
    `(${keys.join(", ")})`,
    ...included.length === 0 ? [] : [`INCLUDE (${included.join(", ")})`],
    ...index.nullsNotDistinct === true ? ["NULLS NOT DISTINCT"] : [],
    ...options.length === 0 ? [] : [`WITH (${options.join(", ")})`],
    ...index.predicate === undefined
      ? []
      : ["WHERE", shownExpression(index.predicate, isPretty)],
  ].join(" ");
}

/** `USING method (key WITH operator, …) WHERE (…)` */
export function exclusionText(
  asked: Asked,
  index: IndexEntry,
  table: TableEntry,
): string {
  const elements = index.columns.map((key, i) =>
    [
      keyText(table, key, false),
      ...keyOptions(asked, index, key),
      "WITH",
      index.exclusion![i]!,
    ].join(" ")
  );
  const included = (index.include ?? []).map((column) => nameOf(table, column));
  return [
    "USING",
    index.accessMethod,
    `(${elements.join(", ")})`,
    ...included.length === 0 ? [] : [`INCLUDE (${included.join(", ")})`],
    ...index.predicate === undefined ? [] : [`WHERE (${index.predicate})`],
  ].join(" ");
}

function nameOf({ columns }: TableEntry, number: number): string {
  const column = columns.find((each) => each.number === number);
  return quoteIdentifier(column?.name ?? "?");
}

/** A column, a call, or anything else in parentheses. */
function keyText(
  table: TableEntry,
  { columnNumber, expression }: IndexColumn,
  pretty: boolean,
): string {
  if (expression === undefined) return nameOf(table, columnNumber);
  const text = shownExpression(expression.sql, pretty);
  return isCall(expression.sql) ? text : `(${text})`;
}

/** Whether a text is one call: `lower(a)`. */
function isCall(text: string): boolean {
  const start = /^(?:[a-z_][a-z0-9_$]*|"(?:[^"]|"")+")\(/.exec(text);
  return start !== null && closes(text, start[0].length - 1);
}

/** Pretty texts have no parentheses around all. */
function shownExpression(text: string, pretty: boolean): string {
  return pretty && text.startsWith("(") && closes(text, 0)
    ? text.slice(1, -1)
    : text;
}

/** Whether the parenthesis at `open` is closed by the last character. */
function closes(text: string, open: number): boolean {
  let depth = 0;
  let quote = "";
  for (let i = open; i < text.length; i++) {
    const character = text[i]!;
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === "'" || character === '"') quote = character;
    else if (character === "(") depth++;
    else if (character === ")" && --depth === 0) return i === text.length - 1;
  }
  return false;
}

/** Operator class and order, where they are not the default. */
function keyOptions(
  { core }: Asked,
  { accessMethod }: IndexEntry,
  { operatorClass, descending, nullsFirst }: IndexColumn,
): string[] {
  const { operatorClasses } = core.access.index(accessMethod);
  const isDefault = operatorClasses.find(({ name }) => name === operatorClass)
    ?.isDefault ?? true;
  return [
    ...isDefault ? [] : [operatorClass],
    ...descending ? ["DESC"] : [],
    ...nullsFirst === descending
      ? []
      : [nullsFirst ? "NULLS FIRST" : "NULLS LAST"],
  ];
}
