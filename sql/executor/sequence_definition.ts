/**
 * CREATE and ALTER SEQUENCE, and the sequences of columns.
 *
 * @module
 */
import type { BoundCreateTable } from "../analyzer/bound_tree.ts";
import { objectName } from "../analyzer/object_name.ts";
import type {
  BoundAlterSequence,
  BoundCreateSequence,
} from "../analyzer/sequences/bound_sequence.ts";
import { sequencesIn } from "../analyzer/sequences/sequence_argument.ts";
import { entryKey, needKey } from "../catalog/catalog_rows.ts";
import type {
  CatalogView,
  ColumnEntry,
  TableEntry,
  ViewEntry,
} from "../catalog/entries.ts";
import type { SequenceEntry } from "../catalog/sequence_entry.ts";
import { isTemporaryId } from "../catalog/temporary_schema.ts";
import type { Transaction } from "../transaction/transaction.ts";
import {
  addEntry,
  type DefinitionContext,
  freeName,
  replaceEntry,
} from "./catalog_change.ts";

/** Runs CREATE SEQUENCE. */
export function createSequence(
  statement: BoundCreateSequence,
  context: DefinitionContext,
): void {
  const { schema, name, range, owner } = statement;
  if (statement.exists) {
    context.notice(`relation "${name}" already exists, skipping`);
    return;
  }
  addSequence({ schema, name, ...range, owner }, context);
}

/** Makes a sequence. */
export function addSequence(
  definition: Omit<SequenceEntry, "kind" | "id" | "storageId">,
  context: DefinitionContext,
): SequenceEntry {
  const id = context.counters.newId(definition.schema);
  const { owner, ...rest } = definition;
  const sequence: SequenceEntry = {
    kind: "sequence",
    id,
    storageId: id,
    ...rest,
    ...owner && { owner },
  };
  addEntry(sequence, context);
  context.sequences.create(id, { last: sequence.start, called: false });
  return sequence;
}

/** Makes the sequences of the columns of a new table; gives it with them. */
export function withSequences(
  { columns }: BoundCreateTable,
  table: TableEntry,
  context: DefinitionContext,
): TableEntry {
  if (columns.every(({ sequence }) => sequence === undefined)) return table;
  const { transaction } = context;
  const { id: tableId, schema } = table;
  const drawing = table.columns.map((column, position) => {
    const { sequence } = columns[position]!;
    if (sequence === undefined) return column;
    const { range, identity, path } = sequence;
    const usual = objectName(table.name, column.name, "seq");
    const owner = {
      tableId,
      columnNumber: column.number,
      identity: identity !== undefined,
    };
    const name = path?.at(-1) ?? freeName(usual, schema, transaction);
    const { id } = addSequence({ schema, name, ...range, owner }, context);
    return { ...column, defaultSql: `nextval('${id}')` };
  });
  const after = { ...table, columns: drawing };
  replaceEntry(table, after, transaction);
  return after;
}

/** Runs ALTER SEQUENCE. */
export function alterSequence(
  { sequence, name, choose, owner }: BoundAlterSequence,
  context: DefinitionContext,
): void {
  if (sequence === undefined) {
    context.notice(`relation "${name}" does not exist, skipping`);
    return;
  }
  const { last } = context.sequences.place(sequence);
  const { range, restart } = choose(last);
  const { owner: before, ...rest } = sequence;
  const column = owner === undefined ? before : owner.column;
  const after = { ...rest, ...range, ...column && { owner: column } };
  if (restart === undefined) replaceEntry(sequence, after, context.transaction);
  else restartSequence(after, restart, context);
}

/**
 * Begins a sequence anew in the transaction: with a place of its own, which
 * takes effect, or is forgotten, with the transaction.
 */
export function restartSequence(
  sequence: SequenceEntry,
  start: bigint,
  { transaction, counters, sequences }: DefinitionContext,
): void {
  const storageId = counters.newId(sequence.schema);
  sequences.create(storageId, { last: start, called: false });
  replaceEntry(sequence, { ...sequence, storageId }, transaction);
}

/** A column whose DEFAULT draws from a sequence. */
export interface DrawingColumn {
  readonly table: TableEntry | ViewEntry;
  readonly column: ColumnEntry;
}

/** The columns whose DEFAULT draws from a sequence. */
export function drawingColumns(
  catalog: CatalogView,
  { id }: SequenceEntry,
): DrawingColumn[] {
  const found: DrawingColumn[] = [];
  for (const table of catalog.relations()) {
    if (table.kind !== "table" && table.kind !== "view") continue;
    for (const column of table.columns) {
      if (sequencesIn(column.defaultSql ?? "").includes(id)) {
        found.push({ table, column });
      }
    }
  }
  return found;
}

/** Takes the DEFAULT from a column. */
export function dropDefault(
  { table: { id }, column: { number } }: DrawingColumn,
  transaction: Transaction,
): void {
  const table = transaction.catalog.byId(id);
  if (table?.kind !== "table" && table?.kind !== "view") return;
  const columns = table.columns.map((column) => {
    if (column.number !== number) return column;
    const { defaultSql: _, ...rest } = column;
    return rest;
  });
  replaceEntry(table, { ...table, columns }, transaction);
}

/** Sequences that the columns of a table draw from must stay to the commit. */
export function keepSequences(
  { id, columns }: TableEntry | ViewEntry,
  transaction: Transaction,
): void {
  for (const { defaultSql } of columns) {
    for (const sequence of sequencesIn(defaultSql ?? "")) {
      transaction.guardRelation(sequence, entryKey(sequence));
      if (isTemporaryId(sequence) || isTemporaryId(id)) continue;
      transaction.put(needKey(sequence, id), new Uint8Array(0), false);
    }
  }
}
