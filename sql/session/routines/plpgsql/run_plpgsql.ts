/**
 * Routines and DO blocks in PL/pgSQL: what they are given and give back.
 *
 * @module
 */
import type { AnalyzeOptions } from "../../../analyzer/analyzer.ts";
import { settledResult } from "../../../analyzer/routines/stored_type.ts";
import { storedType } from "../../../analyzer/routines/stored_type.ts";
import {
  calledParameters,
} from "../../../analyzer/routines/routine_candidates.ts";
import type { RoutineEntry } from "../../../catalog/routine_entry.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import type { RoutineCall } from "../../../functions/definition.ts";
import { blockOf } from "./plpgsql_blocks.ts";
import { parsePlpgsql } from "../../../parser/plpgsql/parse_plpgsql.ts";
import type { PlpgsqlBlock } from "../../../parser/plpgsql/plpgsql_syntax.ts";
import { bool } from "../../../types/bool_type.ts";
import type { Nullable, RowField, TypeRef } from "../../../types/data_type.ts";
import { voidType } from "../../../types/pseudo_types.ts";
import { isRowType, record } from "../../../types/row/row_type.ts";
import { SqlRow } from "../../../types/row/row_value.ts";
import { formatType } from "../../../types/type_registry.ts";
import type { Work } from "../drive.ts";
import { fieldsOfResult, givesRows } from "../result_shape.ts";
import type { RoutineSession } from "../routine_session.ts";
import { variableCast } from "../value_cast.ts";
import {
  type CodeCache,
  PlpgsqlFrame,
  type QueryRows,
  type TypedValue,
} from "./plpgsql_frame.ts";
import { PlpgsqlInterpreter } from "./plpgsql_interpreter.ts";
import {
  type GivenVariable,
  PlpgsqlNames,
  type Slot,
} from "./plpgsql_names.ts";

/** A routine that was read, for arguments of certain types. */
export interface PlpgsqlRoutine {
  readonly block: PlpgsqlBlock;
  readonly names: PlpgsqlNames;
  readonly cache: CodeCache;
  readonly version: string;
}

const BOOLEAN: TypeRef = { type: bool, typmod: -1 };

const routines = new WeakMap<RoutineEntry, Map<string, PlpgsqlRoutine>>();

/** The routine of a call. */
export function plpgsqlRoutine(
  session: RoutineSession,
  entry: RoutineEntry,
  key: string,
  given: () => readonly GivenVariable[],
): PlpgsqlRoutine {
  let known = routines.get(entry);
  if (known === undefined) routines.set(entry, known = new Map());
  const version = session.catalogVersion;
  const found = known.get(key);
  if (found?.version === version) return found;
  const block = blockOf(entry);
  const { analyzeOptions } = session;
  const made: PlpgsqlRoutine = {
    block,
    names: new PlpgsqlNames(analyzeOptions, entry.name, given(), block),
    cache: { statements: new WeakMap(), names: new WeakMap() },
    version,
  };
  known.set(key, made);
  return made;
}

/** The parameters, with `found`. */
function givenBy(
  options: AnalyzeOptions,
  call: RoutineCall,
): readonly GivenVariable[] {
  const entry = call.entry as RoutineEntry;
  const inputs = calledParameters(entry, entry.routine === "procedure");
  const declared = inputs.map(({ type }) => storedType(options, type).type);
  const given = entry.parameters.map((parameter): GivenVariable => {
    const at = inputs.indexOf(parameter);
    const stored = storedType(options, parameter.type);
    const type = at >= 0
      ? call.argumentTypes[at]!
      : settledResult(declared, call.argumentTypes, stored.type);
    return { name: parameter.name, type: { type, typmod: -1 } };
  });
  return [...given, { name: "found", type: BOOLEAN }];
}

/** Runs a routine; `take` gets its results, and says when it has enough. */
export function* runPlpgsql(
  session: RoutineSession,
  call: RoutineCall,
  args: readonly Nullable[],
  take: (result: Nullable) => boolean,
): Work<void> {
  const entry = call.entry as RoutineEntry;
  const key = call.argumentTypes.map(({ oid }) => oid).join(" ");
  const routine = plpgsqlRoutine(
    session,
    entry,
    key,
    () => givenBy(session.analyzeOptions, call),
  );
  const frame = new PlpgsqlFrame(session, routine.names, routine.cache);
  frame.waits = call.waits;
  const inputs = calledParameters(entry, entry.routine === "procedure");
  inputs.forEach((input, i) => {
    const slot = routine.names.slots[entry.parameters.indexOf(input)]!;
    frame.set(slot, args[i] ?? null);
  });
  frame.values[routine.names.root.slots.get("found")!.index] = false;
  const results = new Results(frame, call, take);
  const interpreter = new PlpgsqlInterpreter(frame, results);
  const signal = yield* interpreter.block(routine.block);
  results.end(signal?.kind === "return");
}

/** Runs DO. */
export function* runPlpgsqlBlock(
  session: RoutineSession,
  body: string,
): Work<void> {
  const block = parsePlpgsql(body);
  const { analyzeOptions } = session;
  const given = [{ name: "found", type: BOOLEAN }];
  const names = new PlpgsqlNames(
    analyzeOptions,
    "inline_code_block",
    given,
    block,
  );
  const cache: CodeCache = { statements: new WeakMap(), names: new WeakMap() };
  const frame = new PlpgsqlFrame(session, names, cache);
  frame.waits = true;
  frame.values[0] = false;
  const refuse = (): never => {
    throw new SqlError(
      "42804",
      "RETURN cannot have a parameter in function returning void",
    );
  };
  const interpreter = new PlpgsqlInterpreter(frame, {
    done: (value) => value === undefined ? undefined : refuse(),
    next: refuse,
    rows: refuse,
  });
  yield* interpreter.block(block);
}

