/**
 * FOREIGN KEY as it is defined.
 *
 * @module
 */
import { hasPlainKeys } from "../../access/index_keys.ts";
import type { CatalogView, TableEntry } from "../../catalog/entries.ts";
import { isTemporarySchema } from "../../catalog/temporary_schema.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { ForeignKeySyntax } from "../../parser/constraint_syntax.ts";
import { missingRelation } from "../bind_from.ts";
import { columnsName, objectName } from "../object_name.ts";
import type { StatementState } from "../statement_state.ts";
import type { BoundForeignKey } from "./bound_constraint.ts";

/** A table with what can be referred to. */
export interface ReferencedTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string }[];
  /** The unique keys by positions, the primary key first. */
  readonly keys: readonly {
    readonly primary: boolean;
    /** Whether its check may wait: then it cannot be referred to. */
    readonly deferrable: boolean;
    /** Whether its last column is a period WITHOUT OVERLAPS. */
    readonly temporal?: boolean;
    readonly columns: readonly number[];
  }[];
}

/**
 * Binds a foreign key of `own`, whose schema is `schema`.
 *
 * @throws {SqlError} `42P01`, `42703`, `42704`, `42830`.
 */
export function bindForeignKey(
  state: StatementState,
  own: ReferencedTable,
  schema: string,
  syntax: ForeignKeySyntax,
): BoundForeignKey {
  const { referenced: named } = syntax;
  const isOwn = named.name === own.name &&
    (named.schema === undefined || named.schema === schema);
  const { catalog } = state.options;
  const other = isOwn ? undefined : findTable(catalog, named);
  if (other !== undefined) requireSamePersistence(schema, other.schema);
  const referenced = other === undefined ? own : keyedTable(catalog, other);
  const columns = positionsIn(own, syntax.columns);
  requirePeriods(referenced, syntax);
  const referencedColumns = syntax.referencedColumns.length === 0
    ? primaryKeyOf(referenced)
    : positionsIn(referenced, syntax.referencedColumns);
  if (columns.length !== referencedColumns.length) {
    throw new SqlError(
      "42830",
      "number of referencing and referenced columns for foreign key disagree",
    );
  }
  requireKey(referenced, referencedColumns, syntax);
  if (syntax.period) requireNoAction(syntax);
  for (const name of syntax.setColumns) {
    if (syntax.columns.includes(name)) continue;
    positionsIn(own, [name]);
    throw new SqlError(
      "42P10",
      `column "${name}" referenced in ON DELETE SET action must be part of foreign key`,
    );
  }
  return {
    form: "foreign_key",
    name: syntax.name,
    defaultName: objectName(own.name, columnsName(syntax.columns), "fkey"),
    columns,
    referenced: other,
    referencedColumns,
    ...syntax.period && { period: true },
    matchFull: syntax.matchFull,
    onDelete: syntax.onDelete,
    onUpdate: syntax.onUpdate,
    setColumns: positionsIn(own, syntax.setColumns),
    deferrable: syntax.deferrable,
    initiallyDeferred: syntax.initiallyDeferred,
    notValid: syntax.notValid,
    notEnforced: syntax.notEnforced,
  };
}

/** @throws {SqlError} `42P16` where one table is temporary, and one is not. */
function requireSamePersistence(own: string, referenced: string): void {
  const temporary = isTemporarySchema(own);
  if (temporary === isTemporarySchema(referenced)) return;
  const kind = temporary ? "temporary" : "permanent";
  throw new SqlError(
    "42P16",
    `constraints on ${kind} tables may reference only ${kind} tables`,
  );
}

function findTable(
  catalog: CatalogView,
  { schema, name }: ForeignKeySyntax["referenced"],
): TableEntry {
  const entry = catalog.relation(schema, name);
  if (entry === undefined) throw missingRelation(schema, name);
  if (entry.kind === "table" && entry.materialized === undefined) return entry;
  if (entry.kind === "index") {
    throw new SqlError("42809", `cannot open relation "${name}"`, {
      detail: "This operation is not supported for indexes.",
    });
  }
  throw new SqlError("42809", `referenced relation "${name}" is not a table`);
}

