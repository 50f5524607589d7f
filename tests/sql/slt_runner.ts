/**
 * Runs a `.slt` file on a database and says where they differ.
 *
 * Every record is run, also after one that failed, and every difference is
 * reported with its line. With `update` the file's expectations are replaced
 * by what the database answered; that a statement succeeds or fails, and who
 * runs it, is never changed. Expectations are written by PostgreSQL only:
 * `deno task oracle --update`.
 *
 * @module
 */
import { letterOf, type SltDatabase, type SltResult } from "./slt_database.ts";
import {
  formatRecord,
  formatRow,
  parseSlt,
  type SltExplain,
  type SltFill,
  type SltPiece,
  type SltQuery,
  type SltRecord,
  type SltStatement,
  splitRow,
} from "./slt_format.ts";

/** What became of a file. */
export interface SltReport {
  /** How many records ran. */
  readonly ran: number;
  /** One text a difference, with `path:line`. */
  readonly failures: readonly string[];
  /** The file with the database's answers in place of its expectations. */
  readonly updated: string;
}

/** What became of a record: the record with the database's answer. */
interface Outcome {
  readonly actual: SltRecord;
  readonly failure: string | undefined;
}

/** Runs a file's text on a database. */
export async function runSlt(
  path: string,
  text: string,
  database: SltDatabase,
): Promise<SltReport> {
  const pieces = parseSlt(path, text);
  const failures: string[] = [];
  const lines: string[] = [];
  let ran = 0;
  for (const piece of pieces) {
    const outcome = await runPiece(piece, database);
    if (outcome === undefined) {
      lines.push(...piece.lines);
      continue;
    }
    ran++;
    const { actual, failure } = outcome;
    lines.push(...formatRecord(actual));
    if (failure !== undefined) {
      failures.push(`${path}:${actual.line}: ${failure}`);
    }
  }
  return { ran, failures, updated: lines.join("\n") + "\n" };
}

/** Runs a piece; `undefined` if there is nothing to run for this database. */
async function runPiece(
  piece: SltPiece,
  database: SltDatabase,
): Promise<Outcome | undefined> {
  if (piece.kind === "text") return undefined;
  const { record } = piece;
  if (!record.runs.includes(database.name)) return undefined;
  switch (record.kind) {
    case "reopen":
      await database.reopen();
      return { actual: record, failure: undefined };
    case "fill":
      return await runFill(record, database);
    case "statement":
      return await runStatement(record, database);
    case "query":
      return await runQuery(record, database);
    case "explain":
      // Plans are ours alone: PostgreSQL's say other things.
      if (database.name !== "kriya") return undefined;
      return await runExplain(record, database);
  }
}

async function runStatement(
  record: SltStatement,
  database: SltDatabase,
): Promise<Outcome> {
  const { expectation } = record;
  const answer = await attempt(database, record.sql);
  if ("error" in answer) {
    const { code, message } = answer.error;
    if (expectation.kind !== "error") {
      return { actual: record, failure: failed(record.sql, answer.error) };
    }
    const good = expectation.code === code &&
      messageMatches(expectation.message, message);
    if (good && expectation.message !== "") {
      return { actual: record, failure: undefined };
    }
    const actual = {
      ...record,
      expectation: { ...expectation, code, message },
    };
    const failure = good ? undefined : differ(
      record.sql,
      [`${expectation.code} ${expectation.message}`],
      [`${code} ${message}`],
    );
    return { actual, failure };
  }
  if (expectation.kind === "error") {
    const failure = `${
      quote(record.sql)
    } succeeded, expected ${expectation.code}`;
    return { actual: record, failure };
  }
  if (expectation.kind === "ok") return { actual: record, failure: undefined };
  const count = answer.result.affectedCount;
  const failure = expectation.count === count ? undefined : differ(
    record.sql,
    [`${expectation.count} rows affected`],
    [`${count} rows affected`],
  );
  return {
    actual: { ...record, expectation: { kind: "count", count } },
    failure,
  };
}

/** A message may stand for part of itself, or as `/pattern/`. */
function messageMatches(expected: string, message: string): boolean {
  const pattern = /^\/(.*)\/$/.exec(expected)?.[1];
  if (pattern !== undefined) return new RegExp(pattern).test(message);
  return message.replaceAll("\n", " ").includes(expected);
}

