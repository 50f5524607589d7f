import { assert, assertEquals } from "@std/assert";
import { hasFile, hasProgram, runProgram } from "../support/programs.ts";
import { withServed } from "../support/served_database.ts";

/** Where Debian's libpostgresql-jdbc-java puts the driver. */
const DRIVER = "/usr/share/java/postgresql.jar";

const SCRIPT = new URL("./JdbcScript.java", import.meta.url).pathname;

/** What the script prints on PostgreSQL 15. */
const EXPECTED = new URL("./jdbc_output.txt", import.meta.url);

const PASSWORD = "a pass, word=ß";

async function servedOptions(): Promise<Parameters<typeof withServed>[1]> {
  const [cert, key] = await Promise.all(
    ["cert", "key"].map((part) =>
      Deno.readTextFile(
        new URL(`../support/localhost_${part}.pem`, import.meta.url),
      )
    ),
  );
  return {
    users: { postgres: PASSWORD },
    tls: { cert: cert!, key: key! },
  };
}

if (hasProgram("javac") && hasFile(DRIVER)) {
  Deno.test("[K-130] JDBC over TLS with a password: types, batches, keys, arrays, transactions, cursors, COPY, notifications, metadata, as PostgreSQL", async () => {
    await withServed(async ({ port }) => {
      const { code, out, error } = await runProgram(
        "java",
        ["-XX:TieredStopAtLevel=1", "-cp", DRIVER, SCRIPT],
        {
          port,
          env: {
            JDBC_URL:
              `jdbc:postgresql://127.0.0.1:${port}/postgres?sslmode=require`,
            PGPASSWORD: PASSWORD,
            JAVA_TOOL_OPTIONS: "-Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8",
          },
        },
      );
      assertEquals(code, 0, error);
      const lines = out.split("\n");
      const expected = (await Deno.readTextFile(EXPECTED)).split("\n");
      assertEquals(lines, expected);
    }, await servedOptions());
  });
} else {
  Deno.test("JDBC is not there: apt-get install -y default-jdk-headless libpostgresql-jdbc-java", () => {
    assert(!hasProgram("javac") || !hasFile(DRIVER));
  });
}
