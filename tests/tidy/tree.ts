/**
 * What the tidy rules work on: the files, `tests/layering.json`, the parts of
 * `deno.json` that matter, and what a rule answers.
 *
 * @module
 */
import type { SourceFile } from "./source.ts";

/** `tests/layering.json`. */
export interface Layering {
  /** Folders (or files), the lowest first: each imports only earlier ones. */
  readonly layers: readonly string[];
  /** Folders that import less than all of the earlier ones. */
  readonly only: Readonly<Record<string, readonly string[]>>;
  /** What a folder never imports although it is earlier. */
  readonly never: Readonly<Record<string, readonly string[]>>;
  /** Folders that import anything, and that no other imports. */
  readonly free: readonly string[];
  /** Packages that only these folders import (tests always may). */
  readonly packages: Readonly<Record<string, readonly string[]>>;
  /** Folders whose files are not TypeScript (AssemblyScript). */
  readonly foreign: readonly string[];
  /** The ratchet: files over 500 lines, and how many they may have. */
  readonly lines: Readonly<Record<string, number>>;
}

/** The parts of `deno.json` that the rules read. */
export interface Project {
  /** The package's own name. */
  readonly name: string;
  /** Public entry points. */
  readonly exports: Readonly<Record<string, string>>;
  /** The import map. */
  readonly imports: Readonly<Record<string, string>>;
  /** The tasks' command lines. */
  readonly tasks: Readonly<Record<string, string>>;
  /** Files and folders that no command of Deno takes up by itself. */
  readonly exclude?: readonly string[] | undefined;
}

/** All that the rules see. */
export interface Tree {
  /** The TypeScript files, in order of their paths. */
  readonly files: readonly SourceFile[];
  /** Those files by path. */
  readonly byPath: ReadonlyMap<string, SourceFile>;
  readonly layering: Layering;
  readonly project: Project;
}

/** One place that breaks a rule. */
export interface Violation {
  readonly rule: string;
  /** `path:line` or `path`. */
  readonly where: string;
  /** What is wrong, and what to do. */
  readonly what: string;
}

/** Whether `path` is `folder` or in it. */
export function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + "/");
}

/** Whether a file is a test, or stands where only tests do. */
export function isTest(path: string): boolean {
  return /_(test|fuzz)\.ts$/.test(path) || isIn(path, "tests");
}

/** A tree of `files`. */
export function makeTree(
  files: readonly SourceFile[],
  config: { readonly layering: Layering; readonly project: Project },
): Tree {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return { files, byPath, ...config };
}
