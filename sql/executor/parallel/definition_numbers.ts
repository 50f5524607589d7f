/**
 * Numbers of the definitions that every database has: functions, aggregates and
 * types are closures, which do not cross into another thread; their numbers do,
 * as both threads run the same code.
 *
 * @module
 */
import { stateAggregates } from "../../functions/aggregates/partial_aggregates.ts";
import { createFunctionRegistry } from "../../functions/default_registry.ts";
import type {
  AggregateDefinition,
  FunctionDefinition,
} from "../../functions/registry.ts";
import type { DataType } from "../../types/data_type.ts";
import { BUILTIN_TYPES } from "../../types/type_registry.ts";

/** A definition that has a number. */
export type NumberedDefinition =
  | FunctionDefinition
  | AggregateDefinition
  | DataType;

interface Numbered {
  readonly all: readonly NumberedDefinition[];
  readonly numbers: ReadonlyMap<unknown, number>;
}

let numbered: Numbered | undefined;

function known(): Numbered {
  if (numbered !== undefined) return numbered;
  const registry = createFunctionRegistry();
  const all: NumberedDefinition[] = [
    ...BUILTIN_TYPES,
    ...registry.functions(),
    ...registry.operators().map((operator) => operator.function),
    ...registry.aggregates(),
    ...stateAggregates,
  ];
  const numbers = new Map(
    all.map((definition, number) => [definition, number]),
  );
  return numbered = { all, numbers };
}

/** The number of a definition; absent: it is of one database. */
export function numberOf(definition: unknown): number | undefined {
  return known().numbers.get(definition);
}

/** The definition of that number. */
export function definitionAt(number: number): NumberedDefinition {
  return known().all[number]!;
}
