/**
 * Calls: functions, aggregates, and what SQL calls without parentheses.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { ResolvedFunction } from "../functions/registry.ts";
import type { CallSyntax, NiladicSyntax } from "../parser/expression_syntax.ts";
import type { DataType, TypeRef } from "../types/data_type.ts";
import type { Binding } from "./binding.ts";
import {
  bindWindowCall,
  refuseWindowWithin,
  requireOver,
} from "./bind_window.ts";
import { isComparable, isOrdered } from "./bind_conditional.ts";
import type { BoundExpression, BoundOrder } from "./bound_expression.ts";
import { offsetOf } from "./coerce.ts";
import { refuseSet, refuseSetWithin } from "./set_calls.ts";
import { sequenceArgument } from "./sequences/sequence_argument.ts";
import { sortOrderOf } from "./sort_order.ts";
import { sameExpression, someExpression } from "./walk.ts";

/** Schemas that functions can be in. */
const SCHEMAS: ReadonlySet<string> = new Set(["pg_catalog", "public"]);

/** A call with parentheses. */
export function bindCall(
  binding: Binding,
  syntax: CallSyntax,
): BoundExpression {
  const { schema, name, offset } = syntax;
  const { functions } = binding.state.options;
  if (schema !== undefined && !SCHEMAS.has(schema)) {
    throw new SqlError("3F000", `schema "${schema}" does not exist`, {
      offset,
    });
  }
  if (syntax.over !== undefined) return bindWindowCall(binding, syntax);
  if (functions.isAggregate(name)) return bindAggregate(binding, syntax);
  const args = syntax.args.map((arg) =>
    binding.bind(sequenceArgument(name, arg))
  );
  if (syntax.filter !== undefined) {
    const filter = binding.within("FILTER", true, syntax.filter);
    binding.coercer.toBoolean(filter, "FILTER");
  }
  const cast = castCall(binding, syntax, args);
  if (cast !== undefined) return cast;
  requireOver(binding, syntax, args);
  const resolved = resolveFunction(binding, syntax, args);
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
  return {
    kind: "call",
    function: definition,
    args: args.map((arg, i) =>
      binding.coercer.implicit(arg, resolved.argumentTypes[i]!)
    ),
    type: { type: definition.returnType, typmod: -1 },
    operator: undefined,
    offset,
  };
}

