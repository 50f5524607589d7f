/**
 * What the planners of a query's parts have of each other: numbers for new
 * relations, and queries, conditions and expressions with queries planned.
 *
 * @module
 */
import type {
  BoundCte,
  BoundExpression,
  BoundQuery,
} from "../analyzer/bound_expression.ts";
import type { LogicalPlan } from "./logical_plan.ts";

/** The planner of queries, as the planners of their parts see it. */
export interface Planning {
  /** Whether the statement changes tables in several places. */
  /** Whether the plan locks rows; set where it does. */
  locks: boolean;
  readonly severalChanges: boolean;

  /** A number for a relation that the plan makes. */
  newRelation(): number;

  /** A slot for a value that a part of the plan takes from around it. */
  newSlot(): number;

  /** A query whose result columns belong to `relation`. */
  query(query: BoundQuery, relation: number): LogicalPlan;

  /** A plan made by `make`, after the values that it turns out to need. */
  level(make: () => LogicalPlan): LogicalPlan;

  /** A plan of its own level that reads the queries of a WITH. */
  withCtes(ctes: readonly BoundCte[], make: () => LogicalPlan): LogicalPlan;

  /** A query of WITH. */
  cte(id: number): BoundCte | undefined;

  /** The rows for which a condition is true; queries in it become joins. */
  where(input: LogicalPlan, where: BoundExpression): LogicalPlan;

  /**
   * `expressions` without queries: each became a column of the plan, or, where no
   * row is needed for it, a value that is computed first.
   */
  extract(
    input: LogicalPlan,
    expressions: readonly BoundExpression[],
  ): [LogicalPlan, BoundExpression[]];
}
