/**
 * The value of a query in an expression: run to its end, or as far as decides.
 *
 * | form | value |
 * | --- | --- |
 * | scalar | the one row's column; NULL without a row |
 * | array | the column's values, in their order |
 * | exists | whether there is a row |
 * | row | the comparison with the one row |
 * | any, all | OR, AND of the comparisons with all rows |
 *
 * A query that takes nothing from around it is run once and its rows kept, those
 * of `= ANY` in a hash table. Of one that does, the values are kept by what it took
 * (`known_values.ts`).
 *
 * @module
 */
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { someExpression } from "../analyzer/walk.ts";
import {
  type Chunk,
  type Column,
  selectedCount,
  valueAt,
} from "../chunk/chunk.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { LogicalPlan, PlannedSubquery } from "../planner/logical_plan.ts";
import { outputOf } from "../planner/plan_tree.ts";
import { isVolatile, isVolatilePlan } from "../planner/volatility.ts";
import type { AggregateState } from "../functions/registry.ts";
import { SqlArray } from "../types/array/array_value.ts";
import type { DataType, Nullable, SqlValue } from "../types/data_type.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { bytesOf, constantColumn, forEachRow } from "./column_tools.ts";
import { compileExpression, type Layout } from "./expression_compiler.ts";
import { KnownValues } from "./known_values.ts";
import { layoutOfIds } from "./layout.ts";
import type { Operator } from "./operator.ts";
import { typesOf } from "./output_types.ts";
import { openInput, type PhysicalPlan, pullAll } from "./physical_plan.ts";
import { rowKey } from "./row_key.ts";
import { RowStore } from "./row_store.ts";
import type { RunState } from "./run_state.ts";

/** The two sides of a comparison for equality. */
interface EqualityTest {
  readonly operand: ColumnExpression;
  readonly item: ColumnExpression;
  readonly type: DataType;
}

/** A compiled query in an expression. */
export class SubqueryPlan {
  readonly subquery: PlannedSubquery;
  readonly plan: PhysicalPlan;
  readonly captures: readonly ColumnExpression[];
  readonly operands: readonly ColumnExpression[];
  /** The comparison, over the operands and a row of the plan. */
  readonly test: ColumnExpression | undefined;
  readonly equality: EqualityTest | undefined;
  readonly types: readonly DataType[];
  /** Whether it gives the same value whenever it is given the same. */
  readonly isStable: boolean;

  /** Compiles a query in an expression over rows of a layout. */
  constructor(subquery: PlannedSubquery, plan: PhysicalPlan, layout: Layout) {
    this.subquery = subquery;
    this.plan = plan;
    const compile = (each: BoundExpression): ColumnExpression =>
      compileExpression(each, layout);
    this.captures = subquery.captures.map(({ expression }) =>
      compile(expression)
    );
    this.operands = subquery.operands.map(compile);
    this.types = typesOf(subquery.plan);
    const within = testLayout(subquery);
    this.test = subquery.test && compileExpression(subquery.test, within);
    this.equality = equalityOf(subquery, within);
    this.isStable = this.captures.length > 0 &&
      !isVolatilePlan(subquery.plan) &&
      (subquery.test === undefined || !isVolatile(subquery.test));
  }

  /** Whether its rows are the same for all rows around it. */
  get isFixed(): boolean {
    return this.captures.length === 0;
  }
}

/** Rows of the operands, then the columns of the plan. */
function testLayout(
  { operands, operandRelation, plan }: PlannedSubquery,
): Layout {
  const own = operands.map((_, column) => ({
    relation: operandRelation,
    column,
  }));
  return layoutOfIds([...own, ...outputOf(plan)]);
}

/** `operand = ANY (column)`: what can be looked up. */
function equalityOf(
  { form, test, operandRelation, captures }: PlannedSubquery,
  layout: Layout,
): EqualityTest | undefined {
  if (
    form !== "any" || captures.length > 0 || test?.kind !== "call" ||
    test.operator !== "=" || isVolatile(test)
  ) return undefined;
  const [operand, item] = test.args;
  const uses = (expression: BoundExpression, isOperand: boolean): boolean =>
    someExpression(
      expression,
      (part) =>
        part.kind === "column" &&
        (part.relation === operandRelation) === isOperand,
    );
  if (uses(operand!, false) || uses(item!, true)) return undefined;
  return {
    operand: compileExpression(operand!, layout),
    item: compileExpression(item!, layout),
    type: item!.type.type,
  };
}

