/**
 * Operator: the rows that COPY … FROM reads in the binary form.
 *
 * | bytes | what |
 * | --- | --- |
 * | 11 | `PGCOPY`, newline, 255, return, newline, 0 |
 * | 4 | flags: none that must be understood |
 * | 4 | the length of an extension, then the extension |
 * | 2 | of each row: how many fields it has; -1 at the end |
 * | 4 | of each field: its length, -1 for NULL; then the value |
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../../base/maybe_promise.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { type Chunk, CHUNK_ROWS, ColumnBuilder } from "../../chunk/chunk.ts";
import { decodeBinary } from "../../encoding/binary/binary_values.ts";
import { failedRow } from "../../errors/failed_row.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type {
  InputContext,
  Nullable,
  SqlValue,
  TypeRef,
} from "../../types/data_type.ts";
import type { Operator } from "../operator.ts";
import { badFormat, withContext } from "./copy_error.ts";

/** What begins every file. */
export const COPY_SIGNATURE: Uint8Array = Uint8Array.from(
  [0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0],
);

/** How long a field may be, in bytes. */
const FIELD_BYTES_MAX = 1024 * 1024 * 1024;

/** Bytes are put together up to this size. */
const FEED_BYTES = 64 * 1024;

/** What COPY … FROM reads, and where it goes. */
export interface BinaryCopyRequest {
  readonly table: TableEntry;
  /** The positions of the columns that a row has. */
  readonly columns: readonly number[];
  /** The bytes, piece by piece. */
  readonly source: AsyncIterator<Uint8Array>;
  readonly context: InputContext;
}

/** The rows of COPY … FROM in the binary form. */
export class BinaryCopyRows implements Operator {
  readonly #request: BinaryCopyRequest;
  readonly #types: readonly TypeRef[];
  #bytes: Uint8Array<ArrayBufferLike> = new Uint8Array();
  #at = 0;
  /** How many bytes the next part needs. */
  #wanted = 0;
  #isFinal = false;
  #isDone = false;
  #headerSeen = false;
  #builders: ColumnBuilder[] = [];
  /** The field of the row that is read; -1 before them. */
  #field = -1;
  #rowCount = 0;
  /** How many rows were read before those of the chunk. */
  #before = 0;

  constructor(request: BinaryCopyRequest) {
    const { table, columns } = request;
    this.#request = request;
    this.#types = columns.map((position) => table.columns[position]!.type);
  }

