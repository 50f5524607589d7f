/**
 * Results as PGlite gives them, and what is asked of it.
 *
 * `affectedRows` counts what was written, and in `exec` goes on counting from
 * one statement to the next; `rowCount` is what the statement's tag says.
 *
 * @module
 */
import type { Field, Notice, QueryOptions, QueryResult } from "../../mod.ts";

/** Whatever a row has: an application that changes an import keeps its types. */
// deno-lint-ignore no-explicit-any
export type AnyRow = { [name: string]: any };

/** The result of a statement. */
export interface Results<T = AnyRow> {
  /** The rows; empty for a statement that gives none. */
  rows: T[];
  /** Rows inserted, updated, deleted or copied. */
  affectedRows?: number;
  /** The statement: `SELECT`, `INSERT`, `CREATE`. */
  command?: string;
  /** Rows that the statement's tag counts. */
  rowCount?: number;
  /** The columns of the rows. */
  fields: { name: string; dataTypeID: number }[];
  /** What COPY TO '/dev/blob' wrote. */
  blob?: Blob;
}

/** Makes a value of PostgreSQL's text. */
// deno-lint-ignore no-explicit-any
export type Parser = (value: string, dataTypeID?: number) => any;

/** Makes PostgreSQL's text of a value. */
// deno-lint-ignore no-explicit-any
export type Serializer = (value: any) => string | null;

/** What makes values of text, by the OID of the type. */
export type ParserOptions = { [pgType: number]: Parser };

/** What makes text of parameters, by the OID of the type. */
export type SerializerOptions = { [pgType: number]: Serializer };

/** How a statement runs in PGlite. */
export interface PgliteQueryOptions {
  /** Rows as objects (default) or as arrays. */
  rowMode?: "array" | "object";
  /** What makes values of text. */
  parsers?: ParserOptions;
  /** What makes text of parameters. */
  serializers?: SerializerOptions;
  /** What COPY FROM '/dev/blob' reads. */
  blob?: Blob | File;
  /** Is told of notices. */
  onNotice?: (notice: Notice) => void;
  /** Not supported: cast the parameter instead. */
  paramTypes?: number[];
}

/** Commands whose tags count rows that were written. */
const WRITES: ReadonlySet<string> = new Set([
  "INSERT",
  "UPDATE",
  "DELETE",
  "MERGE",
  "COPY",
]);

/** A result in PGlite's form; `before` rows were written in the same call. */
export function resultsOf<T>(
  { rows, fields, command }: QueryResult<T>,
  before: number,
): Results<T> & { affectedRows: number } {
  const [name, ...rest] = command.split(" ");
  const count = Number(rest.at(-1) ?? NaN);
  const wrote = WRITES.has(name!) && !Number.isNaN(count) ? count : 0;
  return {
    rows,
    fields: fields.map(fieldOf),
    ...name !== "" && { command: name! },
    affectedRows: before + wrote,
    ...!Number.isNaN(count) && { rowCount: count },
  };
}

/** A column in PGlite's form. */
export function fieldOf(
  { name, dataTypeID }: Field,
): { name: string; dataTypeID: number } {
  return { name, dataTypeID };
}

const same = (text: string): string => text;

/** Types that PGlite gives as text and we do not, by OID. */
const TEXT_PARSERS: ParserOptions = {
  22: same, // int2vector
  30: same, // oidvector
  1186: same, // interval
  2249: same, // record
};

/** Values as PGlite gives them, unless somebody says otherwise. */
export function valueOptions(
  { rowMode, parsers, serializers, onNotice }: PgliteQueryOptions,
  defaults: PgliteQueryOptions,
): QueryOptions {
  return {
    types: { date: "date", vector: "text" },
    parsers: { ...TEXT_PARSERS, ...defaults.parsers, ...parsers },
    serializers: { ...defaults.serializers, ...serializers },
    ...rowMode !== undefined && { rowMode },
    ...(onNotice ?? defaults.onNotice) !== undefined &&
      { onNotice: onNotice ?? defaults.onNotice },
  };
}
