/**
 * A tree of tables without a store around it: what compaction tests grow,
 * compact and compare with the plain rule of what a snapshot sees.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { compareBytes } from "../../base/bytes.ts";
import { systemEnvironment } from "../../base/environment.ts";
import { BlockCache } from "../../storage/cache/block_cache.ts";
import { compactionEdit } from "../../storage/compaction/compaction_edit.ts";
import {
  type CompactionResult,
  olderThan,
  runCompaction,
} from "../../storage/compaction/compaction_job.ts";
import type { CompactionPlan } from "../../storage/compaction/plan.ts";
import type { Retention } from "../../storage/compaction/retention.ts";
import { describeTable } from "../../storage/compaction/stored_tables.ts";
import {
  checkManifest,
  emptyManifest,
  type Manifest,
  type TableMeta,
} from "../../storage/manifest/manifest.ts";
import { nextManifest } from "../../storage/manifest/manifest_edit.ts";
import { compareRanges, KIND_DELETE } from "../../storage/mvcc/internal_key.ts";
import { ABSENT } from "../../storage/object_store/object_store.ts";
import { MemoryStore } from "../../storage/object_store/memory_store.ts";
import { SstableReader } from "../../storage/sstable/sstable_reader.ts";
import { bytes, entriesOf, type PlainEntry, text } from "./lsm_contents.ts";
import {
  compareEntries,
  type PlainTombstone,
  visibleAt,
} from "./plain_runs.ts";
import { buildTable } from "./sstables.ts";

/** How outputs are built, unless a test says otherwise. */
export const TINY_TABLES = { tableBytesMax: 700, blockBytes: 120 };

/** Everything that tables hold. */
export interface TreeContents {
  readonly entries: PlainEntry[];
  readonly tombstones: PlainTombstone[];
}

/** A tree of tables in a store of its own. */
export class CompactedTree {
  readonly objects = new MemoryStore();
  manifest: Manifest = emptyManifest();
  #number = 0;

  /** The path of a new table. */
  newPath(): string {
    return `sst/t${++this.#number}`;
  }

  /** Adds a table to level 0; entries in any order. */
  async flush(
    entries: readonly PlainEntry[],
    tombstones: readonly PlainTombstone[],
    sequence: number,
  ): Promise<void> {
    const built = buildTable(
      entries.toSorted(compareEntries),
      { blockBytes: TINY_TABLES.blockBytes },
      tombstones,
    );
    const path = this.newPath();
    await this.objects.put(path, built.bytes, ABSENT);
    const [level0 = [], ...others] = this.manifest.levels;
    this.manifest = nextManifest(this.manifest, {
      levels: [[{ path, ...describeTable(built) }, ...level0], ...others],
      sequence,
    });
  }

  /** Stores an output. */
  async store(bytes: Uint8Array): Promise<string> {
    const path = this.newPath();
    await this.objects.put(path, bytes, ABSENT);
    return path;
  }

  /** Runs a plan and takes its edit over. */
  async compact(
    plan: CompactionPlan,
    retention: Retention,
    table: { tableBytesMax: number; blockBytes: number } = TINY_TABLES,
  ): Promise<CompactionResult | undefined> {
    const older = olderThan(this.manifest.levels, plan);
    const result = plan.move ? undefined : await runCompaction({
      plan,
      older,
      retention,
      objects: this.objects,
      store: (bytes) => this.store(bytes),
      table,
      environment: systemEnvironment,
    });
    const outputs = result?.outputs ?? plan.inputs[0]!.tables;
    const edit = compactionEdit(this.manifest, plan, outputs, retention);
    assert(edit !== undefined, "the edit is refused");
    this.manifest = nextManifest(this.manifest, edit);
    return result;
  }

  /** Reads everything, and checks that tables are what their manifest says. */
  async contents(): Promise<TreeContents> {
    checkManifest(this.manifest);
    const entries: PlainEntry[] = [];
    const tombstones: PlainTombstone[] = [];
    for (const meta of this.manifest.levels.flat()) {
      const cache = new BlockCache(2 ** 20);
      const reader = await SstableReader.open(this.objects, meta, cache);
      const found = await entriesOf(reader.runs({}));
      await checkTable(meta, reader, found);
      entries.push(...found);
      tombstones.push(...reader.tombstones.map(({ start, end, sequence }) => ({
        start: text(start)!,
        end: text(end)!,
        sequence,
      })));
    }
    return { entries, tombstones };
  }
}

async function checkTable(
  meta: TableMeta,
  reader: SstableReader,
  entries: readonly PlainEntry[],
): Promise<void> {
  assertEquals(entries, entries.toSorted(compareEntries), meta.path);
  assertEquals(entries.length, meta.entryCount);
  const deletions = entries.filter(({ value }) => value === undefined);
  assertEquals(deletions.length, meta.deletionCount);
  const keys = new Set(entries.map(({ key }) => key));
  assertEquals(entries.length - keys.size, meta.shadowedCount ?? 0);
  assertEquals(reader.tombstones.length, meta.tombstoneCount);
  const sequences = [...entries, ...reader.tombstones]
    .map(({ sequence }) => sequence);
  assertEquals(Math.min(...sequences), meta.sequenceMin);
  assertEquals(Math.max(...sequences), meta.sequenceMax);
  const firsts = [
    ...entries.slice(0, 1).map(({ key }) => bytes(key)),
    ...reader.tombstones.map(({ start }) => start),
  ].sort(compareBytes);
  assertEquals(firsts[0], meta.firstKey);
  const last = entries.at(-1);
  if (last !== undefined) {
    assert(compareBytes(bytes(last.key), meta.lastKey) <= 0);
  }
  for (const { end } of reader.tombstones) {
    // No key lies after the last one and before the end.
    const after = new Uint8Array([...meta.lastKey, 0]);
    assert(compareBytes(end, after) <= 0);
  }
  const counted = meta.prefixes.reduce((sum, { entries }) => sum + entries, 0);
  assertEquals(counted, meta.entryCount);
  for (let block = 0; block < reader.blockCount; block++) {
    const run = await reader.block(block);
    for (let i = 1; i < run.count; i++) {
      const order = compareRanges(
        run.keys,
        run.keyStarts[i - 1]!,
        run.keyEnds[i - 1]!,
        run.keys,
        run.keyStarts[i]!,
        run.keyEnds[i]!,
      );
      assert(order < 0 || run.sequences[i - 1]! > run.sequences[i]!);
      assert(
        run.kinds[i] !== KIND_DELETE || run.valueEnds[i] ===
            run.valueStarts[i],
      );
    }
  }
}

/** What some snapshots from `horizon` to `to` see, each. */
export function seenFrom(
  { entries, tombstones }: TreeContents,
  horizon: number,
  to: number,
): PlainEntry[][] {
  const count = Math.min(6, to - horizon + 1);
  return Array.from({ length: count }, (_, i) => {
    const snapshot = horizon + Math.floor(i * (to - horizon) / 5);
    return visibleAt(entries, tombstones, (sequence) => sequence <= snapshot);
  });
}
