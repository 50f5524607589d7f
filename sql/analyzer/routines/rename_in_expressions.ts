/**
 * The expressions that tables and indexes keep, after a routine that they call
 * got another name.
 *
 * @module
 */
import type { CatalogEntry, TableEntry } from "../../catalog/entries.ts";
import { dependentsOf } from "../../catalog/dependencies.ts";
import type { RoutineEntry } from "../../catalog/routine_entry.ts";
import { columnsBinder } from "../constraints/column_expression.ts";
import {
  dottedName,
  NameReferences,
  qualifiedName,
  spliced,
} from "../name_references.ts";
import type { Place } from "../place.ts";
import type { StatementState } from "../statement_state.ts";
import { parseStored, STORED_OFFSET } from "../stored_expression.ts";

/** A routine before and after. */
export interface RoutineChange {
  readonly before: RoutineEntry;
  readonly after: RoutineEntry;
}

/** The tables and indexes that call it, as they are and as they will be. */
export function renamedCallers(
  state: StatementState,
  change: RoutineChange,
): { readonly before: CatalogEntry; readonly after: CatalogEntry }[] {
  const { catalog } = state.options;
  const seen = new Set<CatalogEntry>();
  for (const { entry } of dependentsOf(catalog, change.before.id)) {
    seen.add(entry);
  }
  return [...seen].flatMap((before) => {
    const after = renamedCaller(state, before, change);
    return after === undefined ? [] : [{ before, after }];
  });
}

function renamedCaller(
  state: StatementState,
  entry: CatalogEntry,
  change: RoutineChange,
): CatalogEntry | undefined {
  if (entry.kind === "table" && entry.needs !== undefined) {
    return renamedTable(state, entry, change);
  }
  if (entry.kind !== "index") return undefined;
  const table = state.options.catalog.byId(entry.tableId);
  if (table?.kind !== "table") return undefined;
  const { predicate } = entry;
  const renamed = (sql: string, place: Place): string =>
    renamedText(state, table, sql, place, change);
  return {
    ...entry,
    columns: entry.columns.map((column) =>
      column.expression === undefined ? column : {
        ...column,
        expression: {
          ...column.expression,
          sql: renamed(column.expression.sql, "index expressions"),
        },
      }
    ),
    ...predicate !== undefined && {
      predicate: renamed(predicate, "index predicates"),
    },
  };
}

function renamedTable(
  state: StatementState,
  table: TableEntry,
  change: RoutineChange,
): TableEntry {
  const renamed = (sql: string, place: Place): string =>
    renamedText(state, table, sql, place, change);
  const { checks } = table;
  return {
    ...table,
    ...checks !== undefined && {
      checks: checks.map((check) => ({
        ...check,
        sql: renamed(check.sql, "check constraints"),
      })),
    },
    columns: table.columns.map((column) => {
      const { defaultSql, generated } = column;
      return {
        ...column,
        ...defaultSql !== undefined && {
          defaultSql: renamed(defaultSql, "DEFAULT expressions"),
        },
        ...generated !== undefined && {
          generated: {
            ...generated,
            sql: renamed(generated.sql, "column generation expressions"),
          },
        },
      };
    }),
  };
}

function renamedText(
  state: StatementState,
  table: TableEntry,
  sql: string,
  place: Place,
  { before, after }: RoutineChange,
): string {
  const references = new NameReferences();
  const binder = columnsBinder(state, table, place);
  state.noting(references, () => binder.bind(parseStored(sql)));
  const splices = [...references.types.values()]
    .filter(({ id }) => id === before.id)
    .map(({ offset }) => {
      const start = offset - STORED_OFFSET;
      const { end } = dottedName(sql, start);
      return { start, end, text: qualifiedName(after) };
    });
  return spliced(sql, splices);
}
