import { assert, assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import { startScript } from "../support/child.ts";
import { withFolder } from "../support/databases.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { testSeed } from "../support/test_seed.ts";
import { LaneModel, LANES, makeTables, vectorOf } from "./sql_workload.ts";

const WRITER = new URL("./sql_writer.ts", import.meta.url);

/** Databases that are written and killed at the same time. */
const DATABASES = 2;
/** Kills of each. */
const KILLS = 26;

/** Starts a writer, kills it after a while; how many were acknowledged. */
async function writeAndKill(
  address: string,
  seed: number,
  done: readonly number[],
  random: () => number,
): Promise<number[]> {
  const args = [address, String(seed), ...done.map(String)];
  const writer = startScript(WRITER, args);
  const acknowledged = [...done];
  const kill = (ms: number): ReturnType<typeof setTimeout> =>
    setTimeout(() => writer.kill(), Math.floor(ms));
  // Now and then it dies while it starts, or recovers.
  let timer = kill(random() < 0.2 ? random() * 400 : 30_000);
  // Else by what it has done: how fast that is depends on the machine.
  let left = 1 + Math.floor(random() * 60);
  for (let line = await writer.line(); line; line = await writer.line()) {
    if (line === "open") continue;
    acknowledged[Number(line)]!++;
    if (--left !== 0) continue;
    clearTimeout(timer);
    timer = kill(random() * 20);
  }
  clearTimeout(timer);
  await writer.gone;
  return acknowledged;
}

/** The rows that are there, by lane. */
async function lanesOf(db: Database): Promise<Map<number, number>[]> {
  const lanes = Array.from({ length: LANES }, () => new Map<number, number>());
  const { rows } = await db.query<{ id: number; version: number }>(
    "SELECT id, version FROM a",
  );
  for (const { id, version } of rows) {
    const lane = lanes[Math.floor(id / 1_000_000)];
    assert(lane !== undefined, `a row of nobody: ${id}`);
    assert(!lane.has(id), `id ${id} is there twice`);
    lane.set(id, version);
  }
  return lanes;
}

/** How many operations of a lane are there: all of each, or nothing of it. */
function countDone(
  rows: ReadonlyMap<number, number>,
  model: LaneModel,
  label: string,
): number {
  const there = JSON.stringify([...rows].toSorted(([a], [b]) => a - b));
  // One more may be durable: the process died before it could say so.
  for (let more = 0; more < 2; more++) {
    const expected = [...model.rows].toSorted(([a], [b]) => a - b);
    if (JSON.stringify(expected) === there) return model.done;
    if (more === 0) model.take(model.next());
  }
  const wanted = new Map(model.rows);
  const extra = [...rows].filter(([id, v]) => wanted.get(id) !== v);
  const missing = [...wanted].filter(([id, v]) => rows.get(id) !== v);
  throw new Error(
    `${label}: not the rows after ${
      model.done - 2
    } operations, nor one more: ` +
      `${rows.size} rows, of which ${JSON.stringify(extra.slice(0, 9))} are ` +
      `wrong, and ${JSON.stringify(missing.slice(0, 9))} missing`,
  );
}

/** Both tables, their keys and the vector index say the same. */
async function checkDatabase(
  db: Database,
  lanes: readonly ReadonlyMap<number, number>[],
  random: () => number,
  label: string,
): Promise<void> {
  const rows = lanes.flatMap((lane) =>
    [...lane].map(([id, version]) => ({ id, version }))
  );
  const ids = rows.map(({ id }) => id).toSorted((a, b) => a - b);
  const keys = await db.query<{ key: string; a: number }>(
    "SELECT key, a FROM b ORDER BY a",
  );
  assertEquals(keys.rows.map(({ a }) => a), ids, `${label}: tables differ`);
  await db.exec("SET enable_seqscan = off");
  const nearest = "SELECT id, v <-> $1 AS d FROM a ORDER BY d LIMIT $2";
  const everything = await db.query<{ id: number }>(nearest, [
    [500, 500, 0, 1],
    rows.length + 10,
  ]);
  const indexed = everything.rows.map(({ id }) => id).toSorted((a, b) => a - b);
  assertEquals(indexed, ids, `${label}: the index differs from the rows`);
  for (let i = 0; i < 8 && rows.length > 0; i++) {
    const row = i < 3
      ? rows.at(-1 - i) ?? rows[0]!
      : rows[Math.floor(random() * rows.length)]!;
    const found = await db.query(nearest, [vectorOf(row), 1]);
    assertEquals(found.rows, [{ id: row.id, d: 0 }], `${label}: KNN`);
    const byId = await db.query("SELECT version FROM a WHERE id = $1", [
      row.id,
    ]);
    assertEquals(byId.rows, [{ version: row.version }], label);
    const byKey = await db.query("SELECT a FROM b WHERE key = $1", [
      `key ${row.id}`,
    ]);
    assertEquals(byKey.rows, [{ a: row.id }], label);
  }
}

async function killAgainAndAgain(
  address: string,
  seed: number,
): Promise<{ operations: number; rows: number }> {
  const random = seededRandom(seed);
  {
    await using db = await open(address);
    await makeTables(db, seed);
  }
  let done: number[] = Array(LANES).fill(0);
  let rows = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const label = `seed ${seed}, kill ${kill}`;
    const acknowledged = await writeAndKill(address, seed, done, random);
    // A reader recovers nothing: then the next writer opens what was left.
    await using db = await open(address, { readOnly: random() < 0.5 });
    const lanes = await lanesOf(db);
    done = lanes.map((lane, number) =>
      countDone(
        lane,
        new LaneModel(seed, number).advanceTo(acknowledged[number]!),
        `${label}, lane ${number}`,
      )
    );
    await checkDatabase(db, lanes, random, label);
    rows = lanes.reduce((sum, lane) => sum + lane.size, 0);
  }
  return { operations: done.reduce((sum, count) => sum + count, 0), rows };
}

Deno.test("[K-082, Y-180, Y-181] a process killed at any moment loses nothing acknowledged and shows nothing torn", () =>
  withFolder(async (folder) => {
    const seed = testSeed();
    const results = await Promise.all(
      Array.from(
        { length: DATABASES },
        (_, i) => killAgainAndAgain(`file:${folder}/db${i}`, seed + i),
      ),
    );
    assert(DATABASES * KILLS >= 50);
    for (const { operations, rows } of results) {
      const said = `seed ${seed}: ${operations} operations, ${rows} rows`;
      assert(operations > 2 * KILLS && rows > 2 * KILLS, said);
    }
  }));
