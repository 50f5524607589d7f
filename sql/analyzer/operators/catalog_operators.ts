/**
 * The operators and casts of a catalog as candidates beside those that every
 * database has.
 *
 * @module
 */
import type { CatalogView, OperatorEntry } from "../../catalog/entries.ts";
import { castName } from "../../catalog/operators/cast_entry.ts";
import { operandsOf } from "../../catalog/operators/operator_entry.ts";
import {
  type CatalogOperators,
  type FunctionDefinition,
  FunctionRegistry,
  type OperatorDefinition,
} from "../../functions/registry.ts";
import { qualifiedOperator } from "./own_operator.ts";
import type { DataType } from "../../types/data_type.ts";
import { isPolymorphic } from "../../types/pseudo_types.ts";
import { calledFunction } from "../routines/aggregate_part.ts";
import { storedType } from "../routines/stored_type.ts";
import type { AnalyzeOptions } from "../statement_state.ts";

const registries = new WeakMap<CatalogView, FunctionRegistry>();

/** The functions of a statement: with the operators and casts of its catalog. */
export function functionsWith(options: AnalyzeOptions): FunctionRegistry {
  const { catalog, functions } = options;
  if (!catalog.hasOperators) return functions;
  let registry = registries.get(catalog);
  if (registry === undefined) {
    registry = new FunctionRegistry(functions, new OwnOperators(options));
    registries.set(catalog, registry);
  }
  return registry;
}

/** What a catalog has. */
class OwnOperators implements CatalogOperators {
  readonly #options: AnalyzeOptions;
  readonly #known = new Map<OperatorEntry, OperatorDefinition>();

  constructor(options: AnalyzeOptions) {
    this.#options = options;
  }

  operators(
    schema: string | undefined,
    name: string,
  ): readonly OperatorDefinition[] {
    return this.#options.catalog.operators(schema, name).map((entry) => {
      let known = this.#known.get(entry);
      if (known === undefined) {
        this.#known.set(entry, known = operatorOf(this.#options, entry));
      }
      return known;
    });
  }

  casts = (source: DataType, target: DataType): boolean =>
    this.#options.catalog.casts.get(castName(source.oid, target.oid))
      ?.context === "implicit";
}

/** An operator of the catalog, which calls its function. */
function operatorOf(
  options: AnalyzeOptions,
  entry: OperatorEntry,
): OperatorDefinition {
  const typeOf = (oid: number): DataType =>
    storedType(options, { oid, typmod: -1 }).type;
  const left = entry.left === 0 ? undefined : typeOf(entry.left);
  const right = typeOf(entry.right);
  const declared = left === undefined ? [right] : [left, right];
  const specialize = (types: readonly DataType[]): FunctionDefinition => ({
    ...calledFunction({ options }, entry.function, types),
    deparse: (args) => writtenOperator(entry, args),
  });
  const { id, schema } = entry;
  return {
    name: entry.name,
    ...left !== undefined && { left },
    right,
    entry: { id, schema },
    function: declared.some(isPolymorphic)
      ? {
        name: entry.name,
        argumentTypes: declared,
        returnType: typeOf(entry.result),
        strict: false,
        volatility: "volatile",
        specialize,
      }
      : specialize(declared),
  };
}

/** A use of it as SQL that means it in any search path. */
function writtenOperator(
  { schema, name }: OperatorEntry,
  args: readonly string[],
): string {
  const operator = qualifiedOperator(schema, name);
  return args.length === 1
    ? `(${operator} ${args[0]})`
    : `(${args[0]} ${operator} ${args[1]})`;
}

/** The operator of a schema for exactly these operands. */
export function exactOwnOperator(
  catalog: CatalogView,
  schema: string | undefined,
  name: string,
  operands: Pick<OperatorEntry, "left" | "right">,
): OperatorEntry | undefined {
  const wanted = operandsOf(operands);
  return catalog.operators(schema, name)
    .find((each) => operandsOf(each) === wanted);
}
