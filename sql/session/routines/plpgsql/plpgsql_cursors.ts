/**
 * Cursors of PL/pgSQL: the rows of a query, kept, and a place in them.
 *
 * They live as long as the call that opened them.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import type {
  CodeText,
  PlpgsqlStatement,
} from "../../../parser/plpgsql/plpgsql_syntax.ts";
import type { Nullable } from "../../../types/data_type.ts";
import type { Work } from "../drive.ts";
import type { PlpgsqlFrame, QueryRows } from "./plpgsql_frame.ts";
import type { Slot } from "./plpgsql_names.ts";
import { dynamicStatement, storeRow } from "./plpgsql_rows.ts";

/** An open cursor. */
interface OpenCursor {
  readonly rows: QueryRows;
  /** How many rows it has passed. */
  place: number;
}

const cursors = new WeakMap<PlpgsqlFrame, Map<number, OpenCursor>>();

function cursorsOf(frame: PlpgsqlFrame): Map<number, OpenCursor> {
  let open = cursors.get(frame);
  if (open === undefined) cursors.set(frame, open = new Map());
  return open;
}

function slotOf(frame: PlpgsqlFrame, name: string): Slot {
  const slot = frame.scope.find(name);
  if (slot !== undefined) return slot;
  throw new SqlError("42601", `"${name}" is not a known variable`);
}

/** OPEN. */
export function* openCursor(
  frame: PlpgsqlFrame,
  { cursor, args, query, dynamic, using }: PlpgsqlStatement & {
    readonly kind: "open";
  },
): Work<void> {
  const slot = slotOf(frame, cursor);
  const open = cursorsOf(frame);
  if (open.has(slot.index)) {
    throw new SqlError("42P03", `cursor "${cursor}" already in use`);
  }
  let rows: QueryRows;
  if (query === undefined) rows = yield* ownRows(frame, slot, args);
  else if (dynamic) {
    const words = yield* frame.textOf(query);
    rows = yield* dynamicStatement(frame, words ?? "", using, Infinity);
  } else rows = yield* frame.query(frame.prepare(query, "statement"));
  frame.values[slot.index] ??= cursor;
  open.set(slot.index, { rows, place: 0 });
}

/** The rows of the query that a cursor was declared for. */
function* ownRows(
  frame: PlpgsqlFrame,
  { name, cursor }: Slot,
  args: readonly CodeText[],
): Work<QueryRows> {
  if (cursor === undefined) {
    throw new SqlError("42601", `cursor "${name}" has no query`);
  }
  const { parameters, query } = cursor;
  if (args.length !== parameters.length) {
    throw new SqlError(
      "42601",
      args.length < parameters.length
        ? `not enough arguments for cursor "${name}"`
        : `too many arguments for cursor "${name}"`,
    );
  }
  for (const [i, arg] of args.entries()) {
    const plain = /^\s*(?:"?\w+"?)\s*(?::=|=>)\s*(.*)$/s.exec(arg.text)?.[1];
    const value = yield* frame.evaluate(plain ? { text: plain } : arg);
    frame.assign(parameters[i]!, value);
  }
  const outer = frame.scope;
  frame.scope = frame.names.scopeOf(query);
  try {
    return yield* frame.query(frame.prepare(query, "statement"));
  } finally {
    frame.scope = outer;
  }
}

/** The rows of `cursor (arguments)`, if that is what a FOR goes over. */
export function* cursorRows(
  frame: PlpgsqlFrame,
  text: string,
): Work<QueryRows | undefined> {
  const match = /^\s*(\w+)\s*(?:\((.*)\))?\s*$/s.exec(text);
  const slot = match === null
    ? undefined
    : frame.scope.find(match[1]!.toLowerCase());
  if (slot?.cursor === undefined) return undefined;
  const list = match![2]?.trim() ?? "";
  const args = list === "" ? [] : list.split(",").map((each) => ({
    text: each.trim(),
  }));
  return yield* ownRows(frame, slot, args);
}

/** FETCH and MOVE; how many rows there were. */
export function* fetchCursor(
  frame: PlpgsqlFrame,
  { cursor, direction, count, targets }: PlpgsqlStatement & {
    readonly kind: "fetch";
  },
): Work<number> {
  const slot = slotOf(frame, cursor);
  const open = cursorsOf(frame).get(slot.index);
  if (open === undefined) throw notOpen(cursor, frame.values[slot.index]);
  const given = count === undefined ? 1 : Number(yield* frame.textOf(count));
  const { rows, fields } = open.rows;
  const last = rows.length + 1;
  const wanted = {
    next: open.place + 1,
    forward: open.place + given,
    prior: open.place - 1,
    backward: open.place - given,
    first: 1,
    last: rows.length,
    absolute: given < 0 ? last + given : given,
    relative: open.place + given,
  }[direction] ?? open.place + 1;
  open.place = Math.max(0, Math.min(last, wanted));
  const row = rows[open.place - 1];
  if (targets !== undefined) yield* storeRow(frame, targets, fields, row);
  return row === undefined ? 0 : 1;
}

function notOpen(name: string, value: Nullable | undefined): SqlError {
  return value === null || value === undefined
    ? new SqlError("22004", `cursor variable "${name}" is null`)
    : new SqlError("34000", `cursor "${value}" does not exist`);
}

/** CLOSE. */
export function closeCursor(frame: PlpgsqlFrame, name: string): void {
  const slot = slotOf(frame, name);
  if (!cursorsOf(frame).delete(slot.index)) {
    throw notOpen(name, frame.values[slot.index]);
  }
  if (slot.cursor === undefined) return;
  frame.values[slot.index] = null;
}
