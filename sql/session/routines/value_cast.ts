/**
 * Values of one type as values of another: what a variable is assigned, what a
 * function returns. A cast that assignment allows, else by way of the text.
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import { Coercer } from "../../analyzer/coerce.ts";
import { NOTHING_NESTED } from "../../analyzer/constraints/table_rules.ts";
import {
  type AnalyzeOptions,
  StatementState,
} from "../../analyzer/statement_state.ts";
import { type Environment, evaluate } from "../../planner/evaluate.ts";
import type {
  InputContext,
  Nullable,
  SqlValue,
  TypeRef,
} from "../../types/data_type.ts";
import { isRowType } from "../../types/row/row_type.ts";
import { SqlRow } from "../../types/row/row_value.ts";
import { unknown } from "../../types/text_types.ts";

/** Casts a value; `undefined` where it stays as it is. */
export type ValueCast =
  | ((value: Nullable, environment: Environment) => Nullable)
  | undefined;

/** The cast that assignment has; `"none"` where there is none. */
export function assignmentCast(
  options: AnalyzeOptions,
  from: TypeRef,
  to: TypeRef,
): ValueCast | "none" {
  const isSame = from.type === to.type &&
    (to.typmod < 0 || from.typmod === to.typmod);
  if (isSame) return undefined;
  const state = new StatementState(options, NOTHING_NESTED);
  const parameter: BoundExpression = {
    kind: "parameter",
    index: 0,
    type: from.type === unknown ? to : from,
    offset: -1,
  };
  const cast = from.type === unknown
    ? undefined
    : new Coercer(state).coerce(parameter, to, { context: "assignment" });
  if (cast === undefined) return "none";
  if (cast === parameter) return undefined;
  return (value, environment) =>
    evaluate(cast, { ...environment, parameters: [value] });
}

/** The cast of an assignment to a variable: any type becomes any by its text. */
export function variableCast(
  options: AnalyzeOptions,
  from: TypeRef,
  to: TypeRef,
): ValueCast {
  const cast = assignmentCast(options, from, to);
  if (cast !== "none") return cast;
  if (isRowType(from.type) && to.type.fields !== undefined) {
    return rowCast(options, to);
  }
  return (value, { inputContext }) =>
    value === null ? null : byText(from, to, value, inputContext);
}

function byText(
  from: TypeRef,
  to: TypeRef,
  value: SqlValue,
  context: InputContext,
): SqlValue {
  const text = from.type.output(value, context.datetime);
  return to.type.input(text, to.typmod, context);
}

/** A row field by field. */
function rowCast(options: AnalyzeOptions, to: TypeRef): ValueCast {
  const fields = to.type.fields!;
  return (value, environment) => {
    if (value === null) return null;
    const row = value as SqlRow;
    return new SqlRow(
      fields,
      fields.map(({ type }, i) => {
        const source = row.fields[i]?.type;
        if (source === undefined) return null;
        const cast = variableCast(options, source, type);
        const item = row.values[i] ?? null;
        return cast === undefined ? item : cast(item, environment);
      }),
    );
  };
}
