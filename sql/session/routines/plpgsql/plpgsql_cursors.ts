/**
 * Cursors of PL/pgSQL: the value of a variable is the name of a cursor of the
 * transaction, which others find by it, and which outlives the call.
 *
 * The rows are read when it is opened: into a file where they are many.
 *
 * @module
 */
import type { Cancellation } from "../../../../base/cancellation.ts";
import { valueAt } from "../../../chunk/chunk.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import { openPlan, planStatement } from "../../../executor/physical_planner.ts";
import { parse } from "../../../parser/parser.ts";
import type {
  CodeText,
  PlpgsqlStatement,
} from "../../../parser/plpgsql/plpgsql_syntax.ts";
import type { Nullable, TypeRef } from "../../../types/data_type.ts";
import { refcursor } from "../../../types/text_types.ts";
import {
  Cursor,
  CursorCancellation,
  type Target,
} from "../../cursors/cursor.ts";
import { CursorRows } from "../../cursors/cursor_rows.ts";
import { canGoBack } from "../../cursors/cursor_plan.ts";
import { prepareBody, type PreparedBody } from "../body_statement.ts";
import { wait, type Work } from "../drive.ts";
import type { PlpgsqlFrame, QueryRows } from "./plpgsql_frame.ts";
import type { Slot } from "./plpgsql_names.ts";
import { storeRow } from "./plpgsql_rows.ts";

type OpenStatement = PlpgsqlStatement & { readonly kind: "open" };

const NEVER_STOPPED: Cancellation = { throwIfAborted: () => {} };

/** The variable of a cursor. @throws {SqlError} `42601`, `42804`. */
function slotOf(frame: PlpgsqlFrame, name: string): Slot {
  const slot = /^\$\d+$/.test(name)
    ? frame.names.slots[Number(name.slice(1)) - 1]
    : frame.scope.find(name);
  if (slot === undefined) {
    throw new SqlError("42601", `"${name}" is not a known variable`);
  }
  if (slot.type.type === refcursor) return slot;
  throw new SqlError(
    "42804",
    `variable "${name}" must be of type cursor or refcursor`,
  );
}

/** OPEN. */
export function* openCursor(
  frame: PlpgsqlFrame,
  statement: OpenStatement,
): Work<void> {
  const slot = slotOf(frame, statement.cursor);
  const { cursors } = frame.session;
  const given = frame.values[slot.index] as string | null;
  if (given !== null && cursors.has(given)) throw inUse(given);
  const name = given ?? cursors.freeName();
  yield* openNamed(frame, name, slot, statement);
  frame.set(slot, name);
}

function* openNamed(
  frame: PlpgsqlFrame,
  name: string,
  slot: Slot,
  { args, query, dynamic, using, scroll }: OpenStatement,
): Work<void> {
  if (query === undefined) {
    const own = slot.cursor;
    const opening = { name, text: own?.query.text ?? "", scroll: own?.scroll };
    return yield* withOwnQuery(frame, slot, args, (prepared) => {
      const parameters = [...frame.values];
      return open(frame, { ...opening, parameters }, prepared);
    });
  }
  if (!dynamic) {
    const prepared = frame.prepare(query, "statement");
    const parameters = [...frame.values];
    const opening = { name, text: query.text, parameters, scroll };
    return yield* open(frame, opening, prepared);
  }
  const text = yield* frame.textOf(query);
  if (text === null) {
    throw new SqlError("22004", "query string argument of EXECUTE is null");
  }
  const values: Nullable[] = [];
  const types: TypeRef[] = [];
  for (const each of using) {
    const { value, type } = yield* frame.evaluate(each);
    values.push(value);
    types.push(type);
  }
  const [parsed, ...more] = parse(text);
  if (parsed === undefined || more.length > 0) {
    throw new SqlError("42P11", "cannot open multi-query plan as cursor");
  }
  const names = { variables: undefined, parameterTypes: types };
  const prepared = prepareBody(frame.session, parsed.syntax, names);
  const opening = { name, text, parameters: values, scroll };
  yield* open(frame, opening, prepared);
}

/** What a cursor is opened as. */
interface Opening {
  readonly name: string;
  readonly text: string;
  readonly parameters: readonly Nullable[];
  readonly scroll: boolean | undefined;
}

