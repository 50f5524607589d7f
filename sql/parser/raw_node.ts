/**
 * Reading PostgreSQL's raw parse tree as `libpg-query` prints it.
 *
 * A node is an object with one key, its type, whose value has its fields. A
 * field that is zero, false, empty or absent in C is left out; `location` is a
 * byte offset, -1 where unknown, left out where it is 0.
 *
 * Invariant: no field that we do not know is passed over in silence.
 * {@linkcode RawReader.expectFields} refuses a statement with any other, for it
 * would mean something that we then did not do.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { CteChange, SelectSyntax } from "./expression_syntax.ts";
import { stackDepthError } from "./grammar.ts";
import type { Positions } from "./positions.ts";

/** The fields of a node. */
export type RawFields = { readonly [field: string]: unknown };

/** A node: its type and its fields. */
export interface RawNode {
  /** The C struct: `A_Const`. */
  readonly type: string;
  /** Its fields. */
  readonly fields: RawFields;
}

/** The text of a statement, and where it starts in the text around. */
export interface SourceText {
  readonly text: string;
  readonly offset: number;
}

/** Reads a query. */
export type NarrowQuery = (reader: RawReader, node: RawNode) => SelectSyntax;

/** Reads a statement that changes a table. */
export type NarrowChange = (reader: RawReader, node: RawNode) => CteChange;

/** How deep a tree may be: what everything after us can walk by recursion. */
const DEPTH_MAX = 1000;

/** Reads the nodes of one text. */
export class RawReader {
  readonly #positions: Positions;
  /** The text of the statement, and where it starts. */
  readonly source: SourceText;
  readonly #narrowQuery: NarrowQuery;
  readonly #narrowChange: NarrowChange;
  #depth = 0;

  /**
   * A reader of the statement that is `source`; `narrowQuery` reads the queries
   * in its expressions, `narrowChange` the changes in WITH.
   */
  constructor(
    positions: Positions,
    source: SourceText,
    narrowQuery: NarrowQuery,
    narrowChange: NarrowChange,
  ) {
    this.#positions = positions;
    this.source = source;
    this.#narrowQuery = narrowQuery;
    this.#narrowChange = narrowChange;
  }

  /** A reader of the statement that is a part of this one. */
  within(start: number, end: number): RawReader {
    const { text, offset } = this.source;
    return new RawReader(
      this.#positions,
      { text: text.slice(start, end), offset: offset + start },
      this.#narrowQuery,
      this.#narrowChange,
    );
  }

  /** The query in `value`. */
  query(value: unknown): SelectSyntax {
    this.enter();
    const query = this.#narrowQuery(this, nodeOf(value));
    this.leave();
    return query;
  }

  /** The query or change in `value`. */
  statement(value: unknown): SelectSyntax | CteChange {
    if (nodeOf(value).type === "SelectStmt") return this.query(value);
    this.enter();
    const change = this.#narrowChange(this, nodeOf(value));
    this.leave();
    return change;
  }

  /** Goes one level deeper; `leave` comes back, unless an error ends it all. */
  enter(): void {
    if (++this.#depth > DEPTH_MAX) throw stackDepthError();
  }

  /** Comes back from {@linkcode RawReader.enter}. */
  leave(): void {
    this.#depth--;
  }

  /** Where the node with `fields` stands; -1 if it says nothing. */
  offsetOf(fields: RawFields, field = "location"): number {
    const location = fields[field];
    if (location === undefined) return this.#positions.ofByte(0);
    return typeof location === "number" ? this.#positions.ofByte(location) : -1;
  }

  /** The error for what PostgreSQL knows and we do not. */
  unsupported(what: string, offset = -1): SqlError {
    return new SqlError("0A000", `${what} is not supported`, {
      offset: offset < 0 ? this.source.offset : offset,
    });
  }

  /** Refuses a node that has a field beyond `known`. */
  expectFields(node: RawNode, known: ReadonlySet<string>): void {
    for (const field of Object.keys(node.fields)) {
      if (known.has(field)) continue;
      const what = FIELD_NAMES[`${node.type}.${field}`] ??
        `${node.type}.${field}`;
      const within = nearest(this, node.fields[field]);
      const own = "location" in node.fields ? this.offsetOf(node.fields) : -1;
      throw this.unsupported(what, within < 0 ? own : within);
    }
  }
}

/** The offset of the first node below `value` that has one; -1 if none has. */
function nearest(reader: RawReader, value: unknown): number {
  if (typeof value !== "object" || value === null) return -1;
  const { location } = value as RawFields;
  if (typeof location === "number" && location >= 0) {
    return reader.offsetOf(value as RawFields);
  }
  for (const child of Object.values(value)) {
    const offset = nearest(reader, child);
    if (offset >= 0) return offset;
  }
  return -1;
}

/** What people call a field that we refuse. */
const FIELD_NAMES: Readonly<Record<string, string>> = {
  "SelectStmt.intoClause": "SELECT … INTO here",
  "RangeVar.catalogname": "a database name before a schema",
  "TypeName.setof": "SETOF",
  "TypeName.pct_type": "%TYPE",
  "CreateStmt.inhRelations": "INHERITS",
  "CreateStmt.partbound": "PARTITION OF",
  "CreateStmt.partspec": "PARTITION BY",
  "CreateStmt.ofTypename": "CREATE TABLE OF",
  "CreateStmt.tablespacename": "TABLESPACE",
  "ColumnDef.identity": "GENERATED AS IDENTITY",
  "ColumnDef.storage_name": "STORAGE",
  "ColumnDef.compression": "COMPRESSION",
  "ColumnDef.fdwoptions": "OPTIONS",
  "Constraint.nulls_not_distinct": "NULLS NOT DISTINCT",
  "Constraint.including": "INCLUDE",
  "Constraint.options": "WITH of a constraint",
  "Constraint.indexspace": "USING INDEX TABLESPACE",
  "Constraint.is_no_inherit": "NO INHERIT",
  "IndexStmt.whereClause": "a partial index",
  "IndexStmt.indexIncludingParams": "INCLUDE",
  "IndexStmt.concurrent": "CREATE INDEX CONCURRENTLY",
  "IndexStmt.nulls_not_distinct": "NULLS NOT DISTINCT",
  "IndexStmt.tableSpace": "TABLESPACE",
  "IndexElem.expr": "an index on an expression",
  "IndexElem.collation": "COLLATE",
  "IndexElem.opclassopts": "options of an operator class",
  "DropStmt.concurrent": "DROP INDEX CONCURRENTLY",
  "TransactionStmt.gid": "PREPARE TRANSACTION",
};

/** The node in `value`. */
export function nodeOf(value: unknown): RawNode {
  if (typeof value === "object" && value !== null) {
    const [type] = Object.keys(value);
    if (type !== undefined) {
      return { type, fields: (value as RawFields)[type] as RawFields };
    }
  }
  throw new KriyaError("internal", "Cannot read the parse tree: no node");
}

/** The list in a field, empty if it is absent. */
export function listOf(value: unknown): readonly unknown[] {
  return value === undefined ? [] : value as readonly unknown[];
}

/** The text in a field. */
export function textOf(value: unknown): string | undefined {
  return value as string | undefined;
}

/** The text of a `String` node. */
export function stringOf(value: unknown): string {
  const { type, fields } = nodeOf(value);
  if (type !== "String") {
    throw new KriyaError("internal", `Cannot read the parse tree: ${type}`);
  }
  return textOf(fields["sval"]) ?? "";
}

/** Whether a field that C keeps as a boolean is set. */
export function flagOf(value: unknown): boolean {
  return value === true;
}
