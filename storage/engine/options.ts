/**
 * Every knob of the store in one place, with its default.
 *
 * @module
 */
import { type Environment, systemEnvironment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import type { CachePolicyName } from "../cache/cache_policy.ts";
import type { TtlRule } from "../compaction/retention.ts";
import type { BlockCodec } from "../sstable/codec.ts";

/**
 * When a commit is acknowledged: `sync` when it is durable; `periodic` and
 * `async` when it is visible. What is visible comes into the log within
 * `walPeriodMs` (`periodic`), or with what is written next (`async`); until then
 * a crash loses it, the latest first.
 */
export type WalMode = "sync" | "periodic" | "async";

/** The modes. */
const WAL_MODES: readonly WalMode[] = ["sync", "periodic", "async"];

/**
 * How close a reader keeps to the writer: `snapshot` shows what it was opened
 * on until `refresh()`; `strong` asks the bucket before every read; `bounded`
 * shows nothing older than so many ms, and asks only when a read wants to know.
 */
export type Consistency =
  | "snapshot"
  | "strong"
  | { readonly boundedMs: number };

/** How a store is opened. Everything has a default. */
export interface LsmOptions {
  /** Only reads; claims nothing, and any number may be open (default false). */
  readonly readOnly?: boolean | undefined;
  /**
   * How close a reader keeps to the writer (`{ boundedMs: 1000 }`); of no
   * meaning to a writer, and to a checkpoint.
   */
  readonly consistency?: Consistency | undefined;
  /**
   * Whether a reader that is used tells collectors what it reads, in an object
   * of its own, where it may write one (`auto`).
   */
  readonly pin?: "auto" | "never" | undefined;
  /** Ms for which that holds when it is not told again (600 000). */
  readonly pinLeaseMs?: number | undefined;
  /**
   * Opens the checkpoint of this name, for reading only (default none: what is
   * there now).
   */
  readonly checkpoint?: string | undefined;
  /**
   * Takes the database over from a writer that seems to be alive (default
   * false: error `55006`).
   */
  readonly takeover?: boolean | undefined;
  /** Bytes of keys and values at which a memtable is flushed (64 MiB). */
  readonly memtableBytesMax?: number | undefined;
  /** WAL objects at which a memtable is flushed (512). */
  readonly walObjectsMax?: number | undefined;
  /** Bytes of batches that one WAL object takes (16 MiB). */
  readonly walGroupBytesMax?: number | undefined;
  /** Bytes of a batch above which it is written as tables (16 MiB). */
  readonly ingestBytesMin?: number | undefined;
  /** When commits are acknowledged that do not say it themselves (`sync`). */
  readonly walMode?: WalMode | undefined;
  /**
   * Compression of WAL objects of more than 4 KiB, where it shrinks them
   * (`none`: a local disk takes the bytes faster than `zstd` saves them).
   */
  readonly walCompression?: BlockCodec | undefined;
  /** Ms until a `periodic` commit is written to the log (200). */
  readonly walPeriodMs?: number | undefined;
  /** Bytes of batches not in the log yet at which later ones wait (64 MiB). */
  readonly walBufferBytesMax?: number | undefined;
  /** Commits that may wait for room; more fail with `53000` (10 000). */
  readonly stalledCommitsMax?: number | undefined;
  /** Ms that a commit waits for room before it fails with `53000` (60 000). */
  readonly stallTimeoutMs?: number | undefined;
  /**
   * Attempts at the log that fail in a row until commits are refused without
   * one (8); 0: never. See `write_breaker.ts`.
   */
  readonly walBreakerFailures?: number | undefined;
  /** Percent of attempts whose failing has the same effect (80); 0: none … */
  readonly walBreakerSharePercent?: number | undefined;
  /** … among those of so many ms (60 000). */
  readonly walBreakerWindowMs?: number | undefined;
  /** Ms until the log is tried again that had no answer, then twice … (1000) */
  readonly walProbeMs?: number | undefined;
  /** … up to this (30 000). */
  readonly walProbeMsMax?: number | undefined;
  /** Ms after the last write at which dirty data is flushed (5000). */
  readonly flushIntervalMs?: number | undefined;
  /** Bytes at least that a flush by interval writes (1 MiB) … */
  readonly flushBytesMin?: number | undefined;
  /** … or WAL objects at least (64). */
  readonly flushWalObjectsMin?: number | undefined;
  /** Bytes of memory for everything that the store holds (2 GiB). */
  readonly memoryBytesMax?: number | undefined;
  /** Bytes of decoded blocks, indexes and filters kept in memory (256 MiB). */
  readonly cacheBytesMax?: number | undefined;
  /**
   * What goes when these are full: `lru`, what was used longest ago, or `arc`,
   * which learns whether to keep what was used lately or often (`arc`).
   */
  readonly cachePolicy?: CachePolicyName | undefined;
  /**
   * Whether filters and indexes of levels 0 and 1 stay in the cache before
   * everything else, in at most half of it (true).
   */
  readonly pinMetadata?: boolean | undefined;
  /**
   * Bytes that a scan reads ahead at most (1 MiB): from its second block on it
   * asks for ever larger windows of blocks before it needs them. 0: it asks for
   * each block when it gets there, for latency that can be foretold.
   */
  readonly readAheadBytes?: number | undefined;
  /** Bytes at which a data block is ended (16 KiB). */
  readonly blockBytes?: number | undefined;
  /** Compression of blocks (`zstd`). */
  readonly compression?: BlockCodec | undefined;
  /** Bits of bloom filter a key (10). */
  readonly filterBitsPerKey?: number | undefined;
  /**
   * How tables are merged in the background (`leveled`). `leveled` reads few
   * tables; `size-tiered` writes less; `off` merges none until `compact()` or
   * another process does.
   */
  readonly compaction?: "leveled" | "size-tiered" | "off" | undefined;
  /**
   * Whether large merges run in a Worker, so that commits and reads do not
   * share a thread with them (true); false: in slices of a millisecond.
   * Without Workers, or the permission to load one, they run in slices.
   */
  readonly compactionWorker?: boolean | undefined;
  /** Tables in level 0 (size-tiered: runs) at which a merge is due (4). */
  readonly l0CompactionTrigger?: number | undefined;
  /** Tables in level 0 at which commits wait for a merge (24). */
  readonly l0StopTrigger?: number | undefined;
  /** How many times larger each level is than the one above (10). */
  readonly levelSizeRatio?: number | undefined;
  /** Bytes of level 1 (256 MiB). */
  readonly levelBaseBytes?: number | undefined;
  /** Bytes at which a table that a merge writes is ended (64 MiB). */
  readonly tableBytesMax?: number | undefined;
  /**
   * Ms for which old versions can be read after they were replaced (0: as long
   * as a snapshot needs them). Merges remove them some time after.
   */
  readonly versionRetentionMs?: number | undefined;
  /**
   * Keys whose values live for some time only (none). They go when a merge
   * meets them after that, not earlier, and then at once for every reader,
   * held snapshots included.
   */
  readonly ttl?: readonly TtlRule[] | undefined;
  /**
   * Ms after which the objects of a writer that did not close count as
   * abandoned (10 000). Safety does not depend on it.
   */
  readonly leaseMs?: number | undefined;
  /**
   * Ms at least from one collection of garbage to the next (60 000; for a
   * folder and for memory 1000); 0: only at close and when asked.
   */
  readonly gcIntervalMs?: number | undefined;
  /** Objects of garbage that are worth a collection, if small (64). */
  readonly gcObjectsMin?: number | undefined;
  /** Attempts at an unanswered conditional write (8). */
  readonly attemptsMax?: number | undefined;
  /** Whether a torn last WAL object is cut (default false: an error). */
  readonly allowTornTail?: boolean | undefined;
  /** The writer's name for others to see (none). */
  readonly writerName?: string | undefined;
  /** Clock and chance (the system's). */
  readonly environment?: Environment | undefined;
}

/** What can be changed while the store is open. */
export type LsmChanges = Pick<
  LsmOptions,
  | "flushIntervalMs"
  | "memtableBytesMax"
  | "cacheBytesMax"
  | "memoryBytesMax"
  | "walMode"
  | "walPeriodMs"
  | "walBufferBytesMax"
  | "walBreakerFailures"
  | "walBreakerSharePercent"
  | "walBreakerWindowMs"
  | "walProbeMs"
  | "walProbeMsMax"
>;

/** Options with every default filled in. */
export type LsmConfig = {
  readonly [K in keyof LsmOptions]-?: Exclude<LsmOptions[K], undefined>;
};

/** The defaults. */
export const LSM_DEFAULTS: LsmConfig = {
  readOnly: false,
  consistency: { boundedMs: 1000 },
  pin: "auto",
  pinLeaseMs: 600_000,
  checkpoint: "",
  takeover: false,
  memtableBytesMax: 64 * 1024 * 1024,
  walObjectsMax: 512,
  walGroupBytesMax: 16 * 1024 * 1024,
  ingestBytesMin: 16 * 1024 * 1024,
  walMode: "sync",
  walCompression: "none",
  walPeriodMs: 200,
  walBufferBytesMax: 64 * 1024 * 1024,
  stalledCommitsMax: 10_000,
  stallTimeoutMs: 60_000,
  walBreakerFailures: 8,
  walBreakerSharePercent: 80,
  walBreakerWindowMs: 60_000,
  walProbeMs: 1000,
  walProbeMsMax: 30_000,
  flushIntervalMs: 5000,
  flushBytesMin: 1024 * 1024,
  flushWalObjectsMin: 64,
  memoryBytesMax: 2 * 1024 * 1024 * 1024,
  cacheBytesMax: 256 * 1024 * 1024,
  cachePolicy: "arc",
  pinMetadata: true,
  readAheadBytes: 1024 * 1024,
  blockBytes: 16 * 1024,
  compression: "zstd",
  filterBitsPerKey: 10,
  compaction: "leveled",
  compactionWorker: true,
  l0CompactionTrigger: 4,
  l0StopTrigger: 24,
  levelSizeRatio: 10,
  levelBaseBytes: 256 * 1024 * 1024,
  tableBytesMax: 64 * 1024 * 1024,
  versionRetentionMs: 0,
  ttl: [],
  leaseMs: 10_000,
  gcIntervalMs: 60_000,
  gcObjectsMin: 64,
  attemptsMax: 8,
  allowTornTail: false,
  writerName: "",
  environment: systemEnvironment,
};

/** Where a request costs nothing garbage need not wait for company. */
const LOCAL_GC_INTERVAL_MS = 1000;

/**
 * Fills in the defaults, those of a store at `address` if it is given.
 *
 * @throws {KriyaError} `invalid` for a number that is out of range, or a mode
 * that is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { lsmConfig } from "./options.ts";
 *
 * assertEquals(lsmConfig({}).memtableBytesMax, 64 * 1024 * 1024);
 * ```
 */
export function lsmConfig(options: LsmOptions, address = ""): LsmConfig {
  const given = Object.entries(options).filter(([, value]) =>
    value !== undefined
  );
  for (const [name, value] of given) {
    if (
      typeof value === "number" && !(Number.isSafeInteger(value) && value >= 0)
    ) {
      throw new KriyaError(
        "invalid",
        `Cannot open the store: option ${name} is ${value}`,
        { hint: "Give a non-negative integer" },
      );
    }
  }
  const local = /^(file|memory):/.test(address)
    ? { gcIntervalMs: LOCAL_GC_INTERVAL_MS }
    : {};
  const config = { ...LSM_DEFAULTS, ...local, ...Object.fromEntries(given) };
  if (!WAL_MODES.includes(config.walMode)) {
    throw new KriyaError(
      "invalid",
      `Cannot open the store: option walMode is ${config.walMode}`,
      { hint: `Give one of ${WAL_MODES.join(", ")}` },
    );
  }
  checkConsistency(config.consistency);
  return config;
}

/** @throws {KriyaError} `invalid` for what is no consistency. */
function checkConsistency(given: Consistency): void {
  const bounded = typeof given === "object" && given !== null &&
    Number.isFinite(given.boundedMs) && given.boundedMs >= 0;
  if (given === "snapshot" || given === "strong" || bounded) return;
  throw new KriyaError(
    "invalid",
    `Cannot open the store: option consistency is ${JSON.stringify(given)}`,
    { hint: 'Give "snapshot", "strong" or { boundedMs: 1000 }' },
  );
}
