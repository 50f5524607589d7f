/**
 * EXECUTE: its values, as the parameters of the statement that it stands for.
 *
 * The session puts that statement in its place before the analysis.
 *
 * @module
 */
import { functionsWith } from "./operators/catalog_operators.ts";
import { invariant } from "../../base/invariant.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  ExecuteSyntax,
  SelectSyntax,
  TypeName,
} from "../parser/syntax.ts";
import type { TypeRef } from "../types/data_type.ts";
import { bindTypeName } from "./bind_type.ts";
import type { BoundExpression } from "./bound_expression.ts";
import { Coercer, offsetOf } from "./coerce.ts";
import { ExpressionBinder } from "./expression_binder.ts";
import { Scope } from "./scope.ts";
import { StatementState } from "./statement_state.ts";
import type { AnalyzeOptions } from "./statement_state.ts";
import { someExpression } from "./walk.ts";
import { bindStoredCheck } from "./constraints/column_expression.ts";

function stateOf(options: AnalyzeOptions): StatementState {
  const refuse = (): never => {
    throw new SqlError("0A000", "cannot use subquery in EXECUTE parameter");
  };
  return new StatementState(options, {
    query: refuse,
    change: refuse,
    stored: bindStoredCheck,
    functions: functionsWith,
  });
}

/** The types that PREPARE declares. */
export function bindParameterTypes(
  types: readonly TypeName[],
  options: AnalyzeOptions,
): TypeRef[] {
  const state = stateOf(options);
  return types.map((type) => bindTypeName(state, type));
}

/**
 * The values of EXECUTE, in the types of the parameters.
 *
 * @throws {SqlError} `42601` for another number of them, `42804` for one of
 * another type.
 */
export function bindArguments(
  { name, args }: ExecuteSyntax,
  types: readonly TypeRef[],
  options: AnalyzeOptions,
): BoundExpression[] {
  if (args.length !== types.length) {
    throw new SqlError(
      "42601",
      `wrong number of parameters for prepared statement "${name}"`,
      { detail: `Expected ${types.length} parameters but got ${args.length}.` },
    );
  }
  const state = stateOf(options);
  const coercer = new Coercer(state);
  const binder = new ExpressionBinder({
    state,
    coercer,
    scope: new Scope([]),
    place: "EXECUTE parameters",
  });
  return args.map((arg, i) => {
    const bound = binder.bind(arg);
    refuseWaiting(bound);
    const type = types[i]!;
    const value = coercer.coerce(bound, type, { context: "assignment" });
    if (value !== undefined) return value;
    throw new SqlError(
      "42804",
      `parameter $${
        i + 1
      } of type ${bound.type.type.displayName} cannot be coerced to the expected type ${type.type.displayName}`,
      {
        hint: "You will need to rewrite or cast the expression.",
        offset: offsetOf(bound),
      },
    );
  });
}

/** Refuses parameters, and functions that wait for storage. */
function refuseWaiting(value: BoundExpression): void {
  someExpression(value, (each) => {
    if (each.kind === "parameter") {
      throw new SqlError("42P02", `there is no parameter $${each.index + 1}`, {
        offset: each.offset,
      });
    }
    if (each.kind === "call" && each.function.scalar === undefined) {
      throw new SqlError(
        "0A000",
        `${each.function.name}() is not supported in EXECUTE parameters`,
        { offset: each.offset },
      );
    }
    return false;
  });
}

/** The query of a statement whose EXECUTE was replaced. */
export function replacedQuery(
  syntax: SelectSyntax | ExecuteSyntax,
): SelectSyntax {
  invariant(syntax.kind === "select", "EXECUTE stands for its statement");
  return syntax;
}
