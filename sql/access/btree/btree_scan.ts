/**
 * A range of a B-tree index, in its order or the other way round.
 *
 * @module
 */
import { type MaybePromise, then } from "../../../base/maybe_promise.ts";
import type { EntryRun } from "../../../storage/mvcc/entry_run.ts";
import type { Scan } from "../../../storage/engine/lsm_store.ts";
import type { IndexEntry } from "../../catalog/entries.ts";
import { ColumnBuilder } from "../../chunk/chunk.ts";
import { keyAfter } from "../../encoding/key_encoding.ts";
import type { TransactionReads } from "../../transaction/transaction_view.ts";
import type { Nullable } from "../../types/data_type.ts";
import type { RangeBatch, RangeCursor, RangeRequest } from "../index_access.ts";
import {
  readTid,
  STORAGE_ID_BYTES,
  storagePrefix,
  TID_BYTES,
} from "../row_key.ts";
import type { EntryEncoder } from "./btree_entries.ts";
import { LeadingCursor } from "./btree_leading.ts";

/** The mark of a value in a key: NULLs are below or above it. */
const VALUE_MARK = 1;

/** Opens the range that `request` asks for. */
export function openBtreeRange(
  transaction: TransactionReads,
  index: IndexEntry,
  encoder: EntryEncoder,
  request: RangeRequest,
): RangeCursor {
  const { start, end } = rangeOf(encoder, request);
  const prefix = storagePrefix(index.storageId);
  const from = joined(prefix, start);
  const to = end === undefined ? keyAfter(prefix)! : joined(prefix, end);
  const { backward, leading } = request;
  const scan = (start: Uint8Array, end: Uint8Array): Scan =>
    transaction.scan({ start, end, reverse: backward });
  if (leading === undefined) {
    return new BtreeRange(scan(from, to), encoder, request);
  }
  return new LeadingCursor({
    start: from,
    end: to,
    backward,
    leading,
    encoder,
    scan,
    batch: (run, entries) => batchOf(run, entries, encoder, request),
  });
}

function rangeOf(
  { codec }: EntryEncoder,
  { equal, lower, upper, notNull }: RangeRequest,
): { readonly start: Uint8Array; readonly end: Uint8Array | undefined } {
  if (lower === undefined && upper === undefined && notNull) {
    const start = joined(codec.encode(equal), Uint8Array.of(VALUE_MARK));
    return { start, end: keyAfter(start) };
  }
  return codec.range(equal, lower, upper);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}

class BtreeRange implements RangeCursor {
  readonly #scan: Scan;
  readonly #encoder: EntryEncoder;
  readonly #request: RangeRequest;

  constructor(scan: Scan, encoder: EntryEncoder, request: RangeRequest) {
    this.#scan = scan;
    this.#encoder = encoder;
    this.#request = request;
  }

  next(): MaybePromise<RangeBatch | undefined> {
    return then(
      this.#scan.next(),
      (run) => run && batchOf(run, undefined, this.#encoder, this.#request),
    );
  }

  close(): void {
    this.#scan.close();
  }
}

/** What is given of entries of a run; absent: all of them. */
function batchOf(
  run: EntryRun,
  entries: Uint32Array | undefined,
  { codec, types }: EntryEncoder,
  { wantsKeys }: RangeRequest,
): RangeBatch {
  const count = entries?.length ?? run.count;
  const locators = new Float64Array(count);
  const builders = wantsKeys
    ? types.map((type) => new ColumnBuilder(type, count))
    : [];
  const values: Nullable[] = [];
  for (let at = 0; at < count; at++) {
    const i = entries === undefined ? at : entries[at]!;
    // A key that no other row can have has its tuple id beside it.
    locators[at] = run.valueEnds[i]! > run.valueStarts[i]!
      ? readTid(run.values, run.valueStarts[i]!)
      : readTid(run.keys, run.keyEnds[i]! - TID_BYTES);
    if (!wantsKeys) continue;
    values.length = 0;
    const start = run.keyStarts[i]! + STORAGE_ID_BYTES;
    codec.decodePrefix(run.keys, start, run.keyEnds[i]!, values);
    for (let c = 0; c < values.length; c++) builders[c]!.append(values[c]!);
  }
  return { locators, keys: builders.map((builder) => builder.finish()) };
}
