/**
 * `kriya compact`: merges tables from outside.
 *
 * @module
 */
import { compact } from "../mod.ts";
import type { CommandInput, Terminal } from "./command.ts";
import { bytesText, jsonText } from "./terminal_text.ts";

/** Runs the command. */
export async function runCompact(
  { address, flags }: CommandInput,
  { out, say, signal }: Terminal,
): Promise<number> {
  const report = await compact(address, {
    full: flags.has("full"),
    once: flags.has("once"),
    signal,
    onProgress: ({ job, compactions }) => {
      if (job === undefined) return;
      const { readBytes, inputBytes } = job;
      say(
        `merge ${compactions + 1}: ${bytesText(readBytes)} of ` +
          bytesText(inputBytes),
      );
    },
  });
  if (flags.has("json")) {
    out(jsonText(report));
    return 0;
  }
  const { compactions, moves, readBytes, writtenBytes, droppedEntries } =
    report;
  out(`${compactions} merges, ${moves} tables moved`);
  out(
    `${bytesText(readBytes)} read, ${bytesText(writtenBytes)} written, ` +
      `${droppedEntries} entries dropped`,
  );
  return 0;
}
