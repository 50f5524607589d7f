/**
 * Which moment of the past a statement or a caller means.
 *
 * | given | the moment |
 * | --- | --- |
 * | an interval, or a text that begins with `-` or `+` | now and so much more |
 * | a timestamp, a date, another text, a `Date` | that time; without a zone, in the session's |
 * | a snapshot's name | when it was made |
 *
 * Times have a precision of a millisecond, by the clock of who wrote: a commit
 * counts from the millisecond on in which it joined the log.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { AsOfClause } from "../../parser/history_clause.ts";
import type { DatabaseCore } from "../database_core.ts";
import { prepareStatement } from "../prepared_statement.ts";
import type { AsOf } from "../run_options.ts";
import { runStatement } from "../run_statement.ts";
import type { Settings } from "../settings.ts";
import type { PastMoment } from "./history.ts";

/** Who asks, and what for. */
export interface MomentContext {
  /** The database. */
  readonly core: DatabaseCore;
  /** The session's settings. */
  readonly settings: Settings;
}

/**
 * The moment that a caller means.
 *
 * @throws {SqlError} `22007`, `22023` for what is no moment.
 */
export async function momentOf(
  context: MomentContext,
  asOf: AsOf,
): Promise<PastMoment> {
  if (typeof asOf === "string") return await momentOfText(context, asOf);
  if (asOf instanceof Date) return timeMoment(asOf.getTime());
  if ("epochMilliseconds" in asOf) return timeMoment(asOf.epochMilliseconds);
  if (typeof asOf.snapshot === "string") {
    return { kind: "snapshot", name: asOf.snapshot };
  }
  throw new SqlError("22023", "asOf is neither a time nor a snapshot's name");
}

/**
 * The moment that a statement means.
 *
 * @throws {SqlError} what is wrong with the expression; `42804`, `22004`.
 */
export async function momentOfClause(
  context: MomentContext,
  clause: AsOfClause,
  parameters: readonly unknown[],
): Promise<PastMoment> {
  if (clause.kind === "snapshot") return clause;
  const values = clause.parameters.map((number) => parameters[number - 1]);
  const { expression } = clause;
  const type = typeOf(context, `(${expression})`);
  const time = async (text: string): Promise<PastMoment> =>
    timeMoment(await epochMs(context, text, values));
  switch (type) {
    case "text":
    case "character varying": {
      const value = await evaluate(context, `(${expression})::text`, values);
      return await momentOfText(context, String(notNull(value)));
    }
    case "interval":
      return await time(`now() + (${expression})`);
    case "timestamp with time zone":
    case "timestamp without time zone":
    case "date":
      return await time(`(${expression})::timestamptz`);
    default:
      throw new SqlError(
        "42804",
        `argument of AS OF SYSTEM TIME must be type timestamp with time zone, not type ${type}`,
      );
  }
}

async function momentOfText(
  context: MomentContext,
  text: string,
): Promise<PastMoment> {
  const type = /^\s*[-+]/.test(text) ? "interval" : "timestamptz";
  const expression = type === "interval"
    ? "now() + $1::interval"
    : "$1::timestamptz";
  return timeMoment(await epochMs(context, expression, [text]));
}

function timeMoment(ms: number): PastMoment {
  if (!Number.isNaN(ms)) return { kind: "time", ms: Math.floor(ms) };
  throw new SqlError("22007", "invalid date for AS OF SYSTEM TIME");
}

async function epochMs(
  context: MomentContext,
  expression: string,
  values: readonly unknown[],
): Promise<number> {
  const value = await evaluate(
    context,
    `floor(extract(epoch FROM ${expression}) * 1000)::float8`,
    values,
  );
  return notNull(value) as number;
}

function notNull(value: unknown): unknown {
  if (value !== null) return value;
  throw new SqlError("22004", "AS OF SYSTEM TIME must not be null");
}

/** The type of an expression, as people call it. */
function typeOf({ core, settings }: MomentContext, expression: string): string {
  try {
    const [field] = prepareStatement(core, settings, {
      text: `SELECT ${expression}`,
      catalog: core.catalogOf(settings),
    }).fields;
    return field!.type.type.displayName;
  } catch (error) {
    throw unplaced(error);
  }
}

/** What an expression gives now. */
async function evaluate(
  { core, settings }: MomentContext,
  expression: string,
  parameters: readonly unknown[],
): Promise<unknown> {
  const transaction = core.begin(settings, { readOnly: true });
  try {
    const prepared = prepareStatement(core, settings, {
      text: `SELECT ${expression}`,
      catalog: transaction.catalog,
    });
    const options = { rowMode: "array" } as const;
    const request = { transaction, parameters, options };
    const done = await runStatement(core, settings, prepared, request);
    return (done.rows[0] as unknown[])[0];
  } catch (error) {
    throw unplaced(error);
  } finally {
    transaction.rollback();
  }
}

/** The error without its place, which is in no text that anybody gave. */
function unplaced(error: unknown): unknown {
  if (!(error instanceof SqlError) || error.position === undefined) {
    return error;
  }
  const { code, message, detail, hint } = error;
  return new SqlError(code!, message, {
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}
