/**
 * Opening: from the objects in a store to the state before the last commit.
 *
 * A writer
 * 1. reads the newest manifest,
 * 2. is admitted: the one before closed, or is silent for longer than its
 *    lease, or is taken over,
 * 3. claims the next epoch by creating the next manifest,
 * 4. puts a fence at the next WAL id; where the old writer was faster it
 *    replays that object and takes the id after it,
 * 5. replays the log from the manifest's replay point to its fence.
 *
 * After 4 no older writer can get a commit acknowledged, so what 5 reads is all
 * there will ever be. A reader does 1 and 5 without a fence.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { invariant } from "../../base/invariant.ts";
import { newWriterId, type WriterIdentity } from "../../fence/writer_id.ts";
import {
  describeWriter,
  type ManifestStore,
  type StoredManifest,
} from "../manifest/manifest_store.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { Memtable } from "../memtable/memtable.ts";
import { walPath } from "../object_store/object_path.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { listWalIds, readWal } from "../wal/wal_reader.ts";
import { createFence } from "../wal/wal_writer.ts";
import { applyBatch } from "./commit_pipeline.ts";
import type { LsmConfig } from "./options.ts";
import { decodeBatch } from "./write_batch.ts";

/** What opening found. */
export interface Recovered {
  /** The manifest that counts now. */
  readonly manifest: Manifest;
  /** Who writes; absent for a reader. */
  readonly writer?: WriterIdentity;
  /** What was in the log. */
  readonly memtable: Memtable;
  /** The highest committed sequence. */
  readonly sequence: number;
  /** The id of the next WAL object. */
  readonly nextWalId: number;
}

/** What {@linkcode recoverWriter} may assume. */
export interface AdmissionFacts {
  /**
   * Whether no other process can be writing here, as a lock of the operating
   * system says: then dates are not asked.
   */
  readonly exclusive: boolean;
}

/**
 * Opens for writing.
 *
 * @throws {KriyaError} `invalid` with code `55006` when another writer seems to
 * be alive; `corrupt`; `unavailable`.
 */
export async function recoverWriter(
  store: ObjectStore,
  manifests: ManifestStore,
  config: LsmConfig,
  facts: AdmissionFacts,
): Promise<Recovered> {
  const writerId = newWriterId(config.environment);
  const manifest = await claim(store, manifests, writerId, config, facts);
  const writer = { epoch: manifest.epoch, writerId };
  const ids = await listWalIds(store, manifest.replayFrom);
  let fenceId = ids.length === 0 ? manifest.replayFrom : ids.at(-1)! + 1;
  const options = {
    environment: config.environment,
    attemptsMax: config.attemptsMax,
  };
  for (;;) {
    const outcome = await createFence(store, writer, fenceId, options);
    if (outcome.kind === "fenced") break;
    fenceId++;
  }
  const { memtable, sequence } = await replay(
    store,
    manifest,
    fenceId,
    config,
  );
  return { manifest, writer, memtable, sequence, nextWalId: fenceId + 1 };
}

/** Opens for reading: what is there now, with no trace left in the store. */
export async function recoverReader(
  store: ObjectStore,
  manifests: ManifestStore,
  config: LsmConfig,
): Promise<Recovered> {
  const { manifest } = await manifests.newest();
  const ids = await listWalIds(store, manifest.replayFrom);
  const end = ids.length === 0 ? manifest.replayFrom : ids.at(-1)! + 1;
  const { memtable, sequence } = await replay(store, manifest, end, config);
  return { manifest, memtable, sequence, nextWalId: end };
}

async function claim(
  store: ObjectStore,
  manifests: ManifestStore,
  writerId: string,
  config: LsmConfig,
  facts: AdmissionFacts,
): Promise<Manifest> {
  for (;;) {
    const newest = await manifests.newest();
    if (!facts.exclusive && !config.takeover) {
      await admit(store, newest, config);
    }
    const manifest = await manifests.claim(
      newest.manifest,
      writerId,
      config.writerName,
    );
    if (manifest !== undefined) return manifest;
  }
}

/** @throws {KriyaError} `55006` when the writer before seems to be alive. */
async function admit(
  store: ObjectStore,
  newest: StoredManifest,
  config: LsmConfig,
): Promise<void> {
  const { manifest } = newest;
  if (manifest.closed) return;
  let lastSignMs = newest.lastModifiedMs;
  const ids = await listWalIds(store, manifest.replayFrom);
  if (ids.length > 0) {
    const last = await store.head(walPath(ids.at(-1)!));
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

async function replay(
  store: ObjectStore,
  manifest: Manifest,
  end: number,
  config: LsmConfig,
): Promise<{ memtable: Memtable; sequence: number }> {
  const memtable = new Memtable();
  let sequence = manifest.sequence;
  let epoch = 0;
  const objects = readWal(store, manifest.replayFrom, end, {
    allowTornTail: config.allowTornTail,
  });
  for await (const object of objects) {
    const path = walPath(object.id);
    if (object.writer.epoch < epoch) {
      throw new KriyaError(
        "corrupt",
        `Cannot replay "${path}": epoch ${object.writer.epoch} after epoch ${epoch}`,
      );
    }
    epoch = object.writer.epoch;
    for (const record of object.records) {
      if (record.sequence <= sequence) {
        throw new KriyaError(
          "corrupt",
          `Cannot replay "${path}": sequence ${record.sequence} after ${sequence}`,
        );
      }
      sequence = record.sequence;
      invariant(record.kind === "batch", "ingested tables are not written yet");
      applyBatch(memtable, decodeBatch(record.payload, path), sequence);
    }
  }
  return { memtable, sequence };
}
