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
import type { CatalogEntry } from "./entries.ts";
import {
  type SequencePlace,
  SEQUENCES_END,
  SEQUENCES_START,
} from "./sequence_place.ts";
import { readPlaces, Sequences } from "./sequences.ts";
import { defineTypeOf } from "./type_rows.ts";

/** What a reader's catalog will be. */
export interface CatalogAfter {
  /** The entries. */
  readonly state: CatalogState;
  /** Where the sequences stand, if they may have moved. */
  readonly places: ReadonlyMap<number, SequencePlace> | undefined;
}

/** The catalog of an open database. */
export class Catalog {
  #committed: CatalogState;
  /** Ids and tuple ids. */
  readonly counters: Counters;
  /** Where the sequences stand. */
  readonly sequences: Sequences;

  readonly #reader: CatalogReader;
  readonly #types: TypeRegistry;

  private constructor(
    committed: CatalogState,
    counters: Counters,
    sequences: Sequences,
    reader: CatalogReader,
    types: TypeRegistry,
  ) {
    this.#committed = committed;
    this.counters = counters;
    this.sequences = sequences;
    this.#reader = reader;
    this.#types = types;
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
    const sequences = new Sequences(store);
    await sequences.load();
    return new Catalog(
      new CatalogState(entries),
      counters,
      sequences,
      reader,
      types,
    );
  }

  /** The catalog as committed. */
  get committed(): CatalogState {
    return this.#committed;
  }

  /** The sequences that changes make and end, by storage id. */
  sequencesOf(changes: readonly CatalogChange[]): {
    readonly made: readonly number[];
    readonly gone: readonly number[];
  } {
    const made = new Set<number>();
    const gone = new Set<number>();
    const latest = new Map(
      changes.map((change) =>
        change.kind === "put"
          ? [change.entry.id, change.entry] as const
          : [change.id, undefined] as const
      ),
    );
    for (const [id, entry] of latest) {
      const before = this.#committed.relationById(id);
      const after = entry?.kind === "sequence" ? entry.storageId : undefined;
      const known = before?.kind === "sequence" ? before.storageId : undefined;
      if (after === known) continue;
      if (after !== undefined) made.add(after);
      if (known !== undefined) gone.add(known);
    }
    return { made: [...made], gone: [...gone] };
  }

  /** Puts the changes of a commit in place. */
  apply(changes: readonly CatalogChange[]): void {
    if (changes.length === 0) return;
    this.#committed = this.#committed.with(changes);
    // What a label means changes with the commit, for all at once.
    for (const change of changes) {
      if (change.kind !== "put") continue;
      defineTypeOf(this.#types, change.entry);
    }
  }

  /**
   * The catalog after an advance of a reader.
   *
   * @throws {KriyaError} `corrupt`; what reading throws.
   */
  async after(advance: Advance): Promise<CatalogAfter> {
    const entries = await this.#reader.readChanged(advance);
    const range = { start: SEQUENCES_START, end: SEQUENCES_END };
    const moved = await this.#reader.mayDiffer(advance, range);
    return {
      state: entries === undefined ? this.#committed : this.#stateOf(entries),
      places: moved ? await readPlaces(advance.view) : undefined,
    };
  }

  /** The state of `entries`: the committed one if it is the same. */
  #stateOf(entries: readonly CatalogEntry[]): CatalogState {
    const before = this.#committed;
    const after = new CatalogState(entries);
    const known = new Set(before.entries());
    const all = [...after.entries()];
    const same = all.length === known.size &&
      all.every((entry) => known.has(entry));
    return same ? before : after;
  }

  /** Puts the catalog after an advance in place. */
  follow({ state, places }: CatalogAfter, { view }: Advance): void {
    this.#committed = state;
    if (places !== undefined) this.sequences.follow(places);
    this.#reader.accept(view.manifest);
  }
}
