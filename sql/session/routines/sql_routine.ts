/**
 * Routines in SQL: their statements, one after the other; the rows of the last
 * are the result.
 *
 * @module
 */
import { Scope, scopeRelation } from "../../analyzer/scope.ts";
import type { VariableScope } from "../../analyzer/statement_state.ts";
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import { isInput, type RoutineEntry } from "../../catalog/routine_entry.ts";
import { type Chunk, valueAt } from "../../chunk/chunk.ts";
import { forEachRow } from "../../executor/column_tools.ts";
import type { RoutineCall } from "../../functions/definition.ts";
import { parse } from "../../parser/parser.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import {
  type BodyNames,
  BodyStatement,
  evaluateSimple,
  runPlan,
} from "./body_statement.ts";
import { wait, type Work } from "./drive.ts";
import { sqlResult } from "./result_shape.ts";
import type { RoutineSession } from "./routine_session.ts";

/** A routine in SQL, for arguments of certain types. */
export interface SqlRoutine {
  readonly statements: readonly BodyStatement[];
  readonly names: BodyNames;
}

const routines = new WeakMap<RoutineEntry, Map<string, SqlRoutine>>();

/** The routine of a call; parsed once for the types of its arguments. */
export function sqlRoutine(
  entry: RoutineEntry,
  types: readonly DataType[],
): SqlRoutine {
  let known = routines.get(entry);
  if (known === undefined) routines.set(entry, known = new Map());
  const key = types.map(({ oid }) => oid).join(" ");
  let routine = known.get(key);
  if (routine === undefined) {
    known.set(key, routine = make(entry, types));
  }
  return routine;
}

function make(entry: RoutineEntry, types: readonly DataType[]): SqlRoutine {
  const refs = types.map((type) => ({ type, typmod: -1 }));
  return {
    statements: parse(entry.body).map((each) =>
      new BodyStatement(each.syntax, each.text)
    ),
    names: {
      variables: parametersOf(entry, types),
      parameterTypes: refs,
    },
  };
}

/** The parameters by their names; a column of the name goes before. */
function parametersOf(
  entry: RoutineEntry,
  types: readonly DataType[],
): VariableScope | undefined {
  const inputs = entry.routine === "procedure"
    ? entry.parameters.filter(({ mode }) => mode !== "table")
    : entry.parameters.filter(isInput);
  const named = inputs.map(({ name }, index) => ({ name, index }))
    .filter(({ name, index }) => name !== "" && index < types.length);
  if (named.length === 0) return undefined;
  const relation = scopeRelation(
    -1,
    entry.name,
    named.map(({ name }) => name),
    named.map(({ index }) => ({ type: types[index]!, typmod: -1 })),
  );
  const columns = named.map(({ index }): BoundExpression => ({
    kind: "parameter",
    index,
    type: { type: types[index]!, typmod: -1 },
    offset: -1,
  }));
  return { scope: new Scope([{ ...relation, columns }]), isStrict: false };
}

/** Runs a routine; `take` gets its results, and says when it has enough. */
export function* runSqlRoutine(
  session: RoutineSession,
  call: RoutineCall,
  args: readonly Nullable[],
  take: (result: Nullable) => boolean,
): Work<void> {
  const entry = call.entry as RoutineEntry;
  const { statements, names } = sqlRoutine(entry, call.argumentTypes);
  const { context } = session;
  for (const [i, statement] of statements.entries()) {
    const prepared = statement.prepare(session, names);
    const isLast = i === statements.length - 1;
    const make = isLast
      ? sqlResult(
        session.analyzeOptions,
        call,
        prepared.bound,
        statement.syntax,
      )
      : undefined;
    const environment = {
      parameters: args,
      functions: context.functions,
      inputContext: session.inputContext,
    };
    const { simple, plan } = prepared;
    if (simple !== undefined) {
      const value = evaluateSimple(simple, context, args);
      if (make !== undefined) take(make([value], environment));
      continue;
    }
    if (plan === undefined) {
      yield* wait(session.runOther(statement.text));
      continue;
    }
    const count = plan.fields.length;
    let isEnough = false;
    yield* wait(runPlan(plan, context, args, (chunk: Chunk) => {
      if (make === undefined || count === 0) return false;
      forEachRow(chunk.selection, chunk.rowCount, (row) => {
        if (isEnough) return;
        const values = chunk.columns.slice(0, count)
          .map((column) => valueAt(column, row));
        isEnough = take(make(values, environment));
      });
      return isEnough && prepared.bound.kind === "select";
    }));
  }
  if (statements.length === 0) {
    sqlResult(session.analyzeOptions, call, undefined);
  }
}

/** Checks the body of a routine, as CREATE FUNCTION does. */
export function checkSqlRoutine(
  session: RoutineSession,
  call: RoutineCall,
): void {
  const entry = call.entry as RoutineEntry;
  const { statements, names } = sqlRoutine(entry, call.argumentTypes);
  const bound = statements.map((each) => each.prepare(session, names).bound);
  const { analyzeOptions } = session;
  sqlResult(analyzeOptions, call, bound.at(-1), statements.at(-1)?.syntax);
}
