/**
 * Copying 100,000 rows in, each round into a new table with a text key, as one
 * statement and one transaction, in the text form and as CSV.
 *
 * Both get the same bytes in one piece; PGlite reads them from its `/dev/blob`.
 *
 * @module
 */
import type { SqlEngine } from "../engines.ts";
import type { Side, Workload } from "../harness.ts";
import { CREATE_ITEMS, makeItems } from "../items.ts";

const ROWS = 100_000;

/** A database that copies rows in. */
interface CopyEngine extends Pick<SqlEngine, "close"> {
  query(sql: string): Promise<unknown>;
  copy(options: string, data: Uint8Array): Promise<unknown>;
}

async function openOurs(): Promise<CopyEngine> {
  const { open } = await import("../../mod.ts");
  const db = await open("memory:");
  return {
    query: (sql) => db.query(sql),
    copy: (options, data) =>
      db.copyFrom(`COPY items FROM STDIN ${options}`, data),
    close: () => db.close(),
  };
}

async function openPglite(): Promise<CopyEngine> {
  const { PGlite } = await import("@electric-sql/pglite");
  const db = await PGlite.create();
  return {
    query: (sql) => db.query(sql),
    copy: (options, data) =>
      db.query(`COPY items FROM '/dev/blob' ${options}`, [], {
        blob: new Blob([data as Uint8Array<ArrayBuffer>]),
      }),
    close: () => db.close(),
  };
}

class CopySide implements Side {
  readonly #open: () => Promise<CopyEngine>;
  readonly #isCsv: boolean;
  #data: Uint8Array = new Uint8Array(0);
  #engine: CopyEngine | undefined;

  constructor(open: () => Promise<CopyEngine>, form: "text" | "csv") {
    this.#open = open;
    this.#isCsv = form === "csv";
  }

  async setup(): Promise<string> {
    const delimiter = this.#isCsv ? "," : "\t";
    const lines = makeItems(ROWS).map((row) => `${row.join(delimiter)}\n`);
    this.#data = new TextEncoder().encode(lines.join(""));
    this.#engine = await this.#open();
    await this.#engine.query(CREATE_ITEMS);
    return `${ROWS} rows a statement, in memory`;
  }

  async round(): Promise<number> {
    const engine = this.#engine!;
    await engine.query("DROP TABLE items");
    await engine.query(CREATE_ITEMS);
    await engine.copy(this.#isCsv ? "CSV" : "", this.#data);
    return ROWS;
  }

  async close(): Promise<void> {
    await this.#engine?.close();
  }
}

function copyWorkload(form: "text" | "csv"): Workload {
  return {
    name: `copy-${form}`,
    unit: "rows/s",
    peers: { pglite: { name: "pglite", target: 0.4 } },
    sides: {
      ours: () => new CopySide(openOurs, form),
      pglite: () => new CopySide(openPglite, form),
    },
  };
}

/** The text form. */
export const copyText: Workload = copyWorkload("text");

/** CSV. */
export const copyCsv: Workload = copyWorkload("csv");
