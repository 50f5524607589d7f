/**
 * The settings of the store and of its indexes, and what those that can be
 * changed while it is open mean to it.
 *
 * @module
 */
import type { LsmChanges } from "../../storage/engine/options.ts";
import type {
  SettingDefinition,
  SettingEffect,
  SettingType,
} from "./setting_definition.ts";

const MIB = 1024 * 1024;

const STRING: SettingType = { kind: "string" };

function integer(min: number, max: number): SettingType {
  return { kind: "integer", min, max };
}

function define(
  name: string,
  type: SettingType,
  initial: string,
  effect: SettingEffect,
  description: string,
): SettingDefinition {
  const category = "Customized Options";
  return { name, type, initial, effect, description, category };
}

/** The settings, by name. */
export const STORE_SETTINGS: readonly SettingDefinition[] = [
  define(
    "lsm_hnsw.ef_search",
    integer(0, 100_000),
    "0",
    "session",
    "The width of KNN searches; 0: the index's own, which reaches its recall.",
  ),
  define(
    "lsm_hnsw.iterative_scan",
    { kind: "enum", values: ["off", "relaxed_order", "strict_order"] },
    "strict_order",
    "session",
    "Whether a KNN search goes on until enough rows match; off: it may give fewer.",
  ),
  define(
    "lsm_hnsw.max_scan_tuples",
    integer(0, 2_147_483_647),
    "0",
    "session",
    "After how many rows a KNN search ends, whatever it has found; 0: no limit.",
  ),
  define(
    "lsm_ivfflat.probes",
    integer(0, 32_768),
    "0",
    "session",
    "How many clusters KNN searches read; 0: as many as reach the recall.",
  ),
  define(
    "lsm_knn.strategy",
    { kind: "enum", values: ["auto", "exact", "index", "filtered_index"] },
    "auto",
    "session",
    "How KNN queries find their rows; auto: the way that is expected to be cheapest.",
  ),
  define(
    "lsm_s3.bucket",
    STRING,
    "lsm-postgres",
    "address",
    "The bucket of databases on object storage.",
  ),
  define(
    "lsm_s3.cache_size_mb",
    integer(0, 1_048_576),
    "256",
    "store",
    "The size of the block cache, in MiB.",
  ),
  define(
    "lsm_s3.endpoint",
    STRING,
    "memory",
    "address",
    "Where the objects are: memory, or the address of object storage.",
  ),
  define(
    "lsm_s3.flush_interval_ms",
    integer(0, 2_147_483_647),
    "5000",
    "store",
    "How long after the last write dirty data is flushed, in ms; 0: never.",
  ),
  define(
    "lsm_s3.max_active_transactions",
    integer(1, 1_000_000),
    "1000",
    "session",
    "How many transaction blocks may be open at once.",
  ),
  define(
    "lsm_s3.max_memory_mb",
    integer(16, 1_048_576),
    "2048",
    "store",
    "The limit of memory for caches, memtables, indexes and buffers, in MiB.",
  ),
  define(
    "lsm_s3.max_requests",
    integer(0, 2_147_483_647),
    "0",
    "session",
    "The most requests to the object store that a statement may read with; 0: no limit.",
  ),
  define(
    "lsm_s3.memtable_size_mb",
    integer(1, 1024),
    "64",
    "store",
    "The size at which a memtable is flushed, in MiB.",
  ),
  define(
    "lsm_s3.plan_adapt_factor",
    integer(0, 1_000_000),
    "10",
    "session",
    "How far the rows of a scan are off what was expected for its plan to be made anew; 0: never.",
  ),
  define(
    "lsm_s3.plan_quality_log_factor",
    integer(0, 1_000_000_000),
    "100",
    "session",
    "How far the rows of a node are off what was expected for onEvent to be told; 0: never.",
  ),
  define(
    "lsm_s3.region",
    STRING,
    "us-east-1",
    "address",
    "The region of object storage.",
  ),
  define(
    "lsm_s3.wait_for_transaction",
    { kind: "boolean" },
    "off",
    "session",
    "Whether BEGIN waits for its place, up to lock_timeout, instead of being refused.",
  ),
  define(
    "lsm_s3.wal_breaker_failures",
    integer(0, 1000),
    "8",
    "store",
    "After how many failed attempts at the log in a row commits are refused at once; 0: never.",
  ),
  define(
    "lsm_s3.wal_breaker_share_percent",
    integer(0, 100),
    "80",
    "store",
    "The share of failed attempts in the window that has the same effect; 0: none.",
  ),
  define(
    "lsm_s3.wal_breaker_window_ms",
    integer(1000, 3_600_000),
    "60000",
    "store",
    "The window in which that share is taken, in ms.",
  ),
  define(
    "lsm_s3.wal_probe_max_ms",
    integer(10, 3_600_000),
    "30000",
    "store",
    "The longest time between two probes of the log, in ms.",
  ),
  define(
    "lsm_s3.wal_probe_ms",
    integer(10, 3_600_000),
    "1000",
    "store",
    "The time until the first probe of the log, in ms; each further one is twice as long.",
  ),
];

const CHANGES: Readonly<Record<string, (value: number) => LsmChanges>> = {
  "lsm_s3.cache_size_mb": (value) => ({ cacheBytesMax: value * MIB }),
  "lsm_s3.flush_interval_ms": (flushIntervalMs) => ({ flushIntervalMs }),
  "lsm_s3.max_memory_mb": (value) => ({ memoryBytesMax: value * MIB }),
  "lsm_s3.memtable_size_mb": (value) => ({ memtableBytesMax: value * MIB }),
  "lsm_s3.wal_breaker_failures": (walBreakerFailures) => ({
    walBreakerFailures,
  }),
  "lsm_s3.wal_breaker_share_percent": (walBreakerSharePercent) => ({
    walBreakerSharePercent,
  }),
  "lsm_s3.wal_breaker_window_ms": (walBreakerWindowMs) => ({
    walBreakerWindowMs,
  }),
  "lsm_s3.wal_probe_max_ms": (walProbeMsMax) => ({ walProbeMsMax }),
  "lsm_s3.wal_probe_ms": (walProbeMs) => ({ walProbeMs }),
};

/** What a setting of effect `store` changes in the open store. */
export function storeChange(name: string, value: number): LsmChanges {
  return CHANGES[name]?.(value) ?? {};
}

/** What all of them say, when `valueOf` gives the value of one. */
export function storeChanges(valueOf: (name: string) => number): LsmChanges {
  return Object.keys(CHANGES).reduce(
    (all, name) => ({ ...all, ...storeChange(name, valueOf(name)) }),
    {},
  );
}
