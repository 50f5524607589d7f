/**
 * Aggregates: `sum(a)`, `percentile_cont(0.5) WITHIN GROUP (ORDER BY a)`.
 *
 * One over columns of a query around alone is that query's: within the subquery
 * it is a value from outside, as a column is.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { CallSyntax } from "../parser/expression_syntax.ts";
import type { DataType } from "../types/data_type.ts";
import type { Binding } from "./binding.ts";
import { isComparable, isOrdered } from "./bind_conditional.ts";
import { refuseWindowWithin } from "./bind_window.ts";
import type {
  BoundAggregate,
  BoundExpression,
  BoundOrder,
} from "./bound_expression.ts";
import {
  collatedAggregate,
  inOrderOf,
  sortCollation,
} from "./collations/collated.ts";
import { offsetOf } from "./coerce.ts";
import { resolveAggregateCall } from "./routines/resolve_aggregate.ts";
import type { Scope } from "./scope.ts";
import { refuseSetWithin } from "./set_calls.ts";
import { sortOrderOf } from "./sort_order.ts";
import { replaceExpressions, sameExpression, someExpression } from "./walk.ts";

/** The parts of a call, bound. */
interface AggregateParts {
  readonly args: readonly BoundExpression[];
  readonly filter: BoundExpression | undefined;
  readonly keys: readonly BoundOrder[];
}

/** An aggregate, of this query or of one around it. */
export function bindAggregate(
  binding: Binding,
  syntax: CallSyntax,
): BoundExpression {
  const marks = capturesAround(binding.scope);
  const parts = bindParts(binding, syntax);
  const aggregate = syntax.withinGroup
    ? orderedSet(binding, syntax, parts)
    : plainAggregate(binding, syntax, parts);
  const expressions = [
    ...parts.args,
    ...parts.keys.map((key) => key.expression),
  ];
  if (parts.filter !== undefined) expressions.push(parts.filter);
  refuseNested(expressions);
  if (isOfQueryAround(expressions)) {
    return lift(binding.scope, aggregate, marks);
  }
  refusePlace(binding, syntax.offset);
  return aggregate;
}

function bindParts(binding: Binding, syntax: CallSyntax): AggregateParts {
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
  return { args, filter, keys };
}

function plainAggregate(
  binding: Binding,
  syntax: CallSyntax,
  { args, filter, keys }: AggregateParts,
): BoundAggregate {
  const { name, offset, star, distinct } = syntax;
  const types = args.map((arg) => arg.type.type);
  const resolved = resolveAggregateCall(binding, syntax, types);
  if (args.length === 0 && !star) {
    throw new SqlError(
      "42809",
      `${name}(*) must be used to call a parameterless aggregate function`,
      { offset },
    );
  }
  const coerced = args.map((arg, i) =>
    binding.coercer.implicit(arg, resolved.argumentTypes[i]!)
  );
  if (distinct) requireEquality(binding, coerced.map(({ type }) => type.type));
  const [aggregate, ordered] = collatedAggregate(resolved.aggregate, coerced);
  return {
    kind: "aggregate",
    definition: aggregate,
    args: ordered,
    directCount: 0,
    star,
    distinct,
    filter,
    orderBy: keys.map((key) => checkOrder(binding, key, coerced, distinct)),
    type: { type: aggregate.returnType, typmod: -1 },
    offset,
  };
}

/** An aggregate over the rows of WITHIN GROUP. */
function orderedSet(
  binding: Binding,
  syntax: CallSyntax,
  { args, filter, keys }: AggregateParts,
): BoundAggregate {
  const { functions } = binding.state.options;
  const { name, offset } = syntax;
  for (const key of keys) checkOrder(binding, key, [], false);
  const common = {
    kind: "aggregate",
    directCount: args.length,
    star: false,
    distinct: false,
    filter,
    offset,
  } as const;
  if (functions.hypothetical(name) !== undefined) {
    return { ...common, ...hypothetical(binding, syntax, args, keys) };
  }
  const all = [...args, ...keys.map(({ expression }) => expression)];
  const types = all.map(({ type }) => type.type);
  const { aggregate, argumentTypes } = functions.resolveOrderedSet(
    name,
    args.length,
    types,
    offset,
  );
  const coerced = all.map((each, i) =>
    binding.coercer.implicit(each, argumentTypes[i]!)
  );
  return {
    ...common,
    definition: aggregate,
    args: coerced,
    orderBy: keys.map((key, i) => collatedKey(key, coerced[args.length + i]!)),
    type: { type: aggregate.returnType, typmod: -1 },
  };
}

