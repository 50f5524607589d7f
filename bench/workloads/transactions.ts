/**
 * Single rows by key in transactions, prepared, one after another, in a table
 * of 100000 rows in memory.
 *
 * @module
 */
import type { Peer, Side, Workload } from "../harness.ts";
import { CREATE_ITEMS, insertText, itemKey, makeItems } from "../items.ts";
import {
  openOurPoints,
  openPglitePoints,
  openSqlitePoints,
  type PointEngine,
  type RunPrepared,
} from "../point_engines.ts";
import { randomNumbers } from "../random.ts";

const ROWS = 100_000;
/** Changes of one transaction. */
const CHANGES = 1000;

const SELECT = "SELECT * FROM items WHERE id = $1";
const UPDATE = "UPDATE items SET price = $2 WHERE id = $1";
const DELETE = "DELETE FROM items WHERE id = $1";
const INSERT = "INSERT INTO items VALUES ($1, $2, $3, $4, $5)";

/** What a round does with the table. */
abstract class PointSide implements Side {
  readonly #open: () => Promise<PointEngine>;
  protected readonly random: () => number = randomNumbers(2);
  protected engine!: PointEngine;
  protected select!: RunPrepared;
  protected update!: RunPrepared;
  protected delete!: RunPrepared;
  protected insert!: RunPrepared;

  constructor(open: () => Promise<PointEngine>) {
    this.#open = open;
  }

  async setup(): Promise<string> {
    const engine = this.engine = await this.#open();
    await engine.exec(CREATE_ITEMS);
    const items = makeItems(ROWS);
    for (let i = 0; i < ROWS; i += 1000) {
      await engine.exec(insertText(items.slice(i, i + 1000)));
    }
    this.select = await engine.prepareRows(SELECT);
    this.update = await engine.prepareChange(UPDATE);
    this.delete = await engine.prepareChange(DELETE);
    this.insert = await engine.prepareChange(INSERT);
    await this.round();
    return `${ROWS} rows in memory`;
  }

  abstract round(): Promise<number>;

  async close(): Promise<void> {
    await this.engine.close();
  }

  protected someKey(): string {
    return itemKey(Math.floor(this.random() * ROWS));
  }

  /** Reads a row; there is one. */
  protected async read(): Promise<void> {
    const key = this.someKey();
    const rows = this.select([key]);
    const got = rows instanceof Promise ? await rows : rows;
    if ((got as unknown[]).length !== 1) throw new Error(`no row of "${key}"`);
  }

  /** Runs a statement, or a text. */
  protected async wait(done: unknown): Promise<void> {
    if (done instanceof Promise) await done;
  }
}

class LookupSide extends PointSide {
  async round(): Promise<number> {
    for (let i = 0; i < 1000; i++) await this.read();
    return 1000;
  }
}

class ReadSide extends PointSide {
  async round(): Promise<number> {
    for (let i = 0; i < 300; i++) {
      await this.wait(this.engine.exec("BEGIN"));
      await this.read();
      await this.wait(this.engine.exec("COMMIT"));
    }
    return 300;
  }
}

class MixedSide extends PointSide {
  async round(): Promise<number> {
    for (let i = 0; i < 100; i++) {
      await this.wait(this.engine.exec("BEGIN"));
      for (let n = 0; n < 5; n++) {
        await this.read();
        await this.wait(this.update([this.someKey(), i]));
      }
      await this.wait(this.engine.exec("COMMIT"));
    }
    return 100;
  }
}

class UpdateSide extends PointSide {
  async round(): Promise<number> {
    await this.wait(this.engine.exec("BEGIN"));
    for (let i = 0; i < CHANGES; i++) {
      const done = this.update([this.someKey(), i]);
      if (done instanceof Promise) await done;
    }
    await this.wait(this.engine.exec("COMMIT"));
    return CHANGES;
  }
}

/** Takes its rows back, so that the next round finds them. */
class DeleteSide extends PointSide {
  async round(): Promise<number> {
    await this.wait(this.engine.exec("BEGIN"));
    for (let i = 0; i < CHANGES; i++) {
      const done = this.delete([this.someKey()]);
      if (done instanceof Promise) await done;
    }
    await this.wait(this.engine.exec("ROLLBACK"));
    return CHANGES;
  }
}

class InsertSide extends PointSide {
  readonly #items = makeItems(CHANGES);
  #next = ROWS;

  async round(): Promise<number> {
    await this.wait(this.engine.exec("BEGIN"));
    for (let i = 0; i < CHANGES; i++) {
      const [, ...rest] = this.#items[i]!;
      const done = this.insert([itemKey(this.#next++), ...rest]);
      if (done instanceof Promise) await done;
    }
    await this.wait(this.engine.exec("COMMIT"));
    return CHANGES;
  }
}

function workload(
  name: string,
  unit: string,
  targets: { readonly pglite: number; readonly sqlite?: number },
  SideClass: new (open: () => Promise<PointEngine>) => Side,
): Workload {
  const peers: Record<string, Peer> = {
    pglite: { name: "pglite", target: targets.pglite },
  };
  if (targets.sqlite !== undefined) {
    peers["sqlite"] = { name: "node:sqlite", target: targets.sqlite };
  }
  return {
    name,
    unit,
    peers,
    sides: {
      ours: () => new SideClass(openOurPoints),
      pglite: () => new SideClass(openPglitePoints),
      sqlite: () => new SideClass(openSqlitePoints),
    },
  };
}

/** Rows by key, by what is done with them. */
export const transactions: readonly Workload[] = [
  workload("txn-lookup", "queries/s", { pglite: 20, sqlite: 0.7 }, LookupSide),
  workload("txn-read", "transactions/s", { pglite: 20 }, ReadSide),
  workload("txn-read-update", "transactions/s", { pglite: 15 }, MixedSide),
  workload("txn-update", "rows/s", { pglite: 15, sqlite: 0.2 }, UpdateSide),
  workload("txn-delete", "rows/s", { pglite: 15, sqlite: 0.2 }, DeleteSide),
  workload("txn-insert", "rows/s", { pglite: 12, sqlite: 0.3 }, InsertSide),
];
