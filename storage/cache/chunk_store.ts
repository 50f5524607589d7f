/**
 * Chunks of objects in a local store, within a byte budget.
 *
 * What is here is a copy: a chunk that is missing, damaged, of another object
 * of the same name or not to be read is dropped and is a miss, and every file
 * may be deleted at any time by anyone. A chunk is known once its file is
 * written as a whole, so a crash leaves nothing that could be wrong.
 *
 * Files are `c<chunk size>/<object path>.<10 digits>`; those of another chunk
 * size are removed when the store is opened.
 *
 * | bound | value |
 * | --- | --- |
 * | bytes of files | the budget, and what is being deleted |
 * | files written at a time | {@linkcode WRITES_MAX} |
 * | bytes that wait to be written | {@linkcode QUEUE_BYTES_MAX}; more are not kept |
 *
 * @module
 */
import { ABSENT, type ObjectMeta } from "../object_store/object_store.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { ArcPolicy } from "./arc_policy.ts";
import {
  CacheNode,
  type CachePolicy,
  type CachePolicyName,
  type CacheSink,
} from "./cache_policy.ts";
import {
  arePagesGood,
  CHUNK_HEADER_BYTES_MAX,
  type ChunkHeader,
  decodeChunkHeader,
  encodeChunk,
} from "./chunk_format.ts";
import type { ChunkStatistics, KeptChunks } from "./kept_chunks.ts";
import { LruPolicy } from "./lru_policy.ts";

/** Files that are written at a time. */
export const WRITES_MAX = 4;
/** Bytes of chunks that wait to be written at most, or one chunk. */
export const QUEUE_BYTES_MAX: number = 16 * 1024 * 1024;
/** Longest path and last segment of an object that is kept. */
const PATH_LENGTH_MAX = 480;
const SEGMENT_LENGTH_MAX = 180;

/** One chunk, or its ghost. */
class Entry extends CacheNode {
  readonly path: string;
  readonly chunk: number;
  held = false;
  header: ChunkHeader | undefined = undefined;

  constructor(path: string, chunk: number) {
    super();
    this.path = path;
    this.chunk = chunk;
  }
}

interface Waiting {
  readonly object: ObjectMeta;
  readonly chunk: number;
  readonly data: Uint8Array;
}

/** The chunks. */
export class ChunkStore implements KeptChunks {
  readonly #local: ObjectStore;
  readonly #chunkBytes: number;
  readonly #bytesMax: number;
  readonly #policy: CachePolicy;
  readonly #entries = new Map<string, Map<number, Entry>>();
  readonly #queue: Waiting[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #queuedBytes = 0;
  #writing = 0;
  #closed = false;
  #count = 0;
  #hits = 0;
  #writes = 0;
  #writesSkipped = 0;
  #evictions = 0;
  #damaged = 0;

  private constructor(
    local: ObjectStore,
    bytesMax: number,
    chunkBytes: number,
    policy: CachePolicyName,
  ) {
    this.#local = local;
    this.#bytesMax = bytesMax;
    this.#chunkBytes = chunkBytes;
    const sink: CacheSink = {
      evicted: (node, ghost) => this.#evicted(node as Entry, ghost),
      forgotten: (node) => this.#forget(node as Entry),
    };
    this.#policy = policy === "arc"
      ? new ArcPolicy(bytesMax, sink)
      : new LruPolicy(bytesMax, sink);
  }

  /**
   * Finds the chunks that are in `local`, the oldest first to go.
   *
   * @throws {KriyaError} when `local` cannot be listed.
   */
  static async open(
    local: ObjectStore,
    bytesMax: number,
    chunkBytes: number,
    policy: CachePolicyName,
  ): Promise<ChunkStore> {
    const store = new ChunkStore(local, bytesMax, chunkBytes, policy);
    const found: { meta: ObjectMeta; path: string; chunk: number }[] = [];
    let startAfter = "";
    for (;;) {
      const page = await local.list("", { startAfter });
      for (const meta of page.objects) {
        const name = parseName(meta.path);
        if (name === undefined) continue;
        if (name.chunkBytes === chunkBytes) found.push({ meta, ...name });
        else store.#delete(meta.path);
      }
      const last = page.objects.at(-1);
      if (!page.truncated || last === undefined) break;
      startAfter = last.path;
    }
    found.sort((a, b) => a.meta.lastModifiedMs - b.meta.lastModifiedMs);
    for (const { path, chunk, meta } of found) {
      store.#admit(path, chunk, meta.size);
    }
    return store;
  }

