/**
 * Opening: from the objects in a store to the state before the last commit.
 *
 * A writer
 * 1. reads the newest manifest,
 * 2. is admitted: the one before closed, or is silent for longer than its
 *    lease, or is taken over,
 * 3. claims the next epoch by creating the next manifest, and meanwhile lists
 *    the log from the manifest's replay point,
 * 4. replays what was listed,
 * 5. puts a fence at the next WAL id; where the old writer was faster it
 *    replays that object and takes the id after it,
 * 6. reads the boundary of collection: above the claimed manifest, it came too
 *    late, and what it found free may have been free for being collected.
 *
 * After 5 no older writer can get a commit acknowledged, so what was replayed
 * is all there will ever be. An object of a higher epoch in the log ends the
 * opening: somebody else has claimed since. The steps, and what goes wrong
 * without each, are those of `tests/model/opening.ts`. A reader does 1 and 4,
 * and lists the log beside 1.
 *
 * @module
 */
import { hasBug } from "../../base/deliberate_bug.ts";
import { KriyaError } from "../../base/errors.ts";
import { fencedError } from "../../fence/fenced_error.ts";
import { newWriterId, type WriterIdentity } from "../../fence/writer_id.ts";
import {
  describeWriter,
  type ManifestStore,
  type StoredManifest,
} from "../manifest/manifest_store.ts";
import type { CheckpointMeta, Manifest } from "../manifest/manifest.ts";
import { walPath } from "../object_store/object_path.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { listWal, listWalOnce, type WalEntry } from "../wal/wal_reader.ts";
import { createFence } from "../wal/wal_writer.ts";
import { findCheckpoint } from "./checkpoints.ts";
import { LogReplay, type ReplayedLog } from "./log_replay.ts";
import type { LsmConfig } from "./options.ts";

/** What opening found. */
export interface Recovered extends ReplayedLog {
  /** Who writes; absent for a reader. */
  readonly writer?: WriterIdentity;
  /** The id of the next WAL object. */
  readonly nextWalId: number;
  /** The replay, for a reader that goes on with it; absent for others. */
  readonly replay?: LogReplay;
  /** When the log was about to be listed, for a reader: monotonic ms. */
  readonly listedMs?: number;
}

/** Bytes at which a reader freezes a memtable: what it copies at once later. */
const READER_MEMTABLE_BYTES = 8 * 1024 * 1024;

/** What an opening is told, and tells. */
export interface OpeningFacts extends AdmissionFacts {
  /** Is told what manifest the log is replayed on, before it is. */
  readonly onManifest?: ((manifest: Manifest) => void) | undefined;
}

/** What {@linkcode recoverWriter} may assume. */
export interface AdmissionFacts {
  /**
   * Whether no other process can be writing here, as a lock of the operating
   * system says: then dates are not asked.
   */
  readonly exclusive: boolean;
}

/** Opens as the settings say. @throws {KriyaError} as the openings below. */
export function recover(
  store: ObjectStore,
  manifests: ManifestStore,
  config: LsmConfig,
  facts: OpeningFacts,
): Promise<Recovered> {
  if (config.checkpoint !== "") {
    return recoverCheckpoint(store, manifests, config);
  }
  return config.readOnly
    ? recoverReader(store, manifests, config, facts.onManifest)
    : recoverWriter(store, manifests, config, facts);
}

/**
 * Opens for writing.
 *
 * @throws {KriyaError} `invalid` with code `55006` when another writer seems to
 * be alive; `fenced` when one has taken over meanwhile; `corrupt`;
 * `unavailable`.
 */
export async function recoverWriter(
  store: ObjectStore,
  manifests: ManifestStore,
  config: LsmConfig,
  facts: OpeningFacts,
): Promise<Recovered> {
  const writerId = newWriterId(config.environment);
  const claimed = await claim(store, manifests, writerId, config, facts);
  const { manifest } = claimed;
  const writer = { epoch: manifest.epoch, writerId };
  const { memtableBytesMax } = config;
  const options = { config, memtableBytesMax, writer };
  const replay = new LogReplay(store, manifest, options);
  try {
    let fenceId = await replay.run({
      listing: await claimed.listing,
    });
    for (;;) {
      const outcome = await createFence(store, writer, fenceId, config);
      if (outcome.kind === "fenced") break;
      if (!hasBug("recovery")) replay.add(outcome.bytes, fenceId);
      fenceId++;
    }
    await manifests.confirm(manifest);
    return { ...replay.result, writer, nextWalId: fenceId + 1 };
  } catch (error) {
    if (await wasCollected(manifests, manifest, error)) {
      throw fencedError(store.address);
    }
    throw error;
  }
}

/** Whether what looks like damage is that successors collected objects. */
async function wasCollected(
  manifests: ManifestStore,
  manifest: Manifest,
  error: unknown,
): Promise<boolean> {
  if (!(error instanceof KriyaError) || error.kind !== "corrupt") return false;
  return await manifests.isCollected(manifest).catch(() => false);
}

/** How often a reader starts anew when the objects it wants were collected. */
const READER_ATTEMPTS_MAX = 8;

