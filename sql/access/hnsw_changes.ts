/**
 * The entries of a vector index in the tree, as changes of its versions.
 *
 * An index has an entry under (storage id, tuple id) for every row that has a
 * vector, written in the same batch as the row and without the vector: a put
 * begins a version of the row, a put over it or a deletion ends it. Segments in
 * the store cover a sequence; what is newer is read from here.
 *
 * @module
 */
import { isPromise } from "../../base/maybe_promise.ts";
import type { ViewReads } from "../../storage/engine/store_view.ts";
import { KIND_PUT } from "../../storage/mvcc/internal_key.ts";
import type { AnyVector } from "../../vector/distance/metric.ts";
import type { VectorIndex } from "../../vector/segments/vector_index.ts";
import type { RowReader } from "../encoding/row_encoding.ts";
import type { VectorPlace } from "./hnsw_vectors.ts";
import { vectorOrNone } from "./indexed_vectors.ts";
import {
  readTid,
  ROW_KEY_BYTES,
  rowKey,
  STORAGE_ID_BYTES,
  storageRange,
} from "./row_key.ts";

/** A row's vector begins to count, or stops to. */
export interface VectorChange {
  /** The row. */
  readonly tid: number;
  /** Its vector from now on; absent: none. */
  readonly vector: AnyVector | undefined;
}

/** Changes of one commit. */
export interface SequencedChanges {
  /** The commit. */
  readonly sequence: number;
  /** What it changed; a row at most once. */
  readonly changes: readonly VectorChange[];
}

/** Applies the changes of a commit to an index. */
export function applyChanges(
  index: VectorIndex,
  { sequence, changes }: SequencedChanges,
): void {
  for (const { tid } of changes) index.end(tid, sequence);
  for (const { tid, vector } of changes) {
    if (vector !== undefined) index.insert(tid, vector, sequence);
  }
  index.advanceTo(sequence);
}

/** Which entries are read, and where the rows are. */
export interface ChangeSource {
  /** The store as of one moment. */
  readonly store: ViewReads;
  /** The index's storage id. */
  readonly indexStorageId: number;
  /** Where the vectors are. */
  readonly vectors: VectorPlace;
}

interface Version {
  readonly tid: number;
  readonly sequence: number;
  readonly begins: boolean;
}

/**
 * The changes after `from` up to `to`, in the order of commits; versions that
 * no snapshot from `oldest` on can see are left out.
 */
export async function readChanges(
  source: ChangeSource,
  from: number,
  to: number,
  oldest: number,
): Promise<SequencedChanges[]> {
  const bySequence = new Map<number, VectorChange[]>();
  const add = (sequence: number, change: VectorChange): void => {
    const changes = bySequence.get(sequence);
    if (changes === undefined) bySequence.set(sequence, [change]);
    else changes.push(change);
  };
  const reader = source.vectors.codec.reader([source.vectors.position]);
  const byRow = await readVersions(source, from, to);
  const newest = await scanVectors(source, reader, byRow, to);
  const lowest = lowestRead(source, oldest);
  for (const versions of byRow) {
    for (let i = 0; i < versions.length; i++) {
      const { tid, sequence, begins } = versions[i]!;
      const end = versions[i + 1]?.sequence ?? Infinity;
      // The first change may end a version that a segment has.
      if (i > 0 && end <= lowest) continue;
      let vector: AnyVector | undefined;
      if (begins && end === Infinity) vector = newest?.get(tid);
      if (begins && end > lowest) {
        const at = Math.max(sequence, lowest);
        vector ??= await readVector(source, reader, tid, at);
      }
      add(sequence, { tid, vector });
    }
  }
  return [...bySequence].sort(([a], [b]) => a - b)
    .map(([sequence, changes]) => ({ sequence, changes }));
}

/**
 * The lowest snapshot that {@linkcode readChanges} leaves nothing out for:
 * nothing below can be read; what ended before it is seen by nobody.
 */
