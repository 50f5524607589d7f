/**
 * The loops of PL/pgSQL. Each round looks whether the statement is to stop.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import type {
  CodeText,
  PlpgsqlStatement,
} from "../../../parser/plpgsql/plpgsql_syntax.ts";
import type { Nullable } from "../../../types/data_type.ts";
import { int4 } from "../../../types/int_types.ts";
import { SqlArray } from "../../../types/array/array_value.ts";
import { variableCast } from "../value_cast.ts";
import { wait, type Work } from "../drive.ts";
import { cursorRows } from "./plpgsql_cursors.ts";
import type { PlpgsqlFrame, QueryRows } from "./plpgsql_frame.ts";
import { dynamicStatement, storeRow } from "./plpgsql_rows.ts";

/** Where control goes that does not go on. */
export interface Signal {
  readonly kind: "return" | "exit" | "continue";
  readonly label: string | undefined;
}

/** What runs the bodies of loops. */
export interface LoopRunner {
  readonly frame: PlpgsqlFrame;
  statements(
    statements: readonly PlpgsqlStatement[],
  ): Work<Signal | undefined>;
}

/** A loop. */
export type PlpgsqlLoop = Extract<
  PlpgsqlStatement,
  {
    kind:
      | "loop"
      | "while"
      | "for_integer"
      | "for_query"
      | "for_execute"
      | "foreach";
  }
>;

/** What a round asks for: the next one, or an end with a signal for outside. */
type Outcome = "next" | { readonly signal: Signal | undefined };

/** Runs a loop. */
export function* runLoop(
  runner: LoopRunner,
  loop: PlpgsqlLoop,
): Work<Signal | undefined> {
  const { frame } = runner;
  const outer = frame.scope;
  try {
    switch (loop.kind) {
      case "loop":
        for (;;) {
          const outcome = yield* round(runner, loop);
          if (outcome !== "next") return outcome.signal;
        }
      case "while":
        while (yield* frame.holds(loop.condition)) {
          const outcome = yield* round(runner, loop);
          if (outcome !== "next") return outcome.signal;
        }
        return undefined;
      case "for_integer":
        return yield* integerLoop(runner, loop);
      case "foreach":
        return yield* elementLoop(runner, loop);
      case "for_query":
      case "for_execute":
        return yield* rowLoop(runner, loop);
    }
  } finally {
    frame.scope = outer;
  }
}

/** One round. */
function* round(runner: LoopRunner, loop: PlpgsqlLoop): Work<Outcome> {
  const { waits, session } = runner.frame;
  session.context.signal?.throwIfAborted();
  const pausing = waits ? session.context.signal?.pause?.() : undefined;
  if (pausing !== undefined) yield* wait(pausing);
  const outcome = yield* runner.statements(loop.body);
  if (outcome === undefined) return "next";
  const isOurs = outcome.kind !== "return" &&
    (outcome.label === undefined || outcome.label === loop.label);
  if (!isOurs) return { signal: outcome };
  return outcome.kind === "continue" ? "next" : { signal: undefined };
}

/** FOUND says whether there was a round. */
function found(frame: PlpgsqlFrame, any: boolean): void {
  frame.values[frame.names.root.slots.get("found")!.index] = any;
}

