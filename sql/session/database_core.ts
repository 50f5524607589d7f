/**
 * An open database: the store with its catalog, access methods and functions,
 * shared by all sessions.
 *
 * @module
 */
import { AutoAnalyze } from "./auto_analyze/auto_analyze.ts";
import { autoAnalyzeHost } from "./auto_analyze/auto_analyze_host.ts";
import { TableActivity } from "./auto_analyze/table_activity.ts";
import { Backends } from "./backends.ts";
import { Extensions } from "./extensions/extensions.ts";
import type { Environment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { ScratchFiles } from "../../storage/object_store/scratch_file.ts";
import type { Advance } from "../../storage/engine/replica.ts";
import type { WalMode } from "../../storage/engine/options.ts";
import { AccessRegistry } from "../access/access_registry.ts";
import { BtreeMethod } from "../access/btree/btree_index.ts";
import { GinMethod } from "../access/gin/gin_index.ts";
import { Exclusions } from "../access/exclusion/exclusion_entries.ts";
import { GistMethod } from "../access/exclusion/gist_method.ts";
import { HashMethod } from "../access/hash/hash_index.ts";
import { HnswMethod } from "../access/hnsw_index.ts";
import { IvfMethod } from "../access/ivf/ivf_index.ts";
import { LsmTableMethod } from "../access/lsm_table.ts";
import { CatalogTableMethod } from "../access/system/catalog_table.ts";
import { Catalog } from "../catalog/catalog.ts";
import type { CatalogState } from "../catalog/catalog_state.ts";
import { WorkerPool } from "../executor/parallel/worker_pool.ts";
import { runOnCommit } from "../executor/temporary_tables.ts";
import { createFunctionRegistry } from "../functions/default_registry.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import {
  Transaction,
  type TransactionOptions,
} from "../transaction/transaction.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import { WriteSetMemory } from "../transaction/write_set_memory.ts";
import {
  BUILTIN_TYPES,
  createTypeRegistry,
  type TypeRegistry,
} from "../types/type_registry.ts";
import { ActiveWriters } from "../transaction/locks/active_writers.ts";
import { LockTable } from "../transaction/locks/lock_table.ts";
import { NotificationHub } from "./notifications/notification_hub.ts";
import {
  History,
  type PastMoment,
  RETENTION_SETTING,
} from "./history/history.ts";
import type { NestedRunner } from "./nested_runner.ts";
import type { LockSpace } from "../transaction/locks/transaction_locks.ts";
import { PlanCache } from "./plan_cache.ts";
import type { Prepared } from "./prepared.ts";
import { PlanQuality } from "./plan_quality/plan_quality.ts";
import { SessionSpills } from "./session_spills.ts";
import { SessionLocks } from "./session_locks.ts";
import { TableLocks } from "./table_locks/table_locks.ts";
import { IndexBuilds } from "./index_builds.ts";
import { Settings } from "./settings.ts";
import { vectorMemory } from "./vector_memory.ts";
import { TransactionSlots } from "./transaction_slots.ts";
import { TransactionIds } from "./transaction_ids.ts";
import { TableLanes } from "./table_lanes.ts";

/** Milliseconds from the Unix epoch to 2000-01-01, where times are 0. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

/** What a database is opened with. */
export interface DatabaseCoreOptions {
  /** The store, open. */
  readonly store: LsmStore;
  /** Requests to the objects below the store so far, by kind. */
  readonly requests: () => Readonly<Record<string, number>>;
  /** Initial values of settings, by name. */
  readonly settings: ReadonlyMap<string, string>;
  /** The name of the user (default `postgres`). */
  readonly user?: string | undefined;
  /** Where temporary files are made. */
  readonly scratch: ScratchFiles;
}

