/**
 * Ours, PGlite and SQLite as one thing: a client in memory that prepares
 * statements, and runs them in transactions of its own.
 *
 * SQLite is `node:sqlite`, which Deno has built in; `better-sqlite3`, a module
 * of Node's V8, does not load in Deno. Each call answers as its engine does:
 * SQLite's at once, the others' by a promise.
 *
 * @module
 */

/** A prepared statement. */
export type RunPrepared = (parameters: readonly unknown[]) => unknown;

/** A client. */
export interface PointEngine {
  /** Runs a text without parameters: BEGIN, COMMIT, a definition. */
  exec(text: string): unknown;
  /** Prepares a statement that gives rows; its runs give them. */
  prepareRows(text: string): Promise<RunPrepared>;
  /** Prepares a statement that changes rows. */
  prepareChange(text: string): Promise<RunPrepared>;
  /** Lets go of it. */
  close(): unknown;
}

/** Ours: a session of a database. */
export async function openOurPoints(): Promise<PointEngine> {
  const { open } = await import("../mod.ts");
  const db = await open("memory:");
  const session = db.session();
  const prepare = async (text: string): Promise<RunPrepared> => {
    const statement = await session.prepare(text);
    return async (parameters) => (await statement.query(parameters)).rows;
  };
  return {
    exec: (text) => session.query(text),
    prepareRows: prepare,
    prepareChange: prepare,
    close: () => db.close(),
  };
}

/** PGlite: it parses and plans every text anew, there is no other way. */
export async function openPglitePoints(): Promise<PointEngine> {
  const { PGlite } = await import("@electric-sql/pglite");
  const db = await PGlite.create();
  const prepare = (text: string): Promise<RunPrepared> =>
    Promise.resolve(async (parameters) =>
      (await db.query(text, [...parameters])).rows
    );
  return {
    exec: (text) => db.exec(text),
    prepareRows: prepare,
    prepareChange: prepare,
    close: () => db.close(),
  };
}

/** SQLite. */
export async function openSqlitePoints(): Promise<PointEngine> {
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(":memory:");
  // `$1` would be a name in SQLite; `?1` is the first.
  const prepare = (text: string): ReturnType<typeof db.prepare> =>
    db.prepare(text.replaceAll("$", "?"));
  type Value = string | number | null;
  return {
    exec: (text) => db.exec(text),
    prepareRows: (text) => {
      const statement = prepare(text);
      return Promise.resolve((parameters) =>
        statement.all(...parameters as Value[])
      );
    },
    prepareChange: (text) => {
      const statement = prepare(text);
      return Promise.resolve((parameters) =>
        statement.run(...parameters as Value[])
      );
    },
    close: () => db.close(),
  };
}