export function lowestRead(
  { store }: Pick<ChangeSource, "store">,
  oldest: number,
): number {
  return Math.max(oldest, store.manifest.horizon);
}

/** The entries after `from` up to `to`, by row; a row's in order. */
async function readVersions(
  { store, indexStorageId }: ChangeSource,
  from: number,
  to: number,
): Promise<Version[][]> {
  const byTid = new Map<number, Version[]>();
  const sources = store.changesSince(storageRange(indexStorageId), from);
  for (const opening of sources) {
    const runs = await opening;
    for (let run = await runs.nextRun(); run; run = await runs.nextRun()) {
      for (let i = 0; i < run.count; i++) {
        const sequence = run.sequences[i]!;
        const start = run.keyStarts[i]!;
        if (
          sequence <= from || sequence > to ||
          run.keyEnds[i]! - start !== ROW_KEY_BYTES ||
          !hasPrefix(run.keys, start, indexStorageId)
        ) continue;
        const tid = readTid(run.keys, start + STORAGE_ID_BYTES);
        const version = { tid, sequence, begins: run.kinds[i] === KIND_PUT };
        const versions = byTid.get(tid);
        if (versions === undefined) byTid.set(tid, [version]);
        else versions.push(version);
      }
    }
  }
  const byRow = [...byTid.values()];
  for (const versions of byRow) {
    versions.sort((a, b) => a.sequence - b.sequence);
  }
  return byRow;
}

/** Rows at least for which a scan is worth it … */
const SCAN_ROWS_MIN = 64;
/** … if they are one in so many of those between the first and the last. */
const SCAN_SPREAD_MAX = 4;

/**
 * The vectors, as of `to`, of the rows that have one then: by one scan where
 * they lie close together, as new rows do; else `undefined`.
 */
async function scanVectors(
  { store, vectors: { storageId } }: ChangeSource,
  reader: RowReader,
  byRow: readonly (readonly Version[])[],
  to: number,
): Promise<Map<number, AnyVector> | undefined> {
  const wanted = new Set<number>();
  let first = Infinity;
  let last = -1;
  for (const versions of byRow) {
    const { tid, begins } = versions.at(-1)!;
    if (!begins) continue;
    wanted.add(tid);
    if (tid < first) first = tid;
    if (tid > last) last = tid;
  }
  const spread = last - first + 1;
  if (wanted.size < SCAN_ROWS_MIN || spread > SCAN_SPREAD_MAX * wanted.size) {
    return undefined;
  }
  const vectors = new Map<number, AnyVector>();
  const scan = store.scan({
    start: rowKey(storageId, first),
    end: rowKey(storageId, last + 1),
    snapshot: to,
  });
  try {
    for (let run = await scan.next(); run; run = await scan.next()) {
      for (let i = 0; i < run.count; i++) {
        const tid = readTid(run.keys, run.keyStarts[i]! + STORAGE_ID_BYTES);
        if (!wanted.has(tid)) continue;
        const row = run.values;
        const [value] = reader.decode(
          row,
          run.valueStarts[i]!,
          run.valueEnds[i]!,
        );
        const vector = vectorOrNone(value);
        if (vector !== undefined) vectors.set(tid, vector);
      }
    }
  } finally {
    scan.close();
  }
  return vectors;
}

/** Runs may reach past the range on either side. */
function hasPrefix(
  keys: Uint8Array,
  start: number,
  storageId: number,
): boolean {
  const prefix = (keys[start]! << 24 | keys[start + 1]! << 16 |
    keys[start + 2]! << 8 | keys[start + 3]!) >>> 0;
  return prefix === storageId;
}

/** The vector of a row at a sequence. */
async function readVector(
  { store, vectors: { storageId } }: ChangeSource,
  reader: RowReader,
  tid: number,
  sequence: number,
): Promise<AnyVector | undefined> {
  const got = store.get(rowKey(storageId, tid), sequence);
  const row = isPromise(got) ? await got : got;
  if (row === undefined) return undefined;
  const [value] = reader.decode(row, 0, row.length);
  return vectorOrNone(value);
}
