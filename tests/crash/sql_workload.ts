/**
 * What the processes of `sql_crash_test.ts` do, and what must be there then.
 *
 * A lane is one client with rows of its own. Its operations follow from a seed,
 * its number and their own, and from the rows that the operations before have
 * left. So whoever knows how many are done knows every row: the process that
 * writes, the test that checks, and the next process, which goes on.
 *
 * @module
 */
import type { Database } from "../../mod.ts";
import { seededRandom } from "../support/seeded_random.ts";

/** Lanes of a database. */
export const LANES = 3;

/** Rows that a lane begins with. */
const ROWS_FIRST = 400;

/** Rows from which a lane deletes more than it inserts. */
const ROWS_MAX = 1500;

/** A row of table `a`. Its vector is unlike that of any other row, ever. */
export interface Row {
  readonly id: number;
  readonly version: number;
}

/** What an operation does to the rows of its lane. */
export interface Operation {
  readonly kind:
    | "insert"
    | "transaction"
    | "update"
    | "delete"
    | "give up"
    | "duplicate"
    | "search"
    | "flush";
  /** Rows that are new or changed. */
  readonly put: readonly Row[];
  /** Rows that go. */
  readonly remove: readonly number[];
}

/** The vector of a version of a row. */
export function vectorOf({ id, version }: Row): number[] {
  return [id % 1000, Math.floor(id / 1000), version, 1];
}

/** Makes the tables, with the rows that the lanes begin with in a segment. */
export async function makeTables(db: Database, seed: number): Promise<void> {
  await db.exec(`
    CREATE TABLE a (id int PRIMARY KEY, version int NOT NULL, v vector(4));
    CREATE TABLE b (key text PRIMARY KEY, a int NOT NULL);
  `);
  for (let lane = 0; lane < LANES; lane++) {
    const { rows } = new LaneModel(seed, lane);
    await db.exec(
      insertText([...rows].map(([id, version]) => ({ id, version }))),
    );
  }
  await db.exec("CREATE INDEX a_v ON a USING lsm_hnsw (v)");
}

/** The rows of a lane after some operations. */
export class LaneModel {
  readonly #seed: number;
  readonly #lane: number;
  readonly rows = new Map<number, number>();
  #done = 0;
  #nextId: number;

  /** A lane that has done nothing. */
  constructor(seed: number, lane: number) {
    this.#seed = seed;
    this.#lane = lane;
    this.#nextId = lane * 1_000_000;
    for (let i = 0; i < ROWS_FIRST; i++) this.rows.set(this.#nextId++, 0);
  }

  /** How many operations are done. */
  get done(): number {
    return this.#done;
  }

  /** Does operations until `count` are done. */
  advanceTo(count: number): this {
    while (this.#done < count) this.take(this.next());
    return this;
  }

  /** Does an operation. */
  take({ put, remove }: Operation): void {
    for (const { id, version } of put) {
      this.rows.set(id, version);
      this.#nextId = Math.max(this.#nextId, id + 1);
    }
    for (const id of remove) this.rows.delete(id);
    this.#done++;
  }

  /** The next operation. */
  next(): Operation {
    const random = seededRandom(
      this.#seed ^ Math.imul(this.#lane * 7919 + this.#done + 1, 0x9e3779b1),
    );
    const roll = random();
    const full = this.rows.size > ROWS_MAX;
    if (roll < 0.02) return { kind: "flush", put: [], remove: [] };
    if (roll < 0.05) return { kind: "duplicate", put: [], remove: [] };
    if (roll < 0.1) return { kind: "search", put: [], remove: [] };
    if (roll < 0.14) return { kind: "give up", put: [], remove: [] };
    if (roll < 0.25 || this.rows.size === 0) {
      return { kind: "insert", put: this.#newRows(1), remove: [] };
    }
    if (roll < 0.4) {
      return { kind: "update", put: this.#changed(random, 1), remove: [] };
    }
    if (roll < (full ? 0.8 : 0.5)) {
      const count = full ? 150 : 1;
      return { kind: "delete", put: [], remove: this.#some(random, count) };
    }
    const remove = this.#some(random, 2);
    const changed = this.#changed(random, 3).filter(({ id }) =>
      !remove.includes(id)
    );
    const added = this.#newRows(1 + Math.floor(random() * 80));
    return { kind: "transaction", put: [...added, ...changed], remove };
  }

  #newRows(count: number): Row[] {
    return Array.from(
      { length: count },
      (_, i) => ({ id: this.#nextId + i, version: 0 }),
    );
  }

  #some(random: () => number, count: number): number[] {
    const ids = [...this.rows.keys()];
    const chosen = new Set<number>();
    for (let i = 0; i < count && ids.length > 0; i++) {
      chosen.add(ids[Math.floor(random() * ids.length)]!);
    }
    return [...chosen];
  }

  #changed(random: () => number, count: number): Row[] {
    return this.#some(random, count).map((id) => ({
      id,
      version: this.rows.get(id)! + 1,
    }));
  }
}

