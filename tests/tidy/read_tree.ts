/**
 * Reads the source tree from disk for the tidy rules.
 *
 * @module
 */
import { type Layering, makeTree, type Project, type Tree } from "./tree.ts";
import { parseSource, type SourceFile } from "./source.ts";

/**
 * Reads all TypeScript files below `root`, a folder's URL that ends in `/`, but
 * for those that the project leaves out by name: they want what is not there
 * until it is generated.
 */
export function readTree(root: URL): Tree {
  const read = (path: string): string =>
    Deno.readTextFileSync(new URL(path, root));
  const project = JSON.parse(read("deno.json")) as Project;
  const layering = JSON.parse(read("tests/layering.json")) as Layering;
  const all: SourceFile[] = [];
  readFolder(root, "", all);
  const files = all.filter(({ path }) => !project.exclude?.includes(path));
  files.sort((a, b) => a.path < b.path ? -1 : 1);
  return makeTree(files, { layering, project });
}

function readFolder(root: URL, folder: string, files: SourceFile[]): void {
  for (const entry of Deno.readDirSync(new URL(folder || ".", root))) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = folder + entry.name;
    if (entry.isDirectory) readFolder(root, path + "/", files);
    else if (entry.name.endsWith(".ts")) {
      files.push(parseSource(path, Deno.readTextFileSync(new URL(path, root))));
    }
  }
}
