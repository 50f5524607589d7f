/**
 * Operator: the rows that COPY … FROM reads, in chunks of typed columns.
 *
 * Bytes become text in large pieces, text becomes records, and fields go straight
 * into the columns: there is no object for a row. With ON_ERROR ignore a row's
 * values are read before the first is added, so that it can be left out.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../../base/maybe_promise.ts";
import type { CopyFormat } from "../../analyzer/copy/copy_format.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { type Chunk, CHUNK_ROWS, ColumnBuilder } from "../../chunk/chunk.ts";
import { failedRow } from "../../errors/failed_row.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { bool } from "../../types/bool_type.ts";
import type { InputContext } from "../../types/data_type.ts";
import type { Operator } from "../operator.ts";
import { type AppendField, columnParser } from "./column_parser.ts";
import { badFormat, shown, withContext } from "./copy_error.ts";
import { CsvRecords } from "./csv_records.ts";
import { DEFAULT_FIELD, type RecordReader } from "./record_reader.ts";
import { TextRecords } from "./text_records.ts";

/** What COPY … FROM reads, and where it goes. */
export interface CopyRequest {
  readonly table: TableEntry;
  /** The positions of the columns that a record has. */
  readonly columns: readonly number[];
  readonly format: CopyFormat;
  /** The text, piece by piece. */
  readonly source: AsyncIterator<string>;
  readonly context: InputContext;
  /** Tells the user something. */
  notice(message: string): void;
}

/** Pieces of text are put together up to this size. */
const FEED_CHARS = 64 * 1024;

/** The rows of COPY … FROM. */
export class CopyRows implements Operator {
  readonly #request: CopyRequest;
  readonly #records: RecordReader;
  readonly #parsers: readonly AppendField[];
  #builders: ColumnBuilder[] = [];
  /** Where DEFAULT is meant, if it can be. */
  #flags: ColumnBuilder[] = [];
  #rowCount = 0;
  /** Where the rows of the chunk were read, and how they were written. */
  readonly #lineNumbers = new Float64Array(CHUNK_ROWS);
  readonly #lines: string[] = [];
  #headerSeen: boolean;
  #isDone = false;
  /** How many rows were left out. */
  #skipped = 0;