/**
 * Runs an operation of `model`; resolves once it is acknowledged. What gives up
 * changes rows of all lanes before, so others wait for it, and a circle of such
 * waits, or a row that was changed meanwhile, ends one of them: it is run again.
 */
export async function runOperation(
  db: Database,
  model: LaneModel,
  operation: Operation,
): Promise<void> {
  for (;;) {
    try {
      return await attempt(db, model, operation);
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (code !== "40001" && code !== "40P01") throw error;
      if (operation.kind === "give up") return;
    }
  }
}

async function attempt(
  db: Database,
  model: LaneModel,
  operation: Operation,
): Promise<void> {
  const { put, remove } = operation;
  const isNew = ({ id }: Row): boolean => !model.rows.has(id);
  switch (operation.kind) {
    case "flush":
      await db.query("SELECT lsm_s3_flush()");
      return;
    case "insert":
      await db.exec(insertText(put));
      return;
    case "update":
      await db.query("UPDATE a SET version = $2, v = $3 WHERE id = $1", [
        put[0]!.id,
        put[0]!.version,
        vectorOf(put[0]!),
      ]);
      return;
    case "delete":
      await db.exec(
        `DELETE FROM b WHERE a IN (${remove}); DELETE FROM a WHERE id IN (${remove})`,
      );
      return;
    case "duplicate":
      await runDuplicate(db, model);
      return;
    case "search":
      await runSearch(db, model);
      return;
    case "give up":
      await db.transaction(async (tx) => {
        await tx.exec(insertText([{ id: 999_999_999, version: 7 }]));
        await tx.query("UPDATE a SET version = -1 WHERE id % 2 = 0");
        await tx.rollback();
      });
      return;
    case "transaction":
      await db.transaction(async (tx) => {
        await tx.exec(insertText(put.filter(isNew)));
        for (const row of put.filter((row) => !isNew(row))) {
          await tx.query("UPDATE a SET version = $2, v = $3 WHERE id = $1", [
            row.id,
            row.version,
            vectorOf(row),
          ]);
        }
        for (const id of remove) {
          await tx.query("DELETE FROM a WHERE id = $1", [id]);
          await tx.query("DELETE FROM b WHERE key = $1", [`key ${id}`]);
        }
      });
  }
}

/** A key that is taken must be refused, in either table. */
async function runDuplicate(db: Database, model: LaneModel): Promise<void> {
  const [id] = model.rows.keys();
  if (id === undefined) return;
  for (
    const text of [
      `INSERT INTO a VALUES (${id}, 0, NULL)`,
      `INSERT INTO b VALUES ('key ${id}', 0)`,
    ]
  ) {
    const code = await db.query(text).then(() => "none", (error) => error.code);
    if (code !== "23505") throw new Error(`${text}: ${code}`);
  }
}

/** The newest row is found by its vector; the index is open from then on. */
async function runSearch(db: Database, model: LaneModel): Promise<void> {
  const [id, version] = [...model.rows].at(-1) ?? [];
  if (id === undefined || version === undefined) return;
  const { rows } = await db.query(
    "SELECT id FROM a ORDER BY v <-> $1 LIMIT 1",
    [vectorOf({ id, version })],
  );
  if (rows[0]?.["id"] !== id) throw new Error(`${id} was not found`);
}

function insertText(rows: readonly Row[]): string {
  const a = rows.map((row) =>
    `(${row.id}, ${row.version}, '[${vectorOf(row)}]')`
  );
  const b = rows.map(({ id }) => `('key ${id}', ${id})`);
  return `INSERT INTO a VALUES ${a.join()}; INSERT INTO b VALUES ${b.join()}`;
}
