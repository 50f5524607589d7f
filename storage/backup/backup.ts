/**
 * Copies a database from one place to another, as it is at one moment, while it
 * is read and written: a backup, and a restore, which is the same the other way.
 *
 * | step | what |
 * | --- | --- |
 * | 1 | look for what is needed (`needed_objects.ts`) |
 * | 2 | copy tables and segments that are not there yet |
 * | 3 | copy the log, the manifests of checkpoints, then the manifest |
 * | 4 | move the target's boundary below the manifest: what is older is garbage |
 * | 5 | read the copy back (`fsck`) |
 * | 6 | delete from the target what the copy does not need |
 *
 * A target that holds an earlier copy of the same database gets what is new:
 * tables never change, so only those that came since are sent. A target that
 * was written to by itself is another database, and is refused, as is one whose
 * objects differ from ours under the same name.
 *
 * Invariants:
 * 1. Until step 3 ends with the manifest the target opens as it was before.
 * 2. Nothing is deleted from the target before step 5 found the copy whole.
 * 3. The source is only read.
 *
 * What is collected at the source while it is copied is looked for anew, among
 * what the newest manifest names; what was copied by then stays.
 *
 * @module
 */
import type { Environment } from "../../base/environment.ts";
import { systemEnvironment } from "../../base/environment.ts";
import { equalBytes } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { forEachOf } from "../../base/maybe_promise.ts";
import { createOnce } from "../../fence/create_once.ts";
import { fsck, type FsckOptions, type FsckReport } from "../engine/fsck.ts";
import { ATTEMPT_BYTES } from "../manifest/boundary_codec.ts";
import { moveBoundary, readBoundary } from "../manifest/boundary.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { encodeManifest } from "../manifest/manifest_codec.ts";
import { ManifestStore } from "../manifest/manifest_store.ts";
import {
  GC_BOUNDARY_PATH,
  manifestPath,
  parseObjectPath,
} from "../object_store/object_path.ts";
import type { ObjectMeta, ObjectStore } from "../object_store/object_store.ts";
import { findNeeded, type NeededObjects } from "./needed_objects.ts";

/** How a database is copied. */
export interface BackupOptions extends Pick<FsckOptions, "checkSegment"> {
  /** Whether the copy is read back at the end (default true). */
  readonly verify?: boolean | undefined;
  /** Gives up when aborted: what was copied stays, for the next time. */
  readonly signal?: AbortSignal | undefined;
  /** Is told of every object that was copied. */
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined;
  /** Clock and chance (default: the system's). */
  readonly environment?: Environment | undefined;
}

/** How far a copy is. */
export interface BackupProgress {
  /** Objects that were sent. */
  readonly objects: number;
  /** Their bytes. */
  readonly bytes: number;
  /** Bytes of all tables and segments that have to be sent. */
  readonly bytesMax: number;
}

/** What a copy is. */
export interface BackupReport {
  /** The number of its manifest. */
  readonly manifestNumber: number;
  /** Objects that were sent. */
  readonly objects: number;
  /** Their bytes. */
  readonly bytes: number;
  /** Objects that were there already. */
  readonly kept: number;
  /** Objects of earlier copies that were deleted. */
  readonly pruned: number;
  /** What reading it back found; `undefined` if it was not asked for. */
  readonly check: FsckReport | undefined;
}

/** Objects that are copied at once: some tables' worth of memory. */
const AT_ONCE = 4;

/** How often it looks again for what was collected meanwhile. */
const ATTEMPTS_MAX = 16;

/**
 * Copies the database in `from` into `to`.
 *
 * @throws {KriyaError} `invalid` when there is no database, or the target is
 * another one; `corrupt` when the source or the copy is damaged; `unavailable`;
 * the signal's reason.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { backup, LsmStore, MemoryStore, WriteBatch } from "../mod.ts";
 *
 * const from = new MemoryStore();
 * const store = await LsmStore.open(from);
 * const batch = new WriteBatch();
 * batch.put(new Uint8Array([1]), new Uint8Array([2]));
 * await store.write(batch);
 *
 * const to = new MemoryStore();
 * await backup(from, to);
 * const copy = await LsmStore.open(to);
 * assertEquals(await copy.get(new Uint8Array([1])), new Uint8Array([2]));
 * await copy.close();
 * await store.close();
 * ```
 */
