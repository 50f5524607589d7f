/**
 * Point lookups by primary key through `query`, one after another, in a table
 * of 100000 rows.
 *
 * @module
 */
import { openOurs, openPglite, type SqlEngine } from "../engines.ts";
import type { Side, Workload } from "../harness.ts";
import { CREATE_ITEMS, insertText, itemKey, makeItems } from "../items.ts";
import { randomNumbers } from "../random.ts";

const ROWS = 100_000;
const LOOKUPS = 1000;

class LookupSide implements Side {
  readonly #open: () => Promise<SqlEngine>;
  readonly #random = randomNumbers(2);
  #engine: SqlEngine | undefined;

  constructor(open: () => Promise<SqlEngine>) {
    this.#open = open;
  }

  async setup(): Promise<string> {
    const engine = this.#engine = await this.#open();
    await engine.query(CREATE_ITEMS);
    const items = makeItems(ROWS);
    for (let i = 0; i < ROWS; i += 1000) {
      await engine.query(insertText(items.slice(i, i + 1000)));
    }
    await this.round();
    return `${ROWS} rows in memory`;
  }

  async round(): Promise<number> {
    const engine = this.#engine!;
    for (let i = 0; i < LOOKUPS; i++) {
      const key = itemKey(Math.floor(this.#random() * ROWS));
      const { rows } = await engine.query(
        "SELECT * FROM items WHERE id = $1",
        [key],
      );
      if (rows.length !== 1) throw new Error(`no row of "${key}"`);
    }
    return LOOKUPS;
  }

  async close(): Promise<void> {
    await this.#engine?.close();
  }
}

/** Point lookups. */
export const lookup: Workload = {
  name: "lookup",
  unit: "queries/s",
  peers: { pglite: { name: "pglite", target: 10 } },
  sides: {
    ours: () => new LookupSide(openOurs),
    pglite: () => new LookupSide(openPglite),
  },
};
