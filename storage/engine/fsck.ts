/**
 * Reads everything that a database needs and says what is wrong with it. Works
 * on what cannot be opened, changes nothing, and is no process among others:
 * run it on a database that nobody writes, or read its findings with that in
 * mind.
 *
 * | what | checked |
 * | --- | --- |
 * | manifests | the newest is read (or the newest that can be); none is missing above the boundary |
 * | boundary | readable, below the newest manifest; its plan names nothing that is needed |
 * | tables | there, of the right size; every block; see `table_check.ts` |
 * | segments | there, of the right size; the bytes by `checkSegment` |
 * | log | no gap from the replay point on; every record; sequences and epochs in order |
 * | checkpoints | their manifests, tables, segments and log, as above |
 * | pins | readable |
 * | all else | counted as orphans: garbage that is not collected yet, or nobody's |
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fsck, LsmStore, MemoryBucket, MemoryStore } from "../mod.ts";
 *
 * const bucket = new MemoryBucket();
 * await (await LsmStore.open(new MemoryStore({ bucket }))).close();
 * const report = await fsck(new MemoryStore({ bucket }));
 * assertEquals(report.ok, true);
 * ```
 *
 * @module
 */
import { BlockCache } from "../cache/block_cache.ts";
import { decodePin } from "../gc/pin_codec.ts";
import { decodeBoundary } from "../manifest/boundary_codec.ts";
import type { Manifest, SegmentMeta, TableMeta } from "../manifest/manifest.ts";
import { decodeManifest } from "../manifest/manifest_codec.ts";
import {
  GC_BOUNDARY_PATH,
  manifestPath,
  parseObjectPath,
} from "../object_store/object_path.ts";
import type { ObjectMeta, ObjectStore } from "../object_store/object_store.ts";
import { SstableReader } from "../sstable/sstable_reader.ts";
import { WAL_HEADER_BYTES } from "../wal/wal_format.ts";
import { type Damage, Findings } from "./damage.ts";
import { LogCheck } from "./log_check.ts";
import { checkDigest, checkOrder, checkTable } from "./table_check.ts";
import { checkShape } from "./tree_check.ts";

/** How a database is checked. */
export interface FsckOptions {
  /** Gives up when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Is told how many objects are done, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
  /**
   * Checks the bytes of a segment, which only the layer above understands: by
   * throwing a `KriyaError` of kind `corrupt`.
   */
  readonly checkSegment?: (meta: SegmentMeta, bytes: Uint8Array) => void;
}

/** What a check found. */
export interface FsckReport {
  /** Whether nothing is wrong. Orphans are not wrong. */
  readonly ok: boolean;
  /** The number of the newest manifest that could be read; 0 for none. */
  readonly manifestNumber: number;
  /** What is wrong, the first thousand. */
  readonly problems: readonly Damage[];
  /** How much is wrong. */
  readonly problemCount: number;
  /** Objects that nothing needs, the first ten thousand. */
  readonly orphans: readonly ObjectMeta[];
  /** How many there are. */
  readonly orphanCount: number;
  /** Their bytes. */
  readonly orphanBytes: number;
  /** Objects that were read. */
  readonly objectsRead: number;
  /** Their bytes. */
  readonly bytesRead: number;
}

const ORPHANS_MAX = 10_000;

/** Bytes of blocks held while tables are read. */
const CACHE_BYTES = 16 * 1024 * 1024;

/**
 * Checks the database in `objects`. Damage is reported, never thrown.
 *
 * @throws {KriyaError} `unavailable` when the store does not answer; the
 * signal's reason.
 */
export async function fsck(
  objects: ObjectStore,
  options: FsckOptions = {},
): Promise<FsckReport> {
  return await new Fsck(objects, options).run();
}

class Fsck {
  readonly #objects: ObjectStore;
  readonly #options: FsckOptions;
  readonly #findings = new Findings();
  readonly #there = new Map<string, ObjectMeta>();
  readonly #needed = new Set<string>([GC_BOUNDARY_PATH]);
  readonly #manifests = new Map<number, Manifest>();
  /** Jobs that are registered: their uploads are no orphans. */
  readonly #jobs = new Set<string>();
  readonly #cache = new BlockCache(CACHE_BYTES);
  #newest: Manifest | undefined;
  #objectsRead = 0;
  #bytesRead = 0;
  #total = 0;

  constructor(objects: ObjectStore, options: FsckOptions) {
    this.#objects = objects;
    this.#options = options;
  }

