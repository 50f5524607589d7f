/**
 * What a file looks like from outside: the rules `length`, `header`, `name`.
 *
 * @module
 */
import type { Tree, Violation } from "./tree.ts";
import type { SourceFile } from "./source.ts";

/** The most lines of a file. */
const LINES_MAX = 500;

/** Checks the number of lines, against the ratchet where there is an entry. */
export function checkLength(file: SourceFile, tree: Tree): Violation[] {
  if (file.path.endsWith("_wasm.ts")) return [];
  const lineCount = file.text.split("\n").length -
    (file.text.endsWith("\n") ? 1 : 0);
  const allowed = tree.layering.lines[file.path];
  const report = (what: string): Violation[] => [
    { rule: "length", where: file.path, what },
  ];
  if (allowed === undefined) {
    return lineCount <= LINES_MAX ? [] : report(
      `${lineCount} lines, over ${LINES_MAX}: it is two concepts`,
    );
  }
  if (lineCount > allowed) {
    return report(`${lineCount} lines, over its ratchet of ${allowed}`);
  }
  if (lineCount < allowed) {
    return report(
      `${lineCount} lines: turn its ratchet of ${allowed} in ` +
        `tests/layering.json down`,
    );
  }
  return [];
}

/** Checks that the file opens by saying what it is. */
export function checkHeader(file: SourceFile): Violation[] {
  if (/_(test|fuzz)\.ts$/.test(file.path)) return [];
  const header = /^\s*(?:\/\/[^\n]*\n\s*)*\/\*\*([\s\S]*?)\*\//
    .exec(file.text)?.[1];
  if (header === undefined || !/\*\s*@module\b/.test(header)) {
    return [{
      rule: "header",
      where: file.path,
      what: "open it with /** what it is … @module */",
    }];
  }
  const said = header.replace(/@module[\s\S]*/, "").replace(/[\s*]+/g, " ");
  if (said.trim().length < 20) {
    return [{
      rule: "header",
      where: file.path,
      what: "its header says nothing",
    }];
  }
  if (/\/mod\.ts$/.test(file.path) && !/\bbelong/.test(said)) {
    return [{
      rule: "header",
      where: file.path,
      what: "a folder's mod.ts opens with what belongs there",
    }];
  }
  return [];
}

/** Checks the path. */
export function checkName(file: SourceFile): Violation[] {
  const parts = file.path.replace(/\.d\.ts$|\.ts$/, "").split("/");
  const report = (what: string): Violation[] => [
    { rule: "name", where: file.path, what },
  ];
  if (parts.some((part) => !/^_?[a-z0-9]+(?:_[a-z0-9]+)*$/.test(part))) {
    return report("names are snake_case");
  }
  if (parts.at(-1) === "index") return report("no index.ts: say what it is");
  if (parts.some((part) => /^(?:utils?|helpers?|misc|common)$/.test(part))) {
    return report("one concept a file, and its name");
  }
  return [];
}
