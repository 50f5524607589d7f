/**
 * Whether the periods of a key WITHOUT OVERLAPS have, together, all of another
 * period: what a FOREIGN KEY (…, PERIOD …) asks.
 *
 * The entries that are equal in all but the period stand together, in the order
 * of their periods. All of them are read, and guarded: whoever adds or removes
 * one meanwhile is in the way of the commit.
 *
 * @module
 */
import { prefixEnd } from "../../../storage/mvcc/internal_key.ts";
import { type Chunk, valueAt } from "../../chunk/chunk.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import { holds, rangesOf } from "../../functions/range/range_algebra.ts";
import { kindOf } from "../../functions/range/range_operators.ts";
import type { Nullable, SqlValue } from "../../types/data_type.ts";
import { SqlMultirange, type SqlRange } from "../../types/range/range_value.ts";
import { STORAGE_ID_BYTES, TID_BYTES } from "../row_key.ts";
import type { ExclusionLayout } from "./exclusion_layout.ts";

/** Answers for the rows of one statement. */
export class PeriodCover {
  readonly #layout: ExclusionLayout;
  readonly #transaction: Transaction;

  /** The entries that lie as `layout` says, as `transaction` sees them. */
  constructor(layout: ExclusionLayout, transaction: Transaction) {
    this.#layout = layout;
    this.#transaction = transaction;
  }

  /** For each selected row of `chunk`, the key columns, whether it is covered. */
  async covers(chunk: Chunk): Promise<boolean[]> {
    const { columns, selection, rowCount } = chunk;
    const count = selection?.length ?? rowCount;
    const covered: boolean[] = [];
    for (let i = 0; i < count; i++) {
      const row = selection === undefined ? i : selection[i]!;
      const values = this.#layout.order.map((column) =>
        valueAt(columns[column]!, row)
      );
      const period = values.at(-1) as SqlValue;
      const kind = kindOf(columns[this.#layout.order.at(-1)!]!.type);
      const there = await this.#rangesUnder(values.slice(0, -1));
      const whole = SqlMultirange.of(kind, there).ranges;
      // As in PostgreSQL, an empty period is within none.
      const isSome = rangesOf(period).some(({ isEmpty }) => !isEmpty);
      covered.push(isSome && holds(kind, whole, rangesOf(period)));
    }
    return covered;
  }

  async #rangesUnder(equal: readonly Nullable[]): Promise<SqlRange[]> {
    const { encoder } = this.#layout;
    const start = encoder.lookupKey(equal);
    const end = prefixEnd(start)!;
    const found: SqlRange[] = [];
    const scan = this.#transaction.scan({ start, end });
    try {
      for (let run = await scan.next(); run; run = await scan.next()) {
        for (let i = 0; i < run.count; i++) {
          const values: Nullable[] = [];
          encoder.codec.decodePrefix(
            run.keys,
            run.keyStarts[i]! + STORAGE_ID_BYTES,
            run.keyEnds[i]! - TID_BYTES,
            values,
          );
          found.push(...rangesOf(values.at(-1) as SqlValue));
        }
      }
    } finally {
      scan.close();
    }
    this.#transaction.guardRange(start, end, { unlocked: true });
    return found;
  }
}
