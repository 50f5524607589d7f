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
import type { Advance } from "../../storage/engine/replica.ts";
import type { TypeRegistry } from "../types/type_registry.ts";
import { CatalogReader } from "./catalog_reader.ts";
import { type CatalogChange, CatalogState } from "./catalog_state.ts";
import { Counters } from "./counters.ts";

/** The catalog of an open database. */
export class Catalog {
  #committed: CatalogState;
  /** Ids and tuple ids. */
  readonly counters: Counters;

  readonly #reader: CatalogReader;

  private constructor(
    committed: CatalogState,
    counters: Counters,
    reader: CatalogReader,
  ) {
    this.#committed = committed;
    this.counters = counters;
    this.#reader = reader;
  }

  /**
   * Reads the catalog of `store`.
   *
   * @throws {KriyaError} `corrupt`.
   */
  static async load(store: LsmStore, types: TypeRegistry): Promise<Catalog> {
    const reader = new CatalogReader(types);
    reader.accept(store.manifest);
    const entries = await reader.read(store);
    const counters = new Counters(store);
    await counters.load(reader.idMax);
    return new Catalog(new CatalogState(entries), counters, reader);
  }

  /** The catalog as committed. */
  get committed(): CatalogState {
    return this.#committed;
  }

  /** Puts the changes of a commit in place. */
  apply(changes: readonly CatalogChange[]): void {
    if (changes.length > 0) this.#committed = this.#committed.with(changes);
  }

  /**
   * The catalog after an advance of a reader; the same if it has not changed.
   *
   * @throws {KriyaError} `corrupt`; what reading throws.
   */
  async after(advance: Advance): Promise<CatalogState> {
    const entries = await this.#reader.readChanged(advance);
    const before = this.#committed;
    if (entries === undefined) return before;
    const after = new CatalogState(entries);
    const known = new Set(before.entries());
    const all = [...after.entries()];
    const same = all.length === known.size &&
      all.every((entry) => known.has(entry));
    return same ? before : after;
  }

  /** Puts the catalog after an advance in place. */
  follow(state: CatalogState, { view }: Advance): void {
    this.#committed = state;
    this.#reader.accept(view.manifest);
  }
}
