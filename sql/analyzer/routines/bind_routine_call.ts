/**
 * Calls of routines of the catalog: arguments in the order of the parameters,
 * with defaults, and what the call gives in the place where it stands.
 *
 * @module
 */
import { outputsOf, type RoutineEntry } from "../../catalog/routine_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { arrayConstructor } from "../../functions/array/array_constructor.ts";
import type {
  FunctionContext,
  FunctionDefinition,
  RoutineAccess,
  RoutineCall,
} from "../../functions/definition.ts";
import type { SetColumn } from "../../functions/sets/set_source.ts";
import { isPromise } from "../../../base/maybe_promise.ts";
import { quoteIdentifier } from "../../parser/quote.ts";
import { arrayTypeOf } from "../../types/array/array_type.ts";
import type { DataType, Nullable, TypeRef } from "../../types/data_type.ts";
import { triggerType } from "../../types/pseudo_types.ts";
import { record, rowType } from "../../types/row/row_type.ts";
import type { Binding } from "../binding.ts";
import type { BoundExpression } from "../bound_expression.ts";
import { parseStored } from "../stored_expression.ts";
import type { Place } from "../place.ts";
import { refuseSet } from "../set_calls.ts";
import type { StatementState } from "../statement_state.ts";
import type { RoutineCandidate } from "./routine_candidates.ts";
import { settledResult, storedType } from "./stored_type.ts";

/** What a call is made of. */
export interface RoutineCallParts {
  readonly candidate: RoutineCandidate;
  readonly args: readonly BoundExpression[];
  /** The types that the arguments are to have, as written. */
  readonly types: readonly DataType[];
  readonly offset: number;
}

/** The call of a routine, in the place where `binding` works. */
export function bindRoutineCall(
  binding: Binding,
  { candidate, args, types, offset }: RoutineCallParts,
): BoundExpression {
  const { entry } = candidate;
  const { state, place } = binding;
  if (entry.returns.oid === triggerType.oid) {
    throw new SqlError(
      "0A000",
      "trigger functions can only be called as triggers",
      { offset },
    );
  }
  const given = args.map((arg, i) => binding.coercer.implicit(arg, types[i]!));
  const all = arranged(binding, candidate, given, offset);
  state.references?.type({
    offset,
    id: entry.id,
    schema: entry.schema,
    name: entry.name,
  });
  const actual = all.map(({ type }) => type.type);
  const definition = routineFunction(state, candidate, actual, place);
  if (definition.set !== undefined) refuseSet(binding, definition, offset);
  if (definition.async !== undefined) refuseWaiting(entry, place, offset);
  return {
    kind: "call",
    function: definition,
    args: all,
    type: { type: definition.returnType, typmod: -1 },
    operator: undefined,
    offset,
  };
}

/** Where nothing can be waited for. */
const SYNCHRONOUS: ReadonlySet<Place> = new Set<Place>([
  "DEFAULT expressions",
  "check constraints",
  "column generation expressions",
  "partition key expressions",
  "partition bound",
]);

function refuseWaiting(
  { name, language }: RoutineEntry,
  place: Place,
  offset: number,
): void {
  if (!SYNCHRONOUS.has(place)) return;
  throw new SqlError(
    "0A000",
    `function ${name} is not supported in ${place}`,
    {
      detail: `Its body, in ${language}, runs statements.`,
      offset,
    },
  );
}

/** The arguments, one for each parameter that is given. */
function arranged(
  binding: Binding,
  { inputs, inputTypes, targets, gathers }: RoutineCandidate,
  given: readonly BoundExpression[],
  offset: number,
): BoundExpression[] {
  return inputs.map((input, position) => {
    const own = given.filter((_, i) => targets[i] === position);
    if (gathers && position === inputs.length - 1) {
      return gathered(inputTypes[position]!, own, offset);
    }
    if (own[0] !== undefined) return own[0];
    const bound = binding.within(
      "DEFAULT expressions",
      false,
      parseStored(input.defaultSql!),
    );
    return binding.coercer.settleUnknown(bound);
  });
}

