/**
 * Functions under the names that they have in PostgreSQL's catalog alone: those
 * behind operators, casts' comparisons, `min` and `max` (`int4pl`, `texteq`,
 * `btint4cmp`, `int4larger`). Aggregates of users are made of them.
 *
 * They are made when a name is asked for that nothing else has.
 *
 * @module
 */
import { int4 } from "../types/int_types.ts";
import type { DataType, SqlValue } from "../types/data_type.ts";
import { binary } from "./define.ts";
import type { FunctionDefinition, OperatorDefinition } from "./definition.ts";
import { hashFunctions } from "./hash_functions.ts";
import {
  ALIAS_NAMES,
  COMPARE_NAMES,
  LARGER_NAMES,
  OPERATOR_NAMES,
} from "./operator_names.ts";

function wordsOf(table: string): string[] {
  return table.trim().split(/\s+/);
}

/** One key for a symbol between types. */
function keyOf(
  left: string | undefined,
  symbol: string,
  right: string,
): string {
  return `${left ?? ""}${symbol}${right}`;
}

function renamed(
  definition: FunctionDefinition,
  name: string,
): FunctionDefinition {
  const { specialize, deparse: _, ...rest } = definition;
  return {
    ...rest,
    name,
    ...(specialize === undefined ? {} : {
      specialize: (types): FunctionDefinition =>
        renamed(specialize(types), name),
    }),
  };
}

/** The functions behind operators. */
function* operatorFunctions(
  operators: Iterable<OperatorDefinition>,
): Iterable<FunctionDefinition> {
  const known = new Map<string, FunctionDefinition>();
  for (const { name, left, right, function: form } of operators) {
    known.set(keyOf(left?.name, name, right.name), form);
  }
  for (const word of wordsOf(OPERATOR_NAMES)) {
    const colon = word.indexOf(":");
    const form = known.get(word.slice(colon + 1));
    if (form !== undefined) yield renamed(form, word.slice(0, colon));
  }
}

/** What `min`, `max` and indexes compare with. */
function* orderFunctions(
  types: ReadonlyMap<string, DataType>,
): Iterable<FunctionDefinition> {
  for (const word of wordsOf(LARGER_NAMES)) {
    const [larger, typeName] = word.split(":") as [string, string];
    const type = types.get(typeName);
    if (type === undefined) continue;
    const smaller = larger.replace("larger", "smaller");
    const both = [type, type] as const;
    const compare = (a: SqlValue, b: SqlValue): number => type.compare(a, b);
    yield binary(larger, both, type, (a, b) => compare(a, b) > 0 ? a : b);
    yield binary(smaller, both, type, (a, b) => compare(a, b) < 0 ? a : b);
  }
  for (const word of wordsOf(COMPARE_NAMES)) {
    const [name, typeName] = word.split(":") as [string, string];
    const type = types.get(typeName);
    if (type === undefined) continue;
    yield binary(
      name,
      [type, type],
      int4,
      (a, b) => Math.sign(type.compare(a, b)),
    );
  }
}

/** Functions under a second name. */
function* aliases(
  functions: ReadonlyMap<string, readonly FunctionDefinition[]>,
): Iterable<FunctionDefinition> {
  for (const word of wordsOf(ALIAS_NAMES)) {
    const [name, original, typeNames] = word.split(/[=:]/) as string[];
    const form = functions.get(original!)?.find(({ argumentTypes }) =>
      argumentTypes.map((type) => type.name).join() === typeNames
    );
    if (form !== undefined) yield renamed(form, name!);
  }
}

/** All of them, by name. */
export function namedOperators(
  functions: ReadonlyMap<string, readonly FunctionDefinition[]>,
  operators: readonly OperatorDefinition[],
): ReadonlyMap<string, readonly FunctionDefinition[]> {
  const types = new Map<string, DataType>();
  for (const { right } of operators) types.set(right.name, right);
  const made = new Map<string, FunctionDefinition[]>();
  for (
    const definition of [
      ...operatorFunctions(operators),
      ...orderFunctions(types),
      ...aliases(functions),
      ...hashFunctions(types),
    ]
  ) {
    // A name that is known otherwise keeps its meaning.
    if (functions.has(definition.name)) continue;
    const list = made.get(definition.name);
    if (list === undefined) made.set(definition.name, [definition]);
    else list.push(definition);
  }
  return made;
}
