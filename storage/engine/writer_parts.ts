/**
 * What a store has that writes: its parts, and who tells whom.
 *
 * | what happens | who is told |
 * | --- | --- |
 * | a batch was applied | the flusher, which may freeze the memtable |
 * | memtables wait for their flush | the pipeline: commits wait |
 * | level 0 is full | the pipeline: commits wait |
 * | an attempt at the log failed | the breaker, and by it who listens: commits may be refused |
 * | a manifest counts | the collector: it knows what became garbage; the compactor looks for what is due |
 * | another writer took over | the pipeline, and by it all others: they halt |
 *
 * @module
 */
import type { KriyaError } from "../../base/errors.ts";
import type { WriterIdentity } from "../../fence/writer_id.ts";
import type {
  JobMeta,
  Manifest,
  ManifestEdit,
  TableMeta,
} from "../manifest/manifest.ts";
import type { ManifestStore } from "../manifest/manifest_store.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { WalWriter } from "../wal/wal_writer.ts";
import type { ChangeHolds } from "./change_holds.ts";
import { Collector } from "./collector.ts";
import type { MemoryBudget } from "./memory_budget.ts";
import { CommitPipeline } from "./commit_pipeline.ts";
import { Compactor } from "./compactor.ts";
import { Flusher } from "./flusher.ts";
import { jobsAfterFlush } from "./registered_jobs.ts";
import { Ingester } from "./ingester.ts";
import type { LsmConfig } from "./options.ts";
import { Publisher } from "./publisher.ts";
import type { Recovered } from "./recovery.ts";
import { timeFacts } from "./retention_now.ts";
import type { Installed } from "./tree_follower.ts";
import type { StoreEvents } from "./store_event.ts";
import type { OpenTable, TreeState } from "./tree_state.ts";
import { WriteBreaker } from "./write_breaker.ts";

/** What the parts need of the store. */
export interface WriterHost {
  /** The settings. */
  config(): LsmConfig;
  /** The objects. */
  readonly objects: ObjectStore;
  /** Who hears what happens. */
  readonly events: StoreEvents;
  /** What reads look at now. */
  state(): TreeState;
  /** Lets reads look at this from now on. */
  setState(state: TreeState): void;
  /** The account of memory. */
  readonly memory: MemoryBudget;
  /** Keeps the tables of `state` while they are read. */
  holding<T>(state: TreeState, reading: Promise<T>): Promise<T>;
  /** A table as the state holds it. */
  openTable(meta: TableMeta): OpenTable;
  /** Publishes an edit of the manifest, unless the store has halted. */
  publish(
    edit: (manifest: Manifest) => ManifestEdit,
    installed?: Installed,
  ): Promise<Manifest>;
  /** The newest manifest. */
  manifest(): Manifest;
  /** The lowest sequence that a snapshot holds, or the newest durable one. */
  oldestSnapshot(): number;
  /** Who wants to read changes. */
  changeHolds(): ChangeHolds;
  /** Says that no edit will name an object. */
  abandonObject(path: string): void;
  /** Paths of tables that are read. */
  tablesInUse(): ReadonlySet<string>;
  /** Commits became visible, or durable. */
  onCommitted(): void;
  /** What lies above `sequence` is not committed after all. */
  onCutBack(sequence: number): void;
}

/** The parts of a store that writes. */
export interface WriterParts {
  readonly wal: WalWriter;
  readonly breaker: WriteBreaker;
  readonly publisher: Publisher;
  readonly collector: Collector;
  readonly compactor: Compactor;
  readonly flusher: Flusher;
  readonly pipeline: CommitPipeline;
  readonly ingester: Ingester;
}

