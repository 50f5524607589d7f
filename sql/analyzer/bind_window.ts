/**
 * Calls over windows, and what windows are: PARTITION BY, ORDER BY, a frame.
 *
 * A window that begins from another takes its partitions and its order; a name
 * alone (`OVER w`) takes its frame too.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { rangeOffset } from "../functions/window/range_offset.ts";
import type {
  CallSyntax,
  FrameBoundSyntax,
  FrameSyntax,
  WindowSyntax,
} from "../parser/expression_syntax.ts";
import type { DataType } from "../types/data_type.ts";
import { int8 } from "../types/int_types.ts";
import { isComparable, isOrdered } from "./bind_conditional.ts";
import type { Binding, BoundWindow, NamedWindows } from "./binding.ts";
import type {
  BoundExpression,
  BoundFrame,
  BoundFrameEnd,
  BoundOrder,
  BoundWindowCall,
  WindowCallee,
} from "./bound_expression.ts";
import { offsetOf } from "./coerce.ts";
import {
  isAggregateCall,
  resolveAggregateCall,
} from "./routines/resolve_aggregate.ts";
import {
  collatedAggregate,
  inOrderOf,
  sortCollation,
} from "./collations/collated.ts";
import { sortOrderOf } from "./sort_order.ts";
import { someExpression } from "./walk.ts";

/** `RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW`. */
const DEFAULT_FRAME: BoundFrame = {
  mode: "range",
  start: { kind: "unbounded_preceding", distance: undefined },
  end: { kind: "current_row", distance: undefined },
  exclude: "no_others",
  range: undefined,
};

/** `f(…) OVER …`. */
export function bindWindowCall(
  binding: Binding,
  syntax: CallSyntax,
): BoundExpression {
  const { name, offset, star, over } = syntax;
  if (syntax.withinGroup) {
    throw new SqlError(
      "0A000",
      `OVER is not supported for ordered-set aggregate ${name}`,
      { offset },
    );
  }
  const args = syntax.args.map((arg) => binding.bind(arg));
  const filter = syntax.filter === undefined
    ? undefined
    : binding.coercer.toBoolean(
      binding.within("FILTER", true, syntax.filter),
      "FILTER",
    );
  const { callee, argumentTypes, operands } = resolve(binding, syntax, args);
  refuseClauses(syntax, callee);
  if (callee.kind === "aggregate" && args.length === 0 && !star) {
    throw new SqlError(
      "42809",
      `${name}(*) must be used to call a parameterless aggregate function`,
      { offset },
    );
  }
  for (const part of filter === undefined ? args : [...args, filter]) {
    refuseWindowWithin(
      part,
      "42P20",
      "window function calls cannot be nested",
    );
  }
  refusePlace(binding, offset);
  const window = windowOf(binding, over!);
  const coerced = operands.map((arg, i) =>
    binding.coercer.implicit(arg, argumentTypes[i]!)
  );
  return {
    kind: "window",
    ...collatedCallee(callee, coerced),
    star,
    filter,
    partitionBy: window.partitionBy,
    orderBy: window.orderBy,
    frame: window.frame ?? DEFAULT_FRAME,
    type: { type: callee.definition.returnType, typmod: -1 },
    offset,
  };
}

/** `min` and `max` choose by the order of the collation. */
function collatedCallee(
  callee: WindowCallee,
  args: readonly BoundExpression[],
): Pick<BoundWindowCall, "callee" | "args"> {
  if (callee.kind !== "aggregate") return { callee, args };
  const [definition, ordered] = collatedAggregate(callee.definition, args);
  return { callee: { ...callee, definition }, args: ordered };
}

interface ResolvedCallee {
  readonly callee: WindowCallee;
  readonly argumentTypes: readonly DataType[];
  readonly operands: readonly BoundExpression[];
}

function resolve(
  binding: Binding,
  syntax: CallSyntax,
  args: readonly BoundExpression[],
): ResolvedCallee {
  const { name, offset } = syntax;
  const { functions } = binding.state.options;
  const types = args.map((arg) => arg.type.type);
  if (isAggregateCall(binding, syntax)) {
    const { aggregate: definition, argumentTypes } = resolveAggregateCall(
      binding,
      syntax,
      types,
    );
    const callee = { kind: "aggregate", definition } as const;
    return { callee, argumentTypes, operands: args };
  }
  if (!functions.isWindowFunction(name)) {
    functions.resolveFunction(name, types, offset);
    throw new SqlError(
      "42809",
      `OVER specified, but ${name} is not a window function nor an aggregate function`,
      { offset },
    );
  }
  const operands = withDefault(binding, args);
  const { function: definition, argumentTypes } = functions
    .resolveWindowFunction(
      name,
      operands.map((arg) => arg.type.type),
      offset,
    );
  const callee = { kind: "window_function", definition } as const;
  return { callee, argumentTypes, operands };
}

