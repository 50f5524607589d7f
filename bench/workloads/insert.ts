/**
 * Inserting 100 statements of 1000 rows, each its own transaction, into a table
 * with a text key; the table is new every round.
 *
 * Ours is measured with the values in the text and with rows as parameters;
 * PGlite's value is with the values in the text both times, its faster way.
 *
 * @module
 */
import { openOurs, openPglite, type SqlEngine } from "../engines.ts";
import type { Side, Workload } from "../harness.ts";
import {
  CREATE_ITEMS,
  insertParametersText,
  insertText,
  makeItems,
} from "../items.ts";

const STATEMENTS = 100;
const ROWS = 1000;

/** A statement with its parameters. */
type Statement = readonly [string, unknown[]];

class InsertSide implements Side {
  readonly #open: () => Promise<SqlEngine>;
  readonly #parameters: boolean;
  #statements: Statement[] = [];
  #engine: SqlEngine | undefined;

  constructor(open: () => Promise<SqlEngine>, form: "text" | "parameters") {
    this.#open = open;
    this.#parameters = form === "parameters";
  }

  async setup(): Promise<string> {
    const items = makeItems(STATEMENTS * ROWS);
    const text = insertParametersText(ROWS);
    for (let i = 0; i < items.length; i += ROWS) {
      const rows = items.slice(i, i + ROWS);
      this.#statements.push(
        this.#parameters ? [text, rows.flat()] : [insertText(rows), []],
      );
    }
    this.#engine = await this.#open();
    await this.#engine.query(CREATE_ITEMS);
    const form = this.#parameters ? "parameters" : "values in the text";
    return `${ROWS} rows a statement, ${form}, in memory`;
  }

  async round(): Promise<number> {
    const engine = this.#engine!;
    await engine.query("DROP TABLE items");
    await engine.query(CREATE_ITEMS);
    for (const [sql, parameters] of this.#statements) {
      await engine.query(sql, parameters);
    }
    return STATEMENTS * ROWS;
  }

  async close(): Promise<void> {
    await this.#engine?.close();
  }
}

/** Values in the text. */
export const insertValues: Workload = {
  name: "insert-values",
  unit: "rows/s",
  peers: { pglite: { name: "pglite", target: 0.4 } },
  sides: {
    ours: () => new InsertSide(openOurs, "text"),
    pglite: () => new InsertSide(openPglite, "text"),
  },
};

/** Rows as parameters. */
export const insertParameters: Workload = {
  name: "insert-parameters",
  unit: "rows/s",
  peers: { pglite: { name: "pglite", target: 1 } },
  sides: {
    ours: () => new InsertSide(openOurs, "parameters"),
    pglite: () => new InsertSide(openPglite, "text"),
  },
};