/** Makes the parts, and makes them known to each other. */
export function newWriterParts(
  host: WriterHost,
  manifests: ManifestStore,
  writer: WriterIdentity,
  recovered: Recovered,
): WriterParts {
  const { objects } = host;
  const { manifest, nextWalId, frozen, sequence } = recovered;
  const { environment, attemptsMax } = host.config();
  const breaker = new WriteBreaker(host.config, host.events);
  const wal = new WalWriter(objects, writer, nextWalId, {
    environment,
    attemptsMax,
    onFailure: (error) => breaker.failed(error),
  });
  const publisher = new Publisher(manifests, writer, manifest, {
    onPublished: (before, after) => collector.published(before, after),
    onFenced: (error) => pipeline.halt(error),
  });
  const collector = new Collector({
    config: host.config,
    objects,
    manifests,
    manifest: () => publisher.manifest,
    tablesInUse: host.tablesInUse,
  }, nextWalId - 1);
  const compactor = new Compactor({
    config: host.config,
    memory: host.memory,
    objects,
    manifest: host.manifest,
    oldestSnapshot: host.oldestSnapshot,
    changeHolds: host.changeHolds,
    newObjectId: () => publisher.newObjectId(),
    abandonObject: host.abandonObject,
    openTable: host.openTable,
    publish: host.publish,
  });
  const flusher: Flusher = new Flusher(
    {
      config: host.config,
      objects,
      state: host.state,
      setState: host.setState,
      memory: host.memory,
      nextWalId: () => pipeline.unsettledWalId,
      cut: () => pipeline.cut(),
      flushWal: (sequence) => pipeline.flushWal(sequence),
      newObjectId: () => publisher.newObjectId(),
      openTable: host.openTable,
      forgetOldJobs: () => {
        const after = (manifest: Manifest): readonly JobMeta[] =>
          jobsAfterFlush(manifest, [], environment.now());
        const { jobs } = publisher.manifest;
        if (after(publisher.manifest).length === jobs.length) return;
        // If it fails, the next flush does it.
        host.publish((manifest) => ({ jobs: after(manifest) }))
          .catch(() => {});
      },
      timeFacts: (manifest, sequence) =>
        timeFacts(
          host.config(),
          manifest,
          sequence,
          host.oldestSnapshot(),
          host.changeHolds(),
        ),
      publish: async (edit, installed) => {
        const published = await host.publish(edit, installed);
        compactor.noteFlushed(installed);
        return published;
      },
    },
    manifest.replayFrom,
    frozen,
  );
  const pipeline: CommitPipeline = new CommitPipeline(wal, {
    config: host.config,
    breaker,
    state: host.state,
    holding: host.holding,
    horizon: () => host.manifest().horizon,
    waitForRoom: () => flusher.waitForRoom() ?? compactor.waitForRoom(),
    flushAll: () => flusher.flush(),
    onIngested: (tables, log) => flusher.addIngested(tables, log),
    onApplied: () => {
      flusher.consider();
      host.onCommitted();
    },
    onHalted: (error) => {
      flusher.halt();
      compactor.halt(error);
      collector.halt();
    },
    onCutBack: host.onCutBack,
  }, sequence);
  const ingester = new Ingester({
    config: host.config,
    objects,
    pipeline,
    state: host.state,
    holding: host.holding,
    horizon: () => host.manifest().horizon,
    openTable: host.openTable,
    publish: host.publish,
  });
  host.memory.add({
    name: "memtables",
    group: "user",
    bytes: () => host.state().memtableBytes,
  });
  host.memory.add({
    name: "log buffer",
    group: "system",
    bytes: () => pipeline.unsettledBytes,
  });
  host.memory.add({
    name: "tables being built",
    group: "system",
    bytes: () => flusher.builtBytes + ingester.bufferedBytes,
  });
  return {
    wal,
    breaker,
    publisher,
    collector,
    compactor,
    flusher,
    pipeline,
    ingester,
  };
}

/**
 * Brings the parts to rest: what has joined is settled, what is worth it is
 * flushed and collected. What joins later is refused with `closed`.
 *
 * @throws {KriyaError} `unavailable`, `fenced`.
 */
export async function settleParts(
  { pipeline, compactor, flusher, collector }: WriterParts,
  closed: KriyaError,
): Promise<void> {
  pipeline.end(closed);
  // Who was not told of success knows; who was must not be left alone.
  await pipeline.flushWal(Infinity, { probe: true }).catch((error) => {
    if (pipeline.lag.commits > 0) throw error;
  });
  await compactor.stop(closed);
  await flusher.stop();
  await collector.close();
}
