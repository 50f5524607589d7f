/**
 * Vector segments as objects, and how the manifest names them.
 *
 * | `info.role` | object |
 * | --- | --- |
 * | `segment` | a sealed segment (`vector/segments/segment_encoder.ts`) |
 * | `deletions` | the ends of the segment at `info.of` (`deletion_log.ts`) |
 *
 * `info.begin` is the CRC-32C of an object's first 64 KiB; objects that were
 * written before it was have none.
 *
 * `info.coveredTo` is the sequence up to which the index as a whole is in its
 * objects, as known when the object was published; the highest one counts.
 * `info.horizon` is the one below which it has forgotten what had ended: from
 * there on every snapshot is answered. Who did not say it yet may have
 * forgotten all that had ended by `coveredTo`.
 *
 * @module
 */
import type { Cancellation } from "../../base/cancellation.ts";
import {
  delay,
  type Environment,
  systemEnvironment,
} from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { createOnce } from "../../fence/create_once.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { Manifest, SegmentMeta } from "../../storage/manifest/manifest.ts";
import { vecPath } from "../../storage/object_store/object_path.ts";
import {
  decodeDeletions,
  type DeletionLog,
  encodeDeletions,
} from "../../vector/segments/deletion_log.ts";
import type { SealedSegment } from "../../vector/segments/sealed_segment.ts";
import { encodeSegmentWork } from "../../vector/segments/segment_encoder.ts";
import {
  readSegmentHeader,
  rowPagesOf,
} from "../../vector/segments/segment_format.ts";
import { decodeSegment } from "../../vector/segments/segment_loader.ts";
import {
  SlicedTask,
  type SlicedWork,
} from "../../vector/segments/sliced_task.ts";

import type { RowPages } from "../../vector/segments/stored_rows.ts";
import {
  checkBegin,
  checksumOfBegin,
  otherObject,
  readSegment,
} from "./hnsw_segment_read.ts";
import { ObjectRows } from "./hnsw_stored_rows.ts";

/** How long a slice of background work may hold the thread, in ms. */
const SLICE_MS = 6;
/** Ms between two looks at how far other threads are. */
const WAIT_MS = 4;

/** A segment that is in the store. */
export interface StoredSegment {
  /** The segment. */
  readonly segment: SealedSegment;
  /** What the manifest says of its object. */
  readonly meta: SegmentMeta;
  /** What the manifest says of the log of its ends, if there is one. */
  readonly log: SegmentMeta | undefined;
  /** How many ends that log has. */
  readonly loggedEnds: number;
  /** Where vectors are, if they are in memory and can be left there. */
  readonly pages?: RowPages | undefined;
}

/** Work in slices: a {@linkcode SlicedTask}, or what does its steps. */
interface SlicedSteps {
  step(budgetMs: number): boolean;
  readonly isWaiting: boolean;
}

/** Does sliced work, letting everything else run in between. */
export async function runSliced(
  task: SlicedSteps,
  environment: Environment,
  signal?: Cancellation,
): Promise<void> {
  while (!task.step(SLICE_MS)) {
    await delay(environment, task.isWaiting ? WAIT_MS : 0);
    signal?.throwIfAborted();
  }
}

/**
 * How many of `wanted` threads a store's indexes are built by: none where time
 * is another, so that a simulation is one thread.
 */
export function threadsFor({ config }: LsmStore, wanted: number): number {
  return config.environment === systemEnvironment ? wanted : 0;
}

/** Uploads a segment. */
export async function storeSegment(
  store: LsmStore,
  owner: number,
  segment: SealedSegment,
): Promise<StoredSegment> {
  const { environment } = store.config;
  const work: SlicedWork<Uint8Array> = encodeSegmentWork(segment);
  const task = new SlicedTask(work, environment);
  await runSliced(task, environment);
  const meta = await storeObject(store, task.result, owner, {
    role: "segment",
    count: segment.count,
    dims: segment.dims,
    coveredTo: 0,
  });
  const pages = pagesOf(task.result, meta.path);
  return { segment, meta, log: undefined, loggedEnds: 0, pages };
}

/** Where the vectors of a segment are in its bytes, if they can be left. */
function pagesOf(bytes: Uint8Array, path: string): RowPages | undefined {
  const header = readSegmentHeader(bytes, path);
  if (!header.hasCodes) return undefined;
  const parts = header.parts.filter(({ kind }) => kind === "pages");
  const begin = parts[0]?.offset ?? 0;
  const end = parts.reduce((_, { offset, length }) => offset + length, begin);
  return rowPagesOf(header, bytes.subarray(begin, end));
}

/** Lets go of the vectors of segments whose objects have them. */
export function leaveVectors(
  store: LsmStore,
  stored: readonly StoredSegment[],
): void {
  for (const { segment, meta, pages } of stored) {
    if (pages === undefined || segment.stored !== undefined) continue;
    segment.leaveRows(new ObjectRows(store, meta.path, pages));
  }
}

/** Lets go of what was read of vectors in `stored`, but for those in `kept`. */
export function closeRows(
  stored: readonly StoredSegment[],
  kept: readonly StoredSegment[] = [],
): void {
  for (const { segment } of stored) {
    if (kept.some((each) => each.segment === segment)) continue;
    segment.stored?.close();
  }
}

/** Uploads the ends of a segment up to `coveredTo`. */
export async function storeDeletions(
  store: LsmStore,
  owner: number,
  stored: StoredSegment,
  coveredTo: number,
): Promise<StoredSegment> {
  const { versions } = stored.segment;
  // Later ends are in no log yet: the next one has to have them.
  let loggedEnds = 0;
  for (let i = 0; i < versions.count; i++) {
    if (versions.endOf(i) <= coveredTo) loggedEnds++;
  }
  const bytes = encodeDeletions(stored.segment, coveredTo);
  const log = await storeObject(store, bytes, owner, {
    role: "deletions",
    of: stored.meta.path,
    coveredTo,
  });
  return { ...stored, log, loggedEnds };
}