  async run(): Promise<FsckReport> {
    await this.#list();
    const boundary = await this.#checkBoundary();
    await this.#findNewest(boundary);
    const newest = this.#newest;
    if (newest !== undefined) {
      const trees = [newest, ...await this.#pinned(newest)];
      this.#total =
        trees.flatMap(({ levels, segments }) => [...levels.flat(), ...segments])
          .length;
      for (const tree of trees) await this.#checkTree(tree);
      await this.#checkLog(newest);
    }
    await this.#checkPins();
    await this.#checkPlan();
    return this.#report();
  }

  async #list(): Promise<void> {
    const { signal } = this.#options;
    let startAfter: string | undefined;
    for (;;) {
      const page = await this.#objects.list("", { startAfter, signal });
      for (const meta of page.objects) this.#there.set(meta.path, meta);
      startAfter = page.objects.at(-1)?.path;
      if (!page.truncated || startAfter === undefined) return;
    }
  }

  async #read(path: string): Promise<Uint8Array | undefined> {
    const { signal } = this.#options;
    signal?.throwIfAborted();
    const body = await this.#objects.get(path, { signal });
    if (body === undefined) return undefined;
    this.#objectsRead++;
    this.#bytesRead += body.bytes.length;
    return body.bytes;
  }

  /** The number of the boundary; `undefined` if it is damaged. */
  async #checkBoundary(): Promise<number | undefined> {
    const bytes = await this.#read(GC_BOUNDARY_PATH);
    if (bytes === undefined) return 0;
    const boundary = await this.#findings.during(
      GC_BOUNDARY_PATH,
      () => decodeBoundary(bytes),
    );
    return boundary?.number;
  }

  /** Reads the manifests above the boundary, from the newest down. */
  async #findNewest(boundary: number | undefined): Promise<void> {
    const numbers: number[] = [];
    for (const path of this.#there.keys()) {
      const name = parseObjectPath(path);
      if (name?.kind === "manifest") numbers.push(name.number);
    }
    numbers.sort((a, b) => b - a);
    const [highest] = numbers;
    if (highest === undefined) {
      const empty = this.#there.size === 0;
      if (!empty) this.#findings.add(manifestPath(1), "there is no manifest");
      return;
    }
    if (boundary !== undefined && boundary >= highest) {
      const what = `${boundary} is not below ${highest}, the newest manifest`;
      this.#findings.add(GC_BOUNDARY_PATH, what);
      boundary = undefined;
    }
    let before = highest + 1;
    for (const number of numbers) {
      if (boundary === undefined && this.#newest !== undefined) return;
      if (boundary !== undefined && number <= boundary) break;
      if (number < before - 1) this.#missing(manifestPath(before - 1));
      const manifest = await this.#manifest(number);
      this.#newest ??= manifest;
      before = number;
    }
    if (boundary !== undefined && before - 1 > boundary) {
      this.#missing(manifestPath(before - 1));
    }
  }

  #missing(path: string): void {
    this.#findings.add(path, "the object is missing");
  }

  async #manifest(number: number): Promise<Manifest | undefined> {
    const path = manifestPath(number);
    this.#needed.add(path);
    const known = this.#manifests.get(number);
    if (known !== undefined) return known;
    const bytes = await this.#read(path);
    if (bytes === undefined) {
      this.#missing(path);
      return undefined;
    }
    const manifest = await this.#findings.during(
      path,
      () => decodeManifest(bytes, number, path),
    );
    if (manifest !== undefined) this.#manifests.set(number, manifest);
    return manifest;
  }

  async #pinned(newest: Manifest): Promise<Manifest[]> {
    const found: Manifest[] = [];
    for (const checkpoint of newest.checkpoints) {
      const manifest = await this.#manifest(checkpoint.manifest);
      if (manifest !== undefined) found.push(manifest);
    }
    return found;
  }

  async #checkTree(manifest: Manifest): Promise<void> {
    checkShape(manifest, this.#findings);
    for (const { epoch, job } of manifest.jobs) {
      this.#jobs.add(`${epoch}-${job}`);
    }
    const levels: SstableReader[][] = [];
    for (const tables of manifest.levels) {
      const readers: SstableReader[] = [];
      for (const meta of tables) {
        const reader = await this.#checkTable(meta);
        if (reader !== undefined) readers.push(reader);
      }
      levels.push(readers);
    }
    for (const segment of manifest.segments) await this.#checkSegment(segment);
    if (this.#findings.count > 0) return;
    const [level0 = [], ...others] = levels;
    await checkOrder(
      [...level0.map((table) => [table]), ...others],
      this.#findings,
      this.#options.signal,
    );
  }

  /** Whether the object is there with its size; only the first time it is new. */
  #isThere(path: string, size: number): boolean {
    this.#needed.add(path);
    const meta = this.#there.get(path);
    if (meta === undefined) this.#missing(path);
    else if (meta.size !== size) {
      const what = `${meta.size} bytes, the manifest says ${size}`;
      this.#findings.add(path, what, Math.min(meta.size, size));
    }
    this.#progress();
    return meta?.size === size;
  }

  #progress(): void {
    this.#options.onProgress?.(
      Math.min(this.#objectsRead, this.#total),
      this.#total,
    );
  }

  async #checkTable(meta: TableMeta): Promise<SstableReader | undefined> {
    const { path, size } = meta;
    const seen = this.#needed.has(path);
    if (seen && !this.#there.has(path)) return undefined;
    if (!seen && !this.#isThere(path, size)) return undefined;
    const findings = this.#findings;
    const reader = await findings.during(
      path,
      () => SstableReader.open(this.#objects, meta, this.#cache),
    );
    if (reader === undefined || seen) return reader;
    await checkDigest(this.#objects, meta, findings);
    await checkTable(reader, meta, findings, this.#options.signal);
    this.#objectsRead++;
    this.#bytesRead += size;
    return reader;
  }

  async #checkSegment(meta: SegmentMeta): Promise<void> {
    if (this.#needed.has(meta.path)) return;
    if (!this.#isThere(meta.path, meta.size)) return;
    const bytes = await this.#read(meta.path);
    const { checkSegment } = this.#options;
    if (bytes === undefined || checkSegment === undefined) return;
    await this.#findings.during(meta.path, () => checkSegment(meta, bytes));
  }

  async #checkLog(newest: Manifest): Promise<void> {
    const check = new LogCheck(
      {
        read: (path) => this.#read(path),
        checkTable: async (meta) => void await this.#checkTable(meta),
      },
      this.#there,
      this.#needed,
      this.#findings,
    );
    await check.tail(newest);
    for (const checkpoint of newest.checkpoints) {
      const manifest = this.#manifests.get(checkpoint.manifest);
      await check.checkpoint(checkpoint, manifest);
    }
  }

  async #checkPins(): Promise<void> {
    for (const path of this.#there.keys()) {
      if (parseObjectPath(path)?.kind !== "pin") continue;
      this.#needed.add(path);
      const bytes = await this.#read(path);
      if (bytes === undefined) continue;
      await this.#findings.during(path, () => decodePin(bytes, path));
    }
  }

  /** The plan of the boundary names nothing that is needed. */
  async #checkPlan(): Promise<void> {
    const bytes = await this.#read(GC_BOUNDARY_PATH);
    if (bytes === undefined) return;
    let plan: readonly string[] = [];
    try {
      ({ plan } = decodeBoundary(bytes));
    } catch {
      return; // Reported before.
    }
    for (const path of plan) {
      if (!this.#needed.has(path)) continue;
      this.#findings.add(GC_BOUNDARY_PATH, `the plan names "${path}"`);
    }
  }

  /** Whether an object that nothing names is a fence, or a job's upload. */
  #isKept({ path, size }: ObjectMeta): boolean {
    const name = parseObjectPath(path);
    if (name?.kind === "wal") return size <= WAL_HEADER_BYTES;
    return (name?.kind === "sst" || name?.kind === "vec") &&
      this.#jobs.has(`${name.epoch}-${name.job}`);
  }

  #report(): FsckReport {
    const orphans: ObjectMeta[] = [];
    let orphanCount = 0;
    let orphanBytes = 0;
    for (const meta of this.#there.values()) {
      if (this.#needed.has(meta.path) || this.#isKept(meta)) continue;
      orphanCount++;
      orphanBytes += meta.size;
      if (orphans.length < ORPHANS_MAX) orphans.push(meta);
    }
    return {
      ok: this.#findings.count === 0,
      manifestNumber: this.#newest?.number ?? 0,
      problems: this.#findings.damages,
      problemCount: this.#findings.count,
      orphans,
      orphanCount,
      orphanBytes,
      objectsRead: this.#objectsRead,
      bytesRead: this.#bytesRead,
    };
  }
}
