/**
 * What may not be deleted: looked up in the bucket itself, below all faults, at
 * the moment of the deletion.
 *
 * 1. Nothing that the newest manifest names, nor the log from its replay point.
 * 2. No checkpoint's manifest, nor what that manifest names, nor its log.
 * 3. Nothing that a pin holds which counted, until its lease ends.
 * 4. No upload of a job that the newest manifest or a checkpoint's registers.
 *
 * @module
 */
import type { Manifest } from "../../storage/manifest/manifest.ts";
import { decodeManifest } from "../../storage/manifest/manifest_codec.ts";
import type { MemoryBucket } from "../../storage/object_store/memory_store.ts";
import {
  manifestPath,
  parseManifestPath,
  parseObjectPath,
} from "../../storage/object_store/object_path.ts";
import { neededBy } from "../../storage/gc/garbage.ts";

/** A pin that counted. */
export interface CountedPin {
  readonly manifest: Manifest;
  /** Until when it holds. */
  readonly untilMs: number;
}

/** What a bucket's newest manifest, its checkpoints and pins need. */
export class NeededObjects {
  readonly #bucket: MemoryBucket;
  readonly #read = new Map<number, Manifest>();
  /** Pins that counted. */
  readonly pins: CountedPin[] = [];

  /** Of `bucket`. */
  constructor(bucket: MemoryBucket) {
    this.#bucket = bucket;
  }

  /** The newest manifest. */
  newest(): Manifest | undefined {
    const first = this.#bucket.paths().find((path) =>
      parseManifestPath(path) !== undefined
    );
    return first === undefined ? undefined : this.#manifest(first);
  }

  #manifest(path: string): Manifest {
    const number = parseManifestPath(path)!;
    const bytes = this.#bucket.object(path)!.bytes;
    const manifest = decodeManifest(bytes, number, path);
    this.#read.set(number, manifest);
    return manifest;
  }

  /** Every object but fences and the boundary that has to be there. */
  paths(): Set<string> {
    const newest = this.newest();
    if (newest === undefined) return new Set();
    const pinned = newest.checkpoints.map(({ manifest }) =>
      this.#manifest(manifestPath(manifest))
    );
    const needed = new Set<string>();
    const jobs = new Set<string>();
    for (const tree of [newest, ...pinned]) {
      needed.add(manifestPath(tree.number));
      for (const path of neededBy(tree)) needed.add(path);
      for (const { epoch, job } of tree.jobs) jobs.add(`${epoch}-${job}`);
    }
    for (const path of this.#bucket.paths()) {
      const name = parseObjectPath(path);
      if (name?.kind === "sst" || name?.kind === "vec") {
        if (jobs.has(`${name.epoch}-${name.job}`)) needed.add(path);
      }
      if (name?.kind !== "wal") continue;
      const { id } = name;
      const kept = newest.checkpoints.some(({ walFrom, walEnd }) =>
        walFrom <= id && id < walEnd
      );
      if (id >= newest.replayFrom || kept) needed.add(path);
    }
    return needed;
  }

  /** @throws what keeps the object at `path` from being deleted at `nowMs`. */
  checkDeletion(path: string, nowMs: number): void {
    if (this.paths().has(path)) {
      throw new Error(`"${path}" is needed, and was to be deleted`);
    }
    const name = parseObjectPath(path);
    for (const { manifest, untilMs } of this.pins) {
      if (untilMs < nowMs) continue;
      const held = path === manifestPath(manifest.number) ||
        neededBy(manifest).includes(path) ||
        name?.kind === "wal" && name.id >= manifest.replayFrom;
      if (held) throw new Error(`"${path}" is pinned, and was to be deleted`);
    }
  }
}
