/**
 * PostgreSQL (PGlite with pgvector, in this process) as the oracle of
 * statements: rows, types and names of the result, or the whole error.
 *
 * @module
 */
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { KriyaError } from "../../base/errors.ts";
import { SqlError } from "../../sql/errors/sql_error.ts";
import type { ArrayDatabase } from "./array_database.ts";

/** What became of a statement. */
export type StatementOutcome =
  | {
    /** `name type`, one a column. */
    readonly fields: readonly string[];
    readonly rows: readonly (readonly (string | null)[])[];
    readonly affectedRows: number;
  }
  | {
    readonly code: string;
    readonly message: string;
    readonly detail: string | null;
    readonly hint: string | null;
    /** 1-based, -1 if there is none. */
    readonly position: number;
  };

/** Types with parsers in PGlite, which are to be left as text. */
const PARSED_OIDS = [
  ...[16, 17, 20, 21, 23, 25, 26, 114, 700, 701, 1042, 1043, 1082, 1083],
  ...[1114, 1184, 1186, 1266, 1700, 2950, 3802],
];

const AS_TEXT = Object.fromEntries(
  PARSED_OIDS.map((oid) => [oid, (text: string): string => text]),
);

/** The oracle. */
export class StatementOracle {
  readonly #pglite: PGlite;
  readonly #typeNames: ReadonlyMap<number, string>;

  private constructor(pglite: PGlite, typeNames: ReadonlyMap<number, string>) {
    this.#pglite = pglite;
    this.#typeNames = typeNames;
  }

  /** Starts PostgreSQL, which takes seconds. */
  static async create(): Promise<StatementOracle> {
    const pglite = await PGlite.create({ extensions: { vector } });
    await pglite.exec("CREATE EXTENSION vector");
    await pglite.exec("SET TimeZone = 'UTC'; SET client_min_messages = error");
    const { rows } = await pglite.query<{ oid: number; typname: string }>(
      "SELECT oid::int4 AS oid, typname FROM pg_type",
    );
    return new StatementOracle(
      pglite,
      new Map(rows.map(({ oid, typname }) => [oid, typname])),
    );
  }

  /** What becomes of a statement, in a transaction of its own. */
  async run(
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<StatementOutcome> {
    try {
      const result = await this.#pglite.query<(string | null)[]>(
        sql,
        [...parameters],
        { rowMode: "array", parsers: AS_TEXT },
      );
      return {
        fields: result.fields.map(({ name, dataTypeID }) =>
          `${name} ${this.#typeNames.get(dataTypeID) ?? dataTypeID}`
        ),
        rows: result.rows,
        affectedRows: result.affectedRows ?? 0,
      };
    } catch (error) {
      const { code, message, detail, hint, position } = error as {
        code?: string;
        message: string;
        detail?: string;
        hint?: string;
        position?: string;
      };
      if (code === undefined) throw error;
      return {
        code,
        message,
        detail: detail ?? null,
        hint: hint ?? null,
        position: Number(position ?? -1),
      };
    }
  }

  /** Drops all tables. */
  async fresh(): Promise<void> {
    const { rows } = await this.#pglite.query<{ name: string }>(
      "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'",
    );
    for (const { name } of rows) await this.#pglite.exec(`DROP TABLE ${name}`);
  }

  /** Stops PostgreSQL. */
  async close(): Promise<void> {
    await this.#pglite.close();
  }
}

/** What becomes of a statement here. */
export async function outcomeOf(
  database: ArrayDatabase,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<StatementOutcome> {
  try {
    const { fields, rows, affectedRows } = await database.run(sql, parameters);
    return {
      fields: fields.map(({ name, type }) => `${name} ${type}`),
      rows,
      affectedRows,
    };
  } catch (error) {
    if (!(error instanceof KriyaError)) throw error;
    return {
      code: error.code,
      message: error.message,
      detail: error.detail ?? null,
      hint: error.hint ?? null,
      position: error instanceof SqlError ? error.position ?? -1 : -1,
    };
  }
}
