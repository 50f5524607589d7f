/**
 * Runs every `.spec` file of `specs/` and compares with the `.out` beside it;
 * `-- --update` writes that. What is in it was read, not only written.
 */
import { assertEquals } from "@std/assert";
import { runSpec } from "./spec_runner.ts";

const FOLDER = new URL("./specs/", import.meta.url);

/** The rows of the specification that a spec proves. */
const ROWS: ReadonlyMap<string, string> = new Map([
  ["hermitage_read_committed", "[L-090] "],
  ["hermitage_repeatable_read", "[L-090] "],
  ["hermitage_serializable", "[L-092] "],
  ["deadlocks", "[L-094] "],
]);

const names = [...Deno.readDirSync(FOLDER)]
  .map(({ name }) => name)
  .filter((name) => name.endsWith(".spec"))
  .map((name) => name.replace(".spec", ""))
  .sort();

for (const name of names) {
  Deno.test(`${ROWS.get(name) ?? ""}isolation is as ${name}.spec says`, async () => {
    const text = await Deno.readTextFile(new URL(`${name}.spec`, FOLDER));
    const out = new URL(`${name}.out`, FOLDER);
    const given = await runSpec(text);
    if (Deno.args.includes("--update")) await Deno.writeTextFile(out, given);
    assertEquals(given, await Deno.readTextFile(out));
  });
}
