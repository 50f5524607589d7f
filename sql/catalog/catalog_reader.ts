/**
 * Reads the rows of the catalog: once when a database opens, and for a reader
 * that follows a writer whenever they have changed.
 *
 * An entry that has not changed is the same object as before, so that what was
 * made for it is found again.
 *
 * @module
 */
import type { Advance } from "../../storage/engine/replica.ts";
import type { ViewReads } from "../../storage/engine/store_view.ts";
import type { Manifest } from "../../storage/manifest/manifest.ts";
import { compareBytes, equalBytes } from "../../base/bytes.ts";
import { loadExtension } from "../functions/extensions/load_extension.ts";
import type { TypeRegistry } from "../types/type_registry.ts";
import {
  decodeEntry,
  encodeEntry,
  ENTRIES_END,
  ENTRIES_START,
} from "./catalog_rows.ts";
import type { CatalogEntry } from "./entries.ts";
import { defineStoredTypes } from "./stored_types.ts";
import { defineTypeOf } from "./type_rows.ts";

/** A row as it was read. */
interface CatalogRow {
  readonly entry: CatalogEntry;
  /** The commit that wrote it. */
  readonly sequence: number;
}

/** A row as it is stored, and the commit that wrote it. */
interface StoredRow {
  readonly value: Uint8Array;
  readonly sequence: number;
}

/** Keys from one to before another. */
interface CatalogRange {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
}

/** Reads the catalog of one database. */
export class CatalogReader {
  readonly #types: TypeRegistry;
  #rows = new Map<number, CatalogRow>();
  #manifest: Manifest | undefined;
  #idMax = 0;

  /** Reads entries with these types. */
  constructor(types: TypeRegistry) {
    this.#types = types;
  }

  /** The highest id that was seen. */
  get idMax(): number {
    return this.#idMax;
  }

  /**
   * All entries that `reads` shows, in the order of their ids.
   *
   * @throws {KriyaError} `corrupt`.
   */
  async read(reads: Pick<ViewReads, "scan">): Promise<CatalogEntry[]> {
    const rows = new Map<number, CatalogRow>();
    const scan = reads.scan({ start: ENTRIES_START, end: ENTRIES_END });
    const stored: StoredRow[] = [];
    for (let run = await scan.next(); run; run = await scan.next()) {
      for (let i = 0; i < run.count; i++) {
        const value = run.values.slice(run.valueStarts[i], run.valueEnds[i]);
        stored.push({ value, sequence: run.sequences[i]! });
      }
    }
    const values = stored.map(({ value }) => value);
    defineStoredTypes(
      values,
      this.#types,
      (entry) => defineTypeOf(this.#types, entry),
    );
    for (const row of stored) {
      const entry = this.#decode(row);
      rows.set(entry.id, { entry, sequence: row.sequence });
      const { id, storageId, arrayId } = { storageId: 0, arrayId: 0, ...entry };
      this.#idMax = Math.max(this.#idMax, id, storageId, arrayId);
    }
    this.#rows = rows;
    await loadExtensions(rows.values());
    return [...rows.values()].map(({ entry }) => entry);
  }

  /** The entry in a row: the one that is known if it has not changed. */
  #decode({ value, sequence }: StoredRow): CatalogEntry {
    const read = decodeEntry(value, this.#types);
    const known = this.#rows.get(read.id);
    const same = known !== undefined && (known.sequence === sequence ||
      equalBytes(encodeEntry(known.entry), value));
    const entry = same ? known.entry : read;
    defineTypeOf(this.#types, entry);
    return entry;
  }

  /** Says that what a manifest's tree has was put in place. */
  accept(manifest: Manifest): void {
    this.#manifest = manifest;
  }

  /** Whether anything in a range of the catalog's keys may have changed. */
  async mayDiffer(
    { from, view }: Advance,
    range: CatalogRange,
  ): Promise<boolean> {
    // Of what is in tables, deletions may be forgotten already.
    return view.manifest !== this.#manifest ||
      await hasChanged(view, from, range);
  }

  /** All entries after an advance; `undefined` if none can have changed. */
  async readChanged(advance: Advance): Promise<CatalogEntry[] | undefined> {
    const range = { start: ENTRIES_START, end: ENTRIES_END };
    if (!await this.mayDiffer(advance, range)) return undefined;
    return await this.read(advance.view);
  }
}

/** Loads the code of extensions that are there. */
async function loadExtensions(rows: Iterable<CatalogRow>): Promise<void> {
  for (const { entry } of rows) {
    if (entry.kind === "extension") await loadExtension(entry.name);
  }
}

/** Whether a version of any row is newer than `from`. */
async function hasChanged(
  view: Advance["view"],
  from: number,
  range: CatalogRange,
): Promise<boolean> {
  let changed = false;
  // All sources are read to their ends: they hold what they read until then.
  for (const opening of view.changesSince(range, from)) {
    const source = await opening;
    for (let run = await source.nextRun(); run; run = await source.nextRun()) {
      for (let i = 0; i < run.count && !changed; i++) {
        const key = run.keys.subarray(run.keyStarts[i], run.keyEnds[i]);
        changed = run.sequences[i]! > from &&
          compareBytes(key, range.start) >= 0 &&
          compareBytes(key, range.end) < 0;
      }
    }
  }
  return changed;
}
