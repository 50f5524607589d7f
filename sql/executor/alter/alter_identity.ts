/**
 * ALTER TABLE: identity columns.
 *
 * @module
 */
import { objectName } from "../../analyzer/object_name.ts";
import { identitySequence } from "../../analyzer/sequences/column_sequence.ts";
import { sequenceRange } from "../../analyzer/sequences/sequence_options.ts";
import type { ColumnEntry } from "../../catalog/entries.ts";
import type { SequenceEntry } from "../../catalog/sequence_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { AlterAction } from "../../parser/alter_syntax.ts";
import { freeName, removeEntry, replaceEntry } from "../catalog_change.ts";
import { addSequence, restartSequence } from "../sequence_definition.ts";
import type { AlteredTable } from "./alter_context.ts";

type Action<K extends AlterAction["kind"]> = Extract<AlterAction, { kind: K }>;

/** ADD GENERATED … AS IDENTITY. */
export function addIdentity(
  table: AlteredTable,
  { name, identity }: Action<"add_identity">,
): void {
  const column = table.column(name);
  const { entry, context } = table;
  const shown = `column "${name}" of relation "${entry.name}"`;
  if (!column.notNull) {
    throw new SqlError(
      "55000",
      `${shown} must be declared NOT NULL before identity can be added`,
    );
  }
  if (column.identity !== undefined) {
    throw new SqlError("55000", `${shown} is already an identity column`);
  }
  if (column.defaultSql !== undefined) {
    throw new SqlError("55000", `${shown} already has a default value`);
  }
  const { range, path } = identitySequence(
    table.state(),
    identity,
    column.type,
  );
  const { schema } = entry;
  const usual = objectName(entry.name, name, "seq");
  const sequence = addSequence({
    schema,
    name: path?.at(-1) ?? freeName(usual, schema, context.transaction),
    ...range,
    owner: { tableId: entry.id, columnNumber: column.number, identity: true },
  }, context);
  table.replaceColumn(column, {
    ...column,
    identity: identity.when,
    defaultSql: `nextval('${sequence.id}')`,
  });
}

/** SET GENERATED …, SET the options of its sequence. */
export function setIdentity(
  table: AlteredTable,
  { name, when, options }: Action<"set_identity">,
): void {
  const column = table.column(name);
  const { context } = table;
  const sequence = requireIdentity(table, column);
  if (when !== undefined) {
    table.replaceColumn(column, { ...column, identity: when });
  }
  if (options.length === 0) return;
  const { last } = context.sequences.place(sequence);
  const choice = sequenceRange(table.state(), options, { ...sequence, last });
  const after = { ...sequence, ...choice.range };
  if (choice.restart === undefined) {
    replaceEntry(sequence, after, context.transaction);
  } else {
    restartSequence(after, choice.restart, context);
  }
}

/** DROP IDENTITY. */
export function dropIdentity(
  table: AlteredTable,
  { name, ifExists }: Action<"drop_identity" | "drop_expression">,
): void {
  const column = table.column(name);
  const { context } = table;
  if (column.identity === undefined && ifExists) {
    context.notice(`${notIdentity(table, column)}, skipping`);
    return;
  }
  const sequence = requireIdentity(table, column);
  const { identity: _, defaultSql: __, ...rest } = column;
  table.replaceColumn(column, rest);
  removeEntry(sequence, context.transaction);
}

function notIdentity({ entry }: AlteredTable, { name }: ColumnEntry): string {
  return `column "${name}" of relation "${entry.name}" is not an identity column`;
}

function requireIdentity(
  table: AlteredTable,
  column: ColumnEntry,
): SequenceEntry {
  const { entry, context } = table;
  const sequence = context.transaction.catalog.sequencesOf(entry.id).find(
    ({ owner }) =>
      owner?.identity === true && owner.columnNumber === column.number,
  );
  if (column.identity === undefined || sequence === undefined) {
    throw new SqlError("55000", notIdentity(table, column));
  }
  return sequence;
}
