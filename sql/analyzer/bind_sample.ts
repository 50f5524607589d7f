/**
 * TABLESAMPLE: a condition that each row of the table is asked.
 *
 * @module
 */
import { tid } from "../types/place_types.ts";
import { SqlError } from "../errors/sql_error.ts";
import {
  SAMPLE_METHODS,
  sampledAtRandom,
  sampledBySeed,
  sampleSeed,
  sampleShare,
} from "../functions/sets/table_sample.ts";
import type { SampleItem } from "../parser/expression_syntax.ts";
import type { Nullable } from "../types/data_type.ts";
import { float4, float8 } from "../types/float_types.ts";
import { BOOLEAN } from "./binding.ts";
import type {
  BoundExpression,
  BoundFrom,
  SampleRelation,
} from "./bound_expression.ts";
import { CTID_COLUMN } from "./bound_leaf.ts";
import { Coercer } from "./coerce.ts";
import { ExpressionBinder } from "./expression_binder.ts";
import { Scope } from "./scope.ts";
import type { StatementState } from "./statement_state.ts";

/** The sample of a table; `from` is the item without TABLESAMPLE. */
export function bindSample(
  state: StatementState,
  { method, args, repeatable, table: item, offset }: SampleItem,
  from: BoundFrom,
): SampleRelation {
  if (from.kind !== "table") {
    throw new SqlError(
      "0A000",
      "TABLESAMPLE clause can only be applied to tables and materialized views",
      { offset: item.relation.offset },
    );
  }
  if (!SAMPLE_METHODS.has(method)) {
    throw new SqlError("42704", `tablesample method ${method} does not exist`, {
      offset,
    });
  }
  if (args.length !== 1) {
    throw new SqlError(
      "2202H",
      `tablesample method ${method} requires 1 argument, not ${args.length}`,
      { offset },
    );
  }
  const coercer = new Coercer(state);
  const binder = new ExpressionBinder({
    state,
    coercer,
    scope: new Scope([]),
    place: "functions in FROM",
  });
  const percent = checked(
    coercer.toType(binder.bind(args[0]!), float4, "TABLESAMPLE"),
    sampleShare,
  );
  const common = {
    kind: "call",
    type: BOOLEAN,
    operator: undefined,
    offset,
  } as const;
  if (repeatable === undefined) {
    const condition: BoundExpression = {
      ...common,
      function: sampledAtRandom,
      args: [percent],
    };
    return { kind: "sample", table: from, condition };
  }
  const seed = checked(
    coercer.toType(binder.bind(repeatable), float8, "REPEATABLE"),
    sampleSeed,
  );
  const place: BoundExpression = {
    kind: "column",
    relation: from.relation,
    column: CTID_COLUMN,
    type: { type: tid, typmod: -1 },
    name: "ctid",
    offset: -1,
  };
  const condition: BoundExpression = {
    ...common,
    function: sampledBySeed,
    args: [percent, place, seed],
  };
  return { kind: "sample", table: from, condition };
}

/** A constant is checked at once: no row may ever ask. */
function checked(
  expression: BoundExpression,
  check: (value: Nullable) => number,
): BoundExpression {
  const folded = expression.kind === "cast" &&
      expression.operand.kind === "constant" &&
      expression.operand.value !== null && expression.convert !== undefined
    ? {
      ...expression.operand,
      value: expression.convert(expression.operand.value, { now: () => 0 }),
    }
    : expression;
  if (folded.kind === "constant") check(folded.value);
  return expression;
}
