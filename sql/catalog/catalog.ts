/**
 * The committed catalog, kept in memory and in step with the log.
 *
 * It is read once, when the database opens. A commit that changes it puts its
 * changes in place in the same turn in which its rows become visible, so a
 * transaction that begins gets the catalog of exactly its snapshot.
 *
 * @module
 */
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { TypeRegistry } from "../types/type_registry.ts";
import { decodeEntry, ENTRIES_END, ENTRIES_START } from "./catalog_rows.ts";
import { type CatalogChange, CatalogState } from "./catalog_state.ts";
import { Counters } from "./counters.ts";
import type { CatalogEntry } from "./entries.ts";

/** The catalog of an open database. */
export class Catalog {
  #committed: CatalogState;
  /** Ids and tuple ids. */
  readonly counters: Counters;

  private constructor(committed: CatalogState, counters: Counters) {
    this.#committed = committed;
    this.counters = counters;
  }

  /**
   * Reads the catalog of `store`.
   *
   * @throws {KriyaError} `corrupt`.
   */
  static async load(store: LsmStore, types: TypeRegistry): Promise<Catalog> {
    const entries: CatalogEntry[] = [];
    let idMax = 0;
    const scan = store.scan({ start: ENTRIES_START, end: ENTRIES_END });
    for (let run = await scan.next(); run; run = await scan.next()) {
      for (let i = 0; i < run.count; i++) {
        const value = run.values.subarray(run.valueStarts[i], run.valueEnds[i]);
        const entry = decodeEntry(value, types);
        entries.push(entry);
        const { id, storageId } = { storageId: 0, ...entry };
        idMax = Math.max(idMax, id, storageId);
      }
    }
    const counters = new Counters(store);
    await counters.load(idMax);
    return new Catalog(new CatalogState(entries), counters);
  }

  /** The catalog as committed. */
  get committed(): CatalogState {
    return this.#committed;
  }

  /** Puts the changes of a commit in place. */
  apply(changes: readonly CatalogChange[]): void {
    if (changes.length > 0) this.#committed = this.#committed.with(changes);
  }
}
