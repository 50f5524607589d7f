import { assert, assertEquals } from "@std/assert";
import { hasProgram, runProgram } from "../support/programs.ts";
import { withServed } from "../support/served_database.ts";

const SCRIPT = new URL("./psycopg_script.py", import.meta.url).pathname;

/** A Python that has psycopg 3; Debian's is `/usr/bin/python3`. */
const PYTHON = ["python3", "/usr/bin/python3"].find((python) =>
  hasProgram(python) &&
  new Deno.Command(python, {
    args: ["-c", "import psycopg"],
    stdout: "null",
    stderr: "null",
  }).outputSync().success
);

if (PYTHON !== undefined) {
  Deno.test("[K-130] psycopg queries in text and binary, copies, reads cursors, pipelines", async () => {
    await withServed(async ({ port, url }) => {
      const { code, out, error } = await runProgram(PYTHON, [SCRIPT], {
        port,
        env: { URL: url(), PYTHONIOENCODING: "utf-8" },
      });
      assertEquals(code, 0, error);
      const row =
        "row (1, Decimal('12.50'), datetime.date(2024, 2, 29), {'a': 1}, b'\\x00\\xff', [1, 2, None], 'Größe')";
      assertEquals(out.trim().split("\n"), [
        "inserted 1",
        row,
        row,
        "copied [('18', 'n 18'), ('19', 'n 19')]",
        "copied [(1,), (10,), (11,)]",
        "named [1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]",
        "refused t_pkey",
        "pipeline (1,) (2,)",
      ]);
    });
  });
} else {
  Deno.test("psycopg is not there: apt-get install -y python3-psycopg", () => {
    assert(PYTHON === undefined);
  });
}
