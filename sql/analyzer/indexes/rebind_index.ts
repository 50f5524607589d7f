/**
 * The texts of an index after a change of its table's columns.
 *
 * @module
 */
import type {
  IndexColumn,
  IndexEntry,
  TableEntry,
} from "../../catalog/entries.ts";
import { parseStored } from "../stored_expression.ts";
import { bindIndexKey, bindIndexPredicate } from "./bind_index_key.ts";
import type { StatementState } from "../statement_state.ts";

/** Writes a stored expression with other names for the columns. */
export type RenameIn = (sql: string) => string;

/** Whether an index has expressions or a predicate over a column. */
export function usesInTexts(index: IndexEntry, number: number): boolean {
  return index.usedColumns?.includes(number) === true;
}

/** The index after a column of its table was renamed. */
export function renamedIndex(index: IndexEntry, rename: RenameIn): IndexEntry {
  return {
    ...index,
    columns: index.columns.map((key): IndexColumn =>
      key.expression === undefined ? key : {
        ...key,
        expression: { ...key.expression, sql: rename(key.expression.sql) },
      }
    ),
    ...index.predicate !== undefined && { predicate: rename(index.predicate) },
  };
}

/**
 * The index after a column of its table got another type: its expressions may
 * have other types, too. `classFor` finds the operator class of a key.
 *
 * @throws {SqlError} what CREATE INDEX would throw.
 */
export function retypedIndex(
  state: StatementState,
  table: TableEntry,
  index: IndexEntry,
  classFor: (key: IndexColumn, typeName: string) => string,
): IndexEntry {
  const predicate = bindIndexPredicate(
    state,
    table,
    index.predicate === undefined ? undefined : parseStored(index.predicate),
  );
  return {
    ...index,
    columns: index.columns.map((key): IndexColumn => {
      if (key.expression === undefined) return key;
      const bound = bindIndexKey(
        state,
        table,
        parseStored(key.expression.sql),
      );
      const { name } = key.expression;
      return {
        ...key,
        columnNumber: bound.number,
        expression: bound.expression && { ...bound.expression, name },
        operatorClass: classFor(key, bound.type.type.name),
      };
    }),
    ...predicate && { predicate: predicate.sql },
  };
}