/** An aggregate that says where the direct arguments would stand. */
function hypothetical(
  binding: Binding,
  { name, offset }: CallSyntax,
  args: readonly BoundExpression[],
  keys: readonly BoundOrder[],
): Pick<BoundAggregate, "definition" | "args" | "orderBy" | "type"> {
  const definition = binding.state.options.functions.hypothetical(name)!;
  if (args.length !== keys.length) {
    const types = [...args, ...keys.map(({ expression }) => expression)]
      .map(({ type }) => type.type.displayName);
    throw new SqlError(
      "42883",
      `function ${name}(${types.join(", ")}) does not exist`,
      {
        hint: `To use the hypothetical-set aggregate ${name}, the number of ` +
          `hypothetical direct arguments (here ${args.length}) must match the ` +
          `number of ordering columns (here ${keys.length}).`,
        offset,
      },
    );
  }
  const pairs = keys.map(({ expression }, i) =>
    binding.coercer.toCommonType([expression, args[i]!], "WITHIN GROUP")
  );
  const ordered = pairs.map(([value]) => value!);
  const setKeys = keys.map(({ descending, nullsFirst }, i) => ({
    type: ordered[i]!.type.type,
    descending,
    nullsFirst,
  }));
  const { returnType } = definition;
  return {
    definition: {
      name,
      argumentTypes: [...setKeys, ...setKeys].map(({ type }) => type),
      returnType,
      strict: false,
      create: () => definition.create(setKeys),
    },
    args: [...pairs.map(([, direct]) => direct!), ...ordered],
    orderBy: keys.map((key, i) => ({ ...key, expression: ordered[i]! })),
    type: { type: returnType, typmod: -1 },
  };
}

/** How much the frames around have captured, the innermost first. */
function capturesAround(scope: Scope): readonly number[] {
  const marks: number[] = [];
  for (
    let parent = scope.parent;
    parent !== undefined;
    parent = parent.scope.parent
  ) marks.push(parent.frame?.captures.length ?? 0);
  return marks;
}

/** Whether the columns in the parts are all of queries around. */
function isOfQueryAround(parts: readonly BoundExpression[]): boolean {
  const has = (kind: BoundExpression["kind"]): boolean =>
    parts.some((part) => someExpression(part, (each) => each.kind === kind));
  return has("outer") && !has("column");
}

/**
 * An aggregate as the query whose columns it is over has it, captured by those
 * within. `marks` are what the frames had captured before its parts were bound:
 * what came since was for them alone.
 */
function lift(
  scope: Scope,
  aggregate: BoundAggregate,
  marks: readonly number[],
): BoundExpression {
  const { parent } = scope;
  const frame = parent?.frame;
  if (parent === undefined || frame === undefined) {
    // A query that captures nothing of its own: it is of the one around.
    if (parent !== undefined) {
      return lift(parent.scope, aggregate, marks.slice(1));
    }
    throw new SqlError(
      "0A000",
      `${aggregate.definition.name} over values from elsewhere is not supported`,
      { offset: aggregate.offset },
    );
  }
  const outside = replaceExpressions(
    aggregate,
    (part) =>
      part.kind === "outer"
        ? frame.captures.find(({ slot }) => slot === part.slot)?.expression
        : undefined,
  );
  frame.release(marks[0]!);
  if (outside.kind !== "aggregate") return outside;
  const isFurther = isOfQueryAround([outside]);
  if (!isFurther) {
    const { place, insideAggregate } = frame;
    refusePlace({ place, insideAggregate }, aggregate.offset);
  }
  return frame.capture(
    isFurther ? lift(parent.scope, outside, marks.slice(1)) : outside,
  );
}

/** An aggregate stands in no other. */
function refuseNested(parts: readonly BoundExpression[]): void {
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
}

/** An aggregate stands where there are groups. */
function refusePlace(
  { place, insideAggregate }: Pick<Binding, "place" | "insideAggregate">,
  offset: number,
): void {
  if (place === "SELECT" || place === "HAVING" || place === "ORDER BY") return;
  // A FILTER's own aggregates are refused by the aggregate around it.
  if (insideAggregate && place !== "FILTER") return;
  throw new SqlError(
    "42803",
    place === "FROM"
      ? "aggregate functions are not allowed in FROM clause of their own query level"
      : `aggregate functions are not allowed in ${
        place === "JOIN/ON" ? "JOIN conditions" : place
      }`,
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
  const isArgument = args.some((arg) =>
    sameExpression(arg, expression) ||
    arg.kind === "cast" && arg.context !== "explicit" &&
      sameExpression(arg.operand, expression)
  );
  if (distinct && !isArgument) {
    throw new SqlError(
      "42P10",
      "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list",
      { offset },
    );
  }
  return collatedKey(key, expression);
}

/** The key with its expression in the order of its collation. */
function collatedKey(
  key: BoundOrder,
  expression: BoundExpression,
): BoundOrder {
  const collation = sortCollation(expression);
  return { ...key, expression: inOrderOf(expression, collation) };
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
