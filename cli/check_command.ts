/**
 * `kriya fsck`: reads everything, and says what is wrong and where.
 *
 * @module
 */
import { check } from "../mod.ts";
import type { CommandInput, Terminal } from "./command.ts";
import { bytesText, jsonText } from "./terminal_text.ts";

/** Runs the command; 1 when something is wrong. */
export async function runCheck(
  { address, flags }: CommandInput,
  { out, say, signal }: Terminal,
): Promise<number> {
  let said = 0;
  const report = await check(address, {
    signal,
    onProgress: (done, total) => {
      const percent = Math.floor(100 * done / Math.max(1, total));
      if (percent < said + 10) return;
      said = percent;
      say(`${percent} %`);
    },
  });
  if (flags.has("json")) {
    out(jsonText(report));
    return report.ok ? 0 : 1;
  }
  for (const { object, offset, what } of report.problems) {
    out(
      `${object}${offset === undefined ? "" : ` at byte ${offset}`}: ${what}`,
    );
  }
  const further = report.problemCount - report.problems.length;
  if (further > 0) out(`… and ${further} more`);
  if (flags.has("orphans")) {
    for (const { path, size } of report.orphans) {
      out(`orphan ${path}: ${bytesText(size)}`);
    }
  }
  out(
    `manifest ${report.manifestNumber}: ${report.objectsRead} objects, ` +
      `${bytesText(report.bytesRead)} read; ${report.orphanCount} orphans, ` +
      bytesText(report.orphanBytes),
  );
  out(report.ok ? "all is well" : `${report.problemCount} problems`);
  return report.ok ? 0 : 1;
}