  /** Bytes of a chunk. */
  get chunkBytes(): number {
    return this.#chunkBytes;
  }

  /** What it did so far. */
  get statistics(): ChunkStatistics {
    return {
      bytes: this.#policy.bytes,
      bytesMax: this.#bytesMax,
      count: this.#count,
      hits: this.#hits,
      writes: this.#writes,
      writesSkipped: this.#writesSkipped,
      evictions: this.#evictions,
      damaged: this.#damaged,
      ghostHits: this.#policy.ghostHits,
    };
  }

  /** What is here may be of another object that had the name. */
  objectAt(): undefined {}

  noteObject(): void {}

  /** Whether a chunk is held. */
  has(path: string, chunk: number): boolean {
    return this.#entries.get(path)?.get(chunk)?.held ?? false;
  }

  /** Whether any chunk of an object is held. */
  hasAny(path: string): boolean {
    for (const { held } of this.#entries.get(path)?.values() ?? []) {
      if (held) return true;
    }
    return false;
  }

  /**
   * Bytes [start, end) of a chunk of `object`, `undefined` if they are not
   * here. Never fails.
   */
  async read(
    object: ObjectMeta,
    chunk: number,
    start: number,
    end: number,
  ): Promise<Uint8Array | undefined> {
    const entry = this.#entries.get(object.path)?.get(chunk);
    if (entry === undefined || !entry.held) return undefined;
    this.#policy.hit(entry);
    try {
      const header = entry.header ??= await this.#readHeader(entry);
      if (header === undefined) return this.#lose(entry);
      const { etag, size } = header.object;
      if (etag !== object.etag || size !== object.size) {
        return this.#lose(entry);
      }
      const { pageBytes, dataOffset, dataLength } = header;
      const first = Math.floor(start / pageBytes);
      const from = first * pageBytes;
      const to = Math.min(dataLength, Math.ceil(end / pageBytes) * pageBytes);
      const range = { offset: dataOffset + from, length: to - from };
      const body = await this.#local.get(this.#name(entry), { range });
      if (
        body === undefined || body.bytes.length !== to - from ||
        !arePagesGood(header, first, body.bytes)
      ) return this.#lose(entry);
      this.#hits++;
      return body.bytes.subarray(start - from, end - from);
    } catch {
      return this.#lose(entry);
    }
  }

  /** Keeps a chunk, some time later, if there is room for it. Never fails. */
  write(object: ObjectMeta, chunk: number, data: Uint8Array): void {
    const segment = object.path.length - object.path.lastIndexOf("/") - 1;
    if (
      this.#closed || this.has(object.path, chunk) || data.length === 0 ||
      object.path.length > PATH_LENGTH_MAX || segment > SEGMENT_LENGTH_MAX
    ) return;
    const queued = this.#queuedBytes + data.length;
    if (queued > QUEUE_BYTES_MAX && this.#queue.length > 0) {
      this.#writesSkipped++;
      return;
    }
    this.#queuedBytes = queued;
    // A copy: the bytes of all that was read would stay with these.
    this.#queue.push({ object, chunk, data: data.slice() });
    this.#writeNext();
  }