/** The value and the default of `lag` and `lead` have a type in common. */
function withDefault(
  { coercer }: Binding,
  args: readonly BoundExpression[],
): readonly BoundExpression[] {
  const [value, distance, otherwise] = args;
  if (otherwise === undefined || args.length > 3) return args;
  try {
    const [first, last] = coercer.toCommonType([value!, otherwise], "default");
    return [first!, distance!, last!];
  } catch (error) {
    // No such function, then: the resolution says so.
    if (error instanceof SqlError && error.code === "42804") return args;
    throw error;
  }
}

function refuseClauses(syntax: CallSyntax, callee: WindowCallee): void {
  const { distinct, orderBy, filter, offset } = syntax;
  const what = distinct
    ? "DISTINCT is not implemented for window functions"
    : orderBy.length > 0
    ? "aggregate ORDER BY is not implemented for window functions"
    : filter !== undefined && callee.kind === "window_function"
    ? "FILTER is not implemented for non-aggregate window functions"
    : undefined;
  if (what !== undefined) throw new SqlError("0A000", what, { offset });
}

function refusePlace({ place }: Binding, offset: number): void {
  if (place === "SELECT" || place === "ORDER BY") return;
  throw new SqlError(
    "42P20",
    `window functions are not allowed in ${
      place === "JOIN/ON" ? "JOIN conditions" : place
    }`,
    { offset },
  );
}

/** Refuses a call over a window in `part`. */
export function refuseWindowWithin(
  part: BoundExpression,
  code: string,
  message: string,
): void {
  someExpression(part, (each) => {
    if (each.kind !== "window") return false;
    throw new SqlError(code, message, { offset: each.offset });
  });
}

/**
 * Refuses a window function without OVER.
 *
 * @throws {SqlError} `42809`; `42883` when none takes such arguments.
 */
export function requireOver(
  { state }: Binding,
  { name, offset }: CallSyntax,
  args: readonly BoundExpression[],
): void {
  const { functions } = state.options;
  if (!functions.isWindowFunction(name)) return;
  const types = args.map((arg) => arg.type.type);
  functions.resolveWindowFunction(name, types, offset);
  throw new SqlError(
    "42809",
    `window function ${name} requires an OVER clause`,
    { offset },
  );
}

/** The windows that a query names, in order: one may begin from those before. */
export function bindNamedWindows(
  binding: Binding,
  windows: readonly WindowSyntax[],
): NamedWindows {
  const named = new Map<string, BoundWindow>();
  for (const window of windows) {
    const name = window.name!;
    if (named.has(name)) {
      throw new SqlError("42P20", `window "${name}" is already defined`, {
        offset: window.offset,
      });
    }
    named.set(name, defineWindow(binding, named, window));
  }
  return named;
}

/** What stands after OVER. */
function windowOf(binding: Binding, over: WindowSyntax): BoundWindow {
  const { name, offset } = over;
  if (name === undefined) return defineWindow(binding, binding.windows, over);
  return findWindow(binding.windows, name, offset);
}

function findWindow(
  windows: NamedWindows,
  name: string,
  offset: number,
): BoundWindow {
  const found = windows.get(name);
  if (found !== undefined) return found;
  throw new SqlError("42704", `window "${name}" does not exist`, { offset });
}

