/**
 * What tests of the storage engine say again and again: texts as bytes, batches
 * of puts, everything a store holds.
 *
 * @module
 */
import type { LsmStore, ScanOptions } from "../../storage/engine/lsm_store.ts";
import { WriteBatch } from "../../storage/engine/write_batch.ts";
import type { EntryRun, RunSource } from "../../storage/mvcc/entry_run.ts";
import { KIND_DELETE } from "../../storage/mvcc/internal_key.ts";

/** UTF-8 bytes. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Text of UTF-8 bytes, `undefined` of `undefined`. */
export function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** A batch of puts; `undefined` for a value is a deletion. */
export function batchOf(
  writes: Readonly<Record<string, string | undefined>>,
): WriteBatch {
  const batch = new WriteBatch();
  for (const [key, value] of Object.entries(writes)) {
    if (value === undefined) batch.delete(bytes(key));
    else batch.put(bytes(key), bytes(value));
  }
  return batch;
}

/** Commits puts and deletions as one batch. */
export function put(
  store: LsmStore,
  writes: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  return store.write(batchOf(writes));
}

/** The key of an entry. */
export function keyAt(run: EntryRun, index: number): Uint8Array {
  return run.keys.subarray(run.keyStarts[index], run.keyEnds[index]);
}

/** The value of an entry. */
export function valueAt(run: EntryRun, index: number): Uint8Array {
  return run.values.subarray(run.valueStarts[index], run.valueEnds[index]);
}

/** Keys and values that a store shows, in the order of the scan. */
export async function contentsOf(
  store: LsmStore,
  options: ScanOptions = {},
): Promise<[string, string][]> {
  const found: [string, string][] = [];
  const scan = store.scan(options);
  for (let run = await scan.next(); run; run = await scan.next()) {
    for (let i = 0; i < run.count; i++) {
      found.push([text(keyAt(run, i))!, text(valueAt(run, i))!]);
    }
  }
  return found;
}

/** An entry as a test writes it. */
export interface PlainEntry {
  readonly key: string;
  readonly sequence: number;
  /** `undefined`: a deletion. */
  readonly value: string | undefined;
}

/** Every entry that a source gives, run by run, in the order of each run. */
export async function entriesOf(source: RunSource): Promise<PlainEntry[]> {
  const found: PlainEntry[] = [];
  for (let run = await source.nextRun(); run; run = await source.nextRun()) {
    for (let i = 0; i < run.count; i++) {
      found.push({
        key: text(keyAt(run, i))!,
        sequence: run.sequences[i]!,
        value: run.kinds[i] === KIND_DELETE ? undefined : text(valueAt(run, i)),
      });
    }
  }
  return found;
}
