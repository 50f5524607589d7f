import { assert, assertEquals } from "@std/assert";
import { open } from "../mod.ts";
import { runCommand } from "./commands.ts";
import { query, WireClient } from "../tests/support/wire_client.ts";

interface Ran {
  readonly code: number;
  readonly out: string[];
  readonly said: string[];
}

async function kriya(...args: string[]): Promise<Ran> {
  const out: string[] = [];
  const said: string[] = [];
  const code = await runCommand(args, {
    out: (line) => out.push(line),
    say: (line) => said.push(line),
  });
  return { code, out, said };
}

/** A folder with a database of many small tables. */
async function withDatabase(
  run: (address: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const address = `file:${folder}/db`;
  try {
    const db = await open(address, { storage: { compaction: "off" } });
    await db.exec("CREATE TABLE items (id int PRIMARY KEY, name text)");
    for (let flush = 0; flush < 5; flush++) {
      await db.query(
        "INSERT INTO items SELECT $1::int + n, 'item ' || n " +
          "FROM generate_series(1, 50) AS n",
        [flush * 100],
      );
      await db.query("SELECT lsm_s3_flush()");
    }
    await db.close();
    await run(address, `${folder}/db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("kriya compact merges what is due, and everything with --full, beside a writer", async () => {
  await withDatabase(async (address) => {
    await using db = await open(address, { storage: { compaction: "off" } });
    const first = await kriya("compact", address, "--json");
    assertEquals(first.code, 0);
    assert(first.said[0]!.startsWith("merge 1: "), first.said.join());
    const report = JSON.parse(first.out.join(""));
    assert(report.compactions >= 1, first.out.join());
    await db.exec("DELETE FROM items WHERE id % 2 = 0");
    await db.query("SELECT lsm_s3_flush()");
    const full = await kriya("compact", address, "--full");
    assertEquals(full.code, 0);
    assert(/^1 merges, \d+ tables moved$/.test(full.out[0]!), full.out.join());
    assert(/ [1-9]\d* entries dropped$/.test(full.out[1]!), full.out.join());
    const { rows } = await db.query("SELECT count(*)::int AS n FROM items");
    assertEquals(rows, [{ n: 125 }]);
  });
});

Deno.test("kriya fsck says that all is well, and where it is not", async () => {
  await withDatabase(async (address, folder) => {
    const well = await kriya("fsck", address, "--orphans");
    assertEquals(well.code, 0);
    assertEquals(well.out.at(-1), "all is well");
    const [table] = (await Array.fromAsync(Deno.readDir(`${folder}/sst`)))
      .filter(({ isFile }) => isFile).map(({ name }) => name).toSorted();
    const path = `${folder}/sst/${table}`;
    const bytes = await Deno.readFile(path);
    bytes[20]! ^= 1;
    await Deno.writeFile(path, bytes);
    const damaged = await kriya("fsck", address);
    assertEquals(damaged.code, 1);
    assert(
      damaged.out.some((line) => line.startsWith(`sst/${table} at byte `)),
      damaged.out.join("\n"),
    );
    const json = await kriya("fsck", address, "--json");
    assertEquals(json.code, 1);
    assertEquals(JSON.parse(json.out[0]!).ok, false);
  });
});

Deno.test("kriya sql prints rows as a table or as JSON, and writes only with --write", async () => {
  await withDatabase(async (address) => {
    const query = "SELECT id, nullif(name, 'item 2') AS name FROM items " +
      "ORDER BY id LIMIT 2; SELECT 2::bigint ^ 3 AS cube";
    const table = await kriya("sql", address, query);
    assertEquals(table.out, [
      " id | name",
      "----+--------",
      " 1  | item 1",
      " 2  |",
      "(2 rows)",
      " cube",
      "------",
      " 8",
      "(1 row)",
    ]);
    const json = await kriya("sql", address, "--json", query);
    assertEquals(json.out.map((line) => JSON.parse(line)), [
      [{ id: 1, name: "item 1" }, { id: 2, name: null }],
      [{ cube: 8 }],
    ]);
    const refused = await kriya("sql", address, "DELETE FROM items");
    assertEquals(refused.code, 1);
    assert(refused.said[0]!.startsWith("ERROR 25006: "), refused.said.join());
    const done = await kriya("sql", address, "--write", "DELETE FROM items");
    assertEquals([done.code, done.out], [0, ["DELETE 250"]]);
  });
});

Deno.test("kriya backup copies, twice what is new, and the copy opens for writing", async () => {
  await withDatabase(async (address, folder) => {
    const copy = `file:${folder}-copy`;
    const first = await kriya("backup", address, copy);
    assertEquals([first.code, first.out[1]], [0, "read back: all is well"]);
    {
      await using db = await open(address, { storage: { compaction: "off" } });
      await db.query("DELETE FROM items WHERE id > 3");
    }
    const second = await kriya("backup", address, copy, "--json");
    const { kept, check } = JSON.parse(second.out[0]!);
    assertEquals([second.code, kept, check.ok], [0, 5, true]);
    const query = "INSERT INTO items VALUES (9); SELECT count(*) FROM items";
    const { out } = await kriya("sql", copy, "--write", query);
    assertEquals(out.slice(-2), [" 4", "(1 row)"]);
    const refused = await kriya("backup", address, copy);
    assertEquals(refused.code, 1);
    assert(refused.said[0]!.includes("a database of its own"));
    assertEquals((await kriya("backup", address)).code, 1);
  });
});

Deno.test("kriya status says what the database holds", async () => {
  await withDatabase(async (address) => {
    const { code, out } = await kriya("status", address, "--json");
    assertEquals(code, 0);
    const status = JSON.parse(out[0]!);
    assertEquals(status.store.levels[0].tables, 5);
    const lines = await kriya("status", address);
    assert(lines.out.includes("      tables: 5"), lines.out.join("\n"));
  });
});

Deno.test("arguments that make no sense are 2 with the usage, an address without a database is 1; nothing is made", async () => {
  const none = await kriya();
  assertEquals(none.code, 2);
  assert(none.out[0]!.includes("kriya compact ADDRESS"));
  assertEquals((await kriya("--help")).code, 0);
  for (
    const [args, message] of [
      [["frobnicate"], 'no command "frobnicate"'],
      [["fsck"], "the address is missing"],
      [["fsck", "memory:", "more"], '"more" means nothing here'],
      [["compact", "memory:", "--fulll"], "--fulll"],
    ] as const
  ) {
    const { code, said } = await kriya(...args);
    assertEquals(code, 2);
    assert(said[0]!.includes(message), said.join("\n"));
  }
  const folder = await Deno.makeTempDir();
  try {
    for (const command of ["compact", "fsck", "status"]) {
      const { code, said } = await kriya(command, `file:${folder}/typo`);
      assertEquals(code, 1, said.join());
      assert(said.join("\n").includes("typo"), said.join("\n"));
    }
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
    const address = await kriya("fsck", "ftp://x");
    assert(address.said.join("\n").includes("s3://bucket/prefix"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("kriya is a program: standard input, standard output and exit codes", async () => {
  await withDatabase(async (address) => {
    const kriya = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", new URL("./kriya.ts", import.meta.url).href].concat(
        ["sql", address],
      ),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = kriya.stdin.getWriter();
    await writer.write(new TextEncoder().encode("SELECT count(*) FROM items"));
    await writer.close();
    const { code, stdout } = await kriya.output();
    assertEquals(code, 0);
    assertEquals(
      new TextDecoder().decode(stdout),
      " count\n-------\n 250\n(1 row)\n",
    );
  });
});

Deno.test("[K-130] kriya serve answers clients until it is interrupted, and wants a password for others", async () => {
  const stop = new AbortController();
  const lines = Promise.withResolvers<string>();
  const done = runCommand(["serve", "memory:", "--pg", "0"], {
    out: lines.resolve,
    say: () => {},
    signal: stop.signal,
  });
  const url = await lines.promise;
  assert(/^postgres:\/\/postgres@127\.0\.0\.1:\d+\/postgres$/.test(url), url);
  using client = await WireClient.open(Number(new URL(url).port));
  assertEquals((await client.ask(query("SELECT 1")))[1], "D 1");
  stop.abort();
  assertEquals(await done, 0);
  const open = await kriya("serve", "memory:", "--host", "0.0.0.0");
  assertEquals(open.code, 2);
  assert(open.said[0]!.includes("set KRIYA_PASSWORD, or say --trust"));
  assertEquals((await kriya("serve", "memory:", "--pg", "x")).code, 1);
  assertEquals((await kriya("serve", "memory:", "--tls-key", "x")).code, 1);
});

Deno.test("kriya serve --http answers requests of those who have the token", async () => {
  const stop = new AbortController();
  const lines = Promise.withResolvers<string>();
  Deno.env.set("KRIYA_TOKEN", "secret");
  const done = runCommand(["serve", "memory:", "--http", "0"], {
    out: lines.resolve,
    say: () => {},
    signal: stop.signal,
  });
  const url = await lines.promise;
  Deno.env.delete("KRIYA_TOKEN");
  assert(/^http:\/\/127\.0\.0\.1:\d+\/v1\/$/.test(url), url);
  const ask = (token: string): Promise<Response> =>
    fetch(`${url}query`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({ sql: "SELECT 1 AS n" }),
    });
  assertEquals((await (await ask("secret")).json()).rows, [{ n: 1 }]);
  const refused = await ask("guess");
  assertEquals((await refused.json()).code, "28P01");
  stop.abort();
  assertEquals(await done, 0);
  const open = await kriya("serve", "memory:", "--http", "0", "--host", "::");
  assertEquals(open.code, 2);
});
