/**
 * The functions that an aggregate of the catalog is made of: found when it is
 * made, and again, by OID or name, in every call.
 *
 * @module
 */
import type { AggregatePart } from "../../catalog/aggregate_entry.ts";
import type { RoutineEntry } from "../../catalog/routine_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import {
  type FunctionDefinition,
  FunctionRegistry,
  type OperatorDefinition,
} from "../../functions/registry.ts";
import { findCast } from "../../types/cast.ts";
import type { DataType } from "../../types/data_type.ts";
import { isPolymorphic } from "../../types/pseudo_types.ts";
import { missingSchema } from "../bind_schema.ts";
import type { StatementState } from "../statement_state.ts";
import { routineFunction } from "./routine_function.ts";
import { isRoutineCandidate, routineCandidates } from "./routine_candidates.ts";
import { settledResult } from "./stored_type.ts";

const NO_FUNCTIONS = new FunctionRegistry();

/** A function that was found for a new aggregate. */
export interface FoundPart {
  readonly part: AggregatePart;
  readonly returnType: DataType;
  readonly strict: boolean;
}

/** A name as it is written. */
export interface PartName {
  readonly schema: string | undefined;
  readonly name: string;
}

/**
 * The function of that name that takes such arguments.
 *
 * @throws {SqlError} `42883`, `3F000`.
 */
export function findPart(
  state: StatementState,
  { schema, name }: PartName,
  types: readonly DataType[],
): FoundPart {
  const { catalog } = state.options;
  if (schema !== undefined && !catalog.hasSchema(schema)) {
    throw missingSchema(schema);
  }
  const registry = schema === undefined || schema === "pg_catalog"
    ? state.options.functions
    : NO_FUNCTIONS;
  const entries = catalog.routines(schema, name);
  const found = types.some(isPolymorphic)
    ? exactly(state, entries, registry, name, types)
    : resolved(state, entries, registry, name, types);
  if (found === undefined) {
    const shown = schema === undefined ? name : `${schema}.${name}`;
    const list = types.map(({ displayName }) => displayName).join(", ");
    throw new SqlError("42883", `function ${shown}(${list}) does not exist`);
  }
  const { definition, argumentTypes } = found;
  if (definition.set !== undefined || entryOf(definition)?.returnsSet) {
    throw new SqlError("42804", `function ${name} returns a set`);
  }
  const { returnType, strict } = definition;
  if (!argumentTypes.every((type, i) => isBinaryCoercible(types[i]!, type))) {
    throw new SqlError(
      "42804",
      `function ${name} requires run-time type coercion`,
    );
  }
  const id = entryOf(definition)?.id;
  return {
    part: id === undefined ? { name } : { name, id },
    returnType: types.some(isPolymorphic)
      ? returnType
      : settledResult(argumentTypes, types, returnType),
    strict,
  };
}

/**
 * The function of that name that is declared for exactly these types.
 *
 * @throws {SqlError} `42883`, `3F000`.
 */
export function declaredPart(
  state: StatementState,
  { schema, name }: PartName,
  types: readonly DataType[],
): FoundPart {
  const { catalog, functions } = state.options;
  if (schema !== undefined && !catalog.hasSchema(schema)) {
    throw missingSchema(schema);
  }
  const registry = schema === undefined || schema === "pg_catalog"
    ? functions
    : NO_FUNCTIONS;
  const found = exactly(
    state,
    catalog.routines(schema, name),
    registry,
    name,
    types,
  )?.definition ?? operatorFunction(registry, name, types)?.function;
  if (found === undefined) {
    const shown = schema === undefined ? name : `${schema}.${name}`;
    const list = types.map(({ displayName }) => displayName).join(", ");
    throw new SqlError("42883", `function ${shown}(${list}) does not exist`);
  }
  if (found.set !== undefined || entryOf(found)?.returnsSet === true) {
    throw new SqlError("42804", `function ${name} returns a set`);
  }
  const id = entryOf(found)?.id;
  const { returnType, strict } = found;
  return {
    part: id === undefined ? { name } : { name, id },
    returnType,
    strict,
  };
}

/** Whether values of a type are values of the other as they are. */
export function isBinaryCoercible(source: DataType, target: DataType): boolean {
  if (source === target || isPolymorphic(target)) return true;
  const cast = findCast(source, target);
  return cast?.context === "implicit" && cast.convert === undefined &&
    source.length === target.length;
}

