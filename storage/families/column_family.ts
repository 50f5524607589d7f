/**
 * One key space of a store.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { LsmStore } from "../engine/lsm_store.ts";
import type { Scan, ScanOptions } from "../engine/store_scan.ts";
import type { EntryRun } from "../mvcc/entry_run.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";

/** Bytes of a family's number before each of its keys. */
export const FAMILY_PREFIX_BYTES = 4;

const NO_KEY = new Uint8Array(0);

/** A key of space `number` as the store has it. */
export function spaceKey(number: number, key: Uint8Array = NO_KEY): Uint8Array {
  const bytes = new Uint8Array(FAMILY_PREFIX_BYTES + key.length);
  new DataView(bytes.buffer).setUint32(0, number);
  bytes.set(key, FAMILY_PREFIX_BYTES);
  return bytes;
}

/** One key space: see {@linkcode ColumnFamilies}. */
export class ColumnFamily {
  readonly #store: LsmStore;
  /** Its name. */
  readonly name: string;
  /** Its number in the store. */
  readonly number: number;
  #dropped = false;

  /** The family `number` of `store`. */
  constructor(store: LsmStore, name: string, number: number) {
    this.#store = store;
    this.name = name;
    this.number = number;
  }

  /** Nothing is written to it any more; snapshots may still be read. */
  markDropped(): void {
    this.#dropped = true;
  }

  /**
   * A key of this family as a batch writes it.
   *
   * @throws {KriyaError} `invalid` when the family was dropped.
   */
  writtenKey(key: Uint8Array): Uint8Array {
    if (this.#dropped) {
      throw new KriyaError(
        "invalid",
        `Cannot write to family "${this.name}": it was dropped`,
      );
    }
    return spaceKey(this.number, key);
  }

  /** As {@linkcode LsmStore.get}, in this family. */
  get(
    key: Uint8Array,
    snapshot?: Snapshot | number,
  ): MaybePromise<Uint8Array | undefined> {
    return this.#store.get(spaceKey(this.number, key), snapshot);
  }

  /** As {@linkcode LsmStore.getMany}, in this family. */
  getMany(
    keys: readonly Uint8Array[],
    snapshot?: Snapshot | number,
  ): MaybePromise<(Uint8Array | undefined)[]> {
    const all = keys.map((key) => spaceKey(this.number, key));
    return this.#store.getMany(all, snapshot);
  }

  /** As {@linkcode LsmStore.scan}, in this family. */
  scan(options: Omit<ScanOptions, "overlay"> = {}): Scan {
    const { start, end } = options;
    const scan = this.#store.scan({
      ...options,
      start: spaceKey(this.number, start),
      end: end === undefined
        ? spaceKey(this.number + 1)
        : spaceKey(this.number, end),
    });
    return {
      next: (): MaybePromise<EntryRun | undefined> => {
        const run = scan.next();
        return isPromise(run) ? run.then(withoutPrefix) : withoutPrefix(run);
      },
      close: () => scan.close(),
    };
  }
}

/** The same entries, without the family's number before their keys. */
function withoutPrefix(run: EntryRun | undefined): EntryRun | undefined {
  if (run === undefined) return undefined;
  // The run's own positions may be a cached block's.
  const keyStarts = run.keyStarts.slice(0, run.count);
  for (let i = 0; i < run.count; i++) keyStarts[i]! += FAMILY_PREFIX_BYTES;
  return { ...runParts(run), keyStarts };
}

/** The members of a run, which may be a class's. */
function runParts(run: EntryRun): EntryRun {
  return {
    count: run.count,
    keys: run.keys,
    keyStarts: run.keyStarts,
    keyEnds: run.keyEnds,
    values: run.values,
    valueStarts: run.valueStarts,
    valueEnds: run.valueEnds,
    sequences: run.sequences,
    kinds: run.kinds,
  };
}
