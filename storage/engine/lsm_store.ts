/**
 * The store: an ordered, transactional key-value map on objects.
 *
 * This file ties the parts together and decides when they run; what they do is
 * theirs: `recovery.ts` opens, `store_reads.ts` reads, `commit_pipeline.ts`
 * commits, `flusher.ts` and `compactor.ts` write tables.
 *
 * Invariants:
 * 1. The state's memtables hold exactly what is committed and in no table.
 * 2. A manifest names a table only once its object is durable, and a frozen
 *    memtable goes only once a manifest names its table.
 * 3. One edit of the manifest is in flight at a time.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { invariant } from "../../base/invariant.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import { BlockCache } from "../cache/block_cache.ts";
import { fencedError } from "../../fence/fenced_error.ts";
import type {
  CheckpointMeta,
  Manifest,
  ManifestEdit,
  TableMeta,
} from "../manifest/manifest.ts";
import { ManifestStore } from "../manifest/manifest_store.ts";
import type { TableObjectId } from "../object_store/object_path.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import type { CommitConditions } from "./commit_conditions.ts";
import { ChangeHolds, type ChangesHold } from "./change_holds.ts";
import { createCheckpoint, dropCheckpointEdit } from "./checkpoints.ts";
import { CollectedObjects, isNamed } from "./collected_objects.ts";
import type { CollectionReport, CollectOptions } from "./collector.ts";
import type { CompactOptions } from "./compactor.ts";
import { MemoryBudget } from "./memory_budget.ts";
import type { SortedEntries } from "./ingester.ts";
import {
  type LsmChanges,
  type LsmConfig,
  lsmConfig,
  type LsmOptions,
} from "./options.ts";
import {
  type AdmissionFacts,
  isDropped,
  recover,
  type Recovered,
} from "./recovery.ts";
import { recoveredState } from "./recovered_state.ts";
import { type AdvanceListener, Replica, type ReplicaHost } from "./replica.ts";
import { type StoreStatus, storeStatus } from "./status.ts";
import { type StoreEventListener, StoreEvents } from "./store_event.ts";
import { storeClosed, storeReadOnly } from "./store_errors.ts";
import { StoreReads } from "./store_reads.ts";
import { StoreView } from "./store_view.ts";
import {
  type FollowerHost,
  followManifest,
  type Installed,
} from "./tree_follower.ts";
import { TablesAhead } from "./tables_ahead.ts";
import { OpenTable, TreeState } from "./tree_state.ts";
import type { WriteBatch } from "./write_batch.ts";
import {
  newWriterParts,
  settleParts,
  type WriterHost,
  type WriterParts,
} from "./writer_parts.ts";

export type { Scan, ScanOptions, ScanOverlay } from "./store_scan.ts";

/** An open store. */
export class LsmStore extends StoreReads {
  readonly #objects: ObjectStore;
  #config: LsmConfig;
  /** What is in memory of tables; `shrinkTo` makes it smaller at once. */
  override readonly cache: BlockCache;
  /** What takes memory here; layers above add their own parts. */
  readonly memory: MemoryBudget;
  readonly #readSequence: number;
  readonly #readManifest: Manifest;
  /** Absent for a reader. */
  readonly #parts: WriterParts | undefined;
  /** Follows the writer; absent for a writer, and for a checkpoint. */
  readonly #replica: Replica | undefined;
  readonly #host: WriterHost & FollowerHost & Omit<ReplicaHost, "manifests">;
  readonly #changeHolds = new ChangeHolds();
  /** What happened, and who hears of it. */
  readonly events: StoreEvents = new StoreEvents();
  readonly #onCutBack: ((sequence: number) => void)[] = [];
  #closing: Promise<void> | undefined;

