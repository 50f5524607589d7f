/**
 * Numbers that never go back: ids of relations and storage, tuple ids.
 *
 * Numbers are handed out from memory. Every commit that used some writes how
 * far they have come, as it is in the turn in which it joins the log; so of two
 * commits the later one in the log never says less.
 *
 * @module
 */
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import {
  findInBatch,
  type WriteBatch,
} from "../../storage/engine/write_batch.ts";
import {
  isTemporaryId,
  isTemporarySchema,
  TEMPORARY_ID_MIN,
} from "./temporary_schema.ts";
import {
  decodeCounter,
  encodeCounter,
  FIRST_RELATION_ID,
  NEXT_ID_KEY,
  nextTidKey,
  writeCounter,
} from "./catalog_rows.ts";

/** The largest tuple id: 48 bits. */
const TID_MAX = 2 ** 48 - 1;

/** Whether the types of vectors, or of their arrays, have the OID. */
function isVectorOid(id: number): boolean {
  return id > FIRST_RELATION_ID && id <= FIRST_RELATION_ID + 6;
}

/** The counters of a database. */
export class Counters {
  readonly #store: LsmStore;
  #nextId = FIRST_RELATION_ID;
  #nextTemporaryId = TEMPORARY_ID_MIN;
  readonly #nextTids = new Map<number, number>();

  /** The counters in `store`. */
  constructor(store: LsmStore) {
    this.#store = store;
  }

  /** Reads the id counter; ids up to `idMax` are taken in any case. */
  async load(idMax: number): Promise<void> {
    const stored = await this.#store.get(NEXT_ID_KEY);
    this.#nextId = Math.max(
      FIRST_RELATION_ID,
      idMax + 1,
      stored === undefined ? 0 : decodeCounter(stored),
    );
  }

  /** A new id, for a relation in a schema or for storage of it. */
  newId(schema?: string): number {
    return schema !== undefined && isTemporarySchema(schema)
      ? this.#nextTemporaryId++
      : this.#nextOwnId();
  }

  #nextOwnId(): number {
    while (isVectorOid(this.#nextId)) this.#nextId++;
    return this.#nextId++;
  }

  /** Forgets the tuple ids of storages that are gone. */
  forget(storageIds: Iterable<number>): void {
    for (const storageId of storageIds) this.#nextTids.delete(storageId);
  }

  /**
   * The first of `count` new tuple ids of a table, the rest after it. 1 is the
   * first of all.
   */
  newTids(storageId: number, count: number): MaybePromise<number> {
    const next = this.#nextTids.get(storageId);
    if (next !== undefined) {
      this.#nextTids.set(storageId, next + count);
      return next;
    }
    if (isTemporaryId(storageId)) {
      this.#nextTids.set(storageId, 1 + count);
      return 1;
    }
    const stored = this.#store.get(nextTidKey(storageId));
    return then(stored, (bytes) => {
      // Others may have come first while this one waited.
      if (!this.#nextTids.has(storageId)) {
        const first = bytes === undefined ? 1 : decodeCounter(bytes);
        this.#nextTids.set(storageId, first);
      }
      return this.newTids(storageId, count);
    });
  }

  /** Whether tuple ids are left. */
  hasTids(storageId: number): boolean {
    return (this.#nextTids.get(storageId) ?? 0) <= TID_MAX;
  }

  /** Adds the counters to a batch: those of `storageIds`, and the ids'. */
  addTo(batch: WriteBatch, storageIds: Iterable<number>, ids: boolean): void {
    if (ids) batch.put(NEXT_ID_KEY, encodeCounter(this.#nextId));
    for (const storageId of storageIds) {
      const next = this.#nextTids.get(storageId);
      if (next === undefined || isTemporaryId(storageId)) continue;
      batch.put(nextTidKey(storageId), encodeCounter(next));
    }
  }

  /** Sets the counters in a sealed batch to where they are now. */
  amend(batch: WriteBatch, storageIds: Iterable<number>): void {
    const sealed = batch.seal();
    const set = (key: Uint8Array, value: number): void => {
      const row = findInBatch(sealed, key);
      if (row < 0) return;
      writeCounter(sealed.payload, sealed.valueStarts[row]!, value);
    };
    set(NEXT_ID_KEY, this.#nextId);
    for (const storageId of storageIds) {
      const next = this.#nextTids.get(storageId);
      if (next !== undefined && !isTemporaryId(storageId)) {
        set(nextTidKey(storageId), next);
      }
    }
  }
}
