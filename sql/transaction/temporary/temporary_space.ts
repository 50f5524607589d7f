/**
 * The temporary objects of a session, with their rows: in memory, for as long
 * as the session lives. Nothing of them reaches the store.
 *
 * Rows lie in a memtable, each commit with a sequence of its own; a transaction
 * sees what was there when it began. Transactions of one session may overlap
 * (statements given without waiting): of two that change the same row or the
 * same definition, the second to commit fails with `40001`, as it does in the
 * tree.
 *
 * What was replaced, and what belongs to objects that are gone, stays in the
 * memtable until that has doubled: then a new one takes what is left. Running
 * transactions keep the old one.
 *
 * @module
 */
import { Memtable, NOT_FOUND } from "../../../storage/memtable/memtable.ts";
import {
  type EntryKind,
  KIND_DELETE,
  KIND_PUT,
} from "../../../storage/mvcc/internal_key.ts";
import type {
  CatalogChange,
  CatalogState,
} from "../../catalog/catalog_state.ts";
import type { CatalogEntry, SchemaEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { visitNewest } from "../newest_writes.ts";
import type { TemporaryPart } from "./temporary_part.ts";
import type {
  TemporaryPlace,
  TemporarySnapshot,
} from "./temporary_snapshot.ts";

/** Bytes from which what is left is copied. */
const COPY_BYTES_MIN = 1024 * 1024;

/** The highest id: schemas count down from here. */
const ID_MAX = 2 ** 32 - 1;

let spaces = 0;

/** The temporary objects of a session. */
export class TemporarySpace implements TemporaryPlace {
  /** The schema they are in. */
  readonly schema: SchemaEntry;
  /** The most bytes they may take; set by whoever opens a session. */
  memoryBytesMax = Infinity;
  #snapshot: TemporarySnapshot = {
    rows: undefined,
    sequence: 0,
    entries: new Map(),
  };
  #copyBytes = COPY_BYTES_MIN;
  /** The last commit that was followed by a copy. */
  #copiedAt = 0;
  /** Commits take turns: each is checked against those before it. */
  #turn: Promise<void> | undefined;
  #known:
    | { readonly base: CatalogState; readonly state: CatalogState }
    | undefined;

  /** A space without objects. */
  constructor() {
    spaces++;
    this.schema = {
      kind: "schema",
      id: ID_MAX - spaces,
      name: `pg_temp_${spaces}`,
    };
  }

  /** What is there now. */
  get snapshot(): TemporarySnapshot {
    return this.#snapshot;
  }

  /** Whether there is nothing in it. */
  get isEmpty(): boolean {
    return this.#snapshot.entries.size === 0;
  }

  /** Bytes of memory its rows take. */
  get memoryBytes(): number {
    return this.#snapshot.rows?.contentBytes ?? 0;
  }

  /** A catalog with the session's objects in it. */
  catalog(base: CatalogState): CatalogState {
    if (this.isEmpty) return base;
    if (this.#known?.base !== base) {
      const changes = [...this.#snapshot.entries.values()].map((
        entry,
      ): CatalogChange => ({ kind: "put", entry }));
      this.#known = { base, state: base.with(changes) };
    }
    return this.#known.state;
  }

  /** Forgets everything. */
  clear(): void {
    const { sequence } = this.#snapshot;
    this.#snapshot = {
      rows: undefined,
      sequence: sequence + 1,
      entries: new Map(),
    };
    this.#copiedAt = sequence + 1;
    this.#known = undefined;
  }

  /**
   * Puts a transaction's part in place, once `durable` has made the rest of it
   * so; neither is done where the other fails.
   *
   * @throws {SqlError} `40001` when another transaction of the session was
   * first; what `durable` throws.
   */
  async commit(
    part: TemporaryPart,
    durable: () => Promise<void>,
  ): Promise<void> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    try {
      await before;
      this.#check(part);
      await durable();
      this.#apply(part);
    } finally {
      if (this.#turn === promise) this.#turn = undefined;
      resolve();
    }
  }

  /** @throws {SqlError} `40001`. */
  #check(part: TemporaryPart): void {
    const now = this.#snapshot;
    const { base, writes, guards, guardedRanges, guardedIds } = part;
    if (base === now) return;
    const changed = new Set(guardedIds);
    for (const change of part.changes) {
      changed.add(change.kind === "put" ? change.entry.id : change.id);
    }
    for (const id of changed) {
      if (now.entries.get(id) !== base.entries.get(id)) throw conflict();
    }
    const names = new Set([...now.entries.values()].map(nameOf));
    for (const change of part.changes) {
      if (change.kind !== "put" || base.entries.has(change.entry.id)) continue;
      if (change.entry.id === this.schema.id) continue;
      if (names.has(nameOf(change.entry))) throw conflict();
    }
    for (const key of guards) this.#checkKey(key, base);
    for (const { start, end } of guardedRanges) {
      if (now.rows?.rangeChangedSince(start, end, base.sequence)) {
        throw conflict();
      }
    }
    if (writes === undefined) return;
    visitNewest(writes, [], (run, i) => {
      const key = run.keys.subarray(run.keyStarts[i], run.keyEnds[i]);
      this.#checkKey(key, base);
    });
  }

  #checkKey(key: Uint8Array, base: TemporarySnapshot): void {
    const { rows } = this.#snapshot;
    const newest = rows?.newestSequence(key) ?? -1;
    if (newest > base.sequence) throw conflict();
    // A copy has no row that was removed: was it there?
    if (newest >= 0 || base.sequence >= this.#copiedAt) return;
    const old = base.rows;
    const found = old?.find(key, base.sequence) ?? NOT_FOUND;
    if (found !== NOT_FOUND && old!.kindOf(found) !== KIND_DELETE) {
      throw conflict();
    }
  }

  #apply(part: TemporaryPart): void {
    const before = this.#snapshot;
    const entries = new Map(before.entries);
    for (const change of part.changes) {
      if (change.kind === "put") entries.set(change.entry.id, change.entry);
      else entries.delete(change.id);
    }
    const sequence = before.sequence + 1;
    const rows = before.rows ?? new Memtable();
    if (part.writes !== undefined) {
      const kept = keptStorages(entries);
      visitNewest(part.writes, part.ranges, (run, i) => {
        const key = run.keys.subarray(run.keyStarts[i], run.keyEnds[i]);
        if (!kept.has(storageOf(key))) return;
        rows.insert(
          key,
          run.values.subarray(run.valueStarts[i], run.valueEnds[i]),
          sequence,
          run.kinds[i]! as EntryKind,
        );
      });
    }
    const isSame = part.changes.length === 0;
    this.#snapshot = {
      rows,
      sequence,
      entries: isSame ? before.entries : entries,
    };
    if (!isSame) this.#known = undefined;
    if (rows.contentBytes > this.#copyBytes) this.#copy();
  }

  /** Keeps only what the next transaction sees. */
  #copy(): void {
    const { rows, sequence, entries } = this.#snapshot;
    const kept = keptStorages(entries);
    const copy = new Memtable();
    visitNewest(rows!, [], (run, i) => {
      if (run.kinds[i] === KIND_DELETE) return;
      const key = run.keys.subarray(run.keyStarts[i], run.keyEnds[i]);
      if (!kept.has(storageOf(key))) return;
      copy.insert(
        key,
        run.values.subarray(run.valueStarts[i], run.valueEnds[i]),
        run.sequences[i]!,
        KIND_PUT,
      );
    });
    this.#snapshot = { rows: copy, sequence, entries };
    this.#copiedAt = sequence;
    this.#copyBytes = Math.max(COPY_BYTES_MIN, 2 * copy.contentBytes);
  }
}

/** The storages whose rows stay beyond COMMIT. */
function keptStorages(
  entries: ReadonlyMap<number, CatalogEntry>,
): ReadonlySet<number> {
  const kept = new Set<number>();
  for (const entry of entries.values()) {
    if (!("storageId" in entry)) continue;
    const table = entry.kind === "index" ? entries.get(entry.tableId) : entry;
    const isEmptied = table?.kind === "table" &&
      table.onCommit === "delete_rows";
    if (!isEmptied) kept.add(entry.storageId);
  }
  return kept;
}

function storageOf(key: Uint8Array): number {
  return ((key[0]! << 24) | (key[1]! << 16) | (key[2]! << 8) | key[3]!) >>> 0;
}

function nameOf(entry: CatalogEntry): string {
  return entry.kind === "schema"
    ? entry.name
    : `${entry.kind === "enum" ? "type" : "relation"} ${entry.name}`;
}

function conflict(): SqlError {
  return new SqlError(
    "40001",
    "could not serialize access due to concurrent update",
  );
}