  private constructor(
    objects: ObjectStore,
    config: LsmConfig,
    manifests: ManifestStore,
    recovered: Recovered,
  ) {
    super(new TreeState(recovered.memtable, [], []));
    this.#objects = new CollectedObjects(objects, {
      isCollected: () =>
        config.checkpoint === ""
          ? manifests.isCollected(this.manifest)
          : isDropped(manifests, { manifest: this.manifest.number }),
      isReplaced: (path) =>
        this.tablesInUse().has(path) && !isNamed(this.manifest, path),
      writer: recovered.writer !== undefined,
      follows: recovered.replay !== undefined,
    });
    this.#config = config;
    this.#readManifest = recovered.manifest;
    this.#readSequence = recovered.sequence;
    const { cacheBytesMax, cachePolicy } = config;
    this.cache = new BlockCache(cacheBytesMax, cachePolicy);
    this.memory = new MemoryBudget(() => this.#config, this.cache);
    this.#host = this.#newHost();
    if (recovered.writer !== undefined) {
      this.#parts = newWriterParts(
        this.#host,
        manifests,
        recovered.writer,
        recovered,
      );
    } else if (recovered.replay !== undefined) {
      const host = { ...this.#host, manifests };
      this.#replica = new Replica(host, recovered.replay);
    }
  }

  /**
   * Opens the store in `objects`: for writing, unless options say otherwise.
   *
   * @throws {KriyaError} `invalid` (`55006`) when another writer is active;
   * `corrupt`; `unavailable`.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { LsmStore, MemoryStore, WriteBatch } from "../mod.ts";
   *
   * const text = new TextEncoder();
   * const store = await LsmStore.open(new MemoryStore());
   * const batch = new WriteBatch();
   * batch.put(text.encode("color"), text.encode("blue"));
   * await store.write(batch);
   * const value = await store.get(text.encode("color"));
   * assertEquals(new TextDecoder().decode(value), "blue");
   * await store.close();
   * ```
   */
  static async open(
    objects: ObjectStore,
    options: LsmOptions = {},
    facts: AdmissionFacts = { exclusive: false },
  ): Promise<LsmStore> {
    const config = lsmConfig(options, objects.address);
    const manifests = new ManifestStore(objects, {
      environment: config.environment,
      attemptsMax: config.attemptsMax,
    });
    const ahead = new TablesAhead(objects);
    const recovered = await recover(objects, manifests, config, {
      ...facts,
      onManifest: (manifest) => ahead.begin(manifest),
    });
    const store = new LsmStore(objects, config, manifests, recovered);
    const openTable = (meta: TableMeta): OpenTable => store.#table(meta, ahead);
    const { listedMs } = recovered;
    if (listedMs !== undefined) store.#replica?.begin(listedMs);
    store.state = await recoveredState(recovered, openTable);
    store.#parts?.flusher.start();
    store.#parts?.compactor.consider();
    return store;
  }

  /** The settings in force. */
  get config(): LsmConfig {
    return this.#config;
  }

  /** Changes settings of the open store. */
  configure(changes: LsmChanges): void {
    this.#config = lsmConfig({ ...this.#config, ...changes });
    this.memory.enforce();
    this.#parts?.flusher.consider();
  }

  /** The version of the tree that the last publish made. */
  override get manifest(): Manifest {
    return this.#parts?.publisher.manifest ?? this.#replica?.manifest ??
      this.#readManifest;
  }

  /** The highest sequence that reads see. */
  override get visibleSequence(): number {
    return this.#parts?.pipeline.visible ?? this.#replica?.sequence ??
      this.#readSequence;
  }

  /** The highest sequence that is known to be durable. */
  override get durableSequence(): number {
    return this.#parts?.pipeline.durable ?? this.#replica?.sequence ??
      this.#readSequence;
  }

  /** Whether a commit was told to be unknown, and has not been settled yet. */
  get inDoubt(): boolean {
    return this.#parts?.pipeline.inDoubt ?? false;
  }

  /** Whether it was opened for reading only, or was fenced. */
  get readOnly(): boolean {
    return this.#parts === undefined ||
      this.#parts.pipeline.halted !== undefined;
  }

  /** Whether it follows a writer: opened for reading what there is now. */
  get follows(): boolean {
    return this.#replica !== undefined;
  }

  /**
   * Lets a reader show everything that was acknowledged before the call,
   * whatever its `consistency`; does nothing for others.
   *
   * @throws {KriyaError} `unavailable`, `corrupt`, `closed`.
   */
  async refresh(): Promise<void> {
    this.checkOpen();
    await this.#replica?.refresh();
  }

  /**
   * Lets a reader show what its `consistency` wants of a read that begins now;
   * at once where it does already. Reads by themselves never ask.
   *
   * @throws {KriyaError} as `refresh`.
   */
  catchUp(): MaybePromise<void> {
    return this.#replica?.catchUp();
  }

  /** Calls `listener` before more becomes visible to a reader that follows. */
  onAdvance(listener: AdvanceListener): void {
    this.#replica?.onAdvance(listener);
  }

  /** Keeps the changes after `from` under a 4-byte prefix for `changesSince`. */
  holdChanges(prefix: number, from: number): ChangesHold {
    return this.#changeHolds.hold(prefix, from);
  }

  /**
   * Commits a batch; resolves with its sequence once it is visible, and durable
   * unless `durability` or the store's `walMode` says otherwise.
   *
   * @throws {KriyaError} `conflict` when a condition does not hold; `fenced`
   * when another writer took over; `unavailable` with code `08007` when the
   * outcome is unknown, `53000` when the log cannot keep up.
   */
  write(
    batch: WriteBatch,
    conditions: CommitConditions = {},
  ): Promise<number> {
    this.checkOpen();
    if (this.#closing !== undefined) throw storeClosed(this.#objects.address);
    if (this.#parts === undefined) {
      throw storeReadOnly(this.#objects.address);
    }
    return this.#parts.ingester.commit(batch.seal(), conditions);
  }

  /**
   * Commits entries in the order of their keys' bytes, all of them or none, as
   * tables: the way for more than memory holds. Resolves with the sequence.
   *
   * @throws {KriyaError} as `write`; `invalid` when keys are out of order.
   */
  async bulkLoad(
    entries: SortedEntries,
    conditions: CommitConditions = {},
  ): Promise<number> {
    this.#checkWritable();
    return await this.#parts!.ingester.load(entries, conditions);
  }

  /**
   * Resolves when everything visible so far, or up to `sequence`, is durable.
   *
   * @throws {KriyaError} `fenced`; `unavailable` when it is not known.
   */
  async flushWal(sequence?: number): Promise<void> {
    this.#checkWritable();
    await this.#parts!.pipeline.flushWal(sequence);
  }

  /**
   * Calls `listener` if commits have to be taken back: another writer took over
   * before they were durable. What follows the log in memory forgets everything
   * above the sequence, in the same turn. Nothing commits afterwards.
   */
  onCutBack(listener: (sequence: number) => void): void {
    this.#onCutBack.push(listener);
  }

  /** Calls `listener` for what happens that somebody may want to be told. */
  onEvent(listener: StoreEventListener): void {
    this.events.listen(listener);
  }

  /**
   * Writes everything committed so far into tables; resolves when a manifest
   * names them.
   *
   * @throws {KriyaError} what kept it from being written.
   */
  async flush(): Promise<void> {
    this.#checkWritable();
    // An unknown outcome keeps back only what nobody was told of, or the flush.
    await this.#parts!.pipeline.flushWal(Infinity, { probe: true })
      .catch(() => {});
    this.#checkWritable();
    await this.#parts!.flusher.flush();
    this.#checkWritable();
  }

  /**
   * Publishes an edit of the manifest, after those before it; then reads look
   * at what it says. The edit may be asked for again on a newer manifest, so it
   * must not assume that it was not made already.
   *
   * @throws {KriyaError} `fenced`, `unavailable`; what the edit throws.
   */
  async publish(
    edit: (manifest: Manifest) => ManifestEdit,
    installed: Installed = {},
  ): Promise<Manifest> {
    this.#checkWritable();
    const manifest = await this.#parts!.publisher.publish(edit);
    await followManifest(this.#host, installed);
    this.#parts!.compactor.consider();
    return manifest;
  }

  /**
   * A name for a new object that only this writer uses. The object is kept from
   * collection until a manifest names it, or `abandonObject` says that none
   * will; after either, no edit may bring it in anew.
   */
  newObjectId(): TableObjectId {
    invariant(this.#parts !== undefined, "only a writer names objects");
    return this.#parts.publisher.newObjectId();
  }

  /** Says that no edit will name the object at `path`, a new object's. */
  abandonObject(path: string): void {
    this.#parts?.publisher.abandonObject(path);
    this.#parts?.collector.abandoned(path);
  }

  /**
   * Deletes now what nothing needs any more; it happens by itself otherwise.
   *
   * @throws {KriyaError} `fenced`, `unavailable`, `corrupt`; the signal's
   * reason.
   */
  async collectGarbage(options?: CollectOptions): Promise<CollectionReport> {
    this.#checkWritable();
    return await this.#parts!.collector.collect(options);
  }

  /**
   * Keeps what is committed now under a name until it is dropped, see
   * `checkpoints.ts`; `open` with `{ checkpoint: name }` shows it.
   */
  createCheckpoint(name: string): Promise<CheckpointMeta> {
    this.#checkWritable();
    const { environment } = this.#config;
    return createCheckpoint(name, { ...this.#parts!, environment });
  }

  /** Drops a checkpoint; what only it needed is collected. */
  async dropCheckpoint(name: string): Promise<void> {
    await this.publish(dropCheckpointEdit(name));
  }

  /** The checkpoints, the oldest first. */
  listCheckpoints(): readonly CheckpointMeta[] {
    return this.manifest.checkpoints;
  }

  /**
   * Merges everything into the lowest level, without what no snapshot needs.
   *
   * @throws {KriyaError} what keeps it from being done; the signal's reason.
   */
  async compact(options?: CompactOptions): Promise<void> {
    await this.flush();
    await this.#parts!.compactor.compactAll(options);
  }

  /** The objects behind the store. */
  override get objects(): ObjectStore {
    return this.#objects;
  }

  /** What the store holds and does. */
  status(): StoreStatus {
    return storeStatus({
      state: this.state,
      manifest: this.manifest,
      cache: this.cache.statistics,
      memory: this.memory.status(),
      visibleSequence: this.visibleSequence,
      snapshotCount: this.snapshots.count,
      readOnly: this.readOnly,
      parts: this.#parts,
      replica: this.#replica?.status,
      events: this.events.counts,
    });
  }

  /**
   * Settles what has joined, flushes if much is dirty, says in the manifest
   * that it was closed in good order, and lets go of everything. May be called
   * twice.
   */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    try {
      await this.#replica?.close();
      if (this.#parts !== undefined && !this.readOnly) {
        await settleParts(this.#parts, storeClosed(this.#objects.address));
        if (!this.readOnly) await this.publish(() => ({ closed: true }));
      }
    } catch (error) {
      // Who was taken over has nothing left to say.
      if (!(error instanceof KriyaError && error.kind === "fenced")) {
        throw error;
      }
    } finally {
      this.closed = true;
      this.commits.notify();
      this.#parts?.collector.halt();
      this.#parts?.pipeline.stop();
      for (const table of this.state.levels.flat()) table.opened?.close();
    }
  }

  #newHost(): WriterHost & FollowerHost & Omit<ReplicaHost, "manifests"> {
    return {
      config: () => this.#config,
      objects: this.#objects,
      events: this.events,
      state: () => this.state,
      setState: (state) => this.state = state,
      memory: this.memory,
      holding: (state, reading) =>
        this.leases.during(state, this.visibleSequence, reading),
      openTable: (meta) => this.#table(meta),
      manifest: () => this.manifest,
      retire: (table) => this.leases.retire(table),
      view: (of) => new StoreView(of, this.leases, this.bounds),
      oldestHeld: () => this.snapshots.oldest(Infinity),
      oldestSnapshot: () => this.oldestSnapshot,
      changeHolds: () => this.#changeHolds,
      abandonObject: (path) => this.abandonObject(path),
      publish: (edit, installed) => this.publish(edit, installed),
      tablesInUse: () => this.tablesInUse(),
      onCommitted: () => this.commits.notify(),
      onCutBack: (sequence) => this.#cutBack(sequence),
    };
  }

  #cutBack(sequence: number): void {
    this.state = this.state.cutBack(sequence);
    this.bounds.cutBackTo = sequence;
    for (const listener of this.#onCutBack) listener(sequence);
    this.commits.notify();
  }

  #checkWritable(): void {
    this.checkOpen();
    const { address } = this.#objects;
    if (this.#parts === undefined) throw storeReadOnly(address);
    const { halted } = this.#parts.pipeline;
    if (halted === undefined) return;
    throw halted instanceof KriyaError ? halted : fencedError(address);
  }

  #table(meta: TableMeta, ahead?: TablesAhead): OpenTable {
    return OpenTable.of(meta, this.#objects, this.cache, this.#config, ahead);
  }
}
