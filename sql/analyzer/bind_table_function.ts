/**
 * Functions in FROM: set-returning ones give their rows, others one row. Several
 * (ROWS FROM) stand side by side, the shorter ones filled up with NULLs.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { SetColumn } from "../functions/sets/set_source.ts";
import type {
  ColumnDefinitionSyntax,
  Expression,
  FunctionItem,
  TableFunctionSyntax,
} from "../parser/expression_syntax.ts";
import { int8 } from "../types/int_types.ts";
import { bindTypeName } from "./bind_type.ts";
import type {
  BoundExpression,
  BoundTableFunction,
} from "./bound_expression.ts";
import { Coercer, offsetOf } from "./coerce.ts";
import { ExpressionBinder } from "./expression_binder.ts";
import type { Scope } from "./scope.ts";
import { isSetCall } from "./set_calls.ts";
import type { StatementState } from "./statement_state.ts";
import { targetName } from "./target_name.ts";
import { childrenOf, someExpression } from "./walk.ts";

/** An item of functions, bound. */
export interface BoundFunctions {
  readonly functions: readonly BoundTableFunction[];
  /** All columns, the ordinality's too. */
  readonly columns: readonly SetColumn[];
  /** What the item is called where nobody named it. */
  readonly name: string;
}

/** Binds the functions of an item in the scope of what stands before it. */
export function bindTableFunctions(
  state: StatementState,
  item: FunctionItem,
  scope: Scope,
): BoundFunctions {
  const coercer = new Coercer(state);
  const place = "functions in FROM";
  const binder = new ExpressionBinder({ state, coercer, scope, place });
  const written = item.functions.flatMap(expandUnnest);
  const definitions = item.columns;
  if (definitions.length > 0 && (item.isRowsFrom || written.length > 1)) {
    throw new SqlError(
      "42601",
      written.length > 1
        ? "ROWS FROM() with multiple functions cannot have a column definition list"
        : "WITH ORDINALITY cannot be used with a column definition list",
      written.length > 1
        ? {
          hint:
            "Put a separate column definition list for each function inside ROWS FROM().",
        }
        : {},
    );
  }
  if (definitions.length > 0 && item.ordinality) {
    throw new SqlError(
      "42601",
      "WITH ORDINALITY cannot be used with a column definition list",
      { hint: "Put the column definition list inside ROWS FROM()." },
    );
  }
  const names = written.map(({ call }) => targetName(call));
  const functions = written.map(({ call, columns }, i): BoundTableFunction => {
    const bound = inFrom(coercer.settleUnknown(binder.bind(call)));
    refuseNested(bound);
    const fallback = written.length === 1 ? item.alias ?? names[i]! : names[i]!;
    return {
      call: bound,
      columns: columnsOf(
        state,
        bound,
        columns.length > 0 ? columns : definitions,
        fallback,
      ),
    };
  });
  const columns = functions.flatMap((each) => each.columns);
  if (item.ordinality) {
    columns.push({ name: "ordinality", type: { type: int8, typmod: -1 } });
  }
  return { functions, columns, name: names[0]! };
}

/** `unnest` of several arrays is as many functions side by side. */
function expandUnnest(written: TableFunctionSyntax): TableFunctionSyntax[] {
  const { call, columns } = written;
  if (
    call.kind !== "call" || call.name !== "unnest" || call.args.length < 2 ||
    columns.length > 0
  ) return [written];
  return call.args.map((arg: Expression): TableFunctionSyntax => ({
    call: { ...call, args: [arg] },
    columns: [],
  }));
}

/** The call that gives the fields of a row as columns. */
function inFrom(call: BoundExpression): BoundExpression {
  if (call.kind !== "call" || call.function.inFrom === undefined) return call;
  return { ...call, function: call.function.inFrom };
}

/** A set-returning function stands at the top, not in an argument. */
function refuseNested(call: BoundExpression): void {
  for (const child of isSetCall(call) ? childrenOf(call) : [call]) {
    someExpression(child, (part) => {
      if (!isSetCall(part)) return false;
      throw new SqlError(
        "0A000",
        "set-returning functions must appear at top level of FROM",
        { offset: part.offset },
      );
    });
  }
}

function columnsOf(
  state: StatementState,
  call: BoundExpression,
  definitions: readonly ColumnDefinitionSyntax[],
  name: string,
): readonly SetColumn[] {
  const declared = call.kind === "call" ? call.function.columns : undefined;
  const offset = offsetOf(call);
  if (declared === "record") {
    if (definitions.length === 0) {
      throw new SqlError(
        "42601",
        'a column definition list is required for functions returning "record"',
        { offset },
      );
    }
    return definitions.map(({ name, type }) => ({
      name,
      type: bindTypeName(state, type),
    }));
  }
  if (definitions.length > 0) {
    throw new SqlError(
      "42601",
      declared === undefined || declared.length === 1
        ? 'a column definition list is only allowed for functions returning "record"'
        : "a column definition list is redundant for a function with OUT parameters",
      { offset },
    );
  }
  return declared ?? [{ name, type: call.type }];
}
