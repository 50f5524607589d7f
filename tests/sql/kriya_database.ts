/**
 * KriyaDB as the database under test of `.slt` files: in memory, or in a
 * folder for a file that closes and opens it again.
 *
 * @module
 */
import type { SltDatabase, SltResult } from "./slt_database.ts";

/** As much of `Database` as the runner needs. */
interface Queryable {
  query(
    sql: string,
    parameters: unknown[],
    options: { rowMode: "array"; resultFormat: "text" },
  ): Promise<{
    rows: unknown[];
    fields: readonly { name: string; dataTypeID: number }[];
    affectedRows: number;
  }>;
  close(): Promise<void>;
}

/** An empty database, for one file. */
export class KriyaDatabase implements SltDatabase {
  readonly name = "kriya" as const;
  readonly #url: string;
  readonly #folder: string | undefined;
  #database: Queryable;

  private constructor(
    url: string,
    folder: string | undefined,
    database: Queryable,
  ) {
    this.#url = url;
    this.#folder = folder;
    this.#database = database;
  }

  /** Opens one; `durable` means that `reopen` finds what was stored. */
  static async create(
    options: { readonly durable: boolean },
  ): Promise<KriyaDatabase> {
    const folder = options.durable
      ? await Deno.makeTempDir({ prefix: "kriyadb-slt-" })
      : undefined;
    const url = folder === undefined ? "memory:" : `file:${folder}/db`;
    try {
      return new KriyaDatabase(url, folder, await openAt(url));
    } catch (error) {
      await removeFolder(folder);
      throw error;
    }
  }

  /** Runs one statement. */
  async run(sql: string): Promise<SltResult> {
    const result = await this.#database.query(sql, [], {
      rowMode: "array",
      resultFormat: "text",
    });
    return {
      columns: result.fields.map(({ name, dataTypeID }) => ({
        name,
        oid: dataTypeID,
      })),
      rows: result.rows as (string | null)[][],
      affectedCount: result.affectedRows,
    };
  }

  /** Closes and opens it. */
  async reopen(): Promise<void> {
    await this.#database.close();
    this.#database = await openAt(this.#url);
  }

  /** Closes it, and removes its folder. */
  async close(): Promise<void> {
    await this.#database.close();
    await removeFolder(this.#folder);
  }
}

async function removeFolder(folder: string | undefined): Promise<void> {
  if (folder !== undefined) await Deno.remove(folder, { recursive: true });
}

async function openAt(url: string): Promise<Queryable> {
  const { open } = await import("../../mod.ts");
  return await open(url);
}