  /** Drops every chunk of an object. */
  dropObject(path: string): void {
    for (const entry of [...this.#entries.get(path)?.values() ?? []]) {
      this.#drop(entry);
    }
  }

  /** Resolves when everything that was begun is done. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Ends what was begun and closes the local store. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#queue.length = this.#queuedBytes = 0;
    await this.idle();
    await this.#local.close();
  }

  /** Checks that policy and entries agree; for tests. */
  check(): void {
    this.#policy.check();
  }

  async #readHeader(entry: Entry): Promise<ChunkHeader | undefined> {
    const name = this.#name(entry);
    const range = { offset: 0, length: CHUNK_HEADER_BYTES_MAX };
    const body = await this.#local.get(name, { range });
    if (body === undefined) return undefined;
    const header = decodeChunkHeader(body.bytes, name);
    const { object: { path }, chunk, chunkBytes } = header;
    return path === entry.path && chunk === entry.chunk &&
        chunkBytes === this.#chunkBytes
      ? header
      : undefined;
  }

  /** The chunk cannot be used: it goes, unless it went meanwhile. */
  #lose(entry: Entry): undefined {
    if (!entry.held) return undefined;
    this.#damaged++;
    this.#drop(entry);
  }

  #writeNext(): void {
    while (this.#writing < WRITES_MAX) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#queuedBytes -= next.data.length;
      this.#writing++;
      this.#track(
        this.#writeOne(next).finally(() => {
          this.#writing--;
          this.#writeNext();
        }),
      );
    }
  }

  async #writeOne({ object, chunk, data }: Waiting): Promise<void> {
    const info = { object, chunk, chunkBytes: this.#chunkBytes };
    const file = encodeChunk(info, data);
    if (file === undefined) return;
    try {
      const name = chunkName(this.#chunkBytes, object.path, chunk);
      // What is there already is another process's, and checked when read.
      await this.#local.put(name, file, ABSENT);
      this.#writes++;
      this.#admit(object.path, chunk, file.length);
    } catch {
      this.#writesSkipped++;
    }
  }

  #admit(path: string, chunk: number, bytes: number): void {
    let chunks = this.#entries.get(path);
    let entry = chunks?.get(chunk);
    if (entry?.held) return;
    entry ??= new Entry(path, chunk);
    const size = Math.max(1, bytes);
    if (!this.#policy.admit(entry, size)) {
      this.#delete(this.#name(entry));
      return;
    }
    // Admitting may have emptied the map and taken it out.
    chunks = this.#entries.get(path);
    if (chunks === undefined) this.#entries.set(path, chunks = new Map());
    chunks.set(chunk, entry);
    entry.held = true;
    this.#count++;
  }

  #evicted(entry: Entry, ghost: boolean): void {
    this.#evictions++;
    this.#remove(entry);
    if (!ghost) this.#forget(entry);
  }

  #drop(entry: Entry): void {
    this.#policy.remove(entry);
    this.#remove(entry);
    this.#forget(entry);
  }

  #remove(entry: Entry): void {
    if (!entry.held) return;
    entry.held = false;
    entry.header = undefined;
    this.#count--;
    this.#delete(this.#name(entry));
  }

  #forget(entry: Entry): void {
    const chunks = this.#entries.get(entry.path);
    chunks?.delete(entry.chunk);
    if (chunks?.size === 0) this.#entries.delete(entry.path);
  }

  #delete(name: string): void {
    // A file that stays is found again when the store is opened.
    const remove = async (): Promise<void> => await this.#local.delete(name);
    this.#track(remove().catch(() => {}));
  }

  #track(work: Promise<unknown>): void {
    this.#running.add(work);
    work.finally(() => this.#running.delete(work));
  }

  #name(entry: Entry): string {
    return chunkName(this.#chunkBytes, entry.path, entry.chunk);
  }
}

function chunkName(chunkBytes: number, path: string, chunk: number): string {
  return `c${chunkBytes}/${path}.${String(chunk).padStart(10, "0")}`;
}

const NAME = /^c([1-9][0-9]{0,14})\/(.+)\.([0-9]{10})$/;

function parseName(
  name: string,
): { chunkBytes: number; path: string; chunk: number } | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  return {
    chunkBytes: Number(match[1]),
    path: match[2]!,
    chunk: Number(match[3]),
  };
}
