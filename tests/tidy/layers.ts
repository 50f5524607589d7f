/**
 * Who may import whom: the rules `layer` and `package`.
 *
 * A file belongs to the longest entry of `layering.json` that its path begins
 * with. Tests may import anything, wherever they stand.
 *
 * @module
 */
import { resolveReference } from "./graph.ts";
import { isIn, isTest, type Tree, type Violation } from "./tree.ts";
import type { Reference, SourceFile } from "./source.ts";

/** Checks every import of a file. */
export function checkLayers(file: SourceFile, tree: Tree): Violation[] {
  const violations: Violation[] = [];
  const report = (rule: string, line: number, what: string): void => {
    violations.push({ rule, where: `${file.path}:${line}`, what });
  };
  if (homeOf(file.path, tree) === undefined) {
    report("layer", 1, `its folder is not in tests/layering.json`);
  }
  for (const reference of file.references) {
    const target = resolveReference(file.path, reference.specifier, tree);
    if (target === undefined) {
      const what = checkPackage(file.path, reference, tree);
      if (what !== undefined) report("package", reference.line, what);
    } else if (!isTest(file.path)) {
      const what = checkImport(file.path, target, tree);
      if (what !== undefined) report("layer", reference.line, what);
    }
  }
  return violations;
}

/** The entry of the table that a path belongs to. */
function homeOf(path: string, tree: Tree): string | undefined {
  const { layers, only, free } = tree.layering;
  return [...layers, ...Object.keys(only), ...free]
    .filter((entry) => isIn(path, entry))
    .sort((a, b) => b.length - a.length)[0];
}

function checkImport(
  path: string,
  target: string,
  tree: Tree,
): string | undefined {
  const { layers, only, never, free } = tree.layering;
  const from = homeOf(path, tree);
  const to = homeOf(target, tree);
  if (from === undefined || from === to) return undefined;
  if (isTest(target)) return `imports "${target}", which is for tests`;
  if (free.includes(from)) return undefined;
  if (only[from] !== undefined) {
    if (only[from].some((entry) => isIn(target, entry))) return undefined;
    return `imports "${target}", but ${from}/ may import only ${
      only[from].join(", ")
    }`;
  }
  const forbidden = Object.entries(never).find(([folder, entries]) =>
    isIn(path, folder) && entries.some((entry) => isIn(target, entry))
  );
  if (forbidden) {
    return `imports "${target}", which ${forbidden[0]} never may`;
  }
  const fromIndex = layers.indexOf(from);
  const toIndex = to === undefined ? -1 : layers.indexOf(to);
  if (toIndex >= 0 && toIndex < fromIndex) return undefined;
  return `imports "${target}", which is not above ${from} in tests/layering.json`;
}

/** A module that is not a file of the tree: a package, or a mistake. */
function checkPackage(
  path: string,
  reference: Reference,
  tree: Tree,
): string | undefined {
  const { specifier } = reference;
  if (/^(npm|jsr|https?|data):/.test(specifier)) {
    return `names "${specifier}": add it to "imports" of deno.json`;
  }
  if (/^\.{0,2}\//.test(specifier)) {
    return /\.[cm]?[jt]sx?$/.test(specifier)
      ? `names "${specifier}", which is no file`
      : undefined;
  }
  if (specifier.startsWith("node:")) return undefined;
  const { imports } = tree.project;
  const name = Object.keys(imports).find((entry) =>
    entry === specifier || specifier.startsWith(entry.replace(/\/?$/, "/"))
  );
  if (name === undefined) {
    return `names "${specifier}", which is not in "imports" of deno.json`;
  }
  const allowed = tree.layering.packages[name];
  if (
    allowed === undefined || isTest(path) ||
    allowed.some((folder) => isIn(path, folder))
  ) return undefined;
  return `imports "${specifier}", which only ${allowed.join(", ")} may`;
}