/** A definition and what it takes. */
interface Resolved {
  readonly definition: FunctionDefinition;
  readonly argumentTypes: readonly DataType[];
}

function entryOf(definition: FunctionDefinition): RoutineEntry | undefined {
  return isRoutineCandidate(definition) ? definition.entry : undefined;
}

/** The function declared for these types, some of them polymorphic. */
function exactly(
  state: StatementState,
  entries: readonly RoutineEntry[],
  registry: FunctionRegistry,
  name: string,
  types: readonly DataType[],
): Resolved | undefined {
  const own = functionsOf(state, entries, types.length).map(({ item }) => item);
  const all: FunctionDefinition[] = [
    ...own,
    ...registry.functions().filter((each) => each.name === name),
  ];
  const definition = all.find(({ argumentTypes }) =>
    argumentTypes.length === types.length &&
    argumentTypes.every((type, i) => type === types[i])
  );
  return definition && { definition, argumentTypes: types };
}

function resolved(
  state: Pick<StatementState, "options">,
  entries: readonly RoutineEntry[],
  registry: FunctionRegistry,
  name: string,
  types: readonly DataType[],
): Resolved | undefined {
  const candidates = functionsOf(state, entries, types.length);
  try {
    const { function: definition, argumentTypes } = registry.resolveFunction(
      name,
      types,
      undefined,
      candidates,
    );
    return { definition, argumentTypes };
  } catch (error) {
    if (!(error instanceof SqlError) || error.code !== "42883") throw error;
  }
  const operator = operatorFunction(registry, name, types);
  return operator && {
    definition: operator.function,
    argumentTypes: [operator.left!, operator.right],
  };
}

function functionsOf(
  { options }: Pick<StatementState, "options">,
  entries: readonly RoutineEntry[],
  count: number,
): ReturnType<typeof routineCandidates> {
  return routineCandidates(
    options,
    entries.filter(({ routine }) => routine === "function"),
    { count, names: [], isVariadic: false, isCall: false },
  );
}

const OPERATORS: Readonly<Record<string, string>> = {
  pl: "+",
  mi: "-",
  mul: "*",
  div: "/",
  _add: "+",
  _sub: "-",
  _mul: "*",
  _div: "/",
  eq: "=",
  ne: "<>",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
  _eq: "=",
  _ne: "<>",
  _lt: "<",
  _le: "<=",
  _gt: ">",
  _ge: ">=",
  cat: "||",
  _concat: "||",
};

/** The operator whose function PostgreSQL calls `int4pl`, `numeric_add` … */
function operatorFunction(
  registry: FunctionRegistry,
  name: string,
  [left, right]: readonly DataType[],
): OperatorDefinition | undefined {
  if (left === undefined || left !== right || !name.startsWith(left.name)) {
    return undefined;
  }
  const symbol = OPERATORS[name.slice(left.name.length)];
  return symbol === undefined
    ? undefined
    : registry.exactOperator(symbol, left, right);
}

/**
 * The function as an aggregate calls it, with arguments of these types.
 *
 * @throws {SqlError} `0A000` where its body runs statements.
 */
export function callablePart(
  state: StatementState,
  part: AggregatePart,
  types: readonly DataType[],
): FunctionDefinition {
  const callable = calledFunction(state, part, types);
  if (callable.scalar !== undefined) return callable;
  throw new SqlError(
    "0A000",
    `function ${part.name} is not supported in aggregates`,
    {
      detail: "Its body runs statements.",
    },
  );
}

/** The function, by OID or name, with arguments of these types. */
export function calledFunction(
  state: Pick<StatementState, "options">,
  { name, id }: AggregatePart,
  types: readonly DataType[],
): FunctionDefinition {
  const { catalog, functions } = state.options;
  const entry = id === undefined ? undefined : catalog.byId(id);
  const found = id === undefined
    ? resolved(state, [], functions, name, types)
    : entry?.kind === "routine"
    ? resolved(state, [entry], NO_FUNCTIONS, entry.name, types)
    : undefined;
  if (found === undefined) {
    const list = types.map(({ displayName }) => displayName).join(", ");
    throw new SqlError("42883", `function ${name}(${list}) does not exist`);
  }
  const { definition, argumentTypes } = found;
  return isRoutineCandidate(definition)
    // Where defaults stand, nothing can be waited for either.
    ? routineFunction(state, definition, argumentTypes, "DEFAULT expressions")
    : definition;
}