function* integerLoop(
  runner: LoopRunner,
  loop: PlpgsqlLoop & { readonly kind: "for_integer" },
): Work<Signal | undefined> {
  const { frame } = runner;
  const bound = function* (code: CodeText, what: string): Work<number> {
    const { value, type } = yield* frame.evaluate(code);
    if (value === null) {
      throw new SqlError("22004", `${what} of FOR loop cannot be null`);
    }
    const { analyzeOptions } = frame.session;
    const target = { type: int4, typmod: -1 };
    const cast = variableCast(analyzeOptions, type, target);
    return (cast === undefined
      ? value
      : cast(value, frame.environment)) as number;
  };
  const lower = yield* bound(loop.lower, "lower bound");
  const upper = yield* bound(loop.upper, "upper bound");
  const step = loop.step === undefined
    ? 1
    : yield* bound(loop.step, "BY value");
  if (step <= 0) {
    throw new SqlError(
      "22023",
      "BY value of FOR loop must be greater than zero",
    );
  }
  frame.scope = frame.names.scopeOf(loop);
  const { index } = frame.scope.slots.get(loop.variable)!;
  const sign = loop.reverse ? -1 : 1;
  let any = false;
  try {
    for (let i = lower; (upper - i) * sign >= 0; i += step * sign) {
      any = true;
      frame.values[index] = i;
      const outcome = yield* round(runner, loop);
      if (outcome !== "next") return outcome.signal;
    }
    return undefined;
  } finally {
    found(frame, any);
  }
}

function* elementLoop(
  runner: LoopRunner,
  loop: PlpgsqlLoop & { readonly kind: "foreach" },
): Work<Signal | undefined> {
  const { frame } = runner;
  const { value, type } = yield* frame.evaluate(loop.array);
  if (value === null) {
    throw new SqlError("22004", "FOREACH expression must not be null");
  }
  const element = type.type.element;
  if (element === undefined) {
    throw new SqlError(
      "42804",
      `FOREACH expression must yield an array, not type ${type.type.displayName}`,
    );
  }
  const array = value as SqlArray;
  if (loop.slice > array.dims.length) {
    throw new SqlError(
      "2202E",
      `slice dimension (${loop.slice}) is out of the valid range 0..${array.dims.length}`,
    );
  }
  const items: Nullable[] = loop.slice === 0
    ? [...array.elements]
    : slices(array, loop.slice);
  const itemType = loop.slice === 0
    ? { type: element, typmod: type.typmod }
    : type;
  for (const item of items) {
    yield* frame.store(loop.targets[0]!, { value: item, type: itemType });
    const outcome = yield* round(runner, loop);
    if (outcome !== "next") {
      found(frame, true);
      return outcome.signal;
    }
  }
  found(frame, items.length > 0);
  return undefined;
}

/** The parts of an array of `count` dimensions each. */
function slices(
  { elements, dims, lowerBounds }: SqlArray,
  count: number,
): Nullable[] {
  const inner = dims.slice(dims.length - count);
  const size = inner.reduce((product, each) => product * each, 1);
  const parts: Nullable[] = [];
  for (let at = 0; at < elements.length; at += size) {
    parts.push(
      SqlArray.shaped(
        elements.slice(at, at + size),
        inner,
        lowerBounds.slice(dims.length - count),
      ),
    );
  }
  return parts;
}

function* rowLoop(
  runner: LoopRunner,
  loop: PlpgsqlLoop & { readonly kind: "for_query" | "for_execute" },
): Work<Signal | undefined> {
  const { frame } = runner;
  const rows = yield* rowsOf(frame, loop);
  frame.scope = frame.names.scopeOf(loop);
  const { fields } = rows;
  let any = false;
  try {
    for (const row of rows.rows) {
      any = true;
      yield* storeRow(frame, loop.targets, fields, row);
      const outcome = yield* round(runner, loop);
      if (outcome !== "next") return outcome.signal;
    }
    if (!any) yield* storeRow(frame, loop.targets, fields, undefined);
    return undefined;
  } finally {
    found(frame, any);
  }
}

function* rowsOf(
  frame: PlpgsqlFrame,
  loop: PlpgsqlLoop & { readonly kind: "for_query" | "for_execute" },
): Work<QueryRows> {
  if (loop.kind === "for_execute") {
    const words = yield* frame.textOf(loop.query);
    if (words === null) {
      throw new SqlError("22004", "query string argument of EXECUTE is null");
    }
    return yield* dynamicStatement(frame, words, loop.using, Infinity);
  }
  const cursor = yield* cursorRows(frame, loop.query.text);
  if (cursor !== undefined) return cursor;
  return yield* frame.query(frame.prepare(loop.query, "statement"));
}