/** Opens for reading: what is there now, with no trace left in the store. */
export async function recoverReader(
  store: ObjectStore,
  manifests: ManifestStore,
  config: LsmConfig,
  onManifest?: (manifest: Manifest) => void,
): Promise<Recovered> {
  for (let attempt = 1;; attempt++) {
    const listedMs = config.environment.monotonicMs();
    // What comes into the log from now on need not be seen: the listing does
    // not wait for the manifest, which says from where on it is wanted.
    const listing = attempt === 1 ? listWalOnce(store) : undefined;
    listing?.catch(() => {}); // Awaited below.
    const { manifest } = await manifests.newest();
    onManifest?.(manifest);
    const replay = readerReplay(store, manifest, config);
    try {
      const nextWalId = await replay.run({
        listing: after(await listing, manifest.replayFrom),
      });
      return { ...replay.result, nextWalId, replay, listedMs };
    } catch (error) {
      if (attempt === READER_ATTEMPTS_MAX) throw error;
      if (!await wasCollected(manifests, manifest, error)) throw error;
    }
  }
}

/** The entries from `from` on. */
function after(
  entries: readonly WalEntry[] | undefined,
  from: number,
): readonly WalEntry[] | undefined {
  return entries?.filter(({ id }) => id >= from);
}

/** A reader's replay from a manifest on. */
export function readerReplay(
  store: ObjectStore,
  manifest: Manifest,
  config: LsmConfig,
): LogReplay {
  const bytesMax = Math.min(config.memtableBytesMax, READER_MEMTABLE_BYTES);
  return new LogReplay(store, manifest, { config, memtableBytesMax: bytesMax });
}

/**
 * Opens a checkpoint for reading.
 *
 * @throws {KriyaError} `invalid` (`42704`) when there is none of that name;
 * `corrupt`; `unavailable`.
 */
export async function recoverCheckpoint(
  store: ObjectStore,
  manifests: ManifestStore,
  config: LsmConfig,
): Promise<Recovered> {
  for (let attempt = 1;; attempt++) {
    const { manifest: newest } = await manifests.newest();
    const checkpoint = findCheckpoint(newest, config.checkpoint);
    try {
      const manifest = await manifests.read(checkpoint.manifest);
      if (manifest === undefined) throw incompleteError(checkpoint);
      const replay = readerReplay(store, manifest, config);
      const nextWalId = await replay.run({ end: checkpoint.walEnd });
      const { sequence } = replay.result;
      const complete = sequence === checkpoint.sequence &&
        nextWalId === checkpoint.walEnd;
      if (!complete) throw incompleteError(checkpoint);
      return { ...replay.result, nextWalId };
    } catch (error) {
      // Somebody may have dropped it, and another collected what it kept.
      const damage = error instanceof KriyaError && error.kind === "corrupt";
      if (!damage || attempt === READER_ATTEMPTS_MAX) throw error;
      if (!await isDropped(manifests, checkpoint)) throw error;
    }
  }
}

/** Whether a checkpoint is not kept any more. */
export async function isDropped(
  manifests: ManifestStore,
  checkpoint: Pick<CheckpointMeta, "manifest">,
): Promise<boolean> {
  const { manifest } = await manifests.newest();
  return !manifest.checkpoints.some((each) =>
    each.manifest === checkpoint.manifest
  );
}

function incompleteError({ name, sequence }: CheckpointMeta): KriyaError {
  return new KriyaError(
    "corrupt",
    `Cannot open the checkpoint "${name}": its manifest or its log up to sequence ${sequence} is missing`,
  );
}

/** An epoch that was claimed. */
interface Claimed {
  readonly manifest: Manifest;
  /**
   * What was in the log when the claim was sent, or a little later: a fence that
   * meets what came after it replays that.
   */
  readonly listing: Promise<readonly WalEntry[]>;
}

async function claim(
  store: ObjectStore,
  manifests: ManifestStore,
  writerId: string,
  config: LsmConfig,
  facts: OpeningFacts,
): Promise<Claimed> {
  for (;;) {
    const newest = await manifests.newest();
    facts.onManifest?.(newest.manifest);
    const listing = listWal(store, newest.manifest.replayFrom);
    listing.catch(() => {}); // Awaited by who needs it.
    if (!facts.exclusive && !config.takeover) {
      await admit(store, newest, listing, config);
    }
    const manifest = await manifests.claim(
      newest.manifest,
      writerId,
      config.writerName,
    );
    if (manifest !== undefined) return { manifest, listing };
  }
}

/** @throws {KriyaError} `55006` when the writer before seems to be alive. */
async function admit(
  store: ObjectStore,
  newest: StoredManifest,
  listing: Promise<readonly WalEntry[]>,
  config: LsmConfig,
): Promise<void> {
  const { manifest } = newest;
  if (manifest.closed) return;
  let lastSignMs = newest.lastModifiedMs;
  const newestWal = (await listing).at(-1);
  if (newestWal !== undefined) {
    const last = await store.head(walPath(newestWal.id));
    if (last !== undefined) {
      lastSignMs = Math.max(lastSignMs, last.lastModifiedMs);
    }
  }
  const silentMs = config.environment.now() - lastSignMs;
  if (silentMs > config.leaseMs) return;
  throw new KriyaError(
    "invalid",
    `Cannot open ${store.address} for writing: it is in use`,
    {
      code: "55006",
      detail: `It is held by ${describeWriter(manifest)}, last seen ${
        new Date(lastSignMs).toISOString()
      }.`,
      hint: "Close the other one, open with { readOnly: true }, or with " +
        "{ takeover: true } if it is gone",
    },
  );
}
