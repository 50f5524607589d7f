/**
 * What of a database belongs into a copy of it: the newest manifest, what it
 * and its checkpoints name, and the log from their replay points on.
 *
 * The log's end is where it was listed: what was acknowledged before that is in
 * the copy, what came after it is not, and nothing is there by half. Pieces may
 * be collected while they are looked for; then there is a newer manifest, and
 * the boundary, read last, says so.
 *
 * @module
 */
import { decodeIngest, ingestedMeta } from "../engine/ingest_record.ts";
import { neededBy } from "../gc/garbage.ts";
import { readRoots } from "../gc/roots.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { ManifestStore } from "../manifest/manifest_store.ts";
import { walPath } from "../object_store/object_path.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { decodeWal, WAL_HEADER_BYTES } from "../wal/wal_format.ts";
import { listWal } from "../wal/wal_reader.ts";

/** What a copy is made of. */
export interface NeededObjects {
  /** The newest manifest: it is written last. */
  readonly manifest: Manifest;
  /** Tables and segments, with their sizes; they never change. */
  readonly data: ReadonlyMap<string, number>;
  /** Manifests of checkpoints. */
  readonly pinned: readonly Manifest[];
  /** Objects of the log, with their bytes. */
  readonly log: ReadonlyMap<string, Uint8Array>;
}

/**
 * Looks for what a copy of the database in `objects` needs; `undefined` when
 * it was collected meanwhile: look again.
 *
 * @throws {KriyaError} `corrupt`; `unavailable`; the signal's reason.
 */
export async function findNeeded(
  objects: ObjectStore,
  manifests: ManifestStore,
  signal?: AbortSignal,
): Promise<NeededObjects | undefined> {
  const roots = await readRoots(manifests);
  if (roots === undefined) return undefined;
  const manifest = roots.live.at(-1)!;
  const trees = [
    manifest,
    ...roots.checkpoints.map(({ manifest }) => manifest),
  ];
  const data = new Map<string, number>();
  for (const tree of trees) {
    const metas = [...tree.levels.flat(), ...tree.segments];
    const sizes = new Map(metas.map(({ path, size }) => [path, size]));
    for (const path of neededBy(tree)) data.set(path, sizes.get(path)!);
  }
  const ids = await logIds(objects, manifest.replayFrom);
  for (const { checkpoint } of roots.checkpoints) {
    const { walFrom, walEnd } = checkpoint;
    for (let id = walFrom; id < walEnd; id++) ids.add(id);
  }
  const log = new Map<string, Uint8Array>();
  for (const id of [...ids].toSorted((a, b) => a - b)) {
    signal?.throwIfAborted();
    const path = walPath(id);
    const body = await objects.get(path, { signal });
    if (body === undefined) return undefined;
    log.set(path, body.bytes);
    for (const { path, size } of ingestedIn(body.bytes, id)) {
      data.set(path, size);
    }
  }
  if (await manifests.isCollected(manifest)) return undefined;
  return {
    manifest,
    data,
    pinned: roots.checkpoints.map(({ manifest }) => manifest),
    log,
  };
}

/** The ids from `from` on that follow each other. */
async function logIds(
  objects: ObjectStore,
  from: number,
): Promise<Set<number>> {
  const ids = new Set<number>();
  for (const { id } of await listWal(objects, from)) {
    if (id !== from + ids.size) break;
    ids.add(id);
  }
  return ids;
}

/** The tables that an object of the log names. */
function ingestedIn(
  bytes: Uint8Array,
  id: number,
): { path: string; size: number }[] {
  if (bytes.length === WAL_HEADER_BYTES) return []; // A fence.
  const path = walPath(id);
  return decodeWal(bytes, id, path).records.flatMap(
    ({ kind, payload, sequence }) =>
      kind === "ingest"
        ? decodeIngest(payload, path).map((table) =>
          ingestedMeta(table, sequence)
        )
        : [],
  );
}