export async function backup(
  from: ObjectStore,
  to: ObjectStore,
  options: BackupOptions = {},
): Promise<BackupReport> {
  return await new Backup(from, to, options).run();
}

class Backup {
  readonly #from: ObjectStore;
  readonly #to: ObjectStore;
  readonly #options: BackupOptions;
  readonly #environment: Environment;
  readonly #source: ManifestStore;
  readonly #target: ManifestStore;
  readonly #there = new Map<string, ObjectMeta>();
  #objects = 0;
  #bytes = 0;
  #bytesMax = 0;
  readonly #kept = new Set<string>();
  /** Tables and segments that were sent. */
  readonly #sent = new Set<string>();

  constructor(from: ObjectStore, to: ObjectStore, options: BackupOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
    this.#environment = options.environment ?? systemEnvironment;
    const create = { environment: this.#environment };
    this.#source = new ManifestStore(from, create);
    this.#target = new ManifestStore(to, create);
  }

  async run(): Promise<BackupReport> {
    const { verify = true, signal, checkSegment } = this.#options;
    await this.#list();
    const before = await this.#earlierCopy();
    const needed = await this.#copyData(before);
    await this.#copyHeads(needed);
    const number = needed.manifest.number;
    const check = verify
      ? await fsck(this.#to, {
        signal,
        ...(checkSegment === undefined ? {} : { checkSegment }),
      })
      : undefined;
    if (check !== undefined && !check.ok) throw damagedCopy(this.#to, check);
    const pruned = verify ? await this.#prune(needed) : 0;
    return {
      manifestNumber: number,
      objects: this.#objects,
      bytes: this.#bytes,
      kept: this.#kept.size,
      pruned,
      check,
    };
  }

  async #list(): Promise<void> {
    const { signal } = this.#options;
    let startAfter: string | undefined;
    for (;;) {
      const page = await this.#to.list("", { startAfter, signal });
      for (const meta of page.objects) {
        if (parseObjectPath(meta.path) !== undefined) {
          this.#there.set(meta.path, meta);
        }
      }
      startAfter = page.objects.at(-1)?.path;
      if (!page.truncated || startAfter === undefined) return;
    }
  }

  /** The manifest of the copy that is there; `undefined` if there is none. */
  async #earlierCopy(): Promise<Manifest | undefined> {
    const { manifest } = await this.#target.newest();
    if (manifest.number === 0) return undefined;
    const { boundary } = await readBoundary(this.#to);
    // A writer makes the next manifest before it does anything else.
    if (boundary.number === manifest.number - 1) return manifest;
    throw new KriyaError(
      "invalid",
      `Cannot copy into ${this.#to.address}: it is a database of its own`,
      { hint: "Give a place that is empty, or holds an earlier copy" },
    );
  }

