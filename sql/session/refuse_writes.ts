/**
 * What is not changed: what a query keeps, and anything in a read-only
 * transaction but the rows of temporary tables.
 *
 * A database that is opened for reading lets sessions define temporary objects,
 * too: they are in the memory of this process.
 *
 * @module
 */
import type { BoundChange } from "../analyzer/bound_change.ts";
import type { BoundCte } from "../analyzer/bound_expression.ts";
import type { BoundStatement } from "../analyzer/bound_tree.ts";
import type { TableEntry } from "../catalog/entries.ts";
import {
  isTemporaryId,
  isTemporarySchema,
} from "../catalog/temporary_schema.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { Prepared } from "./prepared.ts";
import { writingCommand } from "./run_definition.ts";
import type { RunRequest } from "./run_options.ts";
import type { Settings } from "./settings.ts";

/**
 * Refuses a statement that changes what cannot be.
 *
 * @throws {SqlError} `42809` for a write to what a query keeps, `25006` for a
 * write in a read-only transaction.
 */
export function refuseWrites(
  settings: Settings,
  prepared: Pick<Prepared, "bound">,
  { transaction }: Pick<RunRequest, "transaction">,
): void {
  const bound = whatRuns(prepared.bound);
  const tables = changedTables(bound);
  for (const table of tables ?? []) {
    if (table.materialized === undefined) continue;
    throw new SqlError(
      "42809",
      `cannot change materialized view "${table.name}"`,
    );
  }
  const isAsked = transaction.isAskedReadOnly ||
    settings.boolean("transaction_read_only");
  if (!transaction.readOnly && !isAsked) return;
  if (bound.kind === "select" && bound.query.locks.length > 0) {
    const { strength } = bound.query.locks[0]!;
    throw new SqlError(
      "25006",
      `cannot execute SELECT FOR ${strength.toUpperCase()} in a read-only transaction`,
    );
  }
  const command = writingCommand(bound);
  if (command === undefined) return;
  const isTemporary = tables === undefined
    ? !isAsked && definesTemporary(bound)
    : tables.every(({ id }) => isTemporaryId(id));
  if (isTemporary) return;
  throw new SqlError(
    "25006",
    `cannot execute ${command} in a read-only transaction`,
  );
}

/** What EXPLAIN ANALYZE and COPY TO run, of which they only tell. */
function whatRuns(bound: BoundStatement): BoundStatement {
  switch (bound.kind) {
    case "explain":
      return bound.options.analyze ? bound.statement : bound;
    case "copy":
      return bound.direction === "to" ? bound.statement : bound;
    default:
      return bound;
  }
}

/** The tables whose rows a statement changes; `undefined` for a definition. */
function changedTables(
  bound: BoundStatement,
): readonly TableEntry[] | undefined {
  switch (bound.kind) {
    case "insert":
    case "update":
    case "delete":
    case "merge":
      return tablesOfChange(bound);
    case "copy":
      return bound.direction === "from" && bound.table !== undefined
        ? [bound.table]
        : undefined;
    case "select":
      return tablesInWith(bound.query.ctes);
    default:
      return undefined;
  }
}

function tablesOfChange(change: BoundChange): TableEntry[] {
  const table = change.kind === "insert" ? change.table : change.from.table;
  return [table, ...tablesInWith(change.ctes)];
}

function tablesInWith(ctes: readonly BoundCte[]): TableEntry[] {
  return ctes.flatMap(({ query }) =>
    "kind" in query ? tablesOfChange(query as BoundChange) : []
  );
}

/** Whether all that a definition makes or changes is temporary. */
function definesTemporary(bound: BoundStatement): boolean {
  switch (bound.kind) {
    case "create_table":
    case "create_sequence":
      return isTemporarySchema(bound.schema);
    case "create_view":
      return isTemporarySchema(bound.view.schema);
    case "create_table_as":
      return isTemporarySchema(bound.table.schema);
    case "create_index":
      return isTemporaryId(bound.table.id);
    case "alter_table":
      return bound.table !== undefined && isTemporaryId(bound.table.id);
    case "alter_sequence":
      return bound.sequence !== undefined && isTemporaryId(bound.sequence.id);
    case "alter_view":
      return bound.change !== undefined &&
        isTemporaryId(bound.change.before.id);
    case "comment":
      return isTemporaryId(bound.before.id);
    case "rename":
      return bound.changed.every(({ id }) => isTemporaryId(id));
    case "reindex":
      return bound.indexes.every(({ id }) => isTemporaryId(id));
    case "drop":
      return bound.entries.every(({ id }) => isTemporaryId(id));
    case "maintenance":
      return bound.tables.every(({ table }) => isTemporaryId(table.id));
    case "truncate":
      return bound.tables.every(({ id }) => isTemporaryId(id));
    default:
      return false;
  }
}