/** Uploads an object; abandoned if it is not published (`abandonSegments`). */
async function storeObject(
  store: LsmStore,
  bytes: Uint8Array,
  owner: number,
  info: SegmentMeta["info"],
): Promise<SegmentMeta> {
  const path = vecPath(store.newObjectId());
  try {
    await createOnce(store.objects, path, bytes, store.config);
  } catch (error) {
    store.abandonObject(path);
    throw error;
  }
  const begin = checksumOfBegin(bytes);
  return { path, size: bytes.length, owner, info: { ...info, begin } };
}

/**
 * Gives up what was uploaded and will not be published: `stored`, but for what
 * is in `kept`.
 */
export function abandonSegments(
  store: LsmStore,
  stored: readonly StoredSegment[],
  kept: readonly StoredSegment[] = [],
): void {
  const paths = pathsOf(kept);
  for (const path of pathsOf(stored)) {
    if (!paths.has(path)) store.abandonObject(path);
  }
}

function pathsOf(stored: readonly StoredSegment[]): Set<string> {
  return new Set(
    stored.flatMap(({ meta, log }) => [meta, log ?? []].flat())
      .map(({ path }) => path),
  );
}

/** Which snapshots an index in its objects answers. */
export interface Coverage {
  /** Everything up to this sequence is in them … */
  readonly coveredTo: number;
  /** … but for versions that ended at or below this one. */
  readonly horizon: number;
}

/** Lets the manifest name exactly `stored` for an owner. */
export async function publishSegments(
  store: LsmStore,
  owner: number,
  stored: readonly StoredSegment[],
  { coveredTo, horizon }: Coverage,
): Promise<void> {
  const metas = stored.flatMap(({ meta, log }) => [
    { ...meta, info: { ...meta.info, coveredTo, horizon } },
    ...(log === undefined ? [] : [log]),
  ]);
  // No segment holds what could still be lost.
  await store.flushWal();
  await store.publish((manifest) => ({
    segments: [
      ...manifest.segments.filter((segment) => segment.owner !== owner),
      ...metas,
    ],
  }));
}

/** What an index has in the store. */
export interface LoadedSegments extends Coverage {
  /** The segments, with the logs of their ends. */
  readonly stored: readonly (StoredSegment & {
    readonly deletions: DeletionLog | undefined;
  })[];
}

/**
 * Reads the segments of an owner.
 *
 * @throws {KriyaError} `corrupt` when one is damaged or missing.
 */
export async function loadSegments(
  store: LsmStore,
  manifest: Manifest,
  owner: number,
  known: ReadonlyMap<string, SealedSegment>,
  options: { readonly leavesRows: boolean },
): Promise<LoadedSegments> {
  const metas = manifest.segments.filter((meta) => meta.owner === owner);
  const coveredTo = coveredToOf(metas, owner);
  const stored = await Promise.all(
    metas.filter(({ info }) => info.role === "segment").map(async (meta) => {
      const segment = known.get(meta.path) ??
        await readSegment(store, meta, options);
      const log = metas.find(({ info }) => info.of === meta.path);
      const deletions = log &&
        decodeDeletions(await readObject(store, log), log.path);
      const loggedEnds = deletions?.ordinals.length ?? 0;
      return { segment, meta, log, loggedEnds, deletions };
    }),
  );
  const horizon = horizonOfSegments(metas, owner);
  return { stored, coveredTo, horizon };
}

/**
 * Checks the bytes of an object of an index.
 *
 * @throws {KriyaError} `corrupt` when they are not what the manifest says.
 */
export function checkSegment(meta: SegmentMeta, bytes: Uint8Array): void {
  if (meta.info.role === "deletions") decodeDeletions(bytes, meta.path);
  else decodeSegment(bytes, meta.path);
}

/** Up to which sequence an owner's segments cover its index. */
export function coveredToOf(
  segments: readonly SegmentMeta[],
  owner: number,
): number {
  return segments.reduce(
    (highest, { owner: each, info }) =>
      each === owner ? Math.max(highest, Number(info.coveredTo)) : highest,
    0,
  );
}

/** Below which sequence an owner's segments have forgotten what had ended. */
export function horizonOfSegments(
  segments: readonly SegmentMeta[],
  owner: number,
): number {
  return segments.reduce(
    (highest, { owner: each, info }) =>
      each === owner && info.role === "segment"
        ? Math.max(highest, Number(info.horizon ?? info.coveredTo))
        : highest,
    0,
  );
}

/**
 * Whether an error says that segments cannot be what was written: their bytes
 * are damaged, or of another index.
 */
export function isDamage(error: unknown): error is KriyaError {
  return error instanceof KriyaError &&
    (error.kind === "corrupt" || error.kind === "invalid");
}

/** How many rows the segments of an owner have. */
export function sealedRows({ segments }: Manifest, owner: number): number {
  return segments.reduce(
    (sum, { owner: each, info }) =>
      each === owner && info.role === "segment"
        ? sum + Number(info.count)
        : sum,
    0,
  );
}

async function readObject(
  store: LsmStore,
  meta: SegmentMeta,
): Promise<Uint8Array> {
  const body = await store.objects.get(meta.path);
  if (body === undefined) {
    throw new KriyaError(
      "corrupt",
      `Cannot read "${meta.path}": the object is missing`,
    );
  }
  const { bytes } = body;
  if (bytes.length !== meta.size) throw otherObject(meta);
  checkBegin(meta, bytes);
  return bytes;
}
