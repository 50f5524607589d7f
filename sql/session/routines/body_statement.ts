/**
 * A statement in the body of a routine: prepared once for a catalog and the
 * types of the variables in it, run in the transaction of the statement around.
 *
 * A query that is one expression over variables is not run, but evaluated.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../../base/maybe_promise.ts";
import { analyze } from "../../analyzer/analyzer.ts";
import type {
  BoundExpression,
  BoundQuery,
} from "../../analyzer/bound_expression.ts";
import type { BoundStatement, ResultField } from "../../analyzer/bound_tree.ts";
import { hasSetCall } from "../../analyzer/set_calls.ts";
import type { VariableScope } from "../../analyzer/statement_state.ts";
import type { Chunk } from "../../chunk/chunk.ts";
import { foldExpression } from "../../optimizer/constant_folding.ts";
import type { ExecutionContext } from "../../executor/operator.ts";
import {
  openPlan,
  type Plan,
  planStatement,
} from "../../executor/physical_planner.ts";
import type { Statement } from "../../parser/syntax.ts";
import { evaluate } from "../../planner/evaluate.ts";
import { hasSubquery } from "../../planner/subquery_parts.ts";
import { waits } from "../../planner/volatility.ts";
import { Transaction } from "../../transaction/transaction.ts";
import type { Nullable, TypeRef } from "../../types/data_type.ts";
import { inputContextOf } from "../../functions/input_context.ts";
import type { RoutineSession } from "./routine_session.ts";

/** A statement that is ready to run. */
export interface PreparedBody {
  readonly bound: BoundStatement;
  /** The expression that it is, if it is no more. */
  readonly simple: BoundExpression | undefined;
  readonly plan: Plan | undefined;
  readonly fields: readonly ResultField[];
  /** The types of the parameters as they were found. */
  readonly parameterTypes: readonly TypeRef[];
  /** The catalog it was made under. */
  readonly version: string;
  /** The variables it was made with. */
  readonly variables: VariableScope | undefined;
}

/** What a statement may name besides tables. */
export interface BodyNames {
  readonly variables: VariableScope | undefined;
  /** The types of `$1`, `$2` …. */
  readonly parameterTypes: readonly (TypeRef | undefined)[];
}

/** A statement of a body. */
export class BodyStatement {
  readonly syntax: Statement;
  /** Its text. */
  readonly text: string;
  #prepared: PreparedBody | undefined;

  /** The statement `syntax`. */
  constructor(syntax: Statement, text: string) {
    this.syntax = syntax;
    this.text = text;
  }

  /**
   * Prepares it, or finds it prepared.
   *
   * @throws {SqlError}
   */
  prepare(session: RoutineSession, names: BodyNames): PreparedBody {
    const known = this.#prepared;
    if (
      known !== undefined && known.version === session.catalogVersion &&
      known.variables === names.variables &&
      sameTypes(known.parameterTypes, names.parameterTypes)
    ) return known;
    const prepared = prepareBody(session, this.syntax, names);
    if (prepared.bound.cacheable) this.#prepared = prepared;
    return prepared;
  }
}

function sameTypes(
  found: readonly TypeRef[],
  wanted: readonly (TypeRef | undefined)[],
): boolean {
  return found.every(({ type }, i) =>
    wanted[i] === undefined || wanted[i].type === type
  );
}

/** Prepares a statement. */
export function prepareBody(
  session: RoutineSession,
  syntax: Statement,
  { variables, parameterTypes }: BodyNames,
): PreparedBody {
  const version = session.catalogVersion;
  const bound = analyze(syntax, {
    ...session.analyzeOptions,
    variables,
    parameterTypes,
  });
  const plannable = bound.kind === "select" || bound.kind === "insert" ||
      bound.kind === "update" || bound.kind === "delete" ||
      bound.kind === "merge"
    ? bound
    : bound.kind === "call_procedure"
    ? bound.statement
    : undefined;
  const simple = plannable?.kind === "select"
    ? simpleExpression(plannable.query)
    : undefined;
  return {
    bound,
    simple,
    plan: plannable === undefined || simple !== undefined
      ? undefined
      : planStatement(plannable, session.planFacts),
    fields: "fields" in bound ? bound.fields : [],
    parameterTypes: bound.parameterTypes,
    version,
    variables,
  };
}

/** The one expression that a query is, over nothing. */
function simpleExpression(query: BoundQuery): BoundExpression | undefined {
  const { targets, from, where, limit, offset, ctes } = query;
  if (
    from !== undefined || where !== undefined || limit !== undefined ||
    offset !== undefined || ctes.length > 0 || query.grouped ||
    query.groupingSets !== undefined || query.having !== undefined ||
    targets.length !== 1
  ) return undefined;
  const { expression } = targets[0]!;
  const isPlain = !hasSubquery(expression) && !waits(expression) &&
    !hasSetCall(expression);
  return isPlain ? foldExpression(expression) : undefined;
}

/** The value of a simple expression. */
export function evaluateSimple(
  expression: BoundExpression,
  context: ExecutionContext,
  parameters: readonly Nullable[],
): Nullable {
  const { functions } = context;
  return evaluate(expression, {
    parameters,
    functions,
    inputContext: inputContextOf(functions),
  });
}

/** Runs a plan; `take` gets its chunks, and says when it has enough. */
export function runPlan(
  plan: Plan,
  context: ExecutionContext,
  parameters: readonly Nullable[],
  take: (chunk: Chunk) => boolean,
): MaybePromise<number> {
  const { transaction } = context;
  const checks = transaction instanceof Transaction
    ? transaction.checks
    : undefined;
  const outer = checks?.enter();
  const run = openPlan(plan, { ...context, parameters });
  let isEnough = false;
  let hasEnded = false;
  const end = (): number => {
    if (!hasEnded) {
      hasEnded = true;
      run.close();
      if (outer !== undefined) checks!.leave(outer);
    }
    return run.affectedRows;
  };
  const fail = (error: unknown): never => {
    end();
    throw error;
  };
  const pull = (): MaybePromise<number> => {
    while (!isEnough) {
      context.signal?.throwIfAborted();
      const chunk = run.next();
      if (isPromise(chunk)) {
        return chunk.then((some) => {
          if (some === undefined) return end();
          isEnough = take(some);
          return pull();
        });
      }
      if (chunk === undefined) break;
      isEnough = take(chunk);
    }
    return end();
  };
  try {
    const done = pull();
    return isPromise(done) ? done.catch(fail) : done;
  } catch (error) {
    return fail(error);
  }
}