async function runQuery(
  record: SltQuery,
  database: SltDatabase,
): Promise<Outcome> {
  const answer = await attempt(database, record.sql);
  if ("error" in answer) {
    return { actual: record, failure: failed(record.sql, answer.error) };
  }
  const { result } = answer;
  const types = typesOf(result, record.types);
  const lines = result.rows.map(formatRow);
  if (record.sorted) lines.sort();
  if (record.header) {
    lines.unshift(formatRow(result.columns.map((column) => column.name)));
  }
  const same = types === record.types && linesMatch(record, lines);
  if (same) return { actual: record, failure: undefined };
  return {
    actual: { ...record, types, lines },
    failure: differ(
      record.sql,
      [`types ${record.types}`, ...record.lines],
      [`types ${types}`, ...lines],
    ),
  };
}

/** The letters of a result; `F` instead of `R` where the record says so. */
function typesOf(result: SltResult, wanted: string): string {
  return result.columns.map(({ oid }, i) => {
    const letter = letterOf(oid);
    return letter === "R" && wanted[i] === "F" ? "F" : letter;
  }).join("");
}

function linesMatch(record: SltQuery, actual: readonly string[]): boolean {
  const { lines, types } = record;
  if (lines.length !== actual.length) return false;
  return lines.every((line, i) => {
    if (line === actual[i]) return true;
    if (!types.includes("R") || (record.header && i === 0)) return false;
    const values = splitRow(line);
    const others = splitRow(actual[i]!);
    return values.length === others.length &&
      values.every((value, column) =>
        value === others[column] ||
        (types[column] === "R" && close(Number(value), Number(others[column])))
      );
  });
}

/** Equal to 6 digits, the precision of a float4 result. */
function close(a: number, b: number): boolean {
  const scale = Math.max(Math.abs(a), Math.abs(b));
  return Math.abs(a - b) <= Math.max(scale * 2e-6, 1e-7);
}

/** Rows of one statement of a `fill`. */
const FILL_ROWS = 1000;

async function runFill(
  record: SltFill,
  database: SltDatabase,
): Promise<Outcome> {
  const [head, tuple] = record.sql.split(/(?<=\bVALUES)\s+/);
  for (let n = record.first; n <= record.last; n += FILL_ROWS) {
    const end = Math.min(n + FILL_ROWS - 1, record.last);
    const tuples = Array.from(
      { length: end - n + 1 },
      (_, i) => tuple!.replaceAll("$n", String(n + i)),
    );
    const answer = await attempt(database, `${head} ${tuples.join(", ")}`);
    const failure = "error" in answer
      ? failed(record.sql, answer.error)
      : answer.result.affectedCount === tuples.length
      ? undefined
      : `${quote(record.sql)} inserted ${answer.result.affectedCount} rows`;
    if (failure !== undefined) return { actual: record, failure };
  }
  return { actual: record, failure: undefined };
}

async function runExplain(
  record: SltExplain,
  database: SltDatabase,
): Promise<Outcome> {
  const answer = await attempt(database, `EXPLAIN ${record.sql}`);
  if ("error" in answer) {
    return { actual: record, failure: failed(record.sql, answer.error) };
  }
  const plan = answer.result.rows.map((row) => row.join(" ")).join("\n");
  const failure = plan.includes(record.text) === record.contains
    ? undefined
    : `the plan of ${quote(record.sql)} ${
      record.contains ? "lacks" : "contains"
    } ${quote(record.text)}:\n${plan}`;
  return { actual: record, failure };
}

interface SqlFailure {
  readonly code: string;
  readonly message: string;
}

type Answer = { readonly result: SltResult } | { readonly error: SqlFailure };

async function attempt(database: SltDatabase, sql: string): Promise<Answer> {
  try {
    return { result: await database.run(sql) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code } = error as { code?: unknown };
    if (typeof code !== "string" || code.length !== 5) throw error;
    return { error: { code, message: error.message.replaceAll("\n", " ") } };
  }
}

function failed(sql: string, error: SqlFailure): string {
  return `${quote(sql)} failed: ${error.code} ${error.message}`;
}

function differ(
  sql: string,
  expected: readonly string[],
  actual: readonly string[],
): string {
  const indent = (line: string): string => `    ${line}`;
  return [
    quote(sql),
    "  expected:",
    ...expected.map(indent),
    "  got:",
    ...actual.map(indent),
  ].join("\n");
}

function quote(sql: string): string {
  return JSON.stringify(sql.replace(/\s+/g, " "));
}
