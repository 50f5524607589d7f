/**
 * Calls: functions, and what SQL calls without parentheses.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { ResolvedFunction } from "../functions/registry.ts";
import { variadicCall } from "../functions/variadic_call.ts";
import type { CallSyntax, NiladicSyntax } from "../parser/expression_syntax.ts";
import type { DataType, TypeRef } from "../types/data_type.ts";
import { voidType } from "../types/pseudo_types.ts";
import { unknown } from "../types/text_types.ts";
import { callOfField } from "./functional_notation.ts";
import { bindAggregate } from "./bind_aggregate.ts";
import { builtInType } from "./bind_type.ts";
import { withCollation } from "./collations/collation_for.ts";
import type { Binding } from "./binding.ts";
import { withArgumentsInOrder } from "./named_arguments.ts";
import { bindWindowCall, requireOver } from "./bind_window.ts";
import type { BoundCall, BoundExpression } from "./bound_expression.ts";
import { isAggregateCall } from "./routines/resolve_aggregate.ts";
import { bindRangeCall } from "./ranges/bind_range_call.ts";
import { resolveRoutineCall } from "./routines/resolve_call.ts";
import { refuseSet, rowOfColumns } from "./set_calls.ts";
import { sequenceArgument } from "./sequences/sequence_argument.ts";

/** Schemas that functions can be in. */
const SCHEMAS: ReadonlySet<string> = new Set(["pg_catalog", "public"]);

/** A call with parentheses. */
export function bindCall(
  binding: Binding,
  written: CallSyntax,
): BoundExpression {
  const { schema, name, offset } = written;
  const { catalog } = binding.state.options;
  let syntax = withArgumentsInOrder(written);
  if (
    schema !== undefined && !SCHEMAS.has(schema) && !catalog.hasSchema(schema)
  ) {
    throw new SqlError("3F000", `schema "${schema}" does not exist`, {
      offset,
    });
  }
  refuseWithinGroup(binding, syntax);
  if (syntax.over !== undefined) return bindWindowCall(binding, syntax);
  if (isAggregateCall(binding, syntax) || syntax.withinGroup) {
    return bindAggregate(binding, syntax);
  }
  let args = syntax.args.map((arg) =>
    binding.bind(sequenceArgument(name, arg))
  );
  if (args.some(isVoidParameter)) {
    const given = syntax.args.filter((_, i) => !isVoidParameter(args[i]!));
    syntax = { ...syntax, args: given };
    args = args.filter((arg) => !isVoidParameter(arg));
  }
  if (syntax.filter !== undefined) {
    const filter = binding.within("FILTER", true, syntax.filter);
    binding.coercer.toBoolean(filter, "FILTER");
  }
  const routine = plainCall(syntax)
    ? resolveRoutineCall(binding, syntax, args)
    : undefined;
  if (routine !== undefined) return routine;
  if (syntax.isVariadic === true) return bindVariadic(binding, syntax, args);
  const range = bindRangeCall(binding, syntax, args);
  if (range !== undefined) return range;
  const cast = castCall(binding, syntax, args);
  if (cast !== undefined) return cast;
  requireOver(binding, syntax, args);
  let resolved: ResolvedFunction;
  try {
    resolved = resolveFunction(binding, syntax, args);
  } catch (error) {
    const field = callOfField(syntax, args);
    if (field !== undefined) return field;
    throw error;
  }
  refuseAggregateSyntax(syntax);
  const definition = resolved.function;
  if (definition.set !== undefined) refuseSet(binding, definition, offset);
  if (definition.async !== undefined && binding.place !== "SELECT") {
    throw new SqlError(
      "0A000",
      `function ${name} is not supported in ${binding.place}`,
      { offset },
    );
  }
  const coerced = args.map((arg, i) =>
    binding.coercer.implicit(arg, resolved.argumentTypes[i]!)
  );
  const call: BoundCall = {
    kind: "call",
    function: definition,
    args: name === "pg_collation_for" ? withCollation(coerced) : coerced,
    type: { type: definition.returnType, typmod: -1 },
    operator: undefined,
    offset,
  };
  return definition.set === undefined || binding.place === "functions in FROM"
    ? call
    : rowOfColumns(call);
}

