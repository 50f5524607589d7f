/**
 * KriyaDB and PostgreSQL (PGlite), side by side: one statement on both, and
 * what is different.
 *
 * @module
 */
import { PGlite } from "@electric-sql/pglite";
import { KriyaError } from "../../base/errors.ts";
import type { Database } from "../../mod.ts";

/** Rows in text form with their columns, or an error. */
type Outcome =
  | {
    readonly fields: readonly string[];
    readonly rows: readonly (readonly (string | null)[])[];
  }
  | { readonly code: string; readonly message: string };

type Session = ReturnType<Database["session"]>;

/** Both databases, each in a transaction that is rolled back. */
export class Pair {
  readonly #session: Session;
  readonly #pglite: PGlite;
  readonly #parsers: Readonly<Record<number, (text: string) => string>>;
  /** What came of all statements so far. */
  readonly counts = { rows: 0, errors: 0, open: 0 };

  private constructor(
    session: Session,
    pglite: PGlite,
    parsers: Readonly<Record<number, (text: string) => string>>,
  ) {
    this.#session = session;
    this.#pglite = pglite;
    this.#parsers = parsers;
  }

  /** Starts PostgreSQL, which takes seconds. */
  static async create(database: Database): Promise<Pair> {
    const pglite = await PGlite.create();
    await pglite.exec("SET TimeZone = 'UTC'; SET client_min_messages = error");
    const { rows } = await pglite.query<{ oid: number }>(
      "SELECT oid::int4 AS oid FROM pg_type",
    );
    const parsers = Object.fromEntries(
      rows.map(({ oid }) => [oid, (text: string): string => text]),
    );
    const session = database.session();
    await session.query("SET TimeZone = 'UTC'");
    await session.query("SET statement_timeout = '20s'");
    return new Pair(session, pglite, parsers);
  }

  /** Runs a statement on both, to stay. */
  async prepare(text: string): Promise<void> {
    await this.#session.query(text);
    await this.#pglite.exec(text);
  }

  /**
   * What is different after a statement, which changes `table`; `undefined` if
   * nothing is, or what is different is open.
   */
  async difference(text: string, table?: string): Promise<string | undefined> {
    const check = table && `SELECT * FROM ${table} ORDER BY id`;
    const theirs = await outcomes(text, check, (sql) => this.#theirs(sql));
    const ours = await outcomes(text, check, (sql) => this.#ours(sql));
    for (let i = 0; i < theirs.length; i++) {
      const one = ours[i]!;
      const other = theirs[i]!;
      if ("code" in other) this.counts.errors++;
      else this.counts.rows += other.rows.length;
      if (isOpen(one, other)) {
        this.counts.open++;
        return;
      }
      const sorted = i > 0 || / ORDER BY [^()]*$/.test(text);
      const mine = comparable(one, sorted);
      const expected = comparable(other, sorted);
      if (mine !== expected) return `  ours:   ${mine}\n  theirs: ${expected}`;
    }
  }

  async #ours(sql: string): Promise<Outcome> {
    try {
      const { fields, rows } = await this.#session.query(sql, [], {
        rowMode: "array",
        resultFormat: "text",
      });
      return {
        fields: fields.map(({ name, dataTypeID }) => `${name} ${dataTypeID}`),
        rows: rows as unknown as (string | null)[][],
      };
    } catch (error) {
      if (!(error instanceof KriyaError)) {
        return { code: "crash", message: String(error) };
      }
      return { code: error.code, message: error.message };
    }
  }

  async #theirs(sql: string): Promise<Outcome> {
    try {
      const { fields, rows } = await this.#pglite.query<(string | null)[]>(
        sql,
        [],
        { rowMode: "array", parsers: this.#parsers },
      );
      return {
        fields: fields.map(({ name, dataTypeID }) => `${name} ${dataTypeID}`),
        rows,
      };
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code === undefined) throw error;
      return { code, message };
    }
  }

  /** Stops both. */
  async close(): Promise<void> {
    await this.#session.close();
    await this.#pglite.close();
  }
}

/** The statement's outcome, and that of `check` after it. */
async function outcomes(
  text: string,
  check: string | undefined,
  run: (sql: string) => Promise<Outcome>,
): Promise<Outcome[]> {
  if (check === undefined) return [await run(text)];
  await run("BEGIN");
  const all = [await run(text)];
  if (!("code" in all[0]!)) all.push(await run(check));
  await run("ROLLBACK");
  return all;
}

/**
 * Whether one of the two met an error that values make, and the other none, or
 * one of a row or a part that comes later: which rows and which parts of a
 * condition are computed first, or at all, is open.
 */
function isOpen(ours: Outcome, theirs: Outcome): boolean {
  const codes = [ours, theirs].map((each) => "code" in each ? each.code : "");
  if (codes[0] === codes[1]) return false;
  // PostgreSQL's own: "invalid attribute number" of `old` in a query.
  if (codes[1] === "XX000") return true;
  // Of rows that break several constraints, one comes first.
  return codes.every((code) => code.startsWith("23")) ||
    codes.some((code) => code.startsWith("22"));
}

/**
 * Errors of which there may be several in a statement: of values, and names that
 * are neither grouped nor aggregated.
 */
const OPEN_WORDS = /^(22...|42803)$/;

const NUMERIC = 1700;
const FLOAT = 701;

/** As text, rows that are in no order sorted; of a number only its value. */
function comparable(outcome: Outcome, sorted: boolean): string {
  if ("code" in outcome) {
    const { code, message } = outcome;
    return OPEN_WORDS.test(code) ? code : `${code} ${message}`;
  }
  const { fields } = outcome;
  const bare = fields.map((field) =>
    field.endsWith(` ${NUMERIC}`) || field.endsWith(` ${FLOAT}`)
  );
  const rows = outcome.rows.map((row) =>
    JSON.stringify(row.map((value, i) => bare[i] ? number(value) : value))
  );
  if (!sorted) rows.sort();
  return `${fields.join(", ")}: ${rows.join(" ")}`;
}

/** Of 1.5 and 1.50, or of 0 and -0, in a group, either stands for it. */
function number(value: string | null): string | null {
  if (value === null) return null;
  const short = /^-?\d+\.\d+$/.test(value)
    ? value.replace(/\.?0+$/, "")
    : value;
  return short === "-0" ? "0" : short;
}
