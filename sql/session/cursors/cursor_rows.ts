/**
 * The rows of a cursor: pulled as they are asked for, kept as far as somebody
 * may go back to them.
 *
 * | keeps | what |
 * | --- | --- |
 * | `all` | every row |
 * | `some` | every row, if there is room for them, else those of one chunk |
 * | `last` | the rows of one chunk |
 *
 * What is more than the memory of a statement goes into a temporary file. Where none
 * can be made, and for values that have no bytes, there is no room: `all` is an error.
 * Rows are numbered from 1.
 *
 * @module
 */
import type { SpillFile, SpillFiles } from "../../access/temporary_files.ts";
import type { Chunk } from "../../chunk/chunk.ts";
import { valueAt } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { bytesOf, gather } from "../../executor/column_tools.ts";
import type { ExecutionContext, PlanRun } from "../../executor/operator.ts";
import {
  type ChunkShape,
  chunkShape,
  decodeRows,
  encodeRows,
} from "../../executor/spill/chunk_bytes.ts";

/** Which rows are kept. */
export type Keeping = "all" | "some" | "last";

/** Rows that are kept. */
interface Kept {
  /** The number of the first. */
  readonly first: number;
  readonly rowCount: number;
  readonly bytes: number;
  /** The rows, or where they are in the file. */
  readonly rows: Chunk | number;
}

/** The rows of a cursor. */
export class CursorRows {
  #run: PlanRun | undefined;
  #keeping: Keeping;
  readonly #bytesMax: number;
  readonly #files: SpillFiles | undefined;
  #file: SpillFile | undefined;
  #shape: ChunkShape | undefined;
  #kept: Kept[] = [];
  #bytes = 0;
  #count = 0;

  /** The rows that `run` gives. */
  constructor(run: PlanRun, keeping: Keeping, context: ExecutionContext) {
    this.#run = run;
    this.#keeping = keeping;
    this.#bytesMax = context.settings.memoryBytesMax;
    this.#files = context.temporaryFiles;
  }

  /** How many rows were pulled. */
  get count(): number {
    return this.#count;
  }

  /** Whether that is all there are. */
  get ended(): boolean {
    return this.#run === undefined;
  }

  /** Whether rows that were passed are there still. */
  get keepsAll(): boolean {
    return this.#keeping !== "last";
  }

  /** Pulls until row `number` is there, or the end. */
  async pullTo(number: number): Promise<void> {
    while (this.#count < number && this.#run !== undefined) await this.pull();
  }

  /** Pulls all that is left, and keeps it, from row `first` on. */
  async pullAll(first: number): Promise<void> {
    if (this.#keeping === "last") this.#forgetBefore(first);
    this.#keeping = "all";
    await this.pullTo(Infinity);
  }

  /** Pulls some more; what was there before may be forgotten. */
  async pull(): Promise<void> {
    const chunk = await this.#run?.next();
    if (chunk === undefined) {
      this.#run?.close();
      this.#run = undefined;
      return;
    }
    const kept = this.#keep(chunk);
    if (kept.rowCount === 0) return;
    if (this.#keeping === "last") this.#forgetAll();
    this.#kept.push(kept);
    this.#bytes += kept.bytes;
    this.#count += kept.rowCount;
    if (this.#bytes > this.#bytesMax) this.#overflow(kept);
  }

  #keep({ columns, rowCount, selection }: Chunk): Kept {
    const rows = selection ??
      Uint32Array.from({ length: rowCount }, (_, i) => i);
    const kept = columns.map((column) => gather(column, rows));
    let bytes = 0;
    for (const column of kept) {
      if (column.type.storage !== "reference") {
        bytes += 8 * rows.length;
        continue;
      }
      for (let row = 0; row < rows.length; row++) {
        bytes += bytesOf(valueAt(column, row));
      }
    }
    return {
      first: this.#count + 1,
      rowCount: rows.length,
      bytes,
      rows: { columns: kept, rowCount: rows.length },
    };
  }

  /** There are more rows than memory for them. */
  #overflow(last: Kept): void {
    if (this.#keeping === "last" || this.#spill()) return;
    if (this.#keeping === "all") {
      this.close();
      throw new SqlError("53200", "out of memory", {
        detail: `The cursor holds more than ${this.#bytesMax} bytes of rows.`,
        hint:
          "Let the database write temporary files, declare it NO SCROLL and without WITH HOLD, or raise work_mem.",
      });
    }
    this.#keeping = "last";
    this.#forgetBefore(last.first);
  }

  /** Puts the rows that are in memory into a file; false where that cannot be. */
  #spill(): boolean {
    if (this.#files?.isOn !== true) return false;
    for (const [i, kept] of this.#kept.entries()) {
      const { rows, first, rowCount } = kept;
      if (typeof rows === "number") continue;
      this.#shape ??= chunkShape(rows.columns.map(({ type }) => type));
      if (this.#shape === undefined) return false;
      this.#file ??= this.#files.file();
      const all = Uint32Array.from({ length: rowCount }, (_, row) => row);
      const place = this.#file.append(
        encodeRows(this.#shape, rows.columns, all),
      );
      this.#kept[i] = { first, rowCount, bytes: 0, rows: place };
    }
    this.#bytes = 0;
    return true;
  }

  /** The rows of a piece. */
  #rowsOf({ rows }: Kept): Chunk {
    if (typeof rows !== "number") return rows;
    return decodeRows(this.#shape!, this.#file!.read(rows));
  }

  #forgetAll(): void {
    this.#kept = [];
    this.#bytes = 0;
  }

  #forgetBefore(first: number): void {
    this.#kept = this.#kept.filter((each) =>
      each.first + each.rowCount > first
    );
    this.#bytes = this.#kept.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Hands on the rows from `first` to `last`, both included, as chunks with
   * selections; downwards where `last` is less. REQUIRES: they were pulled, and
   * are kept.
   */
  give(first: number, last: number, take: (chunk: Chunk) => void): void {
    const step = last < first ? -1 : 1;
    for (let number = first; step * (last - number) >= 0;) {
      const kept = this.#find(number);
      if (kept === undefined) return;
      const { columns, rowCount } = this.#rowsOf(kept);
      const end = step > 0
        ? Math.min(last, kept.first + rowCount - 1)
        : Math.max(last, kept.first);
      const selection = Uint32Array.from(
        { length: step * (end - number) + 1 },
        (_, i) => number + step * i - kept.first,
      );
      take({ columns, rowCount, selection });
      number = end + step;
    }
  }

  /** What holds row `number`. */
  #find(number: number): Kept | undefined {
    let low = 0;
    let high = this.#kept.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const kept = this.#kept[middle]!;
      if (number < kept.first) high = middle - 1;
      else if (number >= kept.first + kept.rowCount) low = middle + 1;
      else return kept;
    }
    return undefined;
  }

  /** Lets go of everything. */
  close(): void {
    this.#run?.close();
    this.#run = undefined;
    this.#forgetAll();
    this.#file?.close();
    this.#file = undefined;
  }
}