  /**
   * The CONTEXT of an error that came when the last chunk was written; there is
   * none before the rows.
   */
  contextOf(error: unknown): string | undefined {
    if (!this.#headerSeen) return undefined;
    const where = `COPY ${this.#request.table.name}`;
    const row = error instanceof SqlError ? failedRow(error) : undefined;
    return row === undefined || row >= this.#rowCount
      ? where
      : `${where}, line ${this.#before + row + 1}`;
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#isDone) return undefined;
    this.#before += this.#rowCount;
    this.#rowCount = 0;
    this.#builders = this.#types.map(({ type }) => new ColumnBuilder(type));
    return this.#fill();
  }

  /** Reads rows until a chunk is full or all is read. */
  #fill(): MaybePromise<Chunk | undefined> {
    while (this.#rowCount < CHUNK_ROWS && !this.#isDone) {
      const start = this.#at;
      if (this.#readPart()) continue;
      this.#at = start;
      if (this.#isFinal) throw this.#unexpectedEnd();
      const fed = this.#feed();
      if (isPromise(fed)) return fed.then(() => this.#fill());
    }
    if (this.#rowCount === 0) return undefined;
    return {
      columns: this.#builders.map((builder) => builder.finish()),
      rowCount: this.#rowCount,
    };
  }

  #unexpectedEnd(): unknown {
    return this.#headerSeen
      ? withContext(
        badFormat("unexpected EOF in COPY data"),
        this.#field < 0 ? this.#line() : this.#place(this.#field),
      )
      : badFormat("COPY file signature not recognized");
  }

  #line(): string {
    const number = this.#before + this.#rowCount + 1;
    return `COPY ${this.#request.table.name}, line ${number}`;
  }

  async #feed(): Promise<void> {
    const rest = this.#bytes.subarray(this.#at);
    const pieces: Uint8Array[] = [rest];
    let length = rest.length;
    const wanted = Math.max(FEED_BYTES, this.#wanted, rest.length * 2);
    while (length < wanted) {
      const next = await this.#request.source.next();
      if (next.done === true) {
        this.#isFinal = true;
        break;
      }
      pieces.push(next.value);
      length += next.value.length;
    }
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    this.#bytes = bytes;
    this.#at = 0;
  }

  /** The next bytes; `undefined` where they are not there yet. */
  #take(count: number): Uint8Array | undefined {
    if (this.#at + count > this.#bytes.length) {
      this.#wanted = count;
      return undefined;
    }
    const taken = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }

  #integer(size: 2 | 4): number | undefined {
    const bytes = this.#take(size);
    if (bytes === undefined) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, size);
    return size === 2 ? view.getInt16(0) : view.getInt32(0);
  }

  /** Reads the header or a row; false where more bytes are needed. */
  #readPart(): boolean {
    if (this.#headerSeen) return this.#readRow();
    const signature = this.#take(COPY_SIGNATURE.length);
    if (signature === undefined) return false;
    if (!signature.every((byte, i) => byte === COPY_SIGNATURE[i])) {
      throw badFormat("COPY file signature not recognized");
    }
    const flags = this.#integer(4);
    const length = flags === undefined ? undefined : this.#integer(4);
    if (flags === undefined || length === undefined) {
      if (!this.#isFinal) return false;
      throw badFormat(
        `invalid COPY file header (missing ${
          flags === undefined ? "flags" : "length"
        })`,
      );
    }
    if ((flags & 1 << 16) !== 0) {
      throw badFormat("invalid COPY file header (WITH OIDS)");
    }
    if (flags >> 16 !== 0) {
      throw badFormat("unrecognized critical flags in COPY file header");
    }
    if (length < 0 || length > FEED_BYTES) {
      throw badFormat("invalid COPY file header (wrong length)");
    }
    if (this.#take(length) === undefined) return false;
    this.#headerSeen = true;
    return true;
  }

  #readRow(): boolean {
    this.#field = -1;
    const count = this.#integer(2);
    if (count === undefined) {
      // A file may end without its last mark.
      if (!this.#isFinal || this.#at < this.#bytes.length) return false;
      this.#isDone = true;
      return true;
    }
    if (count === -1) return this.#readEnd();
    if (count !== this.#types.length) {
      throw withContext(
        badFormat(
          `row field count is ${count}, expected ${this.#types.length}`,
        ),
        this.#line(),
      );
    }
    const values: Nullable[] = [];
    for (let i = 0; i < count; i++) {
      this.#field = i;
      const length = this.#integer(4);
      if (length === undefined) return false;
      if (length < -1 || length > FIELD_BYTES_MAX) {
        throw withContext(badFormat("invalid field size"), this.#place(i));
      }
      const field = length === -1 ? undefined : this.#take(length);
      if (length !== -1 && field === undefined) return false;
      values.push(field === undefined ? null : this.#value(field, i));
    }
    values.forEach((value, i) => this.#builders[i]!.append(value));
    this.#rowCount++;
    return true;
  }

  #readEnd(): boolean {
    if (this.#at < this.#bytes.length) {
      throw withContext(
        badFormat("received copy data after EOF marker"),
        this.#line(),
      );
    }
    this.#isDone = true;
    return true;
  }

  #value(field: Uint8Array, index: number): SqlValue {
    const { type, typmod } = this.#types[index]!;
    try {
      const value = decodeBinary(type, field, this.#request.context);
      return typmod < 0 || type.applyTypmod === undefined
        ? value
        : type.applyTypmod(value, typmod, false);
    } catch (error) {
      throw withContext(error, this.#place(index));
    }
  }

  /** `COPY t, line 3, column n` */
  #place(index: number): string {
    const { table, columns } = this.#request;
    return `${this.#line()}, column ${table.columns[columns[index]!]!.name}`;
  }

  close(): void {
    this.#isDone = true;
  }
}
