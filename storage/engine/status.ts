/**
 * What a store holds and does, in numbers.
 *
 * @module
 */
import type { CacheStatistics } from "../cache/block_cache.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { DurableLag } from "./commit_queue.ts";
import type { MemoryStatus } from "./memory_budget.ts";
import type { CompactionStatus } from "./compaction_status.ts";
import type { ReplicaStatus } from "./replica.ts";
import type { StoreEventName } from "./store_event.ts";
import type { TreeState } from "./tree_state.ts";
import type { WriteBreakerStatus } from "./write_breaker.ts";
import type { WriterParts } from "./writer_parts.ts";

/** One level of the tree. */
export interface LevelStatus {
  /** 0 to 6. */
  readonly level: number;
  /** Tables in it. */
  readonly tables: number;
  /** Bytes of their objects. */
  readonly bytes: number;
  /** Entries in them, old versions and deletions included. */
  readonly entries: number;
}

/** What a store holds and does. */
export interface StoreStatus {
  /** The writer's epoch. */
  readonly epoch: number;
  /** The number of the manifest. */
  readonly manifestNumber: number;
  /** The highest sequence that reads see. */
  readonly visibleSequence: number;
  /** The highest sequence that is known to be durable. */
  readonly durableSequence: number;
  /** What is visible and could be lost now. */
  readonly durableLag: DurableLag;
  /** Commits that wait for room. */
  readonly stalledCommits: number;
  /** The lowest sequence that can be read. */
  readonly horizon: number;
  /** Whether nothing can be written. */
  readonly readOnly: boolean;
  /** Bytes of keys and values in memtables: committed and not in a table. */
  readonly unflushedBytes: number;
  /** Frozen memtables that wait for their flush. */
  readonly frozenMemtables: number;
  /** Bytes that have joined and are not durable yet. */
  readonly unsettledBytes: number;
  /** WAL objects that a reopen would replay. */
  readonly walObjects: number;
  /** Snapshots that are held. */
  readonly snapshots: number;
  /** The levels that have tables. */
  readonly levels: readonly LevelStatus[];
  /** Segments of indexes. */
  readonly segments: number;
  /** Bytes of their objects. */
  readonly segmentBytes: number;
  /** Objects that are known to be garbage and wait for their collection. */
  readonly garbageObjects: number;
  /** Objects that were collected since it was opened. */
  readonly collectedObjects: number;
  /** What kept the last collection in the background from ending well. */
  readonly collectionError: unknown;
  /** How a reader follows; absent for others. */
  readonly replica: ReplicaStatus | undefined;
  /** Compaction; absent for a reader. */
  readonly compaction: CompactionStatus | undefined;
  /** Whether the log takes commits; absent for a reader. */
  readonly walBreaker: WriteBreakerStatus | undefined;
  /** How often what is told of has happened, by its name. */
  readonly events: Readonly<Record<StoreEventName, number>>;
  /** What is so now and should be seen to, by the name of its event. */
  readonly alerts: readonly StoreEventName[];
  /** The block cache. */
  readonly cache: CacheStatistics;
  /** Who takes how much memory. */
  readonly memory: MemoryStatus;
}

/** What {@linkcode storeStatus} counts. */
export interface StatusFacts {
  readonly state: TreeState;
  readonly manifest: Manifest;
  readonly cache: CacheStatistics;
  readonly memory: MemoryStatus;
  readonly visibleSequence: number;
  readonly snapshotCount: number;
  readonly readOnly: boolean;
  /** Absent for a reader. */
  readonly parts: WriterParts | undefined;
  /** Absent for a writer, and for a checkpoint. */
  readonly replica: ReplicaStatus | undefined;
  readonly events: Readonly<Record<StoreEventName, number>>;
}

/** Counts. */
export function storeStatus(facts: StatusFacts): StoreStatus {
  const { state, manifest, parts } = facts;
  const pipeline = parts?.pipeline;
  return {
    epoch: manifest.epoch,
    manifestNumber: manifest.number,
    visibleSequence: facts.visibleSequence,
    durableSequence: pipeline?.durable ?? facts.visibleSequence,
    durableLag: pipeline?.lag ?? { commits: 0, bytes: 0, ms: 0 },
    stalledCommits: pipeline?.stalledCommits ?? 0,
    horizon: manifest.horizon,
    readOnly: facts.readOnly,
    unflushedBytes: state.memtable.contentBytes +
      state.frozen.reduce((sum, table) => sum + table.contentBytes, 0),
    frozenMemtables: state.frozen.length,
    unsettledBytes: pipeline?.unsettledBytes ?? 0,
    walObjects: pipeline === undefined
      ? 0
      : pipeline.unsettledWalId - manifest.replayFrom,
    snapshots: facts.snapshotCount,
    levels: state.levels.flatMap((tables, level) =>
      tables.length === 0 ? [] : [{
        level,
        tables: tables.length,
        bytes: tables.reduce((sum, { meta }) => sum + meta.size, 0),
        entries: tables.reduce((sum, { meta }) => sum + meta.entryCount, 0),
      }]
    ),
    segments: manifest.segments.length,
    segmentBytes: manifest.segments.reduce((sum, { size }) => sum + size, 0),
    garbageObjects: parts?.collector.waiting ?? 0,
    collectedObjects: parts?.collector.deleted ?? 0,
    collectionError: parts?.collector.error,
    replica: facts.replica,
    compaction: parts?.compactor.status(),
    walBreaker: parts?.breaker.status,
    events: facts.events,
    alerts: parts?.breaker.alerts ?? [],
    cache: facts.cache,
    memory: facts.memory,
  };
}
