/**
 * `f(a, VARIADIC array)`: the elements of an array as a function's last
 * arguments, as many as there are in each row.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { SqlArray } from "../types/array/array_value.ts";
import type { DataType, Nullable } from "../types/data_type.ts";
import type { FunctionContext, FunctionDefinition } from "./definition.ts";
import type { FunctionRegistry } from "./registry.ts";

/**
 * The function that takes the array; `types` are those of the arguments as
 * written, the array's last.
 *
 * @throws {SqlError} `42883` when no such function takes any number of
 * arguments.
 */
export function variadicCall(
  registry: FunctionRegistry,
  name: string,
  types: readonly DataType[],
  offset: number,
): FunctionDefinition {
  const array = types.at(-1)!;
  const fixed = types.slice(0, -1);
  const isVariadic = registry.functions().some((each) =>
    each.name === name && each.variadic === true &&
    each.argumentTypes.length === types.length
  );
  if (!isVariadic) throw noFunction(name, types, offset);
  const ofCount = (count: number): FunctionDefinition =>
    registry.resolveFunction(name, [
      ...fixed,
      ...new Array<DataType>(count).fill(array.element!),
    ], offset).function;
  const known = new Map<number, FunctionDefinition>();
  const one = ofCount(1);
  const definitionOf = (count: number): FunctionDefinition => {
    if (count < 2) return one;
    let definition = known.get(count);
    if (definition === undefined) known.set(count, definition = ofCount(count));
    return definition;
  };
  return {
    name,
    argumentTypes: [...one.argumentTypes.slice(0, fixed.length), array],
    returnType: one.returnType,
    strict: false,
    volatility: one.volatility,
    deparse: (args) =>
      `${name}(${
        [...args.slice(0, -1), `VARIADIC ${args.at(-1)}`].join(", ")
      })`,
    scalar: (args, context) => {
      const list = args.at(-1) as SqlArray | null;
      if (list === null) return null;
      const all = [...args.slice(0, -1), ...list.elements];
      return apply(definitionOf(list.elements.length), all, context);
    },
  };
}

function apply(
  { scalar, strict }: FunctionDefinition,
  args: readonly Nullable[],
  context: FunctionContext,
): Nullable {
  return strict && args.includes(null) ? null : scalar!(args, context);
}

function noFunction(
  name: string,
  types: readonly DataType[],
  offset: number,
): SqlError {
  const list = types.map((type) => type.displayName).join(", ");
  return new SqlError("42883", `function ${name}(${list}) does not exist`, {
    hint: "No function matches the given name and argument types. " +
      "You might need to add explicit type casts.",
    offset,
  });
}
