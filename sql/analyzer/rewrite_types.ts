/**
 * What names an enumeration or its labels (views, defaults) after these got
 * other names; see `rewrite_views.ts`.
 *
 * @module
 */
import type {
  CatalogEntry,
  ColumnEntry,
  RelationEntry,
  TableEntry,
  TypeEntry,
} from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import { sourceTokens } from "../parser/source_tokens.ts";
import { describe } from "./describe.ts";
import {
  dottedName,
  NameReferences,
  qualifiedName,
  type Splice,
  spliced,
} from "./name_references.ts";
import { quoteLiteral } from "../parser/quote.ts";
import { keptQuery } from "./rewrite_views.ts";
import type { StatementState } from "./statement_state.ts";
import { parseQuery, readsOf } from "./view_text.ts";
import { ownTypeOf } from "../types/domain_type.ts";

/** An enumeration before and after. */
export interface TypeChange {
  readonly before: TypeEntry;
  readonly after: TypeEntry;
}

/**
 * What names the type or its labels, as it is afterwards.
 *
 * @throws {SqlError} `0A000` when a CHECK names it.
 */
export function rewriteForType(
  state: StatementState,
  change: TypeChange,
): CatalogEntry[] {
  const rewritten: CatalogEntry[] = [];
  for (const entry of state.options.catalog.relations()) {
    const after = rewrittenEntry(state, entry, change);
    if (after !== entry) rewritten.push(after);
  }
  return rewritten;
}

function rewrittenEntry(
  state: StatementState,
  entry: RelationEntry,
  change: TypeChange,
): RelationEntry {
  const sql = keptQuery(entry);
  if (sql !== undefined) {
    const text = rewrittenText(state, sql, change);
    if (text === sql) return entry;
    return entry.kind === "view" ? { ...entry, sql: text } : {
      ...entry as TableEntry,
      materialized: { ...(entry as TableEntry).materialized!, sql: text },
    };
  }
  if (entry.kind !== "table") return entry;
  refuseChecks(state, entry, change);
  const columns = entry.columns.map((column) =>
    rewrittenDefault(state, column, change)
  );
  return columns.some((column, i) => column !== entry.columns[i])
    ? { ...entry, columns }
    : entry;
}

const SELECT = "SELECT ";

function rewrittenDefault(
  state: StatementState,
  column: ColumnEntry,
  change: TypeChange,
): ColumnEntry {
  const { defaultSql, type: { type } } = column;
  const isOfType = ownTypeOf(type)?.oid === change.before.id;
  if (defaultSql === undefined || !isOfType) return column;
  const sql = SELECT + defaultSql;
  const text = rewrittenText(state, sql, change).slice(SELECT.length);
  return text === defaultSql ? column : { ...column, defaultSql: text };
}

/** The text of a query with the type and its labels under their new names. */
function rewrittenText(
  state: StatementState,
  sql: string,
  { before, after }: TypeChange,
): string {
  const references = new NameReferences();
  const beside = state.within(state.options.catalog);
  const query = beside.noting(
    references,
    () => beside.bindQuery(parseQuery(sql), { resolveUnknowns: true }),
  );
  const splices: Splice[] = [];
  const isMoved = before.name !== after.name || before.schema !== after.schema;
  for (const { offset, id } of references.types.values()) {
    if (id !== before.id || !isMoved) continue;
    const { end } = dottedName(sql, offset);
    splices.push({ start: offset, end, text: qualifiedName(after) });
  }
  const labels = renamedLabels({ before, after });
  for (const { offset, type: { type }, value } of readsOf(query).constants) {
    const names = labels.get(value as number);
    if (type.oid !== before.id || names === undefined || offset < 0) continue;
    const [token] = sourceTokens(sql, offset);
    if (token?.text !== quoteLiteral(names.before)) continue;
    const { start, end } = token;
    splices.push({ start, end, text: quoteLiteral(names.after) });
  }
  const unique = new Map(splices.map((splice) => [splice.start, splice]));
  return spliced(sql, [...unique.values()]);
}

/** The labels that get another name, by their numbers. */
function renamedLabels(
  { before, after }: TypeChange,
): Map<number, { readonly before: string; readonly after: string }> {
  const renamed = new Map<number, { before: string; after: string }>();
  if (before.kind !== "enum" || after.kind !== "enum") return renamed;
  for (const { label, order } of before.labels) {
    const now = after.labels.find((each) => each.order === order);
    if (now === undefined || now.label === label) continue;
    renamed.set(order, { before: label, after: now.label });
  }
  return renamed;
}

/** A CHECK would have to be rewritten, too. */
function refuseChecks(
  { options: { catalog } }: StatementState,
  table: TableEntry,
  change: TypeChange,
): void {
  const names = [...renamedLabels(change).values()].map((each) =>
    quoteLiteral(each.before)
  );
  if (change.before.name !== change.after.name) names.push(change.before.name);
  if (names.length === 0) return;
  for (const { name, sql } of table.checks ?? []) {
    for (const { text } of sourceTokens(sql)) {
      if (!names.includes(text)) continue;
      throw new SqlError(
        "0A000",
        `cannot rename what constraint ${name} on ${
          describe(catalog, table)
        } uses`,
      );
    }
  }
}