/** What a call gives back. */
class Results {
  readonly #frame: PlpgsqlFrame;
  readonly #call: RoutineCall;
  readonly #entry: RoutineEntry;
  readonly #take: (result: Nullable) => boolean;
  /** The parameters that are the result. */
  readonly #outputs: readonly Slot[];

  constructor(
    frame: PlpgsqlFrame,
    call: RoutineCall,
    take: (result: Nullable) => boolean,
  ) {
    this.#frame = frame;
    this.#call = call;
    this.#take = take;
    const entry = call.entry as RoutineEntry;
    this.#entry = entry;
    this.#outputs = frame.names.slots.slice(0, entry.parameters.length)
      .filter((_, i) => {
        const { mode } = entry.parameters[i]!;
        return mode === "out" || mode === "inout" || mode === "table";
      });
  }

  /** RETURN. */
  done(value: TypedValue | undefined): void {
    const { returnsSet } = this.#entry;
    if (returnsSet) return;
    if (value !== undefined && this.#outputs.length === 0) {
      if (this.#call.returnType.type === voidType) return void this.#take("");
      this.#take(this.#cast(value));
      return;
    }
    if (this.#outputs.length > 0) this.#take(this.#ofOutputs());
    else if (this.#call.returnType.type === voidType) this.#take("");
  }

  /** RETURN NEXT. */
  next(value: TypedValue | undefined): void {
    if (!this.#entry.returnsSet) {
      throw new SqlError(
        "42804",
        "cannot use RETURN NEXT in a non-SETOF function",
      );
    }
    this.#take(
      value === undefined || this.#outputs.length > 0
        ? this.#ofOutputs()
        : this.#cast(value),
    );
  }

  /** RETURN QUERY. */
  rows({ fields, rows }: QueryRows): void {
    if (!this.#entry.returnsSet) {
      throw new SqlError(
        "42804",
        "cannot use RETURN QUERY in a non-SETOF function",
      );
    }
    const wanted = this.#fields(fields);
    if (wanted.length !== fields.length) {
      throw new SqlError(
        "42804",
        "structure of query does not match function result type",
        {
          detail:
            `Number of returned columns (${fields.length}) does not match expected column count (${wanted.length}).`,
        },
      );
    }
    wanted.forEach(({ type }, i) => {
      const given = fields[i]!.type;
      if (given.type === type.type) return;
      throw new SqlError(
        "42804",
        "structure of query does not match function result type",
        {
          detail: `Returned type ${
            formatType(given)
          } does not match expected type ${formatType(type)} in column "${
            fields[i]!.name
          }" (position ${i + 1}).`,
        },
      );
    });
    const isRow = givesRows(this.#call) && this.#isExpanded(fields);
    for (const row of rows) {
      this.#take(isRow ? new SqlRow(wanted, row) : row[0] ?? null);
    }
  }

  #isExpanded(fields: QueryRows["fields"]): boolean {
    const only = fields[0]?.type.type;
    return !(fields.length === 1 && only === this.#call.returnType.type);
  }

  /** The columns that rows are to have. */
  #fields(given: QueryRows["fields"]): readonly RowField[] {
    const { returnType } = this.#call;
    if (!givesRows(this.#call) || !this.#isExpanded(given)) {
      return [{ name: "", type: returnType }];
    }
    return fieldsOfResult(this.#call) ??
      given.map(({ name, type }) => ({ name, type }));
  }

  /** The end was reached. */
  end(returned: boolean): void {
    if (returned || this.#entry.returnsSet) return;
    const isSilent = this.#outputs.length > 0 ||
      this.#call.returnType.type === voidType ||
      this.#entry.routine === "procedure";
    if (isSilent) return this.done(undefined);
    throw new SqlError(
      "2F005",
      "control reached end of function without RETURN",
    );
  }

  #ofOutputs(): Nullable {
    const values = this.#outputs.map(({ index }) => this.#frame.values[index]!);
    const { type } = this.#call.returnType;
    if (!isRowType(type)) return values[0] ?? null;
    const fields = fieldsOfResult(this.#call) ??
      this.#outputs.map(({ name, type }) => ({ name, type }));
    return new SqlRow(fields, values);
  }

  #cast({ value, type }: TypedValue): Nullable {
    const { returnType } = this.#call;
    const frame = this.#frame;
    if (isRowType(returnType.type) && value !== null) {
      if (!isRowType(type.type)) {
        throw new SqlError(
          "42804",
          "cannot return non-composite value from function returning composite type",
        );
      }
      const wanted = fieldsOfResult(this.#call);
      if (returnType.type === record && wanted === undefined) return value;
      requireFields(value as SqlRow, wanted!);
    }
    const { analyzeOptions } = frame.session;
    const fields = fieldsOfResult(this.#call);
    const target = returnType.type === record && fields !== undefined
      ? undefined
      : returnType;
    if (target === undefined) return value;
    const cast = variableCast(analyzeOptions, type, target);
    return cast === undefined ? value : cast(value, frame.environment);
  }
}

function requireFields(
  { fields }: SqlRow,
  wanted: readonly RowField[],
): void {
  const message = "returned record type does not match expected record type";
  if (fields.length !== wanted.length) {
    throw new SqlError("42804", message, {
      detail:
        `Number of returned columns (${fields.length}) does not match expected column count (${wanted.length}).`,
    });
  }
}