  /** Copies what never changes; what it finds needed is there then. */
  async #copyData(before: Manifest | undefined): Promise<NeededObjects> {
    const { signal } = this.#options;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const needed = await findNeeded(this.#from, this.#source, signal);
      if (needed === undefined) {
        await this.#expectDatabase();
        continue;
      }
      if (before !== undefined) await this.#expectSame(before, needed.manifest);
      const missing = [...needed.data].filter(([path, size]) =>
        this.#there.get(path)?.size !== size && !this.#sent.has(path)
      );
      this.#bytesMax = this.#bytes +
        missing.reduce((sum, [, size]) => sum + size, 0);
      let collected = false;
      await forEachOf(missing, AT_ONCE, async ([path]) => {
        signal?.throwIfAborted();
        const body = await this.#from.get(path, { signal });
        if (body === undefined) collected = true;
        else {
          await this.#put(path, body.bytes);
          this.#sent.add(path);
        }
      });
      const isGone = collected &&
        await this.#source.isCollected(needed.manifest);
      if (!collected) {
        for (const path of needed.data.keys()) {
          if (this.#there.has(path)) this.#kept.add(path);
        }
        return needed;
      }
      if (!isGone) break;
    }
    throw new KriyaError(
      "corrupt",
      `Cannot copy ${this.#from.address}: objects that it needs are missing`,
      { hint: "Run fsck on it" },
    );
  }

  /** @throws {KriyaError} `invalid` when there is none. */
  async #expectDatabase(): Promise<void> {
    const { manifest } = await this.#source.newest();
    if (manifest.number > 0) return;
    throw new KriyaError(
      "invalid",
      `There is no database at "${this.#from.address}"`,
    );
  }

  /** @throws {KriyaError} `invalid` when `copy` is of another database. */
  async #expectSame(copy: Manifest, newest: Manifest): Promise<void> {
    const then = await this.#source.read(copy.number);
    const isSame = then === undefined
      ? copy.number < newest.number && copy.epoch <= newest.epoch &&
        copy.sequence <= newest.sequence
      : equalBytes(copyOf(then), encodeManifest(copy));
    if (isSame) return;
    throw new KriyaError(
      "invalid",
      `Cannot copy into ${this.#to.address}: it holds a copy of another database, or a newer one`,
      { hint: "Give a place that is empty, or holds an earlier copy" },
    );
  }

  /** Copies the log and manifests, the newest last. */
  async #copyHeads(
    { manifest, pinned, log }: NeededObjects,
  ): Promise<void> {
    for (const [path, bytes] of log) {
      this.#options.signal?.throwIfAborted();
      if (this.#there.get(path)?.size === bytes.length) this.#kept.add(path);
      else await this.#put(path, bytes);
    }
    for (const each of [...pinned, manifest]) {
      await this.#put(manifestPath(each.number), copyOf(each));
    }
    const read = await readBoundary(this.#to);
    const number = manifest.number - 1;
    if (read.boundary.number >= number) return;
    const attempt = this.#environment.randomBytes(
      new Uint8Array(ATTEMPT_BYTES),
    );
    const moved = await moveBoundary(this.#to, read, {
      number,
      attempt,
      plan: [],
    });
    if (moved === undefined) throw this.#taken(GC_BOUNDARY_PATH);
  }

  async #put(path: string, bytes: Uint8Array): Promise<void> {
    const environment = this.#environment;
    const outcome = await createOnce(this.#to, path, bytes, { environment });
    if (outcome.kind === "taken") throw this.#taken(path);
    this.#objects++;
    this.#bytes += bytes.length;
    this.#options.onProgress?.({
      objects: this.#objects,
      bytes: this.#bytes,
      bytesMax: Math.max(this.#bytes, this.#bytesMax),
    });
  }

  #taken(path: string): KriyaError {
    return new KriyaError(
      "invalid",
      `Cannot copy into ${this.#to.address}: another object is at "${path}"`,
      { hint: "Give a place that is empty, or holds an earlier copy" },
    );
  }

  /** Deletes what earlier copies needed. */
  async #prune(
    { manifest, data, pinned, log }: NeededObjects,
  ): Promise<number> {
    const needed = new Set([
      GC_BOUNDARY_PATH,
      ...[manifest, ...pinned].map(({ number }) => manifestPath(number)),
      ...data.keys(),
      ...log.keys(),
    ]);
    let pruned = 0;
    for (const path of this.#there.keys()) {
      this.#options.signal?.throwIfAborted();
      if (needed.has(path)) continue;
      await this.#to.delete(path);
      pruned++;
    }
    return pruned;
  }
}

/** The manifest of a copy: nobody writes it. */
function copyOf(manifest: Manifest): Uint8Array {
  return encodeManifest({ ...manifest, closed: true });
}

function damagedCopy(to: ObjectStore, check: FsckReport): KriyaError {
  const [first] = check.problems;
  return new KriyaError(
    "corrupt",
    `The copy in ${to.address} is damaged: "${first?.object}": ${first?.what}`,
    {
      detail: `${check.problemCount} problems were found.`,
      hint: "Nothing of an earlier copy was deleted; copy again",
    },
  );
}
