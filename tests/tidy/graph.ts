/**
 * The graph of imports: the rules `cycle` and `dead`.
 *
 * Imports of types count as imports: two files that need each other's types
 * are one concept, or a third one is missing. The address of a worker leads to
 * a file, but does not import it.
 *
 * @module
 */
import type { Tree, Violation } from "./tree.ts";

/**
 * The file that a specifier names: a relative path, the package's own name, or
 * an entry of the import map that is a file; `undefined` for packages.
 */
export function resolveReference(
  path: string,
  specifier: string,
  tree: Tree,
): string | undefined {
  const { project } = tree;
  let target: string | undefined;
  if (/^\.{1,2}\//.test(specifier)) {
    target = normalize(path.split("/").slice(0, -1), specifier);
  } else if (specifier === project.name) {
    target = project.exports["."];
  } else if (specifier.startsWith(project.name + "/")) {
    target = project.exports["." + specifier.slice(project.name.length)];
  } else {
    target = project.imports[specifier];
  }
  if (target === undefined) return undefined;
  target = target.replace(/^\.\//, "");
  return tree.byPath.has(target) ? target : undefined;
}

function normalize(folder: string[], specifier: string): string {
  const parts = [...folder];
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function importsOf(
  path: string,
  tree: Tree,
  options: { readonly addresses: boolean },
): string[] {
  return tree.byPath.get(path)!.references
    .filter((reference) => options.addresses || !reference.isAddress)
    .map((reference) => resolveReference(path, reference.specifier, tree))
    .filter((target) => target !== undefined);
}

/** Every cycle once, as the files on the way round. */
export function checkCycles(tree: Tree): Violation[] {
  const violations: Violation[] = [];
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (path: string): void => {
    const start = way.indexOf(path);
    if (start >= 0) {
      violations.push({
        rule: "cycle",
        where: path,
        what: `imports itself: ${[...way.slice(start), path].join(" -> ")}`,
      });
      return;
    }
    if (done.has(path)) return;
    way.push(path);
    for (const target of importsOf(path, tree, { addresses: false })) {
      visit(target);
    }
    way.pop();
    done.add(path);
  };
  for (const file of tree.files) visit(file.path);
  return violations;
}

/** Files that nothing leads to. */
export function checkDead(tree: Tree): Violation[] {
  const alive = new Set<string>();
  const visit = (path: string): void => {
    if (alive.has(path) || !tree.byPath.has(path)) return;
    alive.add(path);
    for (const target of importsOf(path, tree, { addresses: true })) {
      visit(target);
    }
  };
  for (const root of rootsOf(tree)) visit(root);
  return tree.files
    .filter((file) => !alive.has(file.path))
    .map((file) => ({
      rule: "dead",
      where: file.path,
      what: "no export, test, task, example or benchmark leads to it",
    }));
}

function rootsOf(tree: Tree): string[] {
  const { project, layering } = tree;
  return [
    ...Object.values(project.exports).map((path) => path.replace(/^\.\//, "")),
    ...Object.values(project.tasks).flatMap((command) =>
      command.match(/[\w./-]+\.ts\b/g) ?? []
    ),
    ...tree.files.map((file) => file.path).filter((path) =>
      /_(test|fuzz|bench)\.ts$/.test(path) ||
      /^(examples|tasks)\/[^/]+\.ts$/.test(path) ||
      layering.foreign.some((folder) => path.startsWith(folder + "/"))
    ),
  ];
}