/** A table of the catalog with its keys. */
export function keyedTable(
  catalog: CatalogView,
  { id, name, columns }: TableEntry,
): ReferencedTable {
  const keys = catalog.indexesOf(id)
    .filter((index) =>
      (index.unique || index.temporal === true) && hasPlainKeys(index)
    )
    .map((index) => ({
      ...index.temporal === true && { temporal: true },
      primary: index.primary,
      deferrable: index.deferrable === true,
      columns: index.columns.map(({ columnNumber }) =>
        columns.findIndex(({ number }) => number === columnNumber)
      ),
    }));
  return { name, columns, keys };
}

function positionsIn(
  { columns }: ReferencedTable,
  names: readonly string[],
): number[] {
  return names.map((name) => {
    const position = columns.findIndex((column) => column.name === name);
    if (position >= 0) return position;
    throw new SqlError(
      "42703",
      `column "${name}" referenced in foreign key constraint does not exist`,
    );
  });
}

function primaryKeyOf({ name, keys }: ReferencedTable): readonly number[] {
  const key = keys.find(({ primary }) => primary);
  if (key?.deferrable === true) {
    throw new SqlError(
      "55000",
      `cannot use a deferrable primary key for referenced table "${name}"`,
    );
  }
  if (key !== undefined) return key.columns;
  throw new SqlError(
    "42704",
    `there is no primary key for referenced table "${name}"`,
  );
}

/** `42830`: one side is about periods, and the other is not. */
function periodError(message: string): SqlError {
  return new SqlError("42830", message);
}

/** @throws {SqlError} `42830` unless both sides are about periods, or none. */
function requirePeriods(
  { keys }: ReferencedTable,
  { period, referencedPeriod, referencedColumns }: ForeignKeySyntax,
): void {
  const isPeriod = referencedColumns.length === 0
    ? keys.find(({ primary }) => primary)?.temporal ?? period
    : referencedPeriod;
  if (isPeriod === period) return;
  throw periodError(
    period
      ? "foreign key uses PERIOD on the referencing table but not the referenced table"
      : "foreign key uses PERIOD on the referenced table but not the referencing table",
  );
}

/** @throws {SqlError} `0A000`: rows that refer for a time do not follow. */
function requireNoAction({ onDelete, onUpdate }: ForeignKeySyntax): void {
  const when = onUpdate !== "no_action"
    ? "ON UPDATE"
    : onDelete !== "no_action"
    ? "ON DELETE"
    : undefined;
  if (when === undefined) return;
  throw new SqlError(
    "0A000",
    `unsupported ${when} action for foreign key constraint using PERIOD`,
  );
}

function requireKey(
  { name, keys }: ReferencedTable,
  columns: readonly number[],
  { period, referencedColumns }: ForeignKeySyntax,
): void {
  const same = new Set(columns).size !== columns.length
    ? []
    : keys.filter((key) =>
      key.columns.length === columns.length &&
      columns.every((column) => key.columns.includes(column)) &&
      (!period || key.columns.at(-1) === columns.at(-1))
    );
  const fitting = same.filter(({ temporal = false }) => temporal === period);
  if (!period && fitting.length === 0 && same.length > 0) {
    throw periodError(
      "foreign key must use PERIOD when referencing a primary key using WITHOUT OVERLAPS",
    );
  }
  if (fitting.length === 0 && same.length > 0 && !referencedColumns.length) {
    throw new SqlError(
      "42704",
      "could not identify an overlaps operator for foreign key",
    );
  }
  if (fitting.some(({ deferrable }) => !deferrable)) return;
  if (fitting.length > 0) {
    throw new SqlError(
      "55000",
      `cannot use a deferrable unique constraint for referenced table "${name}"`,
    );
  }
  throw new SqlError(
    "42830",
    `there is no unique constraint matching given keys for referenced table "${name}"`,
  );
}
