/**
 * What compaction must keep at this moment, and how it chooses: from the
 * settings, the manifest and the snapshots that are held.
 *
 * @module
 */
import type { PickerOptions } from "../compaction/plan.ts";
import {
  addSample,
  expiriesAt,
  hasPrefix,
  horizonIn,
  type Retention,
  segmentFloors,
  sequenceAt,
} from "../compaction/retention.ts";
import type { Manifest, ManifestEdit } from "../manifest/manifest.ts";
import type { ChangeHolds } from "./change_holds.ts";
import type { LsmConfig } from "./options.ts";

/**
 * The sequence from which on everything is to be answered exactly: for the
 * snapshots that are held, for those that have names, and for as long as
 * versions are kept by the settings of the store or of the database.
 */
export function retainFromNow(
  config: LsmConfig,
  manifest: RetentionFacts,
  oldestSnapshot: number,
): number {
  const { environment } = config;
  let from = oldestSnapshot;
  for (const { sequence } of manifest.snapshots) {
    from = Math.min(from, sequence);
  }
  const ms = Math.max(config.versionRetentionMs, manifest.versionRetentionMs);
  if (ms === 0) return from;
  return Math.min(from, sequenceAt(manifest.clock, environment.now() - ms));
}

/** {@linkcode retainFromNow} of an open store. */
export function retainedFrom(
  store: {
    readonly config: LsmConfig;
    readonly manifest: Manifest;
    readonly oldestSnapshot: number;
  },
): number {
  return retainFromNow(store.config, store.manifest, store.oldestSnapshot);
}

/** What of a manifest says how long versions are kept. */
export type RetentionFacts = Pick<
  Manifest,
  "clock" | "snapshots" | "versionRetentionMs"
>;

/** What a manifest with tables up to `sequence` says of sequences and time. */
export function timeFacts(
  config: LsmConfig,
  manifest: Manifest,
  sequence: number,
  oldestSnapshot: number,
  holds: ChangeHolds,
): ManifestEdit {
  const reached = Math.max(manifest.sequence, sequence);
  const ms = Math.max(0, Math.floor(config.environment.now()));
  const clock = addSample(manifest.clock, { sequence: reached, ms });
  const facts = { ...manifest, clock };
  const retainFrom = retainFromNow(config, facts, oldestSnapshot);
  return {
    sequence: reached,
    clock,
    retainFrom: Math.max(manifest.retainFrom, retainFrom),
    held: holds.list(),
  };
}

/** What must be kept. */
export function retentionNow(
  config: LsmConfig,
  manifest: Manifest,
  oldestSnapshot: number,
  holds: ChangeHolds,
): Retention {
  const { clock, segments, sequence } = manifest;
  return {
    horizon: Math.min(
      sequence,
      retainFromNow(config, manifest, oldestSnapshot),
    ),
    floors: holds.lower(segmentFloors(segments)),
    expiries: expiriesAt(config.ttl, clock, config.environment.now()),
  };
}

/** How compactions are chosen under these settings. */
export function pickerOptions(
  config: LsmConfig,
  retention: Retention,
): PickerOptions {
  return {
    compaction: config.compaction === "size-tiered" ? "size-tiered" : "leveled",
    l0CompactionTrigger: config.l0CompactionTrigger,
    levelSizeRatio: config.levelSizeRatio,
    levelBaseBytes: config.levelBaseBytes,
    tableBytesMax: config.tableBytesMax,
    droppableTo: (table) => horizonIn(retention, table),
    isExpired: (table) => {
      const horizon = horizonIn(retention, table);
      return retention.expiries.some(({ prefix, to }) =>
        table.sequenceMax <= Math.min(to, horizon) &&
        hasPrefix(table.firstKey, prefix) && hasPrefix(table.lastKey, prefix)
      );
    },
  };
}
