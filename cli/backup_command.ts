/**
 * `kriya backup`: copies a database, while it is used.
 *
 * @module
 */
import { backup, KriyaError } from "../mod.ts";
import type { CommandInput, Terminal } from "./command.ts";
import { bytesText, jsonText } from "./terminal_text.ts";

/** Runs the command. */
export async function runBackup(
  { address, rest, flags }: CommandInput,
  { out, say, signal }: Terminal,
): Promise<number> {
  const [target, ...others] = rest;
  if (target === undefined || others.length > 0) {
    throw new KriyaError("invalid", "One address of the copy is needed", {
      hint: "kriya backup file:./data s3://bucket/prefix",
    });
  }
  let said = 0;
  const report = await backup(address, target, {
    signal,
    verify: !flags.has("no-verify"),
    onProgress: ({ bytes, bytesMax }) => {
      const percent = Math.floor(100 * bytes / bytesMax);
      if (percent < said + 10) return;
      said = percent;
      say(`${bytesText(bytes)} of ${bytesText(bytesMax)}`);
    },
  });
  if (flags.has("json")) {
    out(jsonText(report));
    return 0;
  }
  const { manifestNumber, objects, bytes, kept, pruned, check } = report;
  out(
    `manifest ${manifestNumber}: ${objects} objects, ${bytesText(bytes)} ` +
      `sent, ${kept} kept, ${pruned} deleted`,
  );
  out(check === undefined ? "not read back" : "read back: all is well");
  return 0;
}
