import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readTree } from "./tidy/read_tree.ts";
import { resolveReference } from "./tidy/graph.ts";
import type { Tree } from "./tidy/tree.ts";

const ROOT = new URL("../", import.meta.url);

Deno.test("[U-14] the package can be published, its types are not slow", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    // Types are checked by `deno task ok`; slow types are looked for here.
    args: ["publish", "--dry-run", "--allow-dirty", "--no-check"],
    cwd: ROOT,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(stdout) +
    new TextDecoder().decode(stderr);
  assert(success, said);
  assertStringIncludes(said, "Dry run complete");
  const published = [...said.matchAll(/file:\/\/\S*?\/([^\s/]+\.ts) \(/g)];
  assert(published.length > 20, said);
  assertEquals(published.filter(([, name]) => /_test\.ts$/.test(name!)), []);
});

Deno.test("[K-195] the licence is MIT", async () => {
  const licence = await Deno.readTextFile(new URL("LICENSE", ROOT));
  assertStringIncludes(licence, "MIT License");
  const project = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  );
  assertEquals(project.license, "MIT");
});

Deno.test("[K-026] the tutorial has its four chapters, in order, and each is a program that `deno task ok` runs", async () => {
  const folder = new URL("docs/tutorial/", ROOT);
  const chapters = (await Array.fromAsync(Deno.readDir(folder)))
    .map(({ name }) => name).toSorted();
  assertEquals(chapters, [
    "00_overview.md",
    "01_engine.md",
    "02_sql.md",
    "03_vectors.md",
  ]);
  for (const [i, chapter] of chapters.entries()) {
    const text = await Deno.readTextFile(new URL(chapter, folder));
    assert(/^```ts\n[^]*?assert[^]*?^```$/m.test(text), chapter);
    const next = chapters[i + 1];
    if (next === undefined) continue;
    assert(text.includes(`](${next})`), `${chapter} does not lead to ${next}`);
  }
  const project = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  );
  assertStringIncludes(project.tasks.docs, "deno test --doc");
  assertStringIncludes(project.tasks.ok, "deno task docs");
});

/** The files that the tests below a folder lead to. */
function reachOfTests(tree: Tree, folder: string): Set<string> {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const { specifier } of tree.byPath.get(path)!.references) {
      const target = resolveReference(path, specifier, tree);
      if (target !== undefined) visit(target);
    }
  };
  for (const { path } of tree.files) {
    if (path.startsWith(folder) && path.endsWith("_test.ts")) visit(path);
  }
  return reached;
}

Deno.test("[K-190, K-191] engine and vectors are tested without SQL", () => {
  const tree = readTree(ROOT);
  for (const folder of ["storage/", "vector/"]) {
    const reached = [...reachOfTests(tree, folder)];
    assert(reached.filter((path) => path.startsWith(folder)).length > 10);
    assertEquals(reached.filter((path) => path.startsWith("sql/")), []);
  }
  const vectors = reachOfTests(tree, "vector/");
  assertEquals([...vectors].filter((path) => path.startsWith("storage/")), []);
});

Deno.test("[K-024] the parts of vector/ are folders of their own", () => {
  const folders = [...Deno.readDirSync(new URL("vector/", ROOT))]
    .filter((entry) => entry.isDirectory)
    .map((entry) => entry.name);
  for (const part of ["types", "distance", "hnsw", "segments", "kernels"]) {
    assert(folders.includes(part), part);
  }
});
