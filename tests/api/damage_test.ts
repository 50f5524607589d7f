import { assert, assertEquals } from "@std/assert";
import { type Database, KriyaError, open } from "../../mod.ts";
import { withFolder } from "../support/databases.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { testSeed } from "../support/test_seed.ts";

/** What a sound copy of the database answers. */
const ANSWERS: readonly (readonly [text: string, rows: unknown])[] = [
  ["SELECT count(*) AS n, sum(id) AS s FROM t", [{ n: 1510, s: 1224395 }]],
  ["SELECT id FROM t ORDER BY e <-> '[700,1]' LIMIT 2", [
    { id: 700 },
    { id: 699 },
  ]],
  ["SELECT s FROM t WHERE id = 1234", [{ s: "row 1234" }]],
  ["SELECT s FROM t WHERE id = 5003", [{ s: "row 5003" }]],
  ["SELECT s FROM t WHERE id = 3", []],
];

function rowsFrom(first: number, count: number): string {
  return Array.from({ length: count }, (_, i) => {
    const id = first + i;
    return `(${id}, 'row ${id}', '[${id + (id % 2) / 4},1]')`;
  }).join(", ");
}

/** A closed database with tables, vectors, a log and several manifests. */
async function makeDatabase(folder: string): Promise<void> {
  await using db = await open(`file:${folder}`);
  await db.query("CREATE TABLE t (id int PRIMARY KEY, s text, e vector(2))");
  await db.query(`INSERT INTO t VALUES ${rowsFrom(0, 1500)}`);
  await db.query("SELECT lsm_s3_flush()");
  await db.query("CREATE INDEX ON t USING lsm_hnsw (e)");
  await db.query("DELETE FROM t WHERE id < 10");
  await db.query(`INSERT INTO t VALUES ${rowsFrom(5000, 20)}`);
}

async function objectsIn(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name: kind, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory || kind.startsWith("~")) continue;
    for await (const { name } of Deno.readDir(`${folder}/${kind}`)) {
      paths.push(`${kind}/${name}`);
    }
  }
  return paths.toSorted();
}

async function copyFolder(
  from: string,
  to: string,
  paths: readonly string[],
): Promise<void> {
  for (const kind of ["sst", "vec", "wal", "manifest"]) {
    await Deno.mkdir(`${to}/${kind}`, { recursive: true });
  }
  for (const path of paths) {
    await Deno.copyFile(`${from}/${path}`, `${to}/${path}`);
  }
}

/** Asks everything; every answer is right, or an error is thrown. */
async function askAll(db: Database): Promise<void> {
  for (const [text, rows] of ANSWERS) {
    assertEquals((await db.query(text)).rows, rows, text);
  }
}

/** Opens a folder and asks everything: the error, if there was one. */
async function tryAll(folder: string): Promise<KriyaError | undefined> {
  try {
    await using db = await open(`file:${folder}`);
    await askAll(db);
  } catch (error) {
    assert(error instanceof KriyaError, String(error));
    return error;
  }
}

/** Ways to damage an object; `undefined`: it is gone. */
function damages(
  bytes: Uint8Array,
  random: () => number,
): [name: string, bytes: Uint8Array | undefined][] {
  const flip = (at: number): Uint8Array => {
    const flipped = bytes.slice();
    flipped[at]! ^= 1 << Math.floor(random() * 8);
    return flipped;
  };
  const somewhere = (): number => Math.floor(random() * bytes.length);
  const [first, second] = [somewhere(), somewhere()];
  return [
    ["byte 0", flip(0)],
    ["last byte", flip(bytes.length - 1)],
    [`byte ${first}`, flip(first)],
    [`byte ${second}`, flip(second)],
    ["half of it", bytes.subarray(0, bytes.length >> 1)],
    ["nothing of it", bytes.subarray(0, 0)],
    [
      "other bytes",
      crypto.getRandomValues(new Uint8Array(bytes.length % 5000)),
    ],
    ["missing", undefined],
  ];
}

/** The object is named, and the byte in it, unless it is gone. */
function checkPlace(
  message: string,
  path: string,
  isMissing: boolean,
  label: string,
): void {
  const number = Number(path.split("/")[1]);
  const named = message.includes(path) ||
    (isMissing && message.includes(`object ${number} `));
  assert(named, `${label}: ${message}`);
  const place = isMissing ? /is missing|no such object/ : /at byte \d+/;
  assert(place.test(message), `${label}: ${message}`);
}

