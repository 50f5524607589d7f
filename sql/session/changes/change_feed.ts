/**
 * The feed of a database's changes: what was committed, row by row, in the order
 * of commits.
 *
 * Entries are read a window at a time (`storage/engine/change_log.ts`), only as
 * far as they are durable; each is told with the row that was there before it,
 * and by the catalog of its commit. While it is read the feed holds a snapshot
 * where it stands, so no merge takes away what it has not told yet; a feed that
 * was closed finds its place again as long as `version_retention` keeps it, and
 * is refused with `72000` if not.
 *
 * Memory: one window, and the rows before of a part of it.
 *
 * @module
 */
import { compareBytes } from "../../../base/bytes.ts";
import { KriyaError } from "../../../base/errors.ts";
import type {
  ChangePoint,
  CommittedEntry,
} from "../../../storage/engine/change_log.ts";
import type { Snapshot } from "../../../storage/mvcc/snapshot.ts";
import { prefixOf } from "../../../storage/sstable/properties.ts";
import { ROW_KEY_BYTES } from "../../access/row_key.ts";
import {
  ENTRIES_END,
  ENTRIES_START,
  idOfEntry,
} from "../../catalog/catalog_rows.ts";
import type { CatalogState } from "../../catalog/catalog_state.ts";
import { commitTimeOf, isClockKey } from "../../catalog/commit_clock.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { DatabaseCore } from "../database_core.ts";
import type { Change, ChangesOptions } from "./change.ts";
import { positionOf, positionText } from "./change_position.ts";
import {
  ChangedTables,
  type TableFilter,
  tableFilter,
} from "./changed_tables.ts";
import { nextCommit } from "./next_commit.ts";

/** Bytes of entries that are read at once. */
const WINDOW_BYTES = 4 * 1024 * 1024;

/** Rows whose versions before are looked up at once. */
const LOOKUP_ROWS = 512;

/** What a feed is asked for, and where it begins. */
export type FeedOptions = ChangesOptions & { readonly from: string };

/** A change of which it is not known yet whether it is the last of its commit. */
type Told = Omit<Change, "last">;

/**
 * The changes of a database, from a position on.
 *
 * @throws {SqlError} `22023` for a position that is none, `72000` for one that
 * is not kept any more; the signal's reason.
 */
export async function* changeFeed(
  core: DatabaseCore,
  options: FeedOptions,
): AsyncGenerator<Change, void, void> {
  const { signal, once = false } = options;
  const feed = new ChangeFeed(core, options);
  try {
    await feed.begin();
    let waiting: Told | undefined;
    for (;;) {
      signal?.throwIfAborted();
      if (!feed.hasMore) {
        if (once) return;
        if (!await nextCommit(core.store, () => feed.hasMore, signal)) return;
        continue;
      }
      for await (const change of feed.nextWindow()) {
        if (waiting !== undefined) {
          yield { ...waiting, last: waiting.commit !== change.commit };
        }
        waiting = change;
      }
      if (waiting === undefined || feed.isWithinCommit) continue;
      const last = waiting;
      waiting = undefined;
      yield { ...last, last: true };
    }
  } finally {
    feed.close();
  }
}

/** Where a feed stands, and what it reads next. */
class ChangeFeed {
  readonly #core: DatabaseCore;
  readonly #options: FeedOptions;
  readonly #filter: TableFilter;
  #point: ChangePoint;
  #held: Snapshot | undefined;
  /** The tables as of where it stands, and as of the commit before. */
  #tables!: ChangedTables;
  #before!: ChangedTables;
  /** Prefixes of keys that are no rows: of indexes. */
  #skipped: ReadonlySet<number> = new Set();

  constructor(core: DatabaseCore, options: FeedOptions) {
    this.#core = core;
    this.#options = options;
    this.#filter = tableFilter(options.tables);
    this.#point = positionOf(options.from);
  }

