/**
 * PostgreSQL (PGlite with pgvector, in this process) as the oracle of values:
 * evaluates many expressions in one go, errors included.
 *
 * @module
 */
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { KriyaError } from "../../base/errors.ts";

/** What became of an expression: a text, NULL, or an error. */
export type Outcome =
  | { readonly value: string | null }
  | {
    readonly code: string;
    readonly message: string;
    readonly detail: string;
    readonly hint: string;
  };

const ATTEMPT = `
CREATE FUNCTION attempt(expression text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  v text; s text; m text; d text; h text;
BEGIN
  EXECUTE 'SELECT (' || expression || ')::text' INTO v;
  RETURN ARRAY['ok', v];
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS s = RETURNED_SQLSTATE, m = MESSAGE_TEXT,
    d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT;
  RETURN ARRAY['error', s, m, d, h];
END $$`;

/** The seed of a run: `SEED` in the environment, else the test's own. */
export function seedOr(usual: number): number {
  return Number(Deno.env.get("SEED") ?? usual);
}

/** The oracle. */
export class SqlOracle {
  readonly #pglite: PGlite;

  private constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  /** Starts PostgreSQL, which takes seconds. */
  static async create(): Promise<SqlOracle> {
    const pglite = await PGlite.create({ extensions: { vector } });
    await pglite.exec("CREATE EXTENSION vector");
    await pglite.exec("SET TimeZone = 'UTC'; SET client_min_messages = error");
    await pglite.exec(ATTEMPT);
    return new SqlOracle(pglite);
  }

  /** What becomes of each expression, cast to text. */
  async evaluate(expressions: readonly string[]): Promise<Outcome[]> {
    const { rows } = await this.#pglite.query<{ a: (string | null)[] }>(
      `SELECT attempt(e #>> '{}') AS a
       FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS t(e, n)
       ORDER BY n`,
      [JSON.stringify(expressions)],
    );
    return rows.map(({ a }): Outcome =>
      a[0] === "ok" ? { value: a[1] ?? null } : {
        code: a[1]!,
        message: a[2]!,
        detail: a[3] ?? "",
        hint: a[4] ?? "",
      }
    );
  }

  /** The rows of a query. */
  async query<T>(sql: string): Promise<T[]> {
    return (await this.#pglite.query<T>(sql)).rows;
  }
}

/** What becomes of `evaluate` here: its text, NULL, or an error. */
export function outcomeOf(evaluate: () => string | null): Outcome {
  try {
    return { value: evaluate() };
  } catch (error) {
    if (!(error instanceof KriyaError)) throw error;
    return {
      code: error.code,
      message: error.message,
      detail: error.detail ?? "",
      hint: error.hint ?? "",
    };
  }
}

/** A text as an SQL literal. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The outcomes that differ, as lines of text: what a failing test shows. */
export function differences(
  names: readonly string[],
  ours: readonly Outcome[],
  theirs: readonly Outcome[],
): string[] {
  const lines: string[] = [];
  for (let i = 0; i < names.length; i++) {
    const mine = JSON.stringify(ours[i]);
    const other = JSON.stringify(theirs[i]);
    if (mine !== other) lines.push(`${names[i]}: ${mine} != ${other}`);
  }
  return lines;
}
