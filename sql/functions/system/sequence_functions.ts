/**
 * Functions that draw from sequences; `context.sequences` does it.
 *
 * A sequence is named by a text, as PostgreSQL's `regclass` reads it.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { normalizeInt8 } from "../../types/int8_value.ts";
import { int8 } from "../../types/int_types.ts";
import { text } from "../../types/text_types.ts";
import { define } from "../define.ts";
import type {
  FunctionContext,
  FunctionDefinition,
  SequenceAccess,
} from "../registry.ts";

function sequencesOf(context: FunctionContext): SequenceAccess {
  if (context.sequences === undefined) {
    throw new SqlError("0A000", "sequences are not supported here");
  }
  return context.sequences;
}

function drawing(
  name: string,
  argumentTypes: readonly DataType[],
  form: (sequences: SequenceAccess, args: readonly Nullable[]) => bigint,
): FunctionDefinition {
  return define(
    name,
    argumentTypes,
    int8,
    (args, context) => normalizeInt8(form(sequencesOf(context), args)),
    { volatility: "volatile" },
  );
}

function set(
  sequences: SequenceAccess,
  [name, value, called = true]: readonly Nullable[],
): bigint {
  const last = BigInt(value as number | bigint);
  sequences.set(name as string, last, called as boolean);
  return last;
}

/** The functions of sequences. */
export const sequenceFunctions: readonly FunctionDefinition[] = [
  drawing("nextval", [text], (each, [name]) => each.next(name as string)),
  drawing("currval", [text], (each, [name]) => each.current(name as string)),
  drawing("lastval", [], (each) => each.last()),
  drawing("setval", [text, int8], set),
  drawing("setval", [text, int8, bool], set),
  define(
    "pg_get_serial_sequence",
    [text, text],
    text,
    ([table, column], context) =>
      sequencesOf(context).ofColumn(table as string, column as string) ?? null,
    { volatility: "stable" },
  ),
  define(
    "pg_sequence_is_called",
    [text],
    bool,
    ([name], context) => sequencesOf(context).place(name as string).called,
    { volatility: "volatile" },
  ),
  define(
    "pg_sequence_place",
    [text],
    int8,
    ([name], context) =>
      normalizeInt8(sequencesOf(context).place(name as string).last),
    { volatility: "volatile" },
  ),
  define(
    "pg_sequence_last_value",
    [text],
    int8,
    ([name], context) => {
      const { last, called } = sequencesOf(context).place(name as string);
      return called ? normalizeInt8(last) : null;
    },
    { volatility: "volatile" },
  ),
];
