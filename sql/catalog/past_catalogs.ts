/**
 * The catalog as it was: read from the rows as of a sequence.
 *
 * An object that has not changed since is the same object as now, and a catalog
 * that has not is the same state: plans are found again. The labels of an
 * enumeration, and what a domain checks, are those of now (see `catalog.ts`).
 *
 * A vector index that does not answer so far back is left out of what a table
 * is reached by: its rows are compared one by one then.
 *
 * @module
 */
import { equalBytes } from "../../base/bytes.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { TypeRegistry } from "../types/type_registry.ts";
import {
  decodeEntry,
  encodeEntry,
  ENTRIES_END,
  ENTRIES_START,
  idOfEntry,
} from "./catalog_rows.ts";
import { CatalogState, PUBLIC_SCHEMA } from "./catalog_state.ts";
import type { CatalogEntry, IndexEntry } from "./entries.ts";
import { defineStoredTypes } from "./stored_types.ts";
import { defineTypeOf } from "./type_rows.ts";

/** States of the past that are kept. */
const STATES_MAX = 16;

/** A row as it is stored. */
interface StoredRow {
  readonly id: number;
  readonly value: Uint8Array;
  readonly sequence: number;
}

/** Reads the catalogs of the past. */
export class PastCatalogs {
  readonly #store: LsmStore;
  readonly #types: TypeRegistry;
  /** By what they were made of; the least recently used first. */
  readonly #states = new Map<string, CatalogState>();
  readonly #stored = new WeakMap<CatalogEntry, Uint8Array>();

  /** Reads from `store`. */
  constructor(store: LsmStore, types: TypeRegistry) {
    this.#store = store;
    this.#types = types;
  }

  /**
   * The catalog as of a sequence, which the caller holds; `committed` is that
   * of now, `answers` tells whether an index can be searched as of then.
   *
   * @throws {KriyaError} `corrupt`; `invalid` (`72000`).
   */
  async at(
    sequence: number,
    committed: CatalogState,
    answers: (index: IndexEntry, table: CatalogEntry) => boolean,
  ): Promise<CatalogState> {
    const rows = await this.#rows(sequence);
    const isGone = this.#goneRowTypes(rows);
    defineStoredTypes(
      rows.map(({ value }) => value),
      this.#types,
      (entry) => this.#defineType(entry),
    );
    let same = true;
    const entries = rows.map(({ value }) => {
      const entry = decodeEntry(value, this.#types);
      const hasRows = entry.kind === "table" || entry.kind === "view";
      if (hasRows && isGone(entry.id)) defineTypeOf(this.#types, entry);
      const now = committed.byId(entry.id);
      const isSame = now !== undefined && equalBytes(this.#bytes(now), value);
      same &&= isSame;
      return isSame ? now : entry;
    });
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    const hidden = entries.filter((entry) =>
      entry.kind === "index" && !answers(entry, byId.get(entry.tableId)!)
    ).map(({ id }) => id);
    // `public` is there without a row.
    const now = [...committed.entries()].filter((entry) =>
      entry !== PUBLIC_SCHEMA
    );
    if (same && hidden.length === 0 && now.length === entries.length) {
      return committed;
    }
    const key = rows.map(({ sequence }, i) => `${entries[i]!.id}:${sequence}`)
      .join(" ") + ` - ${hidden.join(" ")}`;
    return this.#kept(key, () => new CatalogState(entries, new Set(hidden)));
  }

  #kept(key: string, make: () => CatalogState): CatalogState {
    const state = this.#states.get(key) ?? make();
    this.#states.delete(key);
    this.#states.set(key, state);
    for (const oldest of this.#states.keys()) {
      if (this.#states.size <= STATES_MAX) break;
      this.#states.delete(oldest);
    }
    return state;
  }

  #bytes(entry: CatalogEntry): Uint8Array {
    let bytes = this.#stored.get(entry);
    if (bytes === undefined) {
      bytes = encodeEntry(entry);
      this.#stored.set(entry, bytes);
    }
    return bytes;
  }

  /** Tells whose row types are gone; the others are those of now. */
  #goneRowTypes(rows: readonly StoredRow[]): (id: number) => boolean {
    const gone = new Set<number>();
    for (const { id } of rows) {
      if (this.#types.compositeDefinition(id) === undefined) gone.add(id);
    }
    return (id) => gone.has(id);
  }

  /** A type that is gone is needed for the tables of then. */
  #defineType(entry: CatalogEntry): void {
    if (this.#types.byOid(entry.id) !== undefined) return;
    defineTypeOf(this.#types, entry);
  }

  async #rows(sequence: number): Promise<StoredRow[]> {
    const scan = this.#store.scan({
      start: ENTRIES_START,
      end: ENTRIES_END,
      snapshot: sequence,
    });
    const rows: StoredRow[] = [];
    for (let run = await scan.next(); run; run = await scan.next()) {
      for (let i = 0; i < run.count; i++) {
        const value = run.values.slice(run.valueStarts[i], run.valueEnds[i]);
        const key = run.keys.slice(run.keyStarts[i], run.keyEnds[i]);
        const sequence = run.sequences[i]!;
        rows.push({ id: idOfEntry(key), value, sequence });
      }
    }
    return rows;
  }
}
