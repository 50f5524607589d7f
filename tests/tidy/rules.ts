/**
 * The rules that the source tree keeps; `tests/tidy_test.ts` runs them.
 *
 * | rule | what it asks |
 * | --- | --- |
 * | `layer` | a folder imports only folders above it in `layering.json` |
 * | `package` | packages come from the import map, where the map allows them |
 * | `cycle` | no file imports itself, however long the way |
 * | `length` | at most 500 lines; the ratchet of `layering.json` only shrinks |
 * | `header` | a file opens with a comment that says what it is; a folder's `mod.ts` says what belongs there |
 * | `dead` | an export, a test, a task, an example or a benchmark leads to it |
 * | `clock` | only `base/environment.ts` touches clocks, timers, randomness |
 * | `outside` | only object stores touch disk and network |
 * | `console` | the library is silent |
 * | `language` | no default exports, enums, namespaces, skipped tests |
 * | `name` | snake_case, and no `index.ts` or "utils" |
 *
 * A rule is a function of the tree to its violations, so that each is shown to
 * fail on a small made-up tree.
 *
 * @module
 */
import { checkCalls } from "./calls.ts";
import { checkCycles, checkDead } from "./graph.ts";
import { checkLayers } from "./layers.ts";
import { checkHeader, checkLength, checkName } from "./shape.ts";
import { isIn, type Tree, type Violation } from "./tree.ts";

/** Runs all rules; the violations in order of rule, then place. */
export function checkTree(tree: Tree): Violation[] {
  const own = tree.files.filter((file) => !isForeign(tree, file.path));
  return [
    ...own.flatMap((file) => checkLayers(file, tree)),
    ...checkCycles(tree),
    ...tree.files.flatMap((file) => checkLength(file, tree)),
    ...checkRatchet(tree),
    ...tree.files.flatMap((file) => checkHeader(file)),
    ...checkDead(tree),
    ...own.flatMap((file) => checkCalls(file)),
    ...tree.files.flatMap((file) => checkName(file)),
  ];
}

function isForeign(tree: Tree, path: string): boolean {
  return tree.layering.foreign.some((folder) => isIn(path, folder));
}

/** An entry of the ratchet must still be needed. */
function checkRatchet(tree: Tree): Violation[] {
  return Object.keys(tree.layering.lines)
    .filter((path) => !tree.byPath.has(path))
    .map((path) => ({
      rule: "length",
      where: "tests/layering.json",
      what: `"${path}" is gone: take it out of "lines"`,
    }));
}
