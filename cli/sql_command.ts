/**
 * `kriya sql`: runs statements and prints their rows.
 *
 * @module
 */
import { type Database, open, type QueryResult } from "../mod.ts";
import type { CommandInput, Terminal } from "./command.ts";
import { jsonText, tableLines } from "./terminal_text.ts";

/** Runs the command. */
export async function runSql(
  { address, rest, flags }: CommandInput,
  { out, say, signal }: Terminal,
): Promise<number> {
  const texts = rest.length > 0 ? rest : [await standardInput()];
  await using db: Database = await open(address, {
    readOnly: !flags.has("write"),
    resultFormat: flags.has("json") ? undefined : "text",
    rowMode: flags.has("json") ? undefined : "array",
    onNotice: ({ severity, message }) => say(`${severity}: ${message}`),
  });
  for (const text of texts) {
    const results = await db.exec(text, { signal });
    for (const result of results) {
      if (flags.has("json")) out(jsonText(result.rows));
      else for (const line of resultLines(result)) out(line);
    }
  }
  return 0;
}

function resultLines(result: QueryResult): string[] {
  if (result.fields.length === 0) return [result.command];
  return tableLines(
    result.fields.map(({ name }) => name),
    result.rows as unknown as (string | null)[][],
  );
}

async function standardInput(): Promise<string> {
  return await new Response(Deno.stdin.readable).text();
}
