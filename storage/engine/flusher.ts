/**
 * When memtables become tables, and how they get there.
 *
 * A memtable is frozen when it is full, when its log has too many objects, or
 * some time after the last write if it is worth a table; a trickle stays in
 * the log. Frozen memtables are written out one after the other, the oldest
 * first, each once all of it is in the log; commits wait when two of them do.
 *
 * @module
 */
import { delay } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { invariant } from "../../base/invariant.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type {
  Manifest,
  ManifestEdit,
  TableMeta,
} from "../manifest/manifest.ts";
import { Memtable } from "../memtable/memtable.ts";
import { sstPath, type TableObjectId } from "../object_store/object_path.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import type { BuiltSstable } from "../sstable/sstable_builder.ts";
import { storeTable } from "../compaction/stored_tables.ts";
import type { LogPosition } from "./commit_queue.ts";
import { buildTable } from "./flush.ts";
import { QuietTimer } from "./quiet_timer.ts";
import { jobsAfterFlush } from "./registered_jobs.ts";
import type { MemoryBudget } from "./memory_budget.ts";
import type { LsmConfig } from "./options.ts";
import type { Installed } from "./tree_follower.ts";
import { type OpenTable, TreeState } from "./tree_state.ts";

/** Frozen memtables at which commits wait for a flush. */
const FROZEN_MAX = 2;

/** Of all memory, what a memtable takes that is flushed for want of it. */
const ROOM_SHARE = 1 / 16;

/** Ms between two looks at memory that is full. */
const ROOM_DELAY_MS = 5;

/** What the flusher needs of the store. */
export interface FlushHost {
  /** The settings. */
  config(): LsmConfig;
  /** Where tables go. */
  readonly objects: ObjectStore;
  /** What reads look at now. */
  state(): TreeState;
  /** Lets reads look at this from now on. */
  setState(state: TreeState): void;
  /** The account of memory. */
  readonly memory: MemoryBudget;
  /** The first WAL id whose object is not known to be there. */
  nextWalId(): number;
  /** Ends the log of the memtable; `undefined` while that cannot be. */
  cut(): LogPosition | undefined;
  /**
   * Resolves when everything that has joined so far, or up to `sequence`, is
   * in the log.
   */
  flushWal(sequence?: number): Promise<void>;
  /** A name for a table. */
  newObjectId(): TableObjectId;
  /** A table as the state holds it. */
  openTable(meta: TableMeta): OpenTable;
  /** Forgets ingest jobs of earlier epochs; the log names none of theirs. */
  forgetOldJobs(): void;
  /** What a manifest says of sequences and time, tables up to `sequence` in it. */
  timeFacts(manifest: Manifest, sequence: number): ManifestEdit;
  /** Publishes an edit of the manifest. */
  publish(
    edit: (manifest: Manifest) => ManifestEdit,
    installed?: Installed,
  ): Promise<Manifest>;
}

/** A frozen memtable and what it takes to forget its log. */
export interface FrozenMemtable {
  /** The memtable. */
  readonly memtable: Memtable;
  /** The log behind it, and the highest sequence in it. */
  readonly log: LogPosition;
  /** Tables that the log names behind the memtable, which is empty then. */
  readonly ingested?: readonly TableMeta[] | undefined;
}

/** A frozen memtable on its way to a table. */
interface Frozen extends FrozenMemtable {
  /** Its table, from when it was built: another try is at the same object. */
  table: { readonly path: string; built: BuiltSstable | undefined } | undefined;
  /** What the manifest will say of it, from when it was stored. */
  meta: TableMeta | undefined;
}

