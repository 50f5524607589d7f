/**
 * What a call means that routines of the catalog may answer.
 *
 * @module
 */
import type { RoutineEntry } from "../../catalog/routine_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { FunctionRegistry } from "../../functions/registry.ts";
import type { CallSyntax } from "../../parser/expression_syntax.ts";
import type { Binding } from "../binding.ts";
import type { BoundExpression } from "../bound_expression.ts";
import { bindRoutineCall } from "./bind_routine_call.ts";
import { isRoutineCandidate, routineCandidates } from "./routine_candidates.ts";

const NO_FUNCTIONS = new FunctionRegistry();

/** The schemas whose functions are those of the registry. */
const REGISTRY_SCHEMAS: readonly (string | undefined)[] = [
  undefined,
  "pg_catalog",
  "public",
];

/**
 * The call of a routine; `undefined` where it means another function, or none.
 *
 * @throws {SqlError} `42883`, `42725`, `42809`.
 */
export function resolveRoutineCall(
  binding: Binding,
  syntax: CallSyntax,
  args: readonly BoundExpression[],
  isCall = false,
): BoundExpression | undefined {
  const { schema, name, offset, argNames } = syntax;
  const { options } = binding.state;
  const entries = options.catalog.routines(schema, name)
    .filter(({ routine }) => isCall || routine !== "aggregate");
  if (entries.length === 0 && argNames === undefined && !isCall) {
    return undefined;
  }
  const form = {
    count: args.length,
    names: argNames ?? [],
    isVariadic: syntax.isVariadic === true,
    isCall,
  };
  const types = args.map(({ type }) => type.type);
  const candidates = routineCandidates(options, entries, form);
  const isAlone = argNames !== undefined || form.isVariadic || isCall ||
    !REGISTRY_SCHEMAS.includes(schema);
  if (candidates.length === 0 && !isAlone) return undefined;
  const registry = isAlone ? NO_FUNCTIONS : options.functions;
  if (candidates.length === 0 && form.isVariadic) return undefined;
  let resolved;
  try {
    resolved = registry.resolveFunction(name, types, offset, candidates);
  } catch (error) {
    throw named(error, syntax, args, isCall);
  }
  const { function: candidate, argumentTypes } = resolved;
  if (!isRoutineCandidate(candidate)) return undefined;
  requireRoutineKind(candidate.entry, syntax, args, isCall);
  return bindRoutineCall(binding, {
    candidate,
    args,
    types: argumentTypes,
    offset,
  });
}

/** The error with the call as it was written. */
function named(
  error: unknown,
  { schema, name, argNames, offset }: CallSyntax,
  args: readonly BoundExpression[],
  isCall: boolean,
): unknown {
  if (!(error instanceof SqlError)) return error;
  if (error.code !== "42883" && error.code !== "42725") return error;
  const list = args.map(({ type }, i) => {
    const argName = argNames?.[i];
    const shown = type.type.displayName;
    return argName === undefined ? shown : `${argName} => ${shown}`;
  });
  const full = schema === undefined ? name : `${schema}.${name}`;
  const word = isCall ? "procedure" : "function";
  const call = `${word} ${full}(${list.join(", ")})`;
  const isMissing = error.code === "42883";
  return new SqlError(
    error.code,
    `${call} ${isMissing ? "does not exist" : "is not unique"}`,
    {
      hint: isCall && isMissing
        ? "No procedure matches the given name and argument types. You might need to add explicit type casts."
        : isCall
        ? "Could not choose a best candidate procedure. You might need to add explicit type casts."
        : error.hint ?? "",
      offset,
    },
  );
}

function requireRoutineKind(
  { routine }: RoutineEntry,
  { schema, name, offset }: CallSyntax,
  args: readonly BoundExpression[],
  isCall: boolean,
): void {
  if ((routine === "procedure") === isCall) return;
  const list = args.map(({ type }) => type.type.displayName).join(", ");
  const full = schema === undefined ? name : `${schema}.${name}`;
  throw new SqlError(
    "42809",
    `${full}(${list}) is ${isCall ? "not a" : "a"} procedure`,
    {
      hint: isCall
        ? "To call a function, use SELECT."
        : "To call a procedure, use CALL.",
      offset,
    },
  );
}
