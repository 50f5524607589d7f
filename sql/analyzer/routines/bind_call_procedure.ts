/**
 * CALL: a query of the procedure as a function in FROM.
 *
 * @module
 */
import type { CallProcedureSyntax } from "../../parser/syntax.ts";
import { voidType } from "../../types/pseudo_types.ts";
import type { BoundExpression, BoundQuery } from "../bound_expression.ts";
import { Coercer } from "../coerce.ts";
import { ExpressionBinder } from "../expression_binder.ts";
import type { ParentScope } from "../scope.ts";
import { Scope } from "../scope.ts";
import type { StatementState } from "../statement_state.ts";
import { resolveRoutineCall } from "./resolve_call.ts";

/** Binds CALL. */
export function bindCallProcedure(
  state: StatementState,
  { call }: CallProcedureSyntax,
  parent: ParentScope | undefined,
): BoundQuery {
  const coercer = new Coercer(state);
  const binder = new ExpressionBinder({
    state,
    coercer,
    scope: new Scope([], [], parent),
    place: "functions in FROM",
  });
  const args = call.args.map((arg) =>
    coercer.settleUnknown(binder.within("CALL arguments", false, arg))
  );
  const bound = resolveRoutineCall(binder, call, args, true)!;
  const relation = state.newRelation();
  const declared = bound.kind === "call" ? bound.function.columns : undefined;
  const columns = declared === undefined || declared === "record"
    ? [{ name: call.name, type: bound.type }]
    : declared;
  const isVoid = bound.type.type === voidType;
  const targets = columns.map(({ name, type }, column) => {
    const expression: BoundExpression = {
      kind: "column",
      relation,
      column,
      type,
      name,
      offset: -1,
    };
    return { name, expression, visible: !isVoid };
  });
  return {
    ctes: [],
    from: {
      kind: "function",
      relation,
      alias: call.name,
      columnNames: columns.map(({ name }) => name),
      functions: [{ call: bound, columns }],
      ordinality: false,
      captures: [],
    },
    where: undefined,
    grouped: false,
    groupBy: [],
    groupingSets: undefined,
    having: undefined,
    targets,
    distinct: false,
    distinctOn: 0,
    orderBy: [],
    limit: undefined,
    offset: undefined,
    withTies: false,
    locks: [],
    fields: isVoid ? [] : columns.map(({ name, type }) => ({
      name,
      type,
      table: undefined,
      column: undefined,
    })),
  };
}
