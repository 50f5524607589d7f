/**
 * Runs every `.slt` file of this folder.
 *
 * `deno task oracle` runs them on PostgreSQL with pgvector instead (PGlite),
 * and `deno task oracle --update` writes what PostgreSQL answers into them;
 * names of files after that limit it to them.
 */
import { fail } from "@std/assert";
import { KriyaDatabase } from "./kriya_database.ts";
import { PostgresDatabase } from "./postgres_database.ts";
import type { SltDatabase } from "./slt_database.ts";
import { runSlt } from "./slt_runner.ts";

const FOLDER = new URL("./", import.meta.url);
const oracle = Deno.args.includes("--oracle");
const update = Deno.args.includes("--update");
const wanted = Deno.args.filter((arg) => !arg.startsWith("-"))
  .map((arg) => arg.replace(/\.slt$/, ""));

const names = [...Deno.readDirSync(FOLDER)]
  .map((entry) => entry.name)
  .filter((name) => name.endsWith(".slt"))
  .filter((name) =>
    wanted.length === 0 || wanted.includes(name.replace(".slt", ""))
  )
  .sort();

const missing = wanted.filter((name) => !names.includes(`${name}.slt`));
if (missing.length > 0) {
  throw new Error(`there is no ${missing.join(".slt, ")}.slt`);
}

/** Runs one file; fails with every difference. */
async function run(name: string, database: SltDatabase): Promise<void> {
  const url = new URL(name, FOLDER);
  const text = await Deno.readTextFile(url);
  const report = await runSlt(name, text, database);
  // Expectations are PostgreSQL's, never ours.
  if (update && oracle) {
    await Deno.writeTextFile(url, report.updated);
  }
  if (report.failures.length > 0) fail(report.failures.join("\n"));
}

if (oracle) {
  Deno.test("the .slt files on PostgreSQL", async (test) => {
    const database = await PostgresDatabase.create();
    for (const name of names) {
      await test.step(name, async () => {
        await database.fresh();
        await run(name, database);
      });
    }
    await database.close();
  });
} else {
  for (const name of names) {
    Deno.test(`SQL behaves as ${name} says`, async () => {
      const text = await Deno.readTextFile(new URL(name, FOLDER));
      const database = await KriyaDatabase.create({
        durable: /^reopen$/m.test(text),
      });
      try {
        await run(name, database);
      } finally {
        await database.close();
      }
    });
  }
}
