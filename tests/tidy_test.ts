import { assertEquals } from "@std/assert";
import { readTree } from "./tidy/read_tree.ts";
import { checkTree } from "./tidy/rules.ts";
import { parseSource } from "./tidy/source.ts";
import {
  type Layering,
  makeTree,
  type Project,
  type Violation,
} from "./tidy/tree.ts";

const ROOT = new URL("../", import.meta.url);

Deno.test("the tree keeps its rules", () => {
  const violations = checkTree(readTree(ROOT));
  assertEquals(violations.map(format), []);
});

Deno.test("[U-10] the folders of the architecture are there", () => {
  const have = new Set([...Deno.readDirSync(ROOT)].map((entry) => entry.name));
  const want = ["deno.json", "sql", "storage", "tests", "examples"];
  assertEquals(want.filter((name) => !have.has(name)), []);
});

Deno.test("[K-007] nothing under storage/ imports SQL or vectors", () => {
  const tree = readTree(ROOT);
  const inside = tree.files.filter((file) =>
    file.path.startsWith("storage/") && !file.path.endsWith("_test.ts")
  );
  const reaching = inside.flatMap((file) =>
    file.references
      .filter(({ specifier }) => /\/(?:sql|vector)\//.test(specifier))
      .map(({ specifier }) => `${file.path} imports ${specifier}`)
  );
  assertEquals(reaching, []);
});

function format(violation: Violation): string {
  return `${violation.rule}: ${violation.where}: ${violation.what}`;
}

const LAYERING: Layering = {
  layers: [
    "base",
    "storage/object_store",
    "storage",
    "vector",
    "sql",
    "mod.ts",
  ],
  only: { vector: ["base"], server: ["mod.ts"] },
  never: { sql: ["storage/object_store"] },
  free: ["tests", "tasks"],
  packages: { "fast-check": ["tests"] },
  foreign: ["vector/assembly"],
  lines: {},
};

const PROJECT: Project = {
  name: "@kriyadb/kriyadb",
  exports: { ".": "./mod.ts" },
  imports: { "fast-check": "npm:fast-check@4", "zstd": "npm:zstd@1" },
  tasks: { build: "deno run tasks/build.ts" },
};

const HEADER = "/**\n * A file of a made-up tree.\n *\n * @module\n */\n";

/** The violations of a small tree, as `rule where`. */
function check(
  files: Record<string, string>,
  layering: Partial<Layering> = {},
): string[] {
  const sources = Object.entries(files).map(([path, body]) =>
    parseSource(path, /_test\.ts$/.test(path) ? body : HEADER + body)
  );
  const tree = makeTree(sources, {
    layering: { ...LAYERING, ...layering },
    project: PROJECT,
  });
  return checkTree(tree).map(({ rule, where }) =>
    `${rule} ${where.replace(/:\d+$/, "")}`
  );
}

/** A tree of one live library file with `body`. */
function checkBody(body: string, path = "base/a.ts"): string[] {
  return check({ [path]: body, "mod.ts": `import "./${path}";` });
}

Deno.test("tidy: a tree that keeps all rules has no violation", () => {
  assertEquals(
    check({
      "mod.ts": 'import { a } from "./sql/a.ts";\nimport "zstd";',
      "sql/a.ts": 'export { b } from "../base/b.ts";\nimport "node:zlib";',
      "base/b.ts": 'const text = "Date.now()"; // console.log\nnew Date(0);',
      "base/b_test.ts": 'import "./b.ts"; import "fast-check"; Date.now();',
      "tasks/build.ts": 'import "../sql/a.ts"; console.log(Math.random());',
      "vector/assembly/k.ts": 'import { x } from "./unknown";',
    }),
    [],
  );
});

Deno.test("tidy: layer", () => {
  const up = { "mod.ts": "", "base/a.ts": 'import "../mod.ts";' };
  assertEquals(check({ ...up, "base/a_test.ts": 'import "./a.ts";' }), [
    "layer base/a.ts",
  ]);
  const only = {
    "mod.ts": 'import "./vector/v.ts";',
    "vector/v.ts": 'const s = await import("../storage/s.ts");',
    "storage/s.ts": "",
  };
  assertEquals(check(only), ["layer vector/v.ts"]);
  const never = {
    "mod.ts": 'import "./sql/s.ts";',
    "sql/s.ts": 'import type { O } from "../storage/object_store/o.ts";',
    "storage/object_store/o.ts": "",
  };
  assertEquals(check(never), ["layer sql/s.ts"]);
  assertEquals(check({ "mod.ts": 'import "./x/y.ts";', "x/y.ts": "" }), [
    "layer mod.ts",
    "layer x/y.ts",
  ]);
  const testOnly = {
    "mod.ts": 'import "./tests/support.ts";',
    "tests/support.ts": "",
  };
  assertEquals(check(testOnly), ["layer mod.ts"]);
});

Deno.test("tidy: package", () => {
  for (
    const specifier of [
      "npm:zod",
      "jsr:@std/assert",
      "https://example.com/a.ts",
      "zod",
      "fast-check",
      "./gone.ts",
    ]
  ) {
    assertEquals(checkBody(`import "${specifier}";`), ["package base/a.ts"]);
  }
});

Deno.test("tidy: cycle", () => {
  assertEquals(
    check({
      "mod.ts": 'import "./sql/a.ts";',
      "sql/a.ts": 'import "./b.ts";',
      "sql/b.ts": 'import type { A } from "./a.ts";',
    }),
    ["cycle sql/a.ts"],
  );
  // A worker may import from the file that starts it.
  assertEquals(
    check({
      "mod.ts": 'import "./sql/a.ts";',
      "sql/a.ts": 'new Worker(new URL("./b.ts", import.meta.url));',
      "sql/b.ts": 'import { A } from "./a.ts";',
    }),
    [],
  );
});

Deno.test("tidy: length, and a ratchet that only shrinks", () => {
  const lines = (count: number): string => "\n".repeat(count - 5);
  assertEquals(checkBody(lines(500)), []);
  assertEquals(checkBody(lines(501)), ["length base/a.ts"]);
  assertEquals(checkBody(lines(900), "base/a_wasm.ts"), []);
  const ratchet = (count: number): string[] =>
    check({ "mod.ts": lines(600) }, { lines: { "mod.ts": count } });
  assertEquals(ratchet(600), []);
  assertEquals(ratchet(599), ["length mod.ts"]);
  assertEquals(ratchet(601), ["length mod.ts"]);
  assertEquals(check({ "mod.ts": "" }, { lines: { "gone.ts": 600 } }), [
    "length tests/layering.json",
  ]);
});

Deno.test("tidy: header", () => {
  const rules = (path: string, text: string): string[] => {
    const tree = makeTree([parseSource(path, text)], {
      layering: LAYERING,
      project: { ...PROJECT, exports: { ".": path } },
    });
    return checkTree(tree).map(({ rule }) => rule);
  };
  assertEquals(rules("base/a.ts", HEADER), []);
  assertEquals(rules("base/a.ts", "export {};"), ["header"]);
  assertEquals(rules("base/a.ts", "/** What it is. */"), ["header"]);
  assertEquals(rules("base/a.ts", "/** A. @module */"), ["header"]);
  assertEquals(rules("base/a.ts", "/**\n * A.\n * @module\n */"), ["header"]);
  assertEquals(rules("base/mod.ts", HEADER), ["header"]);
  const folder = HEADER.replace("A file", "What belongs here: a file");
  assertEquals(rules("base/mod.ts", folder), []);
});

Deno.test("tidy: dead", () => {
  assertEquals(check({ "mod.ts": "", "sql/a.ts": "" }), ["dead sql/a.ts"]);
  const worker = 'new Worker(new URL("./sql/a.ts", import.meta.url));';
  assertEquals(check({ "mod.ts": worker, "sql/a.ts": "" }), []);
});

Deno.test("tidy: clock", () => {
  for (
    const call of [
      "Date.now()",
      "new Date()",
      "new Date",
      "performance.now()",
      "Math.random()",
      "crypto.getRandomValues(a)",
      "setTimeout(f, 1)",
      "globalThis.setInterval(f, 1)",
    ]
  ) {
    assertEquals(checkBody(`const a = ${call};`), ["clock base/a.ts"], call);
    assertEquals(checkBody(`const a = ${call};`, "base/environment.ts"), []);
  }
  assertEquals(checkBody('import "node:timers";'), ["clock base/a.ts"]);
});

Deno.test("tidy: outside", () => {
  const store = "storage/object_store/file_store.ts";
  for (
    const line of [
      'import "node:fs";',
      'import { open } from "node:fs/promises";',
      "Deno.readFileSync(a);",
      "await fetch(a);",
      "const a = fetch(b);",
      "const f = (a) => fetch(a);",
    ]
  ) {
    assertEquals(checkBody(line), ["outside base/a.ts"], line);
    assertEquals(checkBody(line, store), [], line);
  }
  assertEquals(checkBody("rows.fetch(a);\nclass A {\n  fetch(a) {}\n}"), []);
  assertEquals(checkBody("const f = (fetch: F) => g = fetch(a);"), []);
});

Deno.test("tidy: console, language, name", () => {
  assertEquals(checkBody("console.log(1);"), ["console base/a.ts"]);
  assertEquals(checkBody("export default 1;"), ["language base/a.ts"]);
  assertEquals(checkBody("export enum A {}"), ["language base/a.ts"]);
  const skipped = "Deno.test({ name: `a`, ignore: true, fn() {} });";
  assertEquals(check({ "mod.ts": "", "base/a_test.ts": skipped }), [
    "language base/a_test.ts",
  ]);
  for (const name of ["aB", "a-b", "index", "utils"]) {
    assertEquals(checkBody("", `base/${name}.ts`), [`name base/${name}.ts`]);
  }
});

Deno.test("tidy: the scanner sees through comments, strings and regexes", () => {
  const code = (text: string): string => parseSource("a.ts", text).code;
  assertEquals(code('a("b\\"c", d);'), 'a("    ", d);');
  assertEquals(code("a /* b\n */ c // d"), "a     \n    c     ");
  assertEquals(code("`a${b + `c${d}`}e`"), "` ${b + ` ${d}`} `");
  assertEquals(
    code('x = /["/]/.test(y) / 2; "z"'),
    'x = /    /.test(y) / 2; " "',
  );
  assertEquals(code("return /'/g;"), "return / /g;");
  const multiline = 'import {\n  a,\n} from "./b.ts";\nexport * from "./c.ts";';
  assertEquals(parseSource("a.ts", multiline).references, [
    { specifier: "./b.ts", line: 3, isAddress: false },
    { specifier: "./c.ts", line: 4, isAddress: false },
  ]);
});
