/**
 * Many lookups in a B-tree index: all keys are made first, and read in order.
 *
 * @module
 */
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import type { IndexEntry } from "../../catalog/entries.ts";
import type { KeyCodec } from "../../encoding/key_encoding.ts";
import type { TransactionReads } from "../../transaction/transaction_view.ts";
import type { LocatorTaker, LookupKeys } from "../index_access.ts";
import { readTid, TID_BYTES } from "../row_key.ts";
import { KeyBatch } from "./key_batch.ts";

/** Shows `taker` the rows that the index has for each of `keys`. */
export function lookupEach(
  index: IndexEntry,
  codec: KeyCodec,
  reads: TransactionReads,
  { columns, rows }: LookupKeys,
  taker: LocatorTaker,
): MaybePromise<void> {
  const keys = new KeyBatch(index.storageId, codec, columns, rows);
  const { count } = keys;
  const isKeyOfOne = index.unique && index.deferrable !== true &&
    columns.length === codec.columnCount;
  if (isKeyOfOne) {
    return reads.findEach(
      { count, key: (i) => keys.key(i) },
      (i, bytes, start) => {
        taker.begin(keys.place(i));
        taker.take(readTid(bytes, start));
      },
    );
  }
  return reads.scanEach(
    {
      count,
      start: (i) => keys.key(i),
      end: (i) => keys.behind(i),
    },
    {
      oneEach: taker.oneEach,
      begin: (i) => taker.begin(keys.place(i)),
      drop: () => taker.drop(),
      // A key that no other row can have has its tuple id beside it.
      take: (key, _start, keyEnd, value, valueStart, valueEnd) =>
        taker.take(
          valueEnd > valueStart
            ? readTid(value, valueStart)
            : readTid(key, keyEnd - TID_BYTES),
        ),
    },
  );
}