/** A parameter declared as `void`: where JDBC wants a result, no argument. */
function isVoidParameter({ kind, type }: BoundExpression): boolean {
  return kind === "parameter" && type.type === voidType;
}

/** Whether a call has nothing that only aggregates and windows have. */
function plainCall(syntax: CallSyntax): boolean {
  return !syntax.star && !syntax.distinct && syntax.orderBy.length === 0 &&
    syntax.filter === undefined;
}

/** `f(a, VARIADIC array)` */
function bindVariadic(
  binding: Binding,
  syntax: CallSyntax,
  args: readonly BoundExpression[],
): BoundExpression {
  const { name, offset } = syntax;
  refuseAggregateSyntax(syntax);
  const array = binding.coercer.settleUnknown(args.at(-1)!);
  if (array.type.type.element === undefined) {
    throw new SqlError("42804", "VARIADIC argument must be an array", {
      offset: array.offset,
    });
  }
  const definition = variadicCall(
    binding.state.options.functions,
    name,
    args.map((arg) => arg.type.type),
    offset,
  );
  return {
    kind: "call",
    function: definition,
    args: args.map((arg, i) =>
      binding.coercer.implicit(arg, definition.argumentTypes[i]!)
    ),
    type: { type: definition.returnType, typmod: -1 },
    operator: undefined,
    offset,
  };
}

/**
 * WITHIN GROUP stands after the aggregates that want it, and after no other. As
 * in PostgreSQL its keys are arguments where the function is looked for.
 */
function refuseWithinGroup(binding: Binding, syntax: CallSyntax): void {
  const { name, withinGroup, args, orderBy, offset } = syntax;
  const { functions } = binding.state.options;
  const isOrdered = functions.isOrderedSet(name);
  const isSet = isOrdered || functions.hypothetical(name) !== undefined;
  if (withinGroup === isSet) return;
  if (!withinGroup && args.length === 0 && functions.isWindowFunction(name)) {
    return;
  }
  const keys = withinGroup ? orderBy.map(({ expression }) => expression) : [];
  const types = [...args, ...keys].map((part) =>
    binding.within(binding.place, true, part).type.type
  );
  if (isOrdered) functions.resolveOrderedSet(name, undefined, types, offset);
  else if (functions.isAggregate(name)) {
    functions.resolveAggregate(name, types, offset);
  } else if (!isSet && functions.isWindowFunction(name)) {
    functions.resolveWindowFunction(name, types, offset);
  } else if (!isSet) functions.resolveFunction(name, types, offset);
  throw new SqlError(
    "42809",
    isSet
      ? `WITHIN GROUP is required for ordered-set aggregate ${name}`
      : functions.isAggregate(name)
      ? `${name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP`
      : functions.isWindowFunction(name)
      ? `window function ${name} ${
        syntax.over === undefined
          ? "requires an OVER clause"
          : "cannot have WITHIN GROUP"
      }`
      : `WITHIN GROUP specified, but ${name} is not an aggregate function`,
    { offset },
  );
}

/** The function; an error names it as it was written, schema and all. */
function resolveFunction(
  binding: Binding,
  { schema, name, offset }: CallSyntax,
  args: readonly BoundExpression[],
): ResolvedFunction {
  const types = args.map((arg) => arg.type.type);
  const { functions, functionsOfSchema } = binding.state.options;
  const registry = schema === undefined || SCHEMAS.has(schema)
    ? functions
    : functionsOfSchema?.(schema) ?? functions;
  try {
    return registry.resolveFunction(name, types, offset);
  } catch (error) {
    if (!(error instanceof SqlError) || schema === undefined) throw error;
    throw new SqlError(
      error.code,
      error.message.replace("function ", `function ${schema}.`),
      {
        offset,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      },
    );
  }
}

