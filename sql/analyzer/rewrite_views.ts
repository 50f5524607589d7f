/**
 * Views after a relation or a column that they read got another name: their
 * texts say the new one.
 *
 * The text is bound once more under the old names, which says what each name in
 * it means; those that mean what was renamed are replaced, and the result is
 * bound under the new names. A relation keeps its old name as its alias.
 *
 * @module
 */
import type {
  CatalogView,
  RelationEntry,
  TableEntry,
  ViewEntry,
} from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { BoundColumn, BoundQuery } from "./bound_expression.ts";
import { describe } from "./describe.ts";
import {
  dottedName,
  NameReferences,
  qualifiedName,
  type Splice,
  spliced,
} from "./name_references.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import type { StatementState } from "./statement_state.ts";
import { parseQuery, readsOf } from "./view_text.ts";
import { walkSyntax } from "./walk_syntax.ts";

/** A relation that keeps a query. */
export type QueryHolder = ViewEntry | TableEntry;

/** The text of the query that a relation keeps, if it keeps one. */
export function keptQuery(entry: RelationEntry): string | undefined {
  if (entry.kind === "view") return entry.sql;
  return entry.kind === "table" ? entry.materialized?.sql : undefined;
}

/**
 * The views that read what is renamed, as they are afterwards: `renamed` has
 * the relations as they will be, by id. Views that are renamed themselves are
 * given with their new names.
 *
 * @throws {SqlError} `0A000` when a view has a name in a place where it cannot
 * be replaced (USING).
 */
export function rewriteViews(
  state: StatementState,
  renamed: ReadonlyMap<number, RelationEntry>,
): QueryHolder[] {
  const { catalog } = state.options;
  const rewritten: QueryHolder[] = [];
  for (const entry of catalog.relations()) {
    const sql = keptQuery(entry);
    const isReader = entry.dependencies?.some(({ id }) => renamed.has(id));
    if (sql === undefined || isReader !== true) continue;
    const text = rewrittenText(state, sql, renamed);
    const holder = (renamed.get(entry.id) ?? entry) as QueryHolder;
    rewritten.push(
      holder.kind === "view" ? { ...holder, sql: text } : {
        ...holder,
        materialized: { ...holder.materialized!, sql: text },
      },
    );
  }
  const after = catalog.changed([...renamed.values(), ...rewritten]);
  for (const view of rewritten) requireBindable(state, after, view);
  return rewritten;
}

function requireBindable(
  state: StatementState,
  catalog: CatalogView,
  view: QueryHolder,
): void {
  const text = keptQuery(view)!;
  try {
    state.within(catalog.bare).bindQuery(parseQuery(text), {
      resolveUnknowns: true,
    });
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new SqlError(
      "0A000",
      `cannot rename what ${describe(catalog, view)} uses in this way`,
      { detail: `The view would be: ${text}`, cause: error },
    );
  }
}

function rewrittenText(
  state: StatementState,
  sql: string,
  renamed: ReadonlyMap<number, RelationEntry>,
): string {
  const references = new NameReferences();
  const old = state.within(state.options.catalog.bare);
  const syntax = parseQuery(sql);
  const query = old.noting(
    references,
    () => old.bindQuery(syntax, { resolveUnknowns: true }),
  );
  const splices: Splice[] = [];
  for (const { offset, entry, aliased } of references.relations.values()) {
    const after = renamed.get(entry.id);
    if (after === undefined) continue;
    const alias = aliased || after.name === entry.name
      ? ""
      : ` ${quoteIdentifier(entry.name)}`;
    splices.push({
      start: offset,
      end: dottedName(sql, offset).end,
      text: qualifiedName(after) + alias,
    });
  }
  const unnamed = new Set<number>();
  walkSyntax(syntax, {
    target: ({ name, expression }) => {
      if (name !== undefined || expression.kind !== "column") return;
      unnamed.add(expression.offset);
    },
  });
  splices.push(...renamedColumns(sql, query, renamed, unnamed));
  return spliced(sql, splices);
}

/** New names of columns; one that gave a result its name gives the old one. */
function renamedColumns(
  sql: string,
  query: BoundQuery,
  renamed: ReadonlyMap<number, RelationEntry>,
  unnamed: ReadonlySet<number>,
): Iterable<Splice> {
  const splices = new Map<number, Splice>();
  const { relations, columns } = readsOf(query);
  for (const column of columns) {
    const names = newName(column, relations.get(column.relation), renamed);
    if (names === undefined || column.offset < 0) continue;
    const { starts, end } = dottedName(sql, column.offset);
    const start = starts.at(-1);
    if (start === undefined || !means(sql.slice(start, end), names.before)) {
      continue;
    }
    const after = quoteIdentifier(names.after);
    const text = unnamed.has(column.offset)
      ? `${after} AS ${quoteIdentifier(names.before)}`
      : after;
    splices.set(start, { start, end, text });
  }
  return splices.values();
}

/** The name of a column before and after, if it changes. */
function newName(
  { column }: BoundColumn,
  entry: RelationEntry | undefined,
  renamed: ReadonlyMap<number, RelationEntry>,
): { readonly before: string; readonly after: string } | undefined {
  const after = entry && renamed.get(entry.id);
  if (
    entry === undefined || !("columns" in entry) || entry.kind === "index" ||
    after === undefined || !("columns" in after) || after.kind === "index"
  ) return undefined;
  const old = entry.columns[column];
  const now = after.columns.find(({ number }) => number === old?.number);
  if (old === undefined || now === undefined || now.name === old.name) {
    return undefined;
  }
  return { before: old.name, after: now.name };
}

/** Whether a name as it is written means `name`. */
function means(written: string, name: string): boolean {
  return written.startsWith('"')
    ? written.slice(1, -1).replaceAll('""', '"') === name
    : written.toLowerCase() === name;
}
