/**
 * Which aggregate a call means: one of the registry, or of the catalog.
 *
 * @module
 */
import type { RoutineEntry } from "../../catalog/routine_entry.ts";
import type {
  AggregateDefinition,
  ResolvedAggregate,
} from "../../functions/registry.ts";
import { FunctionRegistry } from "../../functions/registry.ts";
import type { Candidate } from "../../functions/resolution.ts";
import type { CallSyntax } from "../../parser/expression_syntax.ts";
import type { DataType } from "../../types/data_type.ts";
import type { Binding } from "../binding.ts";
import { routineAggregate } from "./routine_aggregate.ts";
import { routineCandidates } from "./routine_candidates.ts";

const NO_FUNCTIONS = new FunctionRegistry();

/** The schemas whose aggregates are those of the registry. */
const REGISTRY_SCHEMAS: readonly (string | undefined)[] = [
  undefined,
  "pg_catalog",
  "public",
];

/** The aggregates of the catalog that have the name of a call. */
function aggregatesNamed(
  { state }: Binding,
  { schema, name }: CallSyntax,
): readonly RoutineEntry[] {
  return state.options.catalog.routines(schema, name)
    .filter(({ routine }) => routine === "aggregate");
}

/** Whether a call is that of an aggregate. */
export function isAggregateCall(
  binding: Binding,
  syntax: CallSyntax,
): boolean {
  const { functions } = binding.state.options;
  const { schema, name, args } = syntax;
  if (REGISTRY_SCHEMAS.includes(schema) && functions.isAggregate(name)) {
    return true;
  }
  const entries = aggregatesNamed(binding, syntax);
  if (entries.length === 0) return false;
  const all = binding.state.options.catalog.routines(schema, name);
  // A function and an aggregate may share a name.
  return all.length === entries.length ||
    entries.some(({ parameters }) => parameters.length === args.length);
}

/** The aggregate that a call means, with arguments of these types. */
export function resolveAggregateCall(
  binding: Binding,
  syntax: CallSyntax,
  types: readonly DataType[],
): ResolvedAggregate {
  const { state } = binding;
  const { schema, name, offset } = syntax;
  const candidates = routineCandidates(
    state.options,
    aggregatesNamed(binding, syntax),
    { count: types.length, names: [], isVariadic: false, isCall: false },
  ).map(({ item, types: declared }): Candidate<AggregateDefinition> => ({
    types: declared,
    item: {
      name,
      argumentTypes: declared,
      returnType: item.returnType,
      strict: false,
      create: (): never => {
        throw new TypeError("an aggregate of the catalog is made for its call");
      },
      specialize: (actual) =>
        routineAggregate(state, item.entry, { declared, actual, offset }),
    },
  }));
  const registry = REGISTRY_SCHEMAS.includes(schema)
    ? state.options.functions
    : NO_FUNCTIONS;
  return registry.resolveAggregate(name, types, offset, candidates);
}
