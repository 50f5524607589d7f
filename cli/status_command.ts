/**
 * `kriya status`: what the database holds, as `lsm_s3_status()` says it.
 *
 * @module
 */
import { open } from "../mod.ts";
import type { CommandInput, Terminal } from "./command.ts";
import { jsonText } from "./terminal_text.ts";

/** Runs the command. */
export async function runStatus(
  { address, flags }: CommandInput,
  { out }: Terminal,
): Promise<number> {
  await using db = await open(address, { readOnly: true });
  const status = db.status();
  if (flags.has("json")) out(jsonText(status));
  else for (const line of treeLines(status)) out(line);
  return 0;
}

/** Nested facts, a line each. */
function* treeLines(
  facts: Readonly<Record<string, unknown>>,
  indent = "",
): Generator<string> {
  for (const [name, value] of Object.entries(facts)) {
    if (typeof value === "object" && value !== null) {
      if (Object.keys(value).length === 0) continue;
      yield `${indent}${name}`;
      yield* treeLines(value as Record<string, unknown>, `${indent}  `);
    } else yield `${indent}${name}: ${value}`;
  }
}