/** An open database. */
export class DatabaseCore {
  /** The store. */
  readonly store: LsmStore;
  /** Requests to the objects so far, by kind. */
  readonly requests: () => Readonly<Record<string, number>>;
  /** The name of the user of its sessions, who owns everything. */
  readonly user: string;
  /** Initial values of settings, and those that are kept with the database. */
  readonly settings: Map<string, string>;
  /** The committed catalog. */
  readonly catalog: Catalog;
  /** The data types. */
  readonly types: TypeRegistry;
  /** Functions, operators, aggregates. */
  readonly functions: FunctionRegistry;
  /** The access methods. */
  readonly access: AccessRegistry;
  /** Vector indexes. */
  readonly hnsw: HnswMethod;
  /** Vector indexes in clusters. */
  readonly ivf: IvfMethod;
  /** The past, as far as it is kept. */
  readonly history: History;
  /** Prepared statements by text. */
  readonly plans: PlanCache<Prepared> = new PlanCache();
  /** How good their estimates are. */
  readonly planQuality: PlanQuality = new PlanQuality(this);
  /** Where statements run again. */
  readonly lanes: TableLanes = new TableLanes();
  /** Numbers of transactions. */
  readonly transactionIds: TransactionIds = new TransactionIds();
  /** When it was opened: microseconds since 2000-01-01 UTC. */
  readonly openedAt: number;
  /** Indexes that are being built. */
  readonly builds: IndexBuilds = new IndexBuilds();
  /** Sessions, and what stops them. */
  readonly backends: Backends = new Backends();
  /** Where NOTIFY goes. */
  readonly notifications: NotificationHub = new NotificationHub();
  /** What keeps transactions out of each other's way. */
  readonly locks: LockSpace;
  /** Locks on tables. */
  readonly tableLocks: TableLocks;
  /** A session is known by its settings. */
  readonly #sessionLocks = new WeakMap<Settings, SessionLocks>();
  /** Where what is larger than memory goes for a while. */
  readonly spills: SessionSpills;
  /** Hooks around statements, and work beside them. */
  readonly extensions: Extensions;
  /** Threads that help running plans. */
  readonly workers: WorkerPool;
  /** Rows in the tree. */
  readonly tables: LsmTableMethod;
  /** What was done to the rows of tables. */
  readonly activity: TableActivity = new TableActivity();
  /** Analyzes tables that changed. */
  readonly autoAnalyze: AutoAnalyze;
  /** Runs the statements of routines that are no queries. */
  runNested: NestedRunner = () => {
    throw new KriyaError("internal", "Cannot run a statement in a routine");
  };
  #planning: TransactionHandle | undefined;
  /** What open transactions have written. */
  readonly #writeSets = new WriteSetMemory(() =>
    this.store.config.memoryBytesMax / 2
  );
  /** Places for transaction blocks. */
  readonly slots: TransactionSlots;

  private constructor(
    options: DatabaseCoreOptions,
    catalog: Catalog,
    types: TypeRegistry,
  ) {
    this.store = options.store;
    this.requests = options.requests;
    this.user = options.user ?? "postgres";
    this.spills = new SessionSpills(options.scratch);
    this.openedAt = this.now();
    this.settings = new Map([
      ["session_authorization", this.user],
      ...options.settings,
    ]);
    this.catalog = catalog;
    this.types = types;
    this.functions = createFunctionRegistry(types);
    this.locks = {
      table: new LockTable(options.store.config.environment),
      writers: new ActiveWriters(),
    };
    this.tableLocks = new TableLocks(this.locks.table);
    this.workers = new WorkerPool(options.store.config.environment);
    this.slots = new TransactionSlots(options.store.config.environment);
    this.extensions = new Extensions(this.environment);
    this.access = new AccessRegistry();
    this.tables = new LsmTableMethod(options.store, catalog);
    this.hnsw = new HnswMethod(options.store, this.tables);
    this.history = new History(this);
    this.access.registerTableAccessMethod(this.tables);
    const { functions, access, store } = this;
    this.access.registerTableAccessMethod(
      new CatalogTableMethod({
        types,
        functions,
        access,
        user: this.user,
        store,
      }),
    );
    const exclusions = new Exclusions(functions);
    this.access.registerIndexAccessMethod(
      new BtreeMethod(this.access, BUILTIN_TYPES, exclusions),
    );
    this.access.registerIndexAccessMethod(
      new HashMethod(this.access, BUILTIN_TYPES, exclusions),
    );
    this.access.registerIndexAccessMethod(
      new GistMethod(this.access, BUILTIN_TYPES, exclusions),
    );
    this.access.registerIndexAccessMethod(
      new GinMethod(this.access, BUILTIN_TYPES),
    );
    this.access.registerIndexAccessMethod(this.hnsw);
    this.ivf = new IvfMethod(options.store, this.access, {
      begin: () =>
        new Transaction(options.store, this.catalog.committed, {
          startedAt: this.now(),
        }),
      commit: (transaction) => this.commit(transaction, "periodic"),
    });
    this.access.registerIndexAccessMethod(this.ivf);
    this.autoAnalyze = new AutoAnalyze(autoAnalyzeHost(this));
    options.store.memory.add({
      name: "write sets",
      group: "user",
      bytes: () => this.#writeSets.bytes,
    });
    options.store.memory.add(vectorMemory(this));
    options.store.onAdvance((advance) => this.#prepare(advance));
    // The catalog has nothing to forget: its changes are durable.
    options.store.onCutBack((sequence) => {
      this.tables.forgetCounts();
      this.hnsw.cutBack(sequence);
      this.ivf.cutBack();
    });
  }

  /**
   * Opens the database in a store.
   *
   * @throws {KriyaError} `corrupt`.
   */
  static async open(options: DatabaseCoreOptions): Promise<DatabaseCore> {
    const types = createTypeRegistry();
    const catalog = await Catalog.load(options.store, types);
    const core = new DatabaseCore(options, catalog, types);
    await core.history.clock.load();
    const retention = options.settings.get(RETENTION_SETTING);
    if (retention !== undefined && !options.store.readOnly) {
      await core.setRetention(retention);
    } else core.#followRetention();
    return core;
  }

  /** Prepares for what becomes visible to a reader. */
  async #prepare(advance: Advance): Promise<() => void> {
    const catalog = await this.catalog.after(advance);
    const showVectors = await this.hnsw.prepare(advance, catalog.state);
    const showClusters = await this.ivf.prepare(advance, catalog.state);
    return () => {
      this.catalog.follow(catalog, advance);
      this.tables.forgetCounts();
      this.#followRetention();
      showVectors();
      showClusters();
    };
  }

  /** Keeps versions for so long: a value as SHOW prints it. */
  async setRetention(value: string): Promise<void> {
    const settings = new Settings(new Map([[RETENTION_SETTING, value]]));
    await this.history.retain(settings.integer(RETENTION_SETTING));
    this.#followRetention();
  }

  /** Lets SHOW tell how long versions are kept. */
  #followRetention(): void {
    const value = `${this.history.retentionMs}ms`;
    const { value: shown } = new Settings().assign(RETENTION_SETTING, [value]);
    this.settings.set(RETENTION_SETTING, shown);
  }

  /** The locks of the session that has `settings`. */
  locksOf(settings: Settings): SessionLocks {
    let locks = this.#sessionLocks.get(settings);
    if (locks === undefined) {
      locks = new SessionLocks(this.locks.table, settings.objects.processId);
      this.#sessionLocks.set(settings, locks);
    }
    return locks;
  }

  /** Gives back what the session that has `settings` locked. */
  releaseLocks(settings: Settings): void {
    this.#sessionLocks.get(settings)?.releaseSession();
  }

  /** Clock and chance. */
  get environment(): Environment {
    return this.store.config.environment;
  }

  /** The clock: microseconds since 2000-01-01 UTC. */
  now(): number {
    return (this.environment.now() - EPOCH_MS) * 1000;
  }

  /**
   * What the planner may ask of: a transaction's catalog, and estimates. It
   * holds no snapshot and is not to be read with.
   */
  planningHandle(catalog: CatalogState): TransactionHandle {
    if (this.#planning?.catalog !== catalog) {
      this.#planning = { catalog, startedAt: this.now() };
    }
    return this.#planning;
  }

  /** The catalog as it is now for the session that has `settings`. */
  catalogOf({ temporary }: Settings): CatalogState {
    return temporary.catalog(this.catalog.committed);
  }

  /** Begins a transaction of a session at what is committed now. */
  begin(
    settings: Settings,
    options: Omit<
      TransactionOptions,
      "startedAt" | "locks" | "temporary" | "memory" | "spill"
    > = {},
  ): Transaction {
    const { temporary } = settings;
    temporary.memoryBytesMax = this.store.config.memoryBytesMax / 2;
    return new Transaction(this.store, this.catalogOf(settings), {
      ...options,
      temporary,
      locks: this.locks,
      memory: this.#writeSets,
      spill: this.spills.of(settings),
      startedAt: this.now(),
    });
  }

  /**
   * Begins a transaction of several statements, for who has taken one of the
   * {@linkcode slots}.
   */
  beginBlock(settings: Settings): Transaction {
    const transaction = this.begin(settings, {
      newOwner: () => this.locksOf(settings).owner,
    });
    this.tableLocks.open(transaction);
    transaction.onEnd(() => {
      this.tableLocks.close(transaction);
      this.slots.release();
    });
    return transaction;
  }

  /** Drops the temporary objects of the session that has `settings`. */
  dropTemporary({ temporary }: Settings): void {
    const entries = temporary.snapshot.entries.values();
    const ids = [...entries].flatMap((entry) =>
      "storageId" in entry ? [entry.storageId] : []
    );
    temporary.clear();
    this.#forgetStorages(ids);
  }

  #forgetStorages(storageIds: readonly number[]): void {
    this.catalog.sequences.forget(storageIds);
    this.catalog.counters.forget(storageIds);
    this.tables.forgetCountsOf(storageIds);
    this.activity.forget(storageIds);
  }

  /**
   * Begins a transaction that shows a moment of the past, and nothing that is
   * temporary.
   *
   * @throws {KriyaError} `72000`, `22023`, `42704`.
   */
  async beginPast(
    settings: Settings,
    moment: PastMoment,
  ): Promise<Transaction> {
    const { catalog, snapshot } = await this.history.open(moment);
    const transaction = this.begin(settings, { readOnly: true });
    transaction.startAgain(catalog, snapshot);
    return transaction;
  }

  /**
   * Commits; resolves once it is visible and, in mode `sync`, durable. What
   * changes the catalog always is: what follows it in the manifest could not be
   * taken back.
   *
   * @throws {KriyaError} `conflict` (`40001`), `fenced`, `unavailable`.
   */
  async commit(
    transaction: Transaction,
    mode: WalMode = "sync",
  ): Promise<void> {
    if (transaction.isIdle) return this.rollback(transaction);
    const say = this.notifications.delivery(transaction);
    const { counters, sequences } = this.catalog;
    const changes = transaction.catalogChanges;
    const { made, gone } = this.catalog.sequencesOf(changes);
    const storageIds = [...transaction.tidStorages].sort((a, b) => a - b);
    let counted = false;
    try {
      await runOnCommit(transaction);
      await transaction.commit({
        firstWrites: (batch) => {
          counters.addTo(batch, storageIds, changes.length > 0);
          sequences.addTo(batch, made);
          this.history.clock.addTo(batch);
        },
        beforeJoin: (batch) => {
          this.history.clock.amend(batch);
          counters.amend(batch, storageIds);
          sequences.amend(batch, made);
        },
        durability: changes.length > 0 ? "sync" : mode,
        onVisible: (sequence) => {
          this.catalog.apply(changes);
          sequences.committed(made);
          sequences.forget(gone);
          this.#countRows(transaction);
          say?.();
          counted = true;
          this.hnsw.apply(transaction, sequence);
          this.ivf.apply(transaction, sequence);
          if (changes.length > 0) this.#followIndexes();
        },
      });
    } catch (error) {
      if (changes.length > 0) this.#followIndexes();
      throw error;
    }
    say?.();
    if (!counted) this.#countRows(transaction);
    if (changes.length > 0) await this.#dropOrphans();
    const { temporary } = transaction;
    if (temporary !== undefined) this.#forgetStorages(temporary.storages.gone);
  }

  /** Takes over how many rows a committed transaction changed. */
  #countRows({ rowTallies, catalogChanges }: Transaction): void {
    this.tables.applyTallies(rowTallies);
    this.activity.commit(rowTallies, catalogChanges, this.catalog.committed);
    if (rowTallies.size > 0) this.autoAnalyze.consider();
  }

  /** Forgets what a transaction has written. */
  rollback(transaction: Transaction): void {
    transaction.rollback();
    const { temporary } = transaction;
    if (temporary !== undefined) this.#forgetStorages(temporary.storages.made);
    const changes = transaction.catalogChanges;
    if (changes.length > 0) {
      const { sequences } = this.catalog;
      sequences.forget(this.catalog.sequencesOf(changes).made);
      this.#followIndexes();
    }
  }

  /** Lets vector indexes go that the catalog does not name any more. */
  #followIndexes(): void {
    this.hnsw.follow(this.catalog.committed);
    this.ivf.follow(this.catalog.committed);
  }

  /** Flushes everything committed into tables. */
  async flush(): Promise<void> {
    await this.store.flush();
  }

  /** Settles background work and closes the store. */
  async close(): Promise<void> {
    try {
      this.workers.close();
      await this.autoAnalyze.close();
      await this.ivf.close();
      await this.hnsw.close();
      await this.#dropOrphans();
      if (!this.store.readOnly) await this.catalog.sequences.close();
    } finally {
      await this.store.close();
      await this.store.objects.close();
    }
  }

  /** What is left in the manifest is only space: a failure waits for later. */
  async #dropOrphans(): Promise<void> {
    if (this.store.readOnly) return;
    try {
      await this.hnsw.dropOrphans(this.catalog.committed);
    } catch {
      // The next commit of a definition, or the next close, tries again.
    }
  }
}
