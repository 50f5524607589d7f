/**
 * What a transaction does to the temporary objects of its session: its writes,
 * over what the session's transactions before it have left.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { Scan } from "../../../storage/engine/lsm_store.ts";
import type { BatchRange } from "../../../storage/engine/write_batch.ts";
import { Memtable, NOT_FOUND } from "../../../storage/memtable/memtable.ts";
import type { EntryRun, KeyRange } from "../../../storage/mvcc/entry_run.ts";
import { KIND_DELETE, KIND_PUT } from "../../../storage/mvcc/internal_key.ts";
import { MergingScan } from "../../../storage/mvcc/merging_scan.ts";
import type {
  CatalogChange,
  CatalogState,
} from "../../catalog/catalog_state.ts";
import { isTemporaryId } from "../../catalog/temporary_schema.ts";
import type { CatalogEntry } from "../../catalog/entries.ts";
import type { RemovedRange } from "../removed_range.ts";
import type {
  TemporaryPlace,
  TemporarySnapshot,
} from "./temporary_snapshot.ts";

const NO_BYTES = new Uint8Array(0);

/** Whether a change is one of a temporary object. */
export function isTemporaryChange(change: CatalogChange): boolean {
  return isTemporaryId(change.kind === "put" ? change.entry.id : change.id);
}

/** A place to go back to. */
export interface TemporaryMark {
  readonly rangeCount: number;
  readonly changeCount: number;
  readonly guardCount: number;
}

/** A transaction's changes of temporary objects. */
export class TemporaryPart {
  readonly #place: TemporaryPlace;
  /** What it found. */
  readonly base: TemporarySnapshot;
  #writes: Memtable | undefined;
  /** Ranges removed, with the number of the last write before each. */
  readonly ranges: RemovedRange[] = [];
  /** Changes of the session's catalog. */
  readonly changes: CatalogChange[] = [];
  /** Keys that must be unchanged, though they are not written. */
  readonly guards: Uint8Array[] = [];
  /** Ranges that must be unchanged. */
  readonly guardedRanges: BatchRange[] = [];
  /** Objects whose definitions must be unchanged. */
  readonly guardedIds: Set<number> = new Set();

  /** The part of a transaction that began at `base`. */
  constructor(place: TemporaryPlace, base: TemporarySnapshot) {
    this.#place = place;
    this.base = base;
  }

  /** Its writes. */
  get writes(): Memtable | undefined {
    return this.#writes;
  }

  /** Whether there is anything to commit. */
  get hasChanged(): boolean {
    return (this.#writes?.count ?? 0) > 0 || this.ranges.length > 0 ||
      this.changes.length > 0;
  }

  /** The value of a key, own writes up to `readSequence` included. */
  get(key: Uint8Array, readSequence: number): Uint8Array | undefined {
    let value = valueIn(this.#writes, key, readSequence);
    if (value === undefined) {
      value = valueIn(this.base.rows, key, this.base.sequence);
    }
    return value ?? undefined;
  }

  /** Scans what it sees of a range. */
  scan(
    range: KeyRange & { readonly reverse?: boolean },
    readSequence: number,
  ): Scan {
    const { start, end, reverse = false } = range;
    const sources = [this.#writes, this.base.rows].flatMap((memtable) =>
      memtable === undefined ? [] : [memtable.runs({ start, end }, reverse)]
    );
    return new TemporaryScan(
      new MergingScan({
        sources,
        range: { start, end },
        snapshot: this.base.sequence,
        overlaySnapshot: readSequence,
        tombstones: [],
        reverse,
      }),
    );
  }

  /**
   * Sets a key, as the write of a number; without a value, removes it.
   *
   * @throws {SqlError} `53200` when the session's temporary objects take too
   * much memory.
   */
  write(
    key: Uint8Array,
    value: Uint8Array | undefined,
    sequence: number,
  ): void {
    const writes = this.#writes ??= new Memtable();
    const taken = this.#place.memoryBytes + writes.contentBytes;
    if (taken > this.#place.memoryBytesMax) {
      throw new SqlError("53200", "out of memory", {
        detail:
          `Temporary tables may take ${this.#place.memoryBytesMax} bytes.`,
        hint: "Set lsm_s3.max_memory_mb to a larger value.",
      });
    }
    const kind = value === undefined ? KIND_DELETE : KIND_PUT;
    writes.insert(key, value ?? NO_BYTES, sequence, kind);
  }

  /** Notes changes of a catalog; gives them, with the schema's if it is new. */
  changeCatalog(
    changes: readonly CatalogChange[],
    catalog: CatalogState,
  ): readonly CatalogChange[] {
    const { schema } = this.#place;
    const made: CatalogChange[] = catalog.byId(schema.id) === undefined
      ? [{ kind: "put", entry: schema }, ...changes]
      : [...changes];
    this.changes.push(...made);
    return made;
  }

  /**
   * Storages that its changes have made, and those that are gone when they are
   * in place.
   */
  get storages(): {
    readonly made: readonly number[];
    readonly gone: readonly number[];
  } {
    const made = new Set<number>();
    const before = new Set<number>();
    const after = new Map<number, number>();
    for (const change of this.changes) {
      const id = change.kind === "put" ? change.entry.id : change.id;
      const known = storageOf(this.base.entries.get(id));
      if (known !== undefined) before.add(known);
      const now = change.kind === "put" ? storageOf(change.entry) : undefined;
      if (now === undefined) after.delete(id);
      else {
        after.set(id, now);
        made.add(now);
      }
    }
    const kept = new Set(after.values());
    return {
      made: [...made].filter((each) => !before.has(each)),
      gone: [...made, ...before].filter((each) => !kept.has(each)),
    };
  }

  /** A mark to go back to. */
  mark(): TemporaryMark {
    return {
      rangeCount: this.ranges.length,
      changeCount: this.changes.length,
      guardCount: this.guardedRanges.length,
    };
  }

  /** Takes back what came after the mark, and all writes above `sequence`. */
  returnTo(mark: TemporaryMark | undefined, sequence: number): void {
    this.#writes?.cutBack(sequence);
    this.ranges.length = mark?.rangeCount ?? 0;
    this.changes.length = mark?.changeCount ?? 0;
    this.guardedRanges.length = mark?.guardCount ?? 0;
  }
}

function storageOf(entry: CatalogEntry | undefined): number | undefined {
  return entry !== undefined && "storageId" in entry
    ? entry.storageId
    : undefined;
}

/** The value, `null` for a removed key, `undefined` for none. */
function valueIn(
  memtable: Memtable | undefined,
  key: Uint8Array,
  sequence: number,
): Uint8Array | null | undefined {
  const entry = memtable?.find(key, sequence) ?? NOT_FOUND;
  if (entry === NOT_FOUND) return undefined;
  return memtable!.kindOf(entry) === KIND_DELETE
    ? null
    : memtable!.valueOf(entry);
}

class TemporaryScan implements Scan {
  #merging: MergingScan | undefined;

  constructor(merging: MergingScan) {
    this.#merging = merging;
  }

  next(): EntryRun | undefined {
    // Memtables never wait.
    return this.#merging?.next() as EntryRun | undefined;
  }

  close(): void {
    this.#merging = undefined;
  }
}
