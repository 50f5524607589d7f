/**
 * `row.f` where the row has no field `f`: the function of that name, of the
 * row, as PostgreSQL's "functional notation" has it; and the other way round,
 * `f(row)` for a field where there is no such function.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { CallSyntax, Expression } from "../parser/expression_syntax.ts";
import { bindField, fieldsOfRow } from "./bind_row.ts";
import type { Binding } from "./binding.ts";
import type { BoundExpression } from "./bound_expression.ts";

/** What `bind` gives, else the function `name` of `operand`. */
export function fieldOrCall(
  binding: Binding,
  name: string,
  operand: () => Expression,
  bind: () => BoundExpression,
): BoundExpression {
  try {
    return bind();
  } catch (error) {
    if (!(error instanceof SqlError && error.code === "42703")) throw error;
    const call = callOf(name, operand());
    const { catalog } = binding.state.options;
    if (catalog.routines(undefined, name).length === 0) throw error;
    try {
      return binding.bind(call);
    } catch (failure) {
      const isMissing = failure instanceof SqlError &&
        failure.code === "42883";
      throw isMissing ? error : failure;
    }
  }
}

function callOf(name: string, operand: Expression): CallSyntax {
  return {
    kind: "call",
    schema: undefined,
    name,
    args: [operand],
    star: false,
    distinct: false,
    orderBy: [],
    withinGroup: false,
    filter: undefined,
    over: undefined,
    offset: operand.offset,
  };
}

/** The field that a call of one row names, if no function is meant. */
export function callOfField(
  { schema, name }: CallSyntax,
  args: readonly BoundExpression[],
): BoundExpression | undefined {
  const [row] = args;
  if (schema !== undefined || row === undefined || args.length !== 1) {
    return undefined;
  }
  const fields = fieldsOfRow(row);
  return fields?.some((field) => field.name === name) === true
    ? bindField(row, name)
    : undefined;
}