/** One run of a query in an expression, for any number of rows. */
export class SubqueryRun {
  readonly #plan: SubqueryPlan;
  readonly #run: RunState;
  /** The rows that were kept, and what is known of them. */
  #kept: Chunk | undefined;
  #keys: { readonly set: Set<unknown>; readonly hasNull: boolean } | undefined;
  #store: RowStore | undefined;
  readonly #known: KnownValues | undefined;

  /** A run of `plan`. */
  constructor(plan: SubqueryPlan, run: RunState) {
    this.#plan = plan;
    this.#run = run;
    this.#known = plan.isStable ? new KnownValues(run) : undefined;
  }

  /** The value for row `row`, of which the captures and operands are given. */
  value(
    captured: readonly Column[],
    operands: readonly Column[],
    row: number,
  ): MaybePromise<Nullable> {
    const { subquery, isFixed } = this.#plan;
    const values = operands.map((column) => valueAt(column, row));
    if (isFixed && (subquery.form === "any" || subquery.form === "all")) {
      if (this.#kept !== undefined) return this.#compareKept(values);
      return then(this.#keep(), () => this.#compareKept(values));
    }
    const known = this.#known;
    if (known === undefined) return this.#runFor(captured, values, row);
    const key = rowKey([...captured, ...operands], row);
    const value = known.get(key);
    if (value !== undefined) return value;
    return then(this.#runFor(captured, values, row), (made) => {
      known.keep(key, made);
      return made;
    });
  }

  /** Runs the query for a row. */
  #runFor(
    captured: readonly Column[],
    values: readonly Nullable[],
    row: number,
  ): MaybePromise<Nullable> {
    this.#plan.subquery.captures.forEach(({ slot }, i) =>
      this.#run.setSlot(slot, valueAt(captured[i]!, row))
    );
    const operator = openInput(this.#plan.plan, this.#run);
    const collector = new Collector(this.#plan, values, this.#run);
    const done = pullInto(operator, collector, this.#run);
    if (!isPromise(done)) {
      operator.close();
      return collector.result();
    }
    return done.then(() => {
      operator.close();
      return collector.result();
    });
  }

  /** Runs the query and keeps its rows. */
  #keep(): MaybePromise<void> {
    const operator = openInput(this.#plan.plan, this.#run);
    const store = new RowStore(this.#plan.types, this.#run);
    this.#store = store;
    return pullAll(
      () => {
        this.#run.checkAborted();
        return operator.next();
      },
      (chunk) => store.appendChunk(chunk),
      () => {
        operator.close();
        const rowCount = store.count;
        this.#kept = { columns: store.take(), rowCount };
        this.#index();
      },
    );
  }

  #index(): void {
    const { equality, operands } = this.#plan;
    const { columns, rowCount } = this.#kept!;
    if (equality === undefined || rowCount === 0) return;
    const none = operands.map(() => columns[0]!);
    const items = equality.item(
      { columns: [...none, ...columns], rowCount },
      undefined,
      this.#run,
    );
    const set = new Set<unknown>();
    let hasNull = false;
    for (let row = 0; row < rowCount; row++) {
      const value = valueAt(items, row);
      if (value === null) hasNull = true;
      else set.add(equality.type.hashKey(value));
    }
    this.#keys = { set, hasNull };
  }

  #compareKept(values: readonly Nullable[]): Nullable {
    const kept = this.#kept!;
    const { equality, subquery } = this.#plan;
    if (this.#keys === undefined || equality === undefined) {
      const collector = new Collector(this.#plan, values, this.#run);
      if (kept.rowCount > 0) collector.take(kept);
      return collector.result();
    }
    const columns = values.map((value, i) =>
      constantColumn(subquery.operands[i]!.type.type, value, 1)
    );
    const operand = valueAt(
      equality.operand({ columns, rowCount: 1 }, undefined, this.#run),
      0,
    );
    if (operand === null) return null;
    const { set, hasNull } = this.#keys;
    if (set.has(equality.type.hashKey(operand as SqlValue))) return true;
    return hasNull ? null : false;
  }

  /** Lets go of the rows that were kept. */
  close(): void {
    this.#known?.release();
    this.#store?.release();
    this.#store = undefined;
    this.#kept = undefined;
    this.#keys = undefined;
  }
}

/** Pulls chunks until the collector knows the result. */
function pullInto(
  operator: Operator,
  collector: Collector,
  run: RunState,
): MaybePromise<void> {
  while (!collector.isDecided) {
    run.checkAborted();
    const chunk = operator.next();
    if (isPromise(chunk)) {
      return chunk.then((some) => {
        if (some === undefined) return;
        collector.take(some);
        return pullInto(operator, collector, run);
      });
    }
    if (chunk === undefined) return;
    collector.take(chunk);
  }
}

/** Makes the value out of the rows. */
class Collector {
  readonly #plan: SubqueryPlan;
  readonly #values: readonly Nullable[];
  readonly #run: RunState;
  #value: Nullable;
  #rows = 0;
  /** The values that become an array. */
  readonly #gathered: AggregateState | undefined;
  #bytes = 0;
  isDecided = false;

  constructor(
    plan: SubqueryPlan,
    values: readonly Nullable[],
    run: RunState,
  ) {
    this.#plan = plan;
    this.#values = values;
    this.#run = run;
    const { form, gather } = plan.subquery;
    this.#gathered = gather?.create(run.functions);
    this.#value = form === "all"
      ? true
      : form === "scalar" || form === "row"
      ? null
      : false;
  }

  result(): Nullable {
    if (this.#gathered === undefined) return this.#value;
    this.#run.account(-this.#bytes);
    this.#bytes = 0;
    return this.#gathered.finish() ?? SqlArray.EMPTY;
  }

  take(chunk: Chunk): void {
    switch (this.#plan.subquery.form) {
      case "exists":
        this.#value = true;
        this.isDecided = true;
        break;
      case "array":
        this.#gather(chunk, chunk.columns[0]!);
        break;
      case "scalar":
        this.#one(chunk, chunk.columns[0]!);
        break;
      case "row":
        this.#one(chunk, this.#tested(chunk));
        break;
      case "any":
        this.#until(chunk, true);
        break;
      case "all":
        this.#until(chunk, false);
    }
  }

  #gather(chunk: Chunk, column: Column): void {
    let bytes = 0;
    forEachRow(chunk.selection, chunk.rowCount, (row) => {
      const value = valueAt(column, row);
      bytes += bytesOf(value);
      this.#gathered!.step([value]);
    });
    this.#bytes += bytes;
    this.#run.account(bytes);
  }

  /** The value of the one row. */
  #one(chunk: Chunk, column: Column): void {
    this.#rows += selectedCount(chunk);
    if (this.#rows > 1) {
      throw new SqlError(
        "21000",
        "more than one row returned by a subquery used as an expression",
      );
    }
    this.#value = valueAt(column, chunk.selection?.[0] ?? 0);
  }

  /** Looks for a row that decides; a NULL leaves it open. */
  #until(chunk: Chunk, decides: boolean): void {
    const tested = this.#tested(chunk);
    forEachRow(chunk.selection, chunk.rowCount, (row) => {
      if (this.isDecided) return;
      const value = valueAt(tested, row);
      if (value === null) {
        this.#value = null;
      } else if (value === decides) {
        this.#value = decides;
        this.isDecided = true;
      }
    });
  }

  #tested({ columns, rowCount, selection }: Chunk): Column {
    const { subquery, test } = this.#plan;
    const operands = this.#values.map((value, i) =>
      constantColumn(subquery.operands[i]!.type.type, value, rowCount)
    );
    const all: Chunk = { columns: [...operands, ...columns], rowCount };
    return test!(all, selection, this.#run);
  }
}

/** Compiles the plan of a query in an expression. */
export type CompilePlan = (plan: LogicalPlan) => PhysicalPlan;