/** Opens a cursor over a query, and reads its rows. */
function* open(
  { session }: PlpgsqlFrame,
  { name, text, parameters, scroll }: Opening,
  { bound, plan: made, fields }: PreparedBody,
): Work<void> {
  if (bound.kind !== "select") {
    throw new SqlError(
      "42P11",
      `cannot open ${bound.kind.toUpperCase()} query as cursor`,
    );
  }
  const { cursors, context, core } = session;
  cursors.requireFree(name);
  const plan = made ?? planStatement(bound, session.planFacts);
  const run = openPlan(plan, { ...context, parameters });
  const cursor = new Cursor(
    {
      name,
      text: text.trim(),
      fields,
      table: undefined,
      binary: false,
      hold: false,
      scroll: scroll ?? canGoBack(plan.logical),
      declaredAt: core.now(),
    },
    new CursorRows(run, "all", context),
    new CursorCancellation(context.signal ?? NEVER_STOPPED),
  );
  try {
    yield* wait(cursor.readAll());
  } catch (error) {
    cursor.close();
    throw error;
  }
  cursors.add(cursor);
}

/** Does something with the query that a cursor was declared for. */
function* withOwnQuery<T>(
  frame: PlpgsqlFrame,
  { name, cursor }: Slot,
  args: readonly CodeText[],
  work: (prepared: PreparedBody) => Work<T>,
): Work<T> {
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
    return yield* work(frame.prepare(query, "statement"));
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
  const name = frame.values[slot.index];
  if (name !== null && frame.session.cursors.has(name as string)) {
    throw inUse(name as string);
  }
  return yield* withOwnQuery(
    frame,
    slot,
    args,
    (prepared) => frame.query(prepared),
  );
}

/** Where FETCH and MOVE go. @throws {SqlError} `22004`. */
function* targetOf(
  frame: PlpgsqlFrame,
  { direction, count }: PlpgsqlStatement & { readonly kind: "fetch" },
): Work<Target> {
  switch (direction) {
    case "prior":
      return { direction: "backward", count: 1 };
    case "first":
      return { direction: "absolute", count: 1 };
    case "last":
      return { direction: "absolute", count: -1 };
  }
  const goes = direction === "next" ? "forward" : direction as
    | "forward"
    | "backward"
    | "absolute"
    | "relative";
  if (count === undefined) return { direction: goes, count: 1 };
  if (/^\s*all\s*$/i.test(count.text)) {
    return { direction: goes, count: Infinity };
  }
  const given = yield* frame.textOf(count);
  if (given === null) {
    throw new SqlError("22004", "relative or absolute cursor position is null");
  }
  return { direction: goes, count: Number(given) };
}

/** FETCH and MOVE; how many rows there were. */
export function* fetchCursor(
  frame: PlpgsqlFrame,
  statement: PlpgsqlStatement & { readonly kind: "fetch" },
): Work<number> {
  const { cursors } = frame.session;
  const name = nameOf(frame, statement.cursor);
  const target = yield* targetOf(frame, statement);
  const cursor = cursors.get(name);
  const { fields } = cursor.definition;
  const { targets } = statement;
  if (targets === undefined) {
    return yield* wait(cursor.fetch(target, undefined));
  }
  let row: Nullable[] | undefined;
  const passed = yield* wait(
    cursor.fetch(target, ({ columns, selection }) => {
      const at = selection?.[0] ?? 0;
      row ??= fields.map((_, i) => valueAt(columns[i]!, at));
    }),
  );
  yield* storeRow(frame, targets, fields, row);
  return passed;
}

/** The name that a variable has. @throws {SqlError} `22004`. */
function nameOf(frame: PlpgsqlFrame, variable: string): string {
  const name = frame.values[slotOf(frame, variable).index];
  if (typeof name === "string") return name;
  throw new SqlError("22004", `cursor variable "${variable}" is null`);
}

function inUse(name: string): SqlError {
  return new SqlError("42P03", `cursor "${name}" already in use`);
}

/** CLOSE. */
export function closeCursor(
  frame: PlpgsqlFrame,
  { cursor }: PlpgsqlStatement & { readonly kind: "close" },
): void {
  frame.session.cursors.close(nameOf(frame, cursor));
}
