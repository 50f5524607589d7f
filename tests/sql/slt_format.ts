/**
 * The text form of SQL behaviour tests (`.slt`), in sqllogictest's words:
 * parsing it, and writing it back with other results.
 *
 * ```text
 * # A comment; [K-120] in one names a row of the checklist.
 *
 * statement ok
 * CREATE TABLE t (a int)
 *
 * statement count 2
 * INSERT INTO t VALUES (1), (2)
 *
 * statement error 22P02 invalid input syntax for type integer: "x"
 * SELECT 'x'::int
 *
 * query IT rowsort
 * SELECT a, 'n' FROM t
 * ----
 * 1 | n
 * 2 | n
 *
 * onlyif kriya
 * explain contains Index Scan
 * SELECT …
 *
 * reopen
 * ```
 *
 * | line | meaning |
 * | --- | --- |
 * | `statement ok` | the statement succeeds |
 * | `statement count N` | and affects N rows |
 * | `statement error CODE TEXT` | it fails with the SQLSTATE and a message that has `TEXT` in it, or matches it when it is `/a regular expression/` |
 * | `query TYPES [rowsort] [header]` | its rows, in order or sorted; the column names first |
 * | `explain contains TEXT`, `explain lacks TEXT` | the plan that EXPLAIN shows |
 * | `fill FIRST LAST` | the tuple after `VALUES` once for each number `$n`, a thousand to a statement |
 * | `reopen` | closes the database and opens it again on the same store |
 * | `onlyif NAME`, `skipif NAME` | the next record is for (not for) `kriya` or `postgres` |
 * | `# only: NAME` | the whole file is |
 * | `halt` | the rest of the file is not run |
 *
 * A record ends at an empty line. Values stand in PostgreSQL's text form,
 * between them ` | `; NULL is `NULL`, an empty string `(empty)`; a backslash,
 * a line break and a bar in a value are `\\`, `\n` and `\|`. `TYPES` has one
 * letter a column:
 *
 * | letter | types | compared |
 * | --- | --- | --- |
 * | `I` | int2, int4, int8 | as text |
 * | `R` | float4, float8 | as numbers, to 6 digits |
 * | `F` | float4, float8 | as text: where the form is what is tested |
 * | `N` | numeric | as text |
 * | `B` `T` `Z` `U` `Y` `J` `V` | bool, text and its kin, timestamptz, uuid, bytea, json and jsonb, vectors | as text |
 * | `X` | any other | as text |
 *
 * @module
 */

/** Which database runs a record. */
export type SltName = "kriya" | "postgres";

/** The parts that every record has. */
interface RecordBase {
  /** The line its first word stands on, from 1. */
  readonly line: number;
  /** Who runs it. */
  readonly runs: readonly SltName[];
}

/** What is expected of a statement. */
export type SltExpectation =
  | { readonly kind: "ok" }
  | { readonly kind: "count"; readonly count: number | undefined }
  | { readonly kind: "error"; readonly code: string; readonly message: string };

/** A statement, and whether it succeeds. */
export interface SltStatement extends RecordBase {
  readonly kind: "statement";
  readonly sql: string;
  readonly expectation: SltExpectation;
}

/** A query, and its rows. */
export interface SltQuery extends RecordBase {
  readonly kind: "query";
  readonly sql: string;
  readonly types: string;
  readonly sorted: boolean;
  readonly header: boolean;
  /** The lines after `----`. */
  readonly lines: readonly string[];
}

/** A query's plan. */
export interface SltExplain extends RecordBase {
  readonly kind: "explain";
  readonly sql: string;
  readonly contains: boolean;
  readonly text: string;
}

/** Inserts many rows. */
export interface SltFill extends RecordBase {
  readonly kind: "fill";
  readonly sql: string;
  readonly first: number;
  readonly last: number;
}

/** Closes and opens the database. */
export interface SltReopen extends RecordBase {
  readonly kind: "reopen";
}

/** A record that runs. */
export type SltRecord =
  | SltStatement
  | SltQuery
  | SltExplain
  | SltFill
  | SltReopen;

/** A piece of a file: a record, or lines kept as they are. */
export type SltPiece =
  & { readonly lines: readonly string[] }
  & (
    | { readonly kind: "text" }
    | { readonly kind: "record"; readonly record: SltRecord }
  );

const BOTH: readonly SltName[] = ["kriya", "postgres"];

