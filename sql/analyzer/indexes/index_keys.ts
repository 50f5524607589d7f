/**
 * What an index has of a row, bound from the texts of its catalog entry, once
 * for each: its key columns, and which rows it has.
 *
 * @module
 */
import { hasPlainKeys } from "../../access/index_keys.ts";
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import type { BoundColumn, BoundExpression } from "../bound_expression.ts";
import { columnsBinder } from "../constraints/column_expression.ts";
import { parseStored } from "../stored_expression.ts";
import { NOTHING_NESTED } from "../constraints/table_rules.ts";
import { replaceExpressions } from "../walk.ts";
import { type AnalyzeOptions, StatementState } from "../statement_state.ts";
import { baseOf } from "../../types/domain_type.ts";

/** The keys of an index over the columns of its table, its relation 0. */
export interface BoundIndexKeys {
  /** One expression a key column. */
  readonly keys: readonly BoundExpression[];
  /** Which rows it has; absent: all. */
  readonly predicate: BoundExpression | undefined;
}

/** Finds the keys of an index. */
export type IndexKeyBinder = (
  index: IndexEntry,
  table: TableEntry,
) => BoundIndexKeys;

interface Known {
  readonly table: TableEntry;
  readonly keys: BoundIndexKeys;
}

const known = new WeakMap<IndexEntry, Known>();

/** The keys of an index. */
export function bindIndexKeys(
  options: () => AnalyzeOptions,
  index: IndexEntry,
  table: TableEntry,
): BoundIndexKeys {
  const there = known.get(index);
  if (there?.table === table) return there.keys;
  const keys = bind(options, index, table);
  known.set(index, { table, keys });
  return keys;
}

function bind(
  options: () => AnalyzeOptions,
  index: IndexEntry,
  table: TableEntry,
): BoundIndexKeys {
  if (hasPlainKeys(index)) return columnKeysOf(index, table);
  const state = new StatementState(options(), NOTHING_NESTED);
  const expressions = columnsBinder(state, table, "index expressions");
  const predicates = columnsBinder(state, table, "index predicates");
  const { predicate } = index;
  return {
    keys: index.columns.map(({ columnNumber, expression }) =>
      expression === undefined
        ? columnOf(table, columnNumber)
        : expressions.coercer.settleUnknown(
          expressions.bind(parseStored(expression.sql)),
        )
    ),
    predicate: predicate === undefined
      ? undefined
      : predicates.coercer.toBoolean(
        predicates.bind(parseStored(predicate)),
        "WHERE",
      ),
  };
}

/** The keys of an index that has columns of all rows. */
export function columnKeysOf(
  index: IndexEntry,
  table: TableEntry,
): BoundIndexKeys {
  return {
    keys: index.columns.map(({ columnNumber }) =>
      columnOf(table, columnNumber)
    ),
    predicate: undefined,
  };
}

function columnOf({ columns }: TableEntry, number: number): BoundColumn {
  const column = columns.findIndex((each) => each.number === number);
  const { name, type: given } = columns[column]!;
  const type = baseOf(given);
  return { kind: "column", relation: 0, column, type, name, offset: -1 };
}

/** An expression over the columns of relation 0, over those of another. */
export function inRelation(
  expression: BoundExpression,
  relation: number,
): BoundExpression {
  return replaceExpressions(
    expression,
    (part) => part.kind === "column" ? { ...part, relation } : undefined,
  );
}
