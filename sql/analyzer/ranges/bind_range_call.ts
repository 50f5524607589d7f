/**
 * `floatrange(1, 2)`: the functions that make ranges of a type of the database,
 * which have the type's name.
 *
 * @module
 */
import { FunctionRegistry } from "../../functions/registry.ts";
import {
  multirangeConstructors,
  rangeConstructors,
} from "../../functions/range/range_functions.ts";
import type { CallSyntax } from "../../parser/expression_syntax.ts";
import type { DataType } from "../../types/data_type.ts";
import { unknown } from "../../types/text_types.ts";
import type { Binding } from "../binding.ts";
import type { BoundExpression } from "../bound_expression.ts";
import { qualifiedName } from "../name_references.ts";

const registries = new WeakMap<DataType, FunctionRegistry>();

/** The functions that make values of a type. */
function makersOf(type: DataType): FunctionRegistry {
  let registry = registries.get(type);
  if (registry === undefined) {
    registries.set(type, registry = new FunctionRegistry());
    registry.registerFunctions(
      type.range === undefined
        ? multirangeConstructors(type)
        : rangeConstructors(type),
    );
  }
  return registry;
}

/** The call, where its name is that of a range type of the database. */
export function bindRangeCall(
  binding: Binding,
  { schema, name, offset }: CallSyntax,
  args: readonly BoundExpression[],
): BoundExpression | undefined {
  const { state, coercer } = binding;
  const { catalog, types, functions } = state.options;
  if (functions.isFunction(name) && schema === undefined) return undefined;
  const entry = catalog.type(schema, name);
  if (entry?.kind !== "range" && entry?.kind !== "multirange") return undefined;
  const type = types.byOid(entry.id)!;
  // One text is the range's own.
  const isText = args.length === 1 && args[0]!.type.type === unknown;
  if (isText) return undefined;
  const registry = makersOf(type);
  const [first] = registry.functions();
  const resolved = registry.resolveFunction(
    first!.name,
    args.map((arg) => arg.type.type),
    offset,
  );
  const { id } = entry;
  state.references?.type({
    offset,
    id,
    schema: entry.schema,
    name: entry.name,
  });
  return {
    kind: "call",
    function: {
      ...resolved.function,
      deparse: (texts) => `${qualifiedName(entry)}(${texts.join(", ")})`,
    },
    args: args.map((arg, i) =>
      coercer.implicit(arg, resolved.argumentTypes[i]!)
    ),
    type: { type, typmod: -1 },
    operator: undefined,
    offset,
  };
}
