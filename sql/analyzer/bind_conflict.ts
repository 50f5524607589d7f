/**
 * ON CONFLICT: which unique indexes a row can conflict in, and what is done
 * with the row that is there.
 *
 * DO UPDATE sees two rows: the one that is there, under the name of the table,
 * and `excluded`, the one that was to be inserted.
 *
 * @module
 */
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { ConflictSyntax, ConflictTarget } from "../parser/syntax.ts";
import { bindAssignments } from "./bind_assignments.ts";
import { bindCondition } from "./bind_query.ts";
import type { BoundConflict, BoundConflictUpdate } from "./bound_change.ts";
import type { BoundExpression } from "./bound_expression.ts";
import { conjunctsOf } from "./conjuncts.ts";
import { implies } from "./indexes/implication.ts";
import { bindIndexKeys, inRelation } from "./indexes/index_keys.ts";
import { sameExpression } from "./walk.ts";
import type { TableRelation } from "./bound_expression.ts";
import { refuseSameNames } from "./bind_join.ts";
import { Coercer } from "./coerce.ts";
import { ExpressionBinder } from "./expression_binder.ts";
import type { Scope } from "./scope.ts";
import type { StatementState } from "./statement_state.ts";
import {
  type ChangeTarget,
  targetAssignments,
} from "./updatable_views/change_target.ts";

/**
 * Binds ON CONFLICT of an INSERT into `into`. What it returns finds the indexes:
 * PostgreSQL does that last, and so the errors about them come last.
 */
export function bindConflict(
  state: StatementState,
  syntax: ConflictSyntax,
  into: ChangeTarget,
  base: Scope,
): () => BoundConflict {
  const { target } = syntax;
  if (target === undefined && syntax.update) {
    throw new SqlError(
      "42601",
      "ON CONFLICT DO UPDATE requires inference specification or constraint name",
      {
        hint: "For example, ON CONFLICT (column_name).",
        offset: syntax.offset,
      },
    );
  }
  const find = target === undefined
    ? (): IndexEntry[] => arbiterIndexes(state, into.from.table)
    : bindTarget(state, target, into, base, syntax.update);
  const update = syntax.update
    ? bindUpdate(state, syntax, into, base)
    : undefined;
  return () => ({ arbiters: immediate(find()), update });
}

/** @throws {SqlError} `55000` for an arbiter whose check may wait. */
function immediate(arbiters: IndexEntry[]): IndexEntry[] {
  if (!arbiters.some(({ deferrable }) => deferrable === true)) return arbiters;
  throw new SqlError(
    "55000",
    "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters",
  );
}

/** What rows can conflict in: keys, and constraints that exclude rows. */
function arbiterIndexes(
  { options }: StatementState,
  { id }: TableEntry,
): IndexEntry[] {
  return options.catalog.indexesOf(id).filter(({ unique, exclusion }) =>
    unique || exclusion !== undefined
  );
}

function bindTarget(
  state: StatementState,
  target: ConflictTarget,
  into: ChangeTarget,
  base: Scope,
  updates: boolean,
): () => IndexEntry[] {
  const { constraint, elements, where } = target;
  const { from: row } = into;
  const { table } = row;
  const indexes = arbiterIndexes(state, table);
  if (constraint !== undefined) {
    const index = indexes.find(({ constraintName }) =>
      constraintName === constraint
    );
    if (index?.exclusion !== undefined && updates) {
      throw new SqlError(
        "42809",
        "ON CONFLICT DO UPDATE not supported with exclusion constraints",
      );
    }
    if (index !== undefined) return () => [index];
    throw new SqlError(
      "42704",
      `constraint "${constraint}" for table "${table.name}" does not exist`,
    );
  }
  const binder = new ExpressionBinder({
    state,
    coercer: new Coercer(state),
    scope: base.over([into.scope()]),
    place: "index expressions",
  });
  const wanted = elements.map((element) =>
    binder.bind(
      typeof element === "string"
        ? {
          kind: "column",
          path: [element],
          star: false,
          offset: target.offset,
        }
        : element,
    )
  );
  const given = conjunctsOf(bindCondition(binder, where));
  return () => {
    const fitting = indexes.filter((index) =>
      index.unique && fits(state, index, row, wanted, given)
    );
    if (fitting.length > 0) return fitting;
    throw new SqlError(
      "42P10",
      "there is no unique or exclusion constraint matching the ON CONFLICT specification",
    );
  };
}

/** Whether an index is over just these keys, and has the rows that are meant. */
function fits(
  { options }: StatementState,
  index: IndexEntry,
  { table, relation }: TableRelation,
  wanted: readonly BoundExpression[],
  given: readonly BoundExpression[],
): boolean {
  const bound = bindIndexKeys(() => options, index, table);
  const keys = bound.keys.map((key) => inRelation(key, relation));
  if (
    !keys.every((key) => wanted.some((each) => sameExpression(each, key))) ||
    !wanted.every((each) => keys.some((key) => sameExpression(each, key)))
  ) return false;
  return bound.predicate === undefined ||
    implies(given, inRelation(bound.predicate, relation));
}

function bindUpdate(
  state: StatementState,
  syntax: ConflictSyntax,
  into: ChangeTarget,
  base: Scope,
): BoundConflictUpdate {
  const excluded = state.newRelation();
  const own = into.scope();
  const other = { ...into.scope(excluded, "excluded"), table: undefined };
  refuseSameNames([own], [other]);
  const binder = new ExpressionBinder({
    state,
    coercer: new Coercer(state),
    scope: base.over([own, other]),
    place: "UPDATE",
  });
  const assigned = bindAssignments(binder, syntax.assignments, into.shown);
  const assignments = targetAssignments(into, assigned, "insert into");
  const where = bindCondition(binder.at("WHERE"), syntax.where);
  return { excluded, assignments, where };
}