/** The function; an error names it as it was written, schema and all. */
function resolveFunction(
  binding: Binding,
  { schema, name, offset }: CallSyntax,
  args: readonly BoundExpression[],
): ResolvedFunction {
  const types = args.map((arg) => arg.type.type);
  try {
    return binding.state.options.functions.resolveFunction(name, types, offset);
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
  const { functions, types } = binding.state.options;
  const [operand] = args;
  if (operand === undefined || args.length > 1 || functions.isFunction(name)) {
    return undefined;
  }
  const type = types.byName(name, schema);
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

function bindAggregate(
  binding: Binding,
  syntax: CallSyntax,
): BoundExpression {
  const { name, offset, star, distinct } = syntax;
  const { functions } = binding.state.options;
  const args = syntax.args.map((arg) =>
    binding.within(binding.place, true, arg)
  );
  const filter = syntax.filter === undefined
    ? undefined
    : binding.coercer.toBoolean(
      binding.within("FILTER", true, syntax.filter),
      "FILTER",
    );
  const keys = syntax.orderBy.map((item): BoundOrder => ({
    expression: binding.coercer.settleUnknown(
      binding.within(binding.place, true, item.expression),
    ),
    ...sortOrderOf(item),
  }));
  const types = args.map((arg) => arg.type.type);
  const resolved = functions.resolveAggregate(name, types, offset);
  if (args.length === 0 && !star) {
    throw new SqlError(
      "42809",
      `${name}(*) must be used to call a parameterless aggregate function`,
      { offset },
    );
  }
  const parts = [...args, ...keys.map(({ expression }) => expression)];
  if (filter !== undefined) parts.push(filter);
  refuseMisplaced(binding, parts, offset);
  refuseOuter(parts, name, offset);
  const coerced = args.map((arg, i) =>
    binding.coercer.implicit(arg, resolved.argumentTypes[i]!)
  );
  if (distinct) requireEquality(binding, coerced.map(({ type }) => type.type));
  const orderBy = keys.map((key) =>
    checkOrder(binding, key, coerced, distinct)
  );
  const { aggregate } = resolved;
  return {
    kind: "aggregate",
    definition: aggregate,
    args: coerced,
    directCount: 0,
    star,
    distinct,
    filter,
    orderBy,
    type: { type: aggregate.returnType, typmod: -1 },
    offset,
  };
}

/** An aggregate stands neither in another nor where there are no groups. */
function refuseMisplaced(
  binding: Binding,
  parts: readonly BoundExpression[],
  offset: number,
): void {
  for (const part of parts) {
    refuseSetWithin(part, "aggregate function calls cannot contain");
    refuseWindowWithin(
      part,
      "42803",
      "aggregate function calls cannot contain window function calls",
    );
    const inner = findAggregate(part);
    if (inner !== undefined) {
      throw new SqlError(
        "42803",
        "aggregate function calls cannot be nested",
        { offset: inner.offset },
      );
    }
  }
  const { place } = binding;
  if (place === "SELECT" || place === "HAVING" || place === "ORDER BY") return;
  // A FILTER's own aggregates are refused by the aggregate around it.
  if (binding.insideAggregate && place !== "FILTER") return;
  throw new SqlError(
    "42803",
    `aggregate functions are not allowed in ${
      place === "JOIN/ON" ? "JOIN conditions" : place
    }`,
    { offset },
  );
}

/** An aggregate over columns of the query around alone is that one's. */
function refuseOuter(
  parts: readonly BoundExpression[],
  name: string,
  offset: number,
): void {
  const has = (kind: BoundExpression["kind"]): boolean =>
    parts.some((part) => someExpression(part, (each) => each.kind === kind));
  if (!has("outer") || has("column")) return;
  throw new SqlError(
    "0A000",
    `${name} of columns of the outer query is not supported in a subquery`,
    { offset },
  );
}

function findAggregate(
  expression: BoundExpression,
): { readonly offset: number } | undefined {
  let found: { readonly offset: number } | undefined;
  someExpression(expression, (part) => {
    if (part.kind === "aggregate") found = part;
    return found !== undefined;
  });
  return found;
}

/** An ordering key must sort, and under DISTINCT be one of the arguments. */
function checkOrder(
  binding: Binding,
  key: BoundOrder,
  args: readonly BoundExpression[],
  distinct: boolean,
): BoundOrder {
  const { expression } = key;
  const { type } = expression.type;
  const offset = offsetOf(expression);
  if (!isOrdered(binding, type)) {
    throw new SqlError(
      "42883",
      `could not identify an ordering operator for type ${type.displayName}`,
      {
        hint: "Use an explicit ordering operator or modify the query.",
        offset,
      },
    );
  }
  if (distinct && !args.some((arg) => sameExpression(arg, expression))) {
    throw new SqlError(
      "42P10",
      "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list",
      { offset },
    );
  }
  return key;
}

function requireEquality(binding: Binding, types: readonly DataType[]): void {
  for (const type of types) {
    if (isComparable(binding, type)) continue;
    throw new SqlError(
      "42883",
      `could not identify an equality operator for type ${type.displayName}`,
    );
  }
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

/** The alias of the relation whose column `merge_action()` is. */
export const MERGE_ACTION_RELATION = "merge_action()";

function bindMergeAction(
  { scope }: Binding,
  offset: number,
): BoundExpression {
  const found = scope.relations.find(({ alias }) =>
    alias === MERGE_ACTION_RELATION
  );
  if (found !== undefined) return { ...found.columns[0]!, offset };
  throw new SqlError(
    "42601",
    "MERGE_ACTION() can only be used in the RETURNING list of a MERGE command",
    { offset },
  );
}
