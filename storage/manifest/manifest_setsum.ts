/**
 * The setsum of a manifest: over everything that it names.
 *
 * An item is one table or segment with all that identifies it. Where it lies in
 * the tree is not part of it, so that a move between levels changes nothing.
 * Every edit is held to sum(before) - removed + added = sum(after), and every
 * manifest that is read to its own sum: a table that was lost, named twice or
 * changed in place on the way shows as soon as it happens.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import type { Manifest, SegmentMeta, TableMeta } from "./manifest.ts";
import { hashItem, type ItemHash, Setsum } from "./setsum.ts";

type Named = Pick<Manifest, "levels" | "segments">;

/** The sum of everything that a manifest names. */
export function setsumOf(manifest: Named): string {
  const sum = new Setsum();
  for (const item of itemsOf(manifest).values()) sum.add(item);
  return sum.toHex();
}

/**
 * The sum after an edit, from the sum before it and from what changed; checked
 * against the sum of what is there.
 */
export function setsumAfter(before: Manifest, after: Named): string {
  const sum = Setsum.fromHex(before.setsum ?? setsumOf(before));
  invariant(sum !== undefined, "the manifest's setsum is none");
  const old = itemsOf(before);
  const now = itemsOf(after);
  for (const [path, item] of old) if (!now.has(path)) sum.remove(item);
  for (const [path, item] of now) if (!old.has(path)) sum.add(item);
  const hex = sum.toHex();
  invariant(
    hex === setsumOf(after),
    "the setsum of the manifest is not that of its edits",
  );
  return hex;
}

/** Hashes by table and segment: an edit hands on those that it leaves. */
const known = new WeakMap<TableMeta | SegmentMeta, ItemHash>();

function itemsOf(manifest: Named): Map<string, ItemHash> {
  const items = new Map<string, ItemHash>();
  const hash = <T extends TableMeta | SegmentMeta>(
    named: T,
    itemOf: (named: T) => string,
  ): void => {
    let hash = known.get(named);
    if (hash === undefined) {
      hash = hashItem(itemOf(named));
      known.set(named, hash);
    }
    items.set(named.path, hash);
  };
  for (const tables of manifest.levels) {
    for (const table of tables) hash(table, tableItem);
  }
  for (const segment of manifest.segments) hash(segment, segmentItem);
  return items;
}

function tableItem(table: TableMeta): string {
  return JSON.stringify([
    table.path,
    table.size,
    table.metaOffset,
    table.digest ?? null,
    table.entryCount,
    table.deletionCount,
    table.tombstoneCount,
    table.firstKey.toBase64(),
    table.lastKey.toBase64(),
    table.sequenceMin,
    table.sequenceMax,
    table.commitSequence ?? null,
  ]);
}

function segmentItem(segment: SegmentMeta): string {
  return JSON.stringify([segment.path, segment.size, segment.owner]);
}
