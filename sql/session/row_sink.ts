/**
 * Who takes the rows of a statement: a result that holds them all, or somebody
 * to whom they are handed chunk by chunk.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import { type Chunk, selectedCount } from "../chunk/chunk.ts";
import type { DataType } from "../types/data_type.ts";
import type { DateTimeSettings } from "../types/datetime_settings.ts";
import type { Prepared } from "./prepared.ts";
import type { Field, RowBuilder } from "./result.ts";
import type { Settings } from "./settings.ts";

/** What rows that are handed on are like. */
export interface RowForm {
  /** The columns. */
  readonly fields: readonly Field[];
  /** The columns' types. */
  readonly types: readonly DataType[];
  /** How dates and times look in text. */
  readonly datetime: DateTimeSettings;
  /**
   * Whether the rows that follow stay what they are. If not, they are void when
   * the statement fails or begins again: it writes, or locks what it reads.
   */
  readonly final: boolean;
}

/** Takes the rows of a statement as they come. */
export interface RowSink {
  /**
   * A run of the statement begins; rows that were given before are void.
   *
   * @throws {Error} when they have been passed on already; fails the statement.
   */
  begin(form: RowForm): void;

  /** Takes rows; the chunk is valid until what it returns has resolved. */
  take(chunk: Chunk): MaybePromise<void>;
}

/** What takes the rows of one run of a plan. */
export interface RowTaker {
  /** Takes the rows of a chunk. */
  append(chunk: Chunk): MaybePromise<void>;
  /** How many rows there were. */
  readonly rowCount: number;
  /** The rows that are held. */
  readonly rows: unknown[];
}

/** Rows that are held, in the form of results. */
export class BuiltRows implements RowTaker {
  readonly #builder: RowBuilder;
  readonly rows: unknown[] = [];

  /** Rows that `builder` makes. */
  constructor(builder: RowBuilder) {
    this.#builder = builder;
  }

  get rowCount(): number {
    return this.rows.length;
  }

  append(chunk: Chunk): void {
    this.#builder.append(chunk, this.rows);
  }
}

/** Rows that are handed on. */
export class SunkRows implements RowTaker {
  readonly #sink: RowSink;
  rowCount = 0;

  /** The rows of a statement, which begins to run. */
  constructor(sink: RowSink, { datetime }: Settings, prepared: Prepared) {
    this.#sink = sink;
    const { bound, plan, fields, resultFields } = prepared;
    sink.begin({
      fields: resultFields,
      types: fields.map(({ type }) => type.type),
      datetime,
      final: bound.kind === "select" && plan?.locks !== true,
    });
  }

  get rows(): unknown[] {
    return [];
  }

  append(chunk: Chunk): MaybePromise<void> {
    this.rowCount += selectedCount(chunk);
    return this.#sink.take(chunk);
  }
}
