/**
 * What a prepared statement is made of; `prepared_statement.ts` makes them.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { BoundStatement, ResultField } from "../analyzer/bound_tree.ts";
import type { TableEntry } from "../catalog/entries.ts";
import type { Plan } from "../executor/physical_planner.ts";
import type { PlanMoment } from "./plan_moment.ts";
import type { PlanChoices } from "./plan_choices.ts";
import type { Field, RowBuilder } from "./result.ts";

/** A statement that is ready to run, any number of times. */
export interface Prepared {
  /** Its text. */
  readonly text: string;
  /** The OIDs of types that its parameters were declared with; 0: none. */
  readonly declared?: readonly number[] | undefined;
  /** What it says. */
  readonly bound: BoundStatement;
  /** How it is done, for a statement that is planned. */
  readonly plan: Plan | undefined;
  /** The columns of its result. */
  readonly fields: readonly ResultField[];
  /** The same as a result shows them. */
  readonly resultFields: readonly Field[];
  /** Makes its rows as objects. */
  readonly rows: RowBuilder;
  /** The values of its parameters, if it is an EXECUTE. */
  readonly values?: readonly BoundExpression[] | undefined;
  /** The catalog it was made under. */
  readonly catalogVersion: number;
  /** Whether it has parameters. */
  readonly hasParameters: boolean;
  /** Which of its plans ran. */
  readonly choices: PlanChoices;
  /** The tables it reads, with the number of rows they had. */
  readonly sizes: readonly TableSize[];
  /** What had been learned of conditions when it was planned. */
  readonly learned: number;
  /** When it was planned, where things can be far. */
  readonly moment?: PlanMoment | undefined;
}

/** A table and how large it was. */
export interface TableSize {
  readonly table: TableEntry;
  readonly rows: number;
}