  /** Up to where changes can be told. */
  get #durable(): number {
    const { visibleSequence, durableSequence } = this.#core.store;
    return Math.min(visibleSequence, durableSequence);
  }

  get hasMore(): boolean {
    return this.isWithinCommit || this.#point.sequence < this.#durable;
  }

  get isWithinCommit(): boolean {
    return this.#point.key !== undefined;
  }

  async begin(): Promise<void> {
    const { store } = this.#core;
    const { sequence } = this.#point;
    if (store.follows && sequence > this.#durable) await store.refresh();
    if (sequence > this.#durable) {
      throw new SqlError(
        "22023",
        "the position is after all that is committed",
        { hint: "It is one of another database, or of one that was restored." },
      );
    }
    this.#hold();
    const catalog = await this.#catalogAt(sequence);
    this.#setTables(catalog);
    this.#before = this.isWithinCommit
      ? this.#tablesOf(await this.#catalogAt(sequence - 1))
      : this.#tables;
  }

  close(): void {
    this.#held?.release();
  }

  /** Holds what is before the point. */
  #hold(): void {
    const { sequence } = this.#point;
    const before = this.#held;
    try {
      this.#held = this.#core.store.snapshotAt(
        this.isWithinCommit ? sequence - 1 : sequence,
      );
    } catch (error) {
      throw tooOld(error);
    }
    before?.release();
  }

  #catalogAt(sequence: number): Promise<CatalogState> {
    return this.#core.history.catalogAt(sequence);
  }

  #tablesOf(catalog: CatalogState): ChangedTables {
    const { tables } = this.#core;
    return new ChangedTables(
      catalog,
      this.#filter,
      (table) => tables.codec(table),
    );
  }

  #setTables(catalog: CatalogState): void {
    this.#tables = this.#tablesOf(catalog);
    const skipped = new Set<number>();
    for (const each of [catalog, this.#core.catalog.committed]) {
      for (const entry of each.relations()) {
        if (entry.kind === "index") skipped.add(entry.storageId);
      }
    }
    this.#skipped = skipped;
  }

  /** The changes of the next window; then the feed stands behind it. */
  async *nextWindow(): AsyncGenerator<Told, void, void> {
    const { store } = this.#core;
    const { signal } = this.#options;
    const { entries, end } = await store.committedAfter(this.#point, {
      to: this.#durable,
      bytesMax: WINDOW_BYTES,
      wants: (prefix) => !this.#skipped.has(prefix),
      signal,
    }).catch((error) => {
      throw tooOld(error);
    });
    for (let from = 0; from < entries.length;) {
      const { sequence } = entries[from]!;
      let to = from + 1;
      while (entries[to]?.sequence === sequence) to++;
      yield* this.#changesOf(sequence, entries.slice(from, to));
      from = to;
    }
    this.#point = end;
    this.#hold();
  }

  /** The changes that a commit's entries, or a part of them, are. */
  async *#changesOf(
    sequence: number,
    entries: readonly CommittedEntry[],
  ): AsyncGenerator<Told, void, void> {
    const isFirst = sequence !== this.#point.sequence;
    if (isFirst) this.#before = this.#tables;
    const facts = { commit: sequence, ...this.#timeOf(sequence, entries) };
    const definitions = entries.filter(({ key }) => isCatalogKey(key));
    if (definitions.length > 0) {
      this.#setTables(await this.#catalogAt(sequence));
      for (const entry of definitions) {
        const change = this.#emptied(entry);
        if (change !== undefined) yield { ...change, ...facts };
      }
    }
    const rows = entries.filter(({ key }) =>
      key.length === ROW_KEY_BYTES && this.#tables.at(storageOf(key))
    );
    for (let from = 0; from < rows.length; from += LOOKUP_ROWS) {
      this.#options.signal?.throwIfAborted();
      const some = rows.slice(from, from + LOOKUP_ROWS);
      const before = await this.#core.store.getMany(
        some.map(({ key }) => key),
        sequence - 1,
      );
      for (const [i, entry] of some.entries()) {
        const change = this.#change(entry, before[i]);
        if (change !== undefined) yield { ...change, ...facts };
      }
    }
  }

  /** A table whose rows are gone, or come anew under another storage id. */
  #emptied(
    { sequence, key }: CommittedEntry,
  ): Omit<Told, "commit"> | undefined {
    const before = this.#before.of(idOfEntry(key))?.entry;
    const isThere = before === undefined ||
      this.#tables.at(before.storageId) !== undefined;
    if (isThere) return undefined;
    const { schema, name: table } = before;
    const position = positionText({ sequence, key });
    return { position, schema, table, kind: "truncate" };
  }

  #timeOf(
    sequence: number,
    entries: readonly CommittedEntry[],
  ): Pick<Told, "at"> {
    const clock = entries.find(({ key }) => isClockKey(key));
    if (clock?.value === undefined) return this.#lastTime(sequence);
    const at = new Date(commitTimeOf(clock.key, clock.value));
    this.#time = { sequence, at };
    return { at };
  }

  /** The time of a commit that is told in parts. */
  #time: { readonly sequence: number; readonly at: Date } | undefined;

  #lastTime(sequence: number): Pick<Told, "at"> {
    return this.#time?.sequence === sequence ? { at: this.#time.at } : {};
  }

  #change(
    { sequence, key, value }: CommittedEntry,
    bytes: Uint8Array | undefined,
  ): Omit<Told, "commit"> | undefined {
    const storageId = storageOf(key);
    const table = this.#tables.at(storageId)!;
    const { schema, name } = table.entry;
    const facts = {
      position: positionText({ sequence, key }),
      schema,
      table: name,
    };
    const earlier = this.#before.at(storageId) ?? table;
    const old = bytes && earlier.decode(bytes);
    const row = value && table.decode(value);
    if (old === undefined) {
      // Made and removed by one commit: it never was there.
      if (row === undefined) return undefined;
      return { ...facts, kind: "insert", key: table.keyOf(row), row };
    }
    const known = { ...facts, key: earlier.keyOf(old), old };
    return row === undefined
      ? { ...known, kind: "delete" }
      : { ...known, kind: "update", row };
  }
}

function storageOf(key: Uint8Array): number {
  return prefixOf(key, 0, key.length);
}

function isCatalogKey(key: Uint8Array): boolean {
  return compareBytes(key, ENTRIES_START) >= 0 &&
    compareBytes(key, ENTRIES_END) < 0;
}

/** What to do about a position that is not kept any more. */
function tooOld(error: unknown): unknown {
  if (!(error instanceof KriyaError) || error.code !== "72000") return error;
  return new SqlError("72000", "the change feed fell behind", {
    detail: "What came after its position was merged away since.",
    hint:
      "Read the tables anew and begin without `from`; version_retention says how long a feed may stay away.",
    cause: error,
  });
}