Deno.test("a damaged object is XX001 with its name, or never read; nothing is overwritten, nothing lost", () =>
  withFolder(async (folder) => {
    const seed = testSeed();
    const random = seededRandom(seed);
    const sound = `${folder}/sound`;
    await makeDatabase(sound);
    const paths = await objectsIn(sound);
    const read = (at: string, path: string): Promise<Uint8Array> =>
      Deno.readFile(`${at}/${path}`);
    const original = new Map<string, Uint8Array>();
    for (const path of paths) original.set(path, await read(sound, path));
    const seen = new Map<string, number>();
    const tryOne = async (
      path: string,
      damaged: Uint8Array | undefined,
      label: string,
      copy: string,
    ): Promise<void> => {
      await copyFolder(sound, copy, paths);
      if (damaged === undefined) await Deno.remove(`${copy}/${path}`);
      else await Deno.writeFile(`${copy}/${path}`, damaged);
      const error = await tryAll(copy);
      if (error !== undefined) {
        const kind = path.split("/")[0]!;
        assertEquals(error.code, "XX001", `${label}: ${error.message}`);
        assertEquals(error.kind, "corrupt", label);
        checkPlace(error.message, path, damaged === undefined, label);
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
        for (const [other, before] of original) {
          if (other === path) continue;
          assertEquals(await read(copy, other), before, `${label}: ${other}`);
        }
        if (damaged !== undefined) {
          assertEquals(await read(copy, path), damaged, label);
        }
        await Deno.writeFile(`${copy}/${path}`, original.get(path)!);
      }
      const after = await tryAll(copy);
      assertEquals(after, undefined, `${label}, repaired: ${after?.message}`);
    };
    let n = 0;
    for (const [path, bytes] of original) {
      await Promise.all(
        damages(bytes, random).map(([what, damaged]) => {
          // Who crashed before the end of the log left the same behind.
          if (damaged === undefined && path === paths.at(-1)) return;
          const label = `seed ${seed}: ${what} of ${path}`;
          return tryOne(path, damaged, label, `${folder}/copy-${n++}`);
        }),
      );
    }
    for (const kind of ["sst", "wal", "manifest"]) {
      assert((seen.get(kind) ?? 0) > 0, `no damage of ${kind} was found`);
    }
    // What is in a segment is in the rows, too.
    assertEquals(seen.get("vec"), undefined);
  }));

Deno.test("damage of a vector index is told with the object's name, and everything goes on", () =>
  withFolder(async (folder) => {
    const address = `file:${folder}/db`;
    {
      await using db = await open(address);
      await db.exec("CREATE TABLE good (id int PRIMARY KEY, s text)");
      await db.query("INSERT INTO good VALUES (1, 'one')");
      await db.query("CREATE TABLE bad (id int PRIMARY KEY, e vector(2))");
      const rows = Array.from({ length: 1200 }, (_, i) => `(${i}, '[${i},1]')`);
      await db.query(`INSERT INTO bad VALUES ${rows.join(", ")}`);
      await db.query("CREATE INDEX ON bad USING lsm_hnsw (e)");
    }
    const [name] = (await objectsIn(`${folder}/db`)).filter((path) =>
      path.startsWith("vec/")
    );
    const path = `${folder}/db/${name}`;
    const bytes = await Deno.readFile(path);
    bytes[bytes.length >> 1]! ^= 0x10;
    await Deno.writeFile(path, bytes);
    const told: string[] = [];
    await using db = await open(address, {
      onEvent: ({ error }) => void told.push(error?.message ?? ""),
    });
    const nearest = "SELECT id FROM bad ORDER BY e <-> '[7,1]' LIMIT 1";
    for (let i = 0; i < 2; i++) {
      assertEquals((await db.query(nearest)).rows, [{ id: 7 }]);
    }
    assertEquals(told.length, 1);
    assert(told[0]!.includes(name!), told[0]);
    assertEquals((await db.query("SELECT s FROM good")).rows, [{ s: "one" }]);
    await db.query("INSERT INTO good VALUES (2, 'two')");
    await db.query("INSERT INTO bad VALUES (5000, '[5000,1]')");
    await db.exec("DROP INDEX bad_e_idx");
    await db.exec("CREATE INDEX ON bad USING lsm_hnsw (e)");
    assertEquals((await db.query(nearest)).rows, [{ id: 7 }]);
  }));
