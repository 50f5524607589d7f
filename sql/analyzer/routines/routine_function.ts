/**
 * What a routine of the catalog is as a function: the types of a call, the form
 * that runs it, whether whoever calls waits.
 *
 * @module
 */
import { outputsOf, type RoutineEntry } from "../../catalog/routine_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type {
  FunctionContext,
  FunctionDefinition,
  RoutineAccess,
  RoutineCall,
} from "../../functions/definition.ts";
import type { SetColumn } from "../../functions/sets/set_source.ts";
import { isPromise } from "../../../base/maybe_promise.ts";
import { quoteIdentifier } from "../../parser/quote.ts";
import type { DataType, Nullable, TypeRef } from "../../types/data_type.ts";
import { record, rowType } from "../../types/row/row_type.ts";
import type { Place } from "../place.ts";
import type { StatementState } from "../statement_state.ts";
import type { RoutineCandidate } from "./routine_candidates.ts";
import { settledResult, storedType } from "./stored_type.ts";

/** Where nothing can be waited for. */
export const SYNCHRONOUS: ReadonlySet<Place> = new Set<Place>([
  "DEFAULT expressions",
  "check constraints",
  "column generation expressions",
  "partition key expressions",
  "partition bound",
]);

/** What a routine is in a call with arguments of these types. */
export function routineFunction(
  state: Pick<StatementState, "options">,
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
  { options }: Pick<StatementState, "options">,
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
  state: Pick<StatementState, "options">,
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