/** Parses a file. @throws {Error} with `path:line` where it is malformed. */
export function parseSlt(path: string, text: string): SltPiece[] {
  const lines = text.replace(/\n$/, "").split("\n");
  const pieces: SltPiece[] = [];
  let runs = BOTH;
  let fileRuns = BOTH;
  let at = 0;
  while (at < lines.length) {
    const line = lines[at]!;
    const start = at;
    const word = line.split(" ", 1)[0]!;
    if (line === "" || word.startsWith("#")) {
      const only = /^# only: (\w+)$/.exec(line)?.[1];
      if (only !== undefined) {
        fileRuns = runs = [nameOf(only, path, at + 1)];
      }
      pieces.push({ kind: "text", lines: [line] });
      at++;
    } else if (word === "onlyif" || word === "skipif") {
      const name = nameOf(line.slice(7), path, at + 1);
      runs = runs.filter((run) => (run === name) === (word === "onlyif"));
      pieces.push({ kind: "text", lines: [line] });
      at++;
    } else if (line === "halt") {
      pieces.push({ kind: "text", lines: lines.slice(at) });
      at = lines.length;
    } else {
      while (at < lines.length && lines[at] !== "") at++;
      const body = lines.slice(start, at);
      const record = parseRecord(path, start + 1, body, runs);
      pieces.push({ kind: "record", lines: body, record });
      runs = fileRuns;
    }
  }
  return pieces;
}

function nameOf(text: string, path: string, line: number): SltName {
  const name = BOTH.find((each) => each === text);
  if (name === undefined) throw malformed(path, line, `who is "${text}"?`);
  return name;
}

function malformed(path: string, line: number, what: string): Error {
  return new Error(`${path}:${line}: ${what}`);
}

function parseRecord(
  path: string,
  line: number,
  lines: readonly string[],
  runs: readonly SltName[],
): SltRecord {
  const head = lines[0]!;
  const [word, ...rest] = head.split(" ");
  const base = { line, runs };
  if (head === "reopen") return { kind: "reopen", ...base };
  const ruler = lines.indexOf("----");
  const sqlEnd = word === "query" && ruler >= 0 ? ruler : lines.length;
  const sql = lines.slice(1, sqlEnd).join("\n");
  if (sql === "") throw malformed(path, line, `"${head}" without SQL`);
  if (word === "statement") {
    const expectation = parseExpectation(rest);
    if (expectation !== undefined) {
      return { kind: "statement", ...base, sql, expectation };
    }
  }
  if (word === "explain" && /^explain (contains|lacks) \S/.test(head)) {
    const contains = rest[0] === "contains";
    const text = rest.slice(1).join(" ");
    return { kind: "explain", ...base, sql, contains, text };
  }
  const fill = /^fill (\d+) (\d+)$/.exec(head);
  if (fill) {
    const first = Number(fill[1]);
    return { kind: "fill", ...base, sql, first, last: Number(fill[2]) };
  }
  const query = /^query(?: ([A-Z]+))?(?: (rowsort))?(?: (header))?$/.exec(head);
  if (query) {
    return {
      kind: "query",
      ...base,
      sql,
      types: query[1] ?? "",
      sorted: query[2] !== undefined,
      header: query[3] !== undefined,
      lines: ruler < 0 ? [] : lines.slice(ruler + 1),
    };
  }
  throw malformed(path, line, `cannot read "${head}"`);
}

function parseExpectation(words: string[]): SltExpectation | undefined {
  const [kind, ...rest] = words;
  if (kind === "ok" && rest.length === 0) return { kind };
  if (kind === "count" && rest.length <= 1) {
    const count = rest[0];
    if (count !== undefined && !/^\d+$/.test(count)) return undefined;
    return { kind, count: count === undefined ? undefined : Number(count) };
  }
  if (kind === "error") {
    const [code = "", ...message] = rest;
    if (code !== "" && !/^[0-9A-Z]{5}$/.test(code)) return undefined;
    return { kind, code, message: message.join(" ") };
  }
  return undefined;
}

/** Writes a record's lines, as `parseSlt` reads them. */
export function formatRecord(record: SltRecord): string[] {
  switch (record.kind) {
    case "reopen":
      return ["reopen"];
    case "fill":
      return [`fill ${record.first} ${record.last}`, record.sql];
    case "explain":
      return [
        `explain ${record.contains ? "contains" : "lacks"} ${record.text}`,
        record.sql,
      ];
    case "statement":
      return [
        `statement ${formatExpectation(record.expectation)}`.trimEnd(),
        record.sql,
      ];
    case "query": {
      const head = ["query", record.types];
      if (record.sorted) head.push("rowsort");
      if (record.header) head.push("header");
      const words = head.filter((word) => word !== "").join(" ");
      return [words, record.sql, "----", ...record.lines];
    }
  }
}

function formatExpectation(expectation: SltExpectation): string {
  switch (expectation.kind) {
    case "ok":
      return "ok";
    case "count":
      return `count ${expectation.count ?? ""}`;
    case "error":
      return `error ${expectation.code} ${expectation.message}`;
  }
}

/** Writes one value of a result. */
export function formatValue(value: string | null): string {
  if (value === null) return "NULL";
  if (value === "") return "(empty)";
  const escaped = value.replace(
    /[\\\n|]/g,
    (char) => char === "\n" ? "\\n" : "\\" + char,
  );
  return value === "NULL" || value === "(empty)" ? `\\${escaped}` : escaped;
}

/** Writes one row. */
export function formatRow(values: readonly (string | null)[]): string {
  return values.map(formatValue).join(" | ");
}

/** Splits a row into its values, still escaped. */
export function splitRow(line: string): string[] {
  return line.split(/ (?<!\\)\| /);
}