function gathered(
  declared: DataType,
  items: readonly BoundExpression[],
  offset: number,
): BoundExpression {
  const type = declared.element === undefined
    ? arrayTypeOf(items[0]!.type.type) ?? declared
    : declared;
  return {
    kind: "call",
    function: arrayConstructor(type, items.length, false),
    args: items,
    type: { type, typmod: -1 },
    operator: undefined,
    offset,
  };
}

/** What a routine is in a call with arguments of these types. */
export function routineFunction(
  state: StatementState,
  { entry, inputTypes }: RoutineCandidate,
  actual: readonly DataType[],
  place: Place,
): FunctionDefinition {
  const result = resultOf(state, entry, inputTypes, actual);
  const isExpanded = place === "functions in FROM" &&
    result.columns !== undefined;
  const columns = isExpanded ? result.columns : undefined;
  const isSet = entry.returnsSet || isExpanded;
  const waits = isSet || mustWait(state, entry, place);
  const call: RoutineCall = {
    entry,
    argumentTypes: actual,
    returnType: result.type,
    columns: columns === "record" ? [] : columns,
    waits,
  };
  return {
    name: entry.name,
    argumentTypes: actual,
    returnType: result.type.type,
    strict: entry.strict,
    volatility: entry.volatility,
    routine: call,
    deparse: (args) =>
      `${quoteIdentifier(entry.schema)}.${quoteIdentifier(entry.name)}(${
        args.join(", ")
      })`,
    ...(columns === undefined ? {} : { columns }),
    ...formOf(call, isSet),
  };
}

/** Whether a call is waited for: where it can be, if it may take long. */
function mustWait(
  { options }: StatementState,
  entry: RoutineEntry,
  place: Place,
): boolean {
  const waits = options.routineWaits?.(entry) ?? "always";
  return waits === "always" || (waits === "long" && !SYNCHRONOUS.has(place));
}

/** The form that runs it. */
function formOf(
  call: RoutineCall,
  isSet: boolean,
): Pick<FunctionDefinition, "set" | "async" | "scalar"> {
  if (isSet) {
    return {
      set: (args, context, columns) =>
        accessOf(context).rows(call, args, columns),
    };
  }
  if (call.waits) {
    return {
      async: async (args, context) => await accessOf(context).value(call, args),
    };
  }
  return {
    scalar: (args, context): Nullable => {
      const value = accessOf(context).value(call, args);
      if (!isPromise(value)) return value;
      throw new SqlError("XX000", "a function waits that should not");
    },
  };
}

function accessOf({ routines }: FunctionContext): RoutineAccess {
  if (routines !== undefined) return routines;
  throw new SqlError("0A000", "a function of the database cannot run here");
}

/** The type of a call, and its columns where it gives rows of several. */
function resultOf(
  state: StatementState,
  entry: RoutineEntry,
  declared: readonly DataType[],
  actual: readonly DataType[],
): {
  readonly type: TypeRef;
  readonly columns: readonly SetColumn[] | "record" | undefined;
} {
  const { options } = state;
  const settled = (ref: TypeRef): TypeRef => ({
    type: settledResult(declared, actual, ref.type),
    typmod: -1,
  });
  const outputs = outputsOf(entry).map(({ name, type }, i): SetColumn => ({
    name: name === "" ? `column${i + 1}` : name,
    type: settled(storedType(options, type)),
  }));
  const type = settled(storedType(options, entry.returns));
  if (outputs.length === 1 && type.type !== record) {
    return { type, columns: outputs };
  }
  if (outputs.length > 0) {
    const names = { oid: 2249, name: "record", displayName: "record" };
    return {
      type: { type: rowType(names, outputs), typmod: -1 },
      columns: outputs,
    };
  }
  if (type.type === record) return { type, columns: "record" };
  return { type, columns: type.type.fields };
}