function defineWindow(
  binding: Binding,
  windows: NamedWindows,
  syntax: WindowSyntax,
): BoundWindow {
  const { base: name, offset } = syntax;
  const base = name === undefined
    ? undefined
    : findWindow(windows, name, offset);
  const ownPartition = syntax.partitionBy.map((item) =>
    partitionKey(binding, item)
  );
  const ownOrder = syntax.orderBy.map((item): BoundOrder => {
    const key = orderKey(binding, item.expression);
    const expression = inOrderOf(key, sortCollation(key));
    return { expression, ...sortOrderOf(item) };
  });
  if (base !== undefined) {
    const problem = ownPartition.length > 0
      ? `cannot override PARTITION BY clause of window "${name}"`
      : ownOrder.length > 0 && base.orderBy.length > 0
      ? `cannot override ORDER BY clause of window "${name}"`
      : base.frame !== undefined
      ? `cannot copy window "${name}" because it has a frame clause`
      : undefined;
    if (problem !== undefined) {
      const isBare = base.frame !== undefined && ownOrder.length === 0 &&
        ownPartition.length === 0 && syntax.frame === undefined &&
        syntax.name === undefined;
      throw new SqlError("42P20", problem, {
        offset,
        ...(isBare
          ? { hint: "Omit the parentheses in this OVER clause." }
          : {}),
      });
    }
  }
  const orderBy = base !== undefined && base.orderBy.length > 0
    ? base.orderBy
    : ownOrder;
  const { frame } = syntax;
  return {
    partitionBy: base?.partitionBy ?? ownPartition,
    orderBy,
    frame: frame && bindFrame(binding, frame, orderBy, offset),
  };
}

function windowPart(
  binding: Binding,
  syntax: Parameters<Binding["bind"]>[0],
): BoundExpression {
  const bound = binding.coercer.settleUnknown(binding.bind(syntax));
  refuseWindowWithin(
    bound,
    "42P20",
    "window functions are not allowed in window definitions",
  );
  return bound;
}

function partitionKey(
  binding: Binding,
  syntax: Parameters<Binding["bind"]>[0],
): BoundExpression {
  const bound = windowPart(binding, syntax);
  const { type } = bound.type;
  if (isComparable(binding, type)) return bound;
  throw new SqlError(
    "42883",
    `could not identify an equality operator for type ${type.displayName}`,
    { offset: offsetOf(bound) },
  );
}

function orderKey(
  binding: Binding,
  syntax: Parameters<Binding["bind"]>[0],
): BoundExpression {
  const bound = windowPart(binding, syntax);
  const { type } = bound.type;
  if (isOrdered(binding, type)) return bound;
  throw new SqlError(
    "42883",
    `could not identify an ordering operator for type ${type.displayName}`,
    {
      hint: "Use an explicit ordering operator or modify the query.",
      offset: offsetOf(bound),
    },
  );
}

function bindFrame(
  binding: Binding,
  { mode, start, end, exclude }: FrameSyntax,
  orderBy: readonly BoundOrder[],
  offset: number,
): BoundFrame {
  const hasDistance = start.distance !== undefined ||
    end.distance !== undefined;
  if (mode === "range" && hasDistance && orderBy.length !== 1) {
    throw new SqlError(
      "42P20",
      "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column",
      { offset },
    );
  }
  if (mode === "groups" && orderBy.length === 0) {
    throw new SqlError("42P20", "GROUPS mode requires an ORDER BY clause", {
      offset,
    });
  }
  const key = orderBy[0]?.expression.type.type;
  return {
    mode,
    start: bindEnd(binding, start, mode, key),
    end: bindEnd(binding, end, mode, key),
    exclude,
    range: mode === "range" && hasDistance ? rangeOffset(key!) : undefined,
  };
}

function bindEnd(
  binding: Binding,
  { kind, distance }: FrameBoundSyntax,
  mode: FrameSyntax["mode"],
  key: DataType | undefined,
): BoundFrameEnd {
  if (distance === undefined) return { kind, distance };
  const bound = binding.bind(distance);
  const what = mode.toUpperCase();
  const coerced = mode === "range"
    ? rangeDistance(binding, bound, key!)
    : binding.coercer.toType(bound, int8, what);
  someExpression(coerced, (part) => {
    if (part.kind !== "column") return false;
    throw new SqlError(
      "42P10",
      `argument of ${what} must not contain variables`,
      { offset: part.offset },
    );
  });
  return { kind, distance: coerced };
}

function rangeDistance(
  { coercer }: Binding,
  bound: BoundExpression,
  key: DataType,
): BoundExpression {
  const range = rangeOffset(key);
  const name = key.displayName;
  const unsupported =
    "RANGE with offset PRECEDING/FOLLOWING is not supported for column type";
  const offset = offsetOf(bound);
  if (range === undefined) {
    throw new SqlError("0A000", `${unsupported} ${name}`, { offset });
  }
  const target = { type: range.offsetType, typmod: -1 };
  const coerced = coercer.coerce(bound, target, { context: "implicit" });
  if (coerced !== undefined) return coerced;
  throw new SqlError(
    "0A000",
    `${unsupported} ${name} and offset type ${bound.type.type.displayName}`,
    { hint: "Cast the offset value to an appropriate type.", offset },
  );
}
