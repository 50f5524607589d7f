/**
 * FOR UPDATE, FOR NO KEY UPDATE, FOR SHARE and FOR KEY SHARE: which tables of a
 * query they lock.
 *
 * What is said of a query in FROM is said of all of its tables, as in
 * PostgreSQL (`transformLockingClause`).
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { SelectSyntax } from "../parser/expression_syntax.ts";
import type { LockedName, LockingSyntax } from "../parser/locking_syntax.ts";
import type {
  BoundExpression,
  BoundFrom,
  BoundLock,
  BoundQuery,
} from "./bound_expression.ts";
import { hasAggregate } from "./grouping.ts";
import { hasSetCall } from "./set_calls.ts";
import { someExpression } from "./walk.ts";

/** From the weakest to the strongest. */
const STRENGTHS = ["key share", "share", "no key update", "update"] as const;
const POLICIES = ["wait", "skip", "nowait"] as const;

/** A clause, with its name in messages. */
type Clause = Pick<LockingSyntax, "strength" | "policy">;

/**
 * The query with what its clauses lock.
 *
 * @throws {SqlError} `0A000`, `42P01`, `42601`.
 */
export function lockRelations(
  query: BoundQuery,
  { locking, body, withTies }: SelectSyntax,
): BoundQuery {
  let locked = query;
  for (const clause of locking) {
    if (body.kind === "set_operation_body") {
      throw notWith(clause, "UNION/INTERSECT/EXCEPT");
    }
    if (body.kind === "values_body") throw notTo(clause, "VALUES");
    if (withTies && clause.policy === "skip") {
      throw new SqlError(
        "42601",
        "SKIP LOCKED and WITH TIES options cannot be used together",
      );
    }
    requireLockable(locked, clause);
    if (clause.of.length === 0) {
      locked = lockAll(locked, clause);
      continue;
    }
    for (const name of clause.of) locked = lockNamed(locked, clause, name);
  }
  return locked;
}

/** Locks all tables of a query. */
function lockAll(query: BoundQuery, clause: Clause): BoundQuery {
  const walk = new LockWalk(clause, undefined, query.locks);
  const from = query.from && walk.visit(query.from, { nullable: false });
  return { ...query, from, locks: walk.locks };
}

/** Locks what OF names. */
function lockNamed(
  query: BoundQuery,
  clause: Clause,
  name: LockedName,
): BoundQuery {
  if (name.schema !== undefined) {
    throw new SqlError(
      "42601",
      `${nameOf(clause)} must specify unqualified relation names`,
      { offset: name.offset },
    );
  }
  const walk = new LockWalk(clause, name, query.locks);
  const from = query.from && walk.visit(query.from, { nullable: false });
  if (!walk.found) {
    throw new SqlError(
      "42P01",
      `relation "${name.name}" in ${
        nameOf(clause)
      } clause not found in FROM clause`,
      { offset: name.offset },
    );
  }
  return { ...query, from, locks: walk.locks };
}

/** Goes through FROM and locks what is meant. */
class LockWalk {
  readonly #clause: Clause;
  /** What is meant; absent: everything that can be locked. */
  readonly #name: LockedName | undefined;
  readonly locks: BoundLock[];
  found = false;

  constructor(
    clause: Clause,
    name: LockedName | undefined,
    locks: readonly BoundLock[],
  ) {
    this.#clause = clause;
    this.#name = name;
    this.locks = [...locks];
  }

  /** FROM with the locks of its queries in it. */
  visit(from: BoundFrom, side: { readonly nullable: boolean }): BoundFrom {
    switch (from.kind) {
      case "join": {
        const { join } = from;
        const nullable = (outer: boolean) => ({
          nullable: side.nullable || outer,
        });
        const isFull = join === "full";
        const left = this.visit(
          from.left,
          nullable(isFull || join === "right"),
        );
        const right = this.visit(
          from.right,
          nullable(isFull || join === "left"),
        );
        return { ...from, left, right };
      }
      case "table":
        if (this.#isMeant(from.alias, side)) this.#add({ table: from });
        return from;
      case "sample":
        if (this.#isMeant(from.table.alias, side)) {
          this.#add({ table: from.table });
        }
        return from;
      case "subquery":
        if (!this.#isMeant(from.alias, side)) return from;
        requireLockable(from.query, this.#clause);
        return { ...from, query: lockAll(from.query, this.#clause) };
      case "function":
        this.#refuse(from.alias, "a function");
        return from;
      case "cte":
        this.#refuse(from.alias, "a WITH query");
        return from;
      default:
        return from;
    }
  }

  #isMeant(
    alias: string,
    { nullable }: { readonly nullable: boolean },
  ): boolean {
    if (this.#name !== undefined && this.#name.name !== alias) return false;
    this.found = true;
    if (!nullable) return true;
    throw new SqlError(
      "0A000",
      `${
        nameOf(this.#clause)
      } cannot be applied to the nullable side of an outer join`,
    );
  }

  /** What has no rows to lock may be there, but not be named. */
  #refuse(alias: string, what: string): void {
    if (this.#name?.name === alias) {
      throw notTo(this.#clause, what, this.#name.offset);
    }
  }

  #add({ table }: Pick<BoundLock, "table">): void {
    const known = this.locks.findIndex((each) =>
      each.table.relation === table.relation
    );
    const { strength, policy } = this.#clause;
    if (known < 0) {
      this.locks.push({ table, strength, policy });
      return;
    }
    const before = this.locks[known]!;
    this.locks[known] = {
      table,
      strength: later(STRENGTHS, before.strength, strength),
      policy: later(POLICIES, before.policy, policy),
    };
  }
}

function later<T>(order: readonly T[], one: T, other: T): T {
  return order.indexOf(one) > order.indexOf(other) ? one : other;
}

/** @throws {SqlError} `0A000` where a row of the query is not one of a table. */
function requireLockable(query: BoundQuery, clause: Clause): void {
  const { from, distinct, distinctOn, targets, groupBy, having } = query;
  const some = (test: (expression: BoundExpression) => boolean): boolean =>
    targets.some(({ expression }) => test(expression));
  if (from?.kind === "set_operation") {
    throw notWith(clause, "UNION/INTERSECT/EXCEPT");
  }
  if (distinct || distinctOn > 0) throw notWith(clause, "DISTINCT clause");
  if (groupBy.length > 0 || query.groupingSets !== undefined) {
    throw notWith(clause, "GROUP BY clause");
  }
  if (having !== undefined) throw notWith(clause, "HAVING clause");
  if (query.grouped || some(hasAggregate)) {
    throw notWith(clause, "aggregate functions");
  }
  const hasWindow = (expression: BoundExpression): boolean =>
    someExpression(expression, ({ kind }) => kind === "window");
  if (some(hasWindow)) throw notWith(clause, "window functions");
  if (some(hasSetCall)) {
    throw notWith(clause, "set-returning functions in the target list");
  }
}

function nameOf({ strength }: Clause): string {
  return `FOR ${strength.toUpperCase()}`;
}

function notWith(clause: Clause, what: string): SqlError {
  return new SqlError("0A000", `${nameOf(clause)} is not allowed with ${what}`);
}

function notTo(clause: Clause, what: string, offset?: number): SqlError {
  return new SqlError(
    "0A000",
    `${nameOf(clause)} cannot be applied to ${what}`,
    { offset },
  );
}