  /** Rows that are read as `request` says. */
  constructor(request: CopyRequest) {
    const { table, columns, format, context } = request;
    this.#request = request;
    this.#records = format.form === "csv"
      ? new CsvRecords(format)
      : new TextRecords(format);
    this.#parsers = columns.map((position) =>
      columnParser(table.columns[position]!.type, context)
    );
    this.#headerSeen = format.header === false;
  }

  /** The CONTEXT of an error that came when the last chunk was written. */
  contextOf(error: unknown): string {
    const where = `COPY ${this.#request.table.name}`;
    const row = error instanceof SqlError ? failedRow(error) : undefined;
    if (row === undefined || row >= this.#rowCount) return where;
    const line = `${where}, line ${this.#lineNumbers[row]}`;
    // PostgreSQL writes to indexes when the line is gone.
    return (error as SqlError).code === "23505"
      ? line
      : `${line}: ${shown(this.#lines[row]!)}`;
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#isDone) return undefined;
    this.#start();
    return this.#fill();
  }

  /** Reads records until a chunk is full or all is read. */
  #fill(): MaybePromise<Chunk | undefined> {
    while (this.#rowCount < CHUNK_ROWS) {
      const state = this.#readRecord();
      if (state === "end") {
        this.#finish();
        break;
      }
      if (state === "more") {
        const fed = this.#feed();
        if (isPromise(fed)) return fed.then(() => this.#fill());
      }
    }
    return this.#rowCount === 0 ? undefined : this.#chunk();
  }

  async #feed(): Promise<void> {
    const records = this.#records;
    const wanted = Math.max(FEED_CHARS, records.wantedChars);
    const pieces: string[] = [];
    let length = 0;
    while (length < wanted) {
      const next = await this.#request.source.next();
      if (next.done === true) {
        records.finish();
        break;
      }
      pieces.push(next.value);
      length += next.value.length;
    }
    records.feed(pieces.join(""));
  }

  #readRecord(): "record" | "more" | "end" {
    const records = this.#records;
    try {
      const state = records.read();
      if (state !== "record") return state;
      if (!this.#headerSeen) this.#readHeader();
      else this.#addRecord();
      return state;
    } catch (error) {
      const { name } = this.#request.table;
      const where = `COPY ${name}, line ${records.lineNumber}`;
      throw withContext(
        error,
        records.hasLine ? `${where}: ${shown(records.line)}` : where,
      );
    }
  }

  #readHeader(): void {
    this.#headerSeen = true;
    const { format, columns, table } = this.#request;
    if (format.header !== "match") return;
    const { fields, count } = this.#records;
    if (count !== columns.length) {
      throw badFormat(
        `wrong number of fields in header line: got ${count}, expected ${columns.length}`,
      );
    }
    columns.forEach((position, i) => {
      const { name } = table.columns[position]!;
      const field = fields[i]!;
      if (field === name) return;
      const got = typeof field === "string"
        ? `got "${field}"`
        : `got null value ("${format.nullText}")`;
      throw badFormat(
        `column name mismatch in header line field ${
          i + 1
        }: ${got}, expected "${name}"`,
      );
    });
  }

  #addRecord(): void {
    const { columns, table, format } = this.#request;
    const { count } = this.#records;
    if (count > columns.length) {
      throw badFormat("extra data after last expected column");
    }
    if (count < columns.length) {
      const missing = table.columns[columns[count]!]!.name;
      throw badFormat(`missing data for column "${missing}"`);
    }
    if (format.ignoreErrors && !this.#isUsable()) return;
    for (let i = 0; i < count; i++) this.#addField(i, this.#builders[i]!);
    this.#lineNumbers[this.#rowCount] = this.#records.lineNumber;
    this.#lines[this.#rowCount++] = this.#records.line;
  }

  #addField(i: number, builder: ColumnBuilder): void {
    const field = this.#records.fields[i]!;
    if (field === DEFAULT_FIELD) this.#requireDefault(i);
    this.#flags[i]?.appendNumber(field === DEFAULT_FIELD ? 1 : 0);
    if (field === null || field === DEFAULT_FIELD) {
      builder.appendNull();
      return;
    }
    try {
      this.#parsers[i]!(field, builder);
    } catch (error) {
      throw withContext(
        error,
        `${this.#place(i)}: ${shown(field)}`,
      );
    }
  }

  #requireDefault(i: number): void {
    const { table, columns } = this.#request;
    const { name, defaultSql, identity, type } = table.columns[columns[i]!]!;
    if (
      defaultSql !== undefined || identity !== undefined ||
      type.type.domain !== undefined
    ) return;
    throw badFormat("unexpected default marker in COPY data", {
      detail: `Column "${name}" has no default value.`,
    });
  }

  /** `COPY t, line 3, column n` */
  #place(i: number): string {
    const { table, columns } = this.#request;
    const { name } = table.columns[columns[i]!]!;
    return `COPY ${table.name}, line ${this.#records.lineNumber}, column ${name}`;
  }

  /** Whether all fields of the record can be read; tells if one cannot. */
  #isUsable(): boolean {
    const { fields, count } = this.#records;
    const { table, columns } = this.#request;
    for (let i = 0; i < count; i++) {
      const field = fields[i]!;
      if (field === null || field === DEFAULT_FIELD) continue;
      const { type } = table.columns[columns[i]!]!.type;
      try {
        this.#parsers[i]!(field, new ColumnBuilder(type, 1));
      } catch (error) {
        if (!(error instanceof SqlError) || !error.code.startsWith("22")) {
          throw withContext(error, this.#place(i));
        }
        this.#skip(i, field);
        return false;
      }
    }
    return true;
  }

  #skip(i: number, field: string): void {
    const { format, table, columns } = this.#request;
    this.#skipped++;
    if (format.verbosity === "verbose") {
      const { name } = table.columns[columns[i]!]!;
      this.#request.notice(
        `skipping row due to data type incompatibility at line ${this.#records.lineNumber} for column "${name}": ${
          shown(field)
        }`,
      );
    }
    const { rejectLimit } = format;
    if (rejectLimit === undefined || this.#skipped <= rejectLimit) return;
    throw new SqlError(
      "22P02",
      `skipped more than REJECT_LIMIT (${rejectLimit}) rows due to data type incompatibility`,
      { where: `${this.#place(i)}: ${shown(field)}` },
    );
  }

  #start(): void {
    const { table, columns, format } = this.#request;
    this.#builders = columns.map((position) =>
      new ColumnBuilder(table.columns[position]!.type.type)
    );
    this.#flags = format.defaultText === undefined
      ? []
      : columns.map(() => new ColumnBuilder(bool));
    this.#rowCount = 0;
  }

  #chunk(): Chunk {
    return {
      columns: [...this.#builders, ...this.#flags].map((builder) =>
        builder.finish()
      ),
      rowCount: this.#rowCount,
    };
  }

  #finish(): void {
    this.#isDone = true;
    const { format, notice } = this.#request;
    const count = this.#skipped;
    if (count === 0 || format.verbosity === "silent") return;
    notice(
      count === 1
        ? "1 row was skipped due to data type incompatibility"
        : `${count} rows were skipped due to data type incompatibility`,
    );
  }

  close(): void {
    this.#isDone = true;
  }
}