/** Flushes the memtables of one store. */
export class Flusher {
  readonly #host: FlushHost;
  /** Oldest first. */
  readonly #frozen: Frozen[];
  /** The first WAL id whose records are in the mutable memtable. */
  #memtableWalId: number;
  readonly #timer = new QuietTimer(
    () => this.#host.config().environment,
    () => this.#flushQuiet(),
  );
  #flushing: Promise<void> | undefined;
  #error: unknown;
  #halted = false;

  /**
   * A flusher of these frozen memtables, the oldest first, and of the memtable
   * behind them: without any it begins at WAL id `walId`.
   */
  constructor(
    host: FlushHost,
    walId: number,
    frozen: readonly FrozenMemtable[],
  ) {
    this.#host = host;
    this.#frozen = frozen.map((each) => ({
      ...each,
      table: undefined,
      meta: undefined,
    }));
    this.#memtableWalId = frozen.at(-1)?.log.replayFrom ?? walId;
  }

  /** The state has these tables now, which a manifest is to name. */
  addIngested(tables: readonly OpenTable[], log: LogPosition): void {
    const { memtable, frozen, levels } = this.#host.state();
    invariant(
      memtable.isEmpty && this.#frozen.length === 0,
      "tables are ingested while memtables wait for their flush",
    );
    for (const table of tables) table.pending = true;
    const [level0 = [], ...others] = levels;
    this.#host.setState(
      new TreeState(memtable, frozen, [[...tables, ...level0], ...others]),
    );
    this.#memtableWalId = log.replayFrom;
    this.#frozen.push({
      memtable: new Memtable(),
      log,
      ingested: tables.map(({ meta }) => meta),
      table: undefined,
      meta: undefined,
    });
    if (!this.#halted) void this.#flushFrozen();
  }

  /** Begins its work on an open store. */
  start(): void {
    if (this.#frozen.length > 0) void this.#flushFrozen();
    else this.#host.forgetOldJobs();
    this.consider();
  }

  /** Freezes a memtable that is full; sets the timer for one that is not. */
  consider(): void {
    const { memtable } = this.#host.state();
    const { memtableBytesMax, walObjectsMax, flushIntervalMs } = this.#host
      .config();
    if (this.#halted) return;
    this.#host.memory.enforce();
    if (
      memtable.contentBytes >= memtableBytesMax ||
      this.#dirtyWalObjects >= walObjectsMax || this.#isWorthRoom()
    ) {
      this.#freeze();
      void this.#flushFrozen();
      return;
    }
    if (memtable.isEmpty || flushIntervalMs === 0) return;
    this.#timer.note(flushIntervalMs);
  }

  /** Writes out what there is once nothing more has come for a while. */
  #flushQuiet(): void {
    if (this.#halted || !this.#isWorthFlushing()) return;
    this.#freeze();
    void this.#flushFrozen();
  }

  /**
   * Waits while too many memtables are frozen.
   *
   * @throws {KriyaError} `unavailable` (`53000`) when they cannot be flushed.
   */
  waitForRoom(): MaybePromise<void> {
    if (this.#host.memory.isFull) return this.#makeRoom();
    if (this.#frozen.length < FROZEN_MAX) return;
    return this.#flushFrozen().then(() => {
      if (this.#frozen.length >= FROZEN_MAX) this.#checkFlushed();
    });
  }

  /** Bytes of the table that is built and not stored. */
  get builtBytes(): number {
    return this.#frozen[0]?.table?.built?.bytes.length ?? 0;
  }

  /** Whether memory is short and the memtable is worth being flushed for it. */
  #isWorthRoom(): boolean {
    const { memory } = this.#host;
    if (!memory.isTight || this.#frozen.length >= FROZEN_MAX) return false;
    const { memtable } = this.#host.state();
    const { memoryBytesMax } = this.#host.config();
    return memtable.memoryBytes > memoryBytesMax * ROOM_SHARE;
  }

  /**
   * Flushes what there is, for want of memory, and waits a moment.
   *
   * @throws {KriyaError} `unavailable` (`53200`) when there is nothing to flush.
   */
  async #makeRoom(): Promise<void> {
    const { memory, state, config } = this.#host;
    memory.enforce();
    if (!memory.isFull) return;
    if (state().memtable.isEmpty && this.#frozen.length === 0) {
      throw new KriyaError(
        "unavailable",
        "Cannot commit: memory is at its limit",
        {
          code: "53200",
          detail: Object.entries(memory.status().parts)
            .map(([name, bytes]) => `${name}: ${bytes} bytes`).join(", "),
          hint: "Nothing was written; raise memoryBytesMax (max_memory)",
        },
      );
    }
    this.#freeze();
    await this.#flushFrozen();
    this.#checkFlushed();
    // What else is held may take a while to be let go.
    await delay(config().environment, ROOM_DELAY_MS);
    memory.enforce();
  }

  #checkFlushed(): void {
    if (this.#error === undefined) return;
    throw new KriyaError(
      "unavailable",
      "Cannot commit: memtables are full and cannot be flushed",
      {
        cause: this.#error,
        code: "53000",
        hint: "Nothing was written; try again when the store answers",
      },
    );
  }

  /**
   * Flushes everything that is committed.
   *
   * @throws {KriyaError} what kept it from being flushed.
   */
  async flush(): Promise<void> {
    while (!this.#freeze()) await this.#host.flushWal();
    await this.#flushFrozen();
    // The run that was under way may have begun before the freeze.
    if (this.#frozen.length > 0) await this.#flushFrozen();
    if (this.#error !== undefined) throw this.#error;
  }

  /** Flushes what is worth it, and nothing after that. */
  async stop(): Promise<void> {
    this.#timer.stop();
    if (this.#isWorthFlushing()) this.#freeze();
    await this.#flushFrozen();
    this.halt();
  }

  /** Flushes nothing any more. */
  halt(): void {
    this.#halted = true;
    this.#timer.stop();
  }

  /** WAL objects that only the mutable memtable holds. */
  get #dirtyWalObjects(): number {
    return this.#host.nextWalId() - this.#memtableWalId;
  }

  #isWorthFlushing(): boolean {
    const { memtable } = this.#host.state();
    const { flushBytesMin, flushWalObjectsMin } = this.#host.config();
    return !memtable.isEmpty && (memtable.contentBytes >= flushBytesMin ||
      this.#dirtyWalObjects >= flushWalObjectsMin);
  }

  /** Freezes the memtable; false while its log cannot be ended. */
  #freeze(): boolean {
    const { memtable, frozen, levels } = this.#host.state();
    if (memtable.isEmpty || this.#halted) return true;
    const log = this.#host.cut();
    if (log === undefined) return false;
    memtable.freeze();
    this.#timer.stop();
    this.#memtableWalId = log.replayFrom;
    this.#frozen.push({ memtable, log, table: undefined, meta: undefined });
    this.#host.setState(
      new TreeState(new Memtable(), [memtable, ...frozen], levels),
    );
    return true;
  }

  #flushFrozen(): Promise<void> {
    return this.#flushing ??= this.#flushAll().finally(() => {
      this.#flushing = undefined;
    });
  }

  /** Never rejects: what went wrong stays in `#error` until it goes right. */
  async #flushAll(): Promise<void> {
    try {
      while (this.#frozen.length > 0 && !this.#halted) {
        await this.#flushOne(this.#frozen[0]!);
        this.#frozen.shift();
      }
      this.#error = undefined;
    } catch (error) {
      this.#error = error;
    }
  }

  /**
   * Stores the table of a frozen memtable, or finds that it is stored.
   *
   * The manifest of a try whose outcome stayed unknown may come to name its
   * table, so there is one table and one name, however often it is tried.
   */
  async #store(frozen: Frozen): Promise<TableMeta> {
    if (frozen.meta !== undefined) return frozen.meta;
    const config = this.#host.config();
    const table = frozen.table ??= {
      path: sstPath(this.#host.newObjectId()),
      built: undefined,
    };
    table.built ??= await buildTable(frozen.memtable, config);
    const { objects } = this.#host;
    frozen.meta = await storeTable(objects, table.path, table.built, config);
    table.built = undefined;
    return frozen.meta;
  }

  async #flushOne(frozen: Frozen): Promise<void> {
    // No table holds what could still be lost.
    await this.#host.flushWal(frozen.log.sequence);
    const { log, ingested = [] } = frozen;
    const flushed = frozen.memtable.isEmpty ? [] : [await this.#store(frozen)];
    const opened = flushed.map((meta) => this.#host.openTable(meta));
    for (const table of opened) await table.reader();
    await this.#host.publish((manifest) => {
      // An attempt whose outcome stayed unknown has published it; a compaction
      // may have taken the table out again since.
      if (manifest.replayFrom >= log.replayFrom) return {};
      const [level0 = [], ...others] = manifest.levels;
      return {
        levels: [[...ingested, ...flushed, ...level0], ...others],
        replayFrom: log.replayFrom,
        ...this.#host.timeFacts(manifest, log.sequence),
        jobs: jobsAfterFlush(
          manifest,
          ingested,
          this.#host.config().environment.now(),
        ),
      };
    }, { opened, flushed: frozen.memtable, ingested });
  }
}
