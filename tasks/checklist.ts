/**
 * Writes `docs/checklist.md`: every row of the specification's checklist with
 * the tests that carry its ID.
 *
 * A test carries a row when its name names the row's ID in brackets:
 * `Deno.test("[K-031] the WAL is written first", …)`, or a record of a `.slt`
 * or `.spec` file after a comment that does. The specification lies outside
 * the repository (`../shared/spec/checklist.md`, or the path given); without
 * it the file is left as it is.
 *
 * Usage: `deno task checklist [SPECIFICATION] [--check]`; `--check` writes
 * nothing and fails if the file is not what would be written.
 *
 * @module
 */
import { parseArgs } from "node:util";

/** A row of the specification. */
interface Row {
  readonly id: string;
  readonly text: string;
  readonly test: string;
  readonly section: string;
}

/** Where a row is carried: a file, and the names of its tests. */
type Carriers = Map<string, Map<string, string[]>>;

const NAMES: Readonly<Record<string, string>> = {
  U: "The project",
  K: "KriyaDB",
  Y: "KyroDB",
  O: "Orochi DB",
  L: "Lightning DB",
};

const ROW = /^\|\s*([UKYOL]-\d{2,3})\s*\|(.*)\|\s*$/;
const CARRIER_FILE = /(?:_test\.ts|_bench\.ts|\.slt|\.spec|\.golden)$/;
const IDS = /\[((?:[UKYOL]-\d{2,3}(?:\s*,\s*)?)+)\]/g;

/** Reads the rows of the specification, in order. */
function readRows(text: string): Row[] {
  const rows: Row[] = [];
  let section = "";
  for (const line of text.split("\n")) {
    const heading = /^###? \s*[\d.]*\s*(.*)$/.exec(line)?.[1];
    if (heading !== undefined) section = heading;
    const match = ROW.exec(line);
    if (!match) continue;
    const cells = match[2]!.split(/(?<!\\)\|/).map((cell) => cell.trim());
    // Four cells: capability, where, test, kind; the project's rows lack where.
    const test = cells.length >= 4 ? cells[2]! : cells[1]!;
    rows.push({ id: match[1]!, text: cells[0]!, test, section });
  }
  return rows;
}

/** Finds the tests below `folder` that name rows. */
function findCarriers(folder: string, carriers: Carriers): void {
  const entries = [...Deno.readDirSync(folder)]
    .sort((a, b) => a.name < b.name ? -1 : 1);
  for (const entry of entries) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) {
      findCarriers(path, carriers);
    } else if (CARRIER_FILE.test(path) || path.startsWith("./bench/")) {
      for (const { id, name } of namesIn(Deno.readTextFileSync(path))) {
        const files = getOrPut(carriers, id, () => new Map());
        const names = getOrPut(files, path.slice(2), () => []);
        if (name !== "" && !names.includes(name)) names.push(name);
      }
    }
  }
}

/** The IDs in a file, each with the rest of the name that it stands in. */
function namesIn(text: string): { id: string; name: string }[] {
  return text.split("\n").flatMap((line) =>
    [...line.matchAll(IDS)].flatMap((match) => {
      const rest = line.slice(match.index + match[0].length);
      const name = rest.replace(/["'`].*$/, "").trim();
      return match[1]!.split(/\s*,\s*/).map((id) => ({ id, name }));
    })
  );
}

function getOrPut<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

/** The text of `docs/checklist.md`. */
function render(rows: readonly Row[], carriers: Carriers): string {
  const out = [
    "<!-- deno-fmt-ignore-file -->",
    "",
    "# Checklist",
    "",
    "What the reference documents of this project promise, row by row, and the",
    "tests that carry each row: a test names the row's ID in brackets. Written",
    "by `deno task checklist`.",
    "",
    "| rows of | carried | of |",
    "| --- | ---: | ---: |",
  ];
  for (const [letter, name] of Object.entries(NAMES)) {
    const all = rows.filter((row) => row.id.startsWith(letter));
    const carried = all.filter((row) => carriers.has(row.id));
    out.push(`| ${name} | ${carried.length} | ${all.length} |`);
  }
  let section = "";
  for (const row of rows) {
    if (row.section !== section) {
      section = row.section;
      const name = NAMES[row.id[0]!];
      const heading = row.id.startsWith("U") ? name : `${name}: ${section}`;
      out.push("", `## ${heading}`, "");
      out.push("| row | capability | asked for | carried by |");
      out.push("| --- | --- | --- | --- |");
    }
    const cells = [row.id, row.text, row.test, renderCarriers(row, carriers)];
    out.push(`| ${cells.join(" | ")} |`);
  }
  return out.join("\n") + "\n";
}

function renderCarriers(row: Row, carriers: Carriers): string {
  return [...carriers.get(row.id) ?? []].map(([path, names]) => {
    const link = `[\`${path}\`](../${path})`;
    const quoted = names.map((name) => name.replaceAll("|", "\\|"));
    return names.length === 0 ? link : `${link}: ${quoted.join("; ")}`;
  }).join("<br>");
}

function main(): void {
  const { values, positionals } = parseArgs({
    options: { check: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const [specification = "../shared/spec/checklist.md"] = positionals;
  let text: string;
  try {
    text = Deno.readTextFileSync(specification);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log(`no "${specification}" here: docs/checklist.md stays as it is`);
    return;
  }
  const rows = readRows(text);
  const carriers: Carriers = new Map();
  findCarriers(".", carriers);
  const known = new Set(rows.map((row) => row.id));
  const unknown = [...carriers.keys()].filter((id) => !known.has(id));
  if (unknown.length > 0) {
    console.error(`tests name rows that are not there: ${unknown.join(", ")}`);
    Deno.exitCode = 1;
  }
  const carried = rows.filter((row) => carriers.has(row.id)).length;
  console.log(`${carried} of ${rows.length} rows are carried by tests`);
  const page = render(rows, carriers);
  if (!values.check) Deno.writeTextFileSync("docs/checklist.md", page);
  else if (Deno.readTextFileSync("docs/checklist.md") !== page) {
    console.error("docs/checklist.md is stale: run deno task checklist");
    Deno.exitCode = 1;
  }
}

main();
