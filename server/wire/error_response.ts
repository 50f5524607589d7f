/**
 * Errors and notices as messages: fields, each behind the letter of its kind.
 *
 * | letter | field |
 * | --- | --- |
 * | `S` `V` | severity |
 * | `C` | SQLSTATE |
 * | `M` `D` `H` | message, detail, hint |
 * | `P` | position: characters of the query, from 1 |
 * | `W` | where: what was being done |
 * | `s` `t` `c` `n` | schema, table, column, constraint |
 *
 * @module
 */
import { KriyaError, type Notice, SqlError } from "../../mod.ts";
import type { MessageOutput } from "./message_output.ts";
import { ProtocolError } from "./protocol_error.ts";

/** Tells the client of an error; `query` is the text that it is about. */
export function writeError(
  output: MessageOutput,
  error: unknown,
  query = "",
): void {
  const severity = error instanceof ProtocolError ? "FATAL" : "ERROR";
  output.begin("E");
  field(output, "S", severity);
  field(output, "V", severity);
  field(output, "C", codeOf(error));
  field(output, "M", error instanceof Error ? error.message : String(error));
  if (error instanceof KriyaError) {
    field(output, "D", error.detail);
    field(output, "H", error.hint);
  }
  if (error instanceof SqlError) {
    const { position } = error;
    if (position !== undefined) {
      field(output, "P", String(characterPosition(query, position)));
    }
    field(output, "W", error.where);
    field(output, "s", error.schema);
    field(output, "t", error.table);
    field(output, "c", error.column);
    field(output, "n", error.constraint);
  }
  output.u8(0);
  output.end();
}

/** Tells the client of a notice. */
export function writeNotice(
  output: MessageOutput,
  { severity, code, message, detail }: Notice,
): void {
  output.begin("N");
  field(output, "S", severity);
  field(output, "V", severity);
  field(output, "C", code);
  field(output, "M", message);
  field(output, "D", detail);
  output.u8(0);
  output.end();
}

function codeOf(error: unknown): string {
  return error instanceof KriyaError || error instanceof ProtocolError
    ? error.code
    : "XX000";
}

function field(
  output: MessageOutput,
  letter: string,
  text: string | undefined,
): void {
  if (text === undefined) return;
  output.u8(letter.charCodeAt(0));
  output.zeroEnded(text.replaceAll("\0", ""));
}

/** A position in UTF-16 code units as one in characters. */
export function characterPosition(text: string, position: number): number {
  let pairs = 0;
  const end = Math.min(position - 1, text.length);
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0xd800 && code <= 0xdbff) pairs++;
  }
  return position - pairs;
}
