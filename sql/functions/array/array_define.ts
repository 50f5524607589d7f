/**
 * A short way to write functions over arrays of any type.
 *
 * @module
 */
import type { DataType } from "../../types/data_type.ts";
import { define, type DefineOptions } from "../define.ts";
import type { FunctionDefinition, ScalarForm } from "../definition.ts";

/** What a call with certain argument types is. */
export interface Specialized {
  /** The type of the result. */
  readonly returns: DataType;
  /** The definition. */
  readonly scalar: ScalarForm;
}

/** A function of polymorphic arguments; `returns` is what it declares. */
export function polymorphic(
  name: string,
  declared: readonly DataType[],
  returns: DataType,
  make: (types: readonly DataType[]) => Specialized,
  options: DefineOptions = {},
): FunctionDefinition {
  return {
    ...define(name, declared, returns, () => null, options),
    specialize(types): FunctionDefinition {
      const made = make(types);
      return define(name, types, made.returns, made.scalar, options);
    },
  };
}

/** A function of polymorphic arguments whose result has a type of its own. */
export function polymorphicTo(
  name: string,
  declared: readonly DataType[],
  returns: DataType,
  make: (types: readonly DataType[]) => ScalarForm,
  options: DefineOptions = {},
): FunctionDefinition {
  return polymorphic(
    name,
    declared,
    returns,
    (types) => ({ returns, scalar: make(types) }),
    options,
  );
}