/** `float8('1')`: the name of a type in the place of a function's. */
function castCall(
  binding: Binding,
  { name, schema, offset }: CallSyntax,
  args: readonly BoundExpression[],
): BoundExpression | undefined {
  const { functions, types, catalog } = binding.state.options;
  const [operand] = args;
  if (operand === undefined || args.length > 1) return undefined;
  // A literal of open type, or text, becomes one of the type, functions or not.
  const { type: given } = operand.type;
  const isText = given === unknown || given.category === "S";
  if (functions.isFunction(name) && !isText) return undefined;
  const own = (): DataType | undefined =>
    isText ? types.byOid(catalog.type(schema, name)?.id ?? 0) : undefined;
  const type = builtInType(binding.state.options, name, schema) ?? own();
  if (type === undefined) return undefined;
  const target = { type, typmod: -1 };
  return binding.coercer.coerce(operand, target, {
    context: "explicit",
    written: true,
    offset,
  });
}

function refuseAggregateSyntax(syntax: CallSyntax): void {
  const { name, offset } = syntax;
  const what = syntax.star
    ? `${name}(*)`
    : syntax.distinct
    ? "DISTINCT"
    : syntax.orderBy.length > 0
    ? "ORDER BY"
    : syntax.filter !== undefined
    ? "FILTER"
    : undefined;
  if (what === undefined) return;
  throw new SqlError(
    "42809",
    `${what} specified, but ${name} is not an aggregate function`,
    { offset },
  );
}

/** What each niladic function calls, and what its result is cast to. */
const NILADIC: ReadonlyMap<
  string,
  readonly [call: string, type: string | undefined]
> = new Map([
  ["current_timestamp", ["now", undefined]],
  ["localtimestamp", ["now", "timestamp"]],
  ["current_date", ["now", "date"]],
  ["current_time", ["now", "timetz"]],
  ["localtime", ["now", "time"]],
  ["current_user", ["current_user", undefined]],
  ["current_role", ["current_user", undefined]],
  ["user", ["current_user", undefined]],
  ["session_user", ["session_user", undefined]],
  ["current_catalog", ["current_database", undefined]],
  ["current_schema", ["current_schema", undefined]],
]);

/** A call without parentheses: `CURRENT_TIMESTAMP`. */
export function bindNiladic(
  binding: Binding,
  { name, precision, offset }: NiladicSyntax,
): BoundExpression {
  if (name === "merge_action") return bindMergeAction(binding, offset);
  const { functions, types } = binding.state.options;
  const [call, typeName] = NILADIC.get(name) ?? [name, undefined];
  const type = typeName === undefined ? undefined : types.byName(typeName);
  if (
    !functions.isFunction(call) || (typeName !== undefined && !type)
  ) {
    throw new SqlError("0A000", `${name.toUpperCase()} is not supported`, {
      offset,
    });
  }
  const { function: definition } = functions.resolveFunction(call, [], offset);
  const result: BoundExpression = {
    kind: "call",
    function: definition,
    args: [],
    type: { type: definition.returnType, typmod: -1 },
    operator: undefined,
    offset,
  };
  const target: TypeRef = {
    type: type ?? definition.returnType,
    typmod: precision,
  };
  const context = { context: "explicit", offset } as const;
  return binding.coercer.coerce(result, target, context) ?? result;
}

function bindMergeAction(
  { scope }: Binding,
  offset: number,
): BoundExpression {
  const found = scope.mergeAction;
  if (found !== undefined) return { ...found, offset };
  throw new SqlError(
    "42601",
    "MERGE_ACTION() can only be used in the RETURNING list of a MERGE command",
    { offset },
  );
}
