/**
 * The query of EXISTS without what does not matter to whether it has a row, as
 * PostgreSQL leaves it out: `EXISTS (SELECT 1 / 0 FROM t)` divides nothing.
 *
 * | left out | unless there is |
 * | --- | --- |
 * | ORDER BY; LIMIT, constant and not 0 | OFFSET |
 * | the select list, GROUP BY, DISTINCT | the same, HAVING, GROUPING SETS, an aggregate, a window function, a set-returning function, FOR UPDATE |
 *
 * What only these parts took from the row around is captured no longer, so that
 * the query may be one that is the same for all rows.
 *
 * @module
 */
import type {
  BoundExpression,
  BoundQuery,
  BoundSubquery,
} from "../analyzer/bound_expression.ts";
import { hasSetCall } from "../analyzer/set_calls.ts";
import { someExpression } from "../analyzer/walk.ts";

/** A query in an expression; that of EXISTS is bare. */
export function bareExists(subquery: BoundSubquery): BoundSubquery {
  const { form, query, captures } = subquery;
  if (form !== "exists" || query.offset !== undefined) return subquery;
  if (query.limit !== undefined && !allowsRow(query.limit)) return subquery;
  if (!isSimple(query)) {
    const unlimited = { ...query, limit: undefined, orderBy: [] };
    return { ...subquery, query: unlimited };
  }
  const bare: BoundQuery = {
    ...query,
    grouped: false,
    groupBy: [],
    targets: [],
    distinct: false,
    distinctOn: 0,
    orderBy: [],
    limit: undefined,
    withTies: false,
    fields: [],
  };
  const slots = new Set(captures.map(({ slot }) => slot));
  if (!leftOut(query).some((each) => hasSlot(each, slots))) {
    return { ...subquery, query: bare };
  }
  const used = new Set<number>();
  collectSlots(bare, used);
  return {
    ...subquery,
    query: bare,
    captures: captures.filter(({ slot }) => used.has(slot)),
  };
}

/** Whether its rows are those of FROM and WHERE, or none where those are none. */
function isSimple(query: BoundQuery): boolean {
  const { from, grouped, groupBy, groupingSets, having } = query;
  if (from?.kind === "set_operation" || query.locks.length > 0) return false;
  if (groupingSets !== undefined || having !== undefined) return false;
  if (grouped && groupBy.length === 0) return false;
  return !leftOut(query).some((each) =>
    hasSetCall(each) ||
    someExpression(
      each,
      ({ kind }) => kind === "aggregate" || kind === "window",
    )
  );
}

/** Whether a LIMIT is a constant that lets a row through. */
function allowsRow(limit: BoundExpression): boolean {
  if (limit.kind === "cast") return allowsRow(limit.operand);
  return limit.kind === "constant" &&
    (limit.value === null || Number(limit.value) > 0);
}

function leftOut(query: BoundQuery): readonly BoundExpression[] {
  return [
    ...query.targets.map(({ expression }) => expression),
    ...query.groupBy,
  ];
}

function hasSlot(
  expression: BoundExpression,
  slots: ReadonlySet<number>,
): boolean {
  return someExpression(
    expression,
    (part) => part.kind === "outer" && slots.has(part.slot),
  );
}

/** The slots that anything in a bound query reads, to `found`. */
function collectSlots(part: unknown, found: Set<number>): void {
  if (Array.isArray(part)) {
    for (const each of part) collectSlots(each, found);
    return;
  }
  if (!isPlain(part)) return;
  if (part.kind === "outer" && typeof part.slot === "number") {
    found.add(part.slot);
  }
  for (const each of Object.values(part)) collectSlots(each, found);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}
