/**
 * Chunks of one store's objects in a shared cache.
 *
 * A chunk is found by a digest of the store's address, of the object's path, tag
 * and size, and by its number: what lies there under another digest is another's.
 * Who has asked the store behind what it has by a name says so to all; that is
 * taken back when the object is deleted or written.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { utf8Decode, utf8Encode } from "../../../base/bytes.ts";
import { KriyaError } from "../../../base/errors.ts";
import type {
  ObjectMeta,
  ObjectStore,
} from "../../object_store/object_store.ts";
import { CachedStore } from "../cached_store.ts";
import type { ChunkStatistics, KeptChunks } from "../kept_chunks.ts";
import { SharedCache } from "./shared_cache.ts";
import { KEY_WORDS } from "./shared_table.ts";

/** Keys of objects that are remembered, so as not to be computed again. */
const KEYS_MAX = 4096;

/** The chunks: see the module. */
export class SharedChunks implements KeptChunks {
  readonly #cache: SharedCache;
  readonly #address: string;
  readonly #keys = new Map<string, Int32Array>();
  #hits = 0;
  #writes = 0;
  #writesSkipped = 0;
  #evictions = 0;

  /** Of the store at `address`. */
  constructor(cache: SharedCache, address: string) {
    this.#cache = cache;
    this.#address = address;
  }

  get chunkBytes(): number {
    return this.#cache.chunkBytes;
  }

  /** Bytes and chunks are everybody's; what was done, this store's. */
  get statistics(): ChunkStatistics {
    const { bytes, count } = this.#cache.statistics;
    return {
      bytes,
      bytesMax: this.#cache.bytesMax,
      count,
      hits: this.#hits,
      writes: this.#writes,
      writesSkipped: this.#writesSkipped,
      evictions: this.#evictions,
      damaged: 0,
      ghostHits: 0,
    };
  }

  objectAt(path: string): ObjectMeta | undefined {
    const bytes = this.#cache.objects.read(this.#pathKey(path));
    if (bytes === undefined) return undefined;
    const [size, lastModifiedMs, etag] = JSON.parse(utf8Decode(bytes)) as [
      number,
      number,
      string,
    ];
    return { path, size, lastModifiedMs, etag };
  }

  noteObject({ path, size, lastModifiedMs, etag }: ObjectMeta): void {
    const bytes = utf8Encode(JSON.stringify([size, lastModifiedMs, etag]));
    this.#cache.objects.write(this.#pathKey(path), bytes);
  }

  has(path: string, chunk: number): boolean {
    const object = this.objectAt(path);
    if (object === undefined) return false;
    const key = this.#chunkKey(object, chunk);
    return this.#cache.chunks.read(key, 0, 0) !== undefined;
  }

  /** What is held is known by `objectAt`. */
  hasAny(): boolean {
    return false;
  }

  read(
    object: ObjectMeta,
    chunk: number,
    start: number,
    end: number,
  ): Promise<Uint8Array | undefined> {
    const key = this.#chunkKey(object, chunk);
    const whole = Math.min(end, object.size - chunk * this.chunkBytes);
    const bytes = this.#cache.chunks.read(key, start, whole);
    const isHit = bytes !== undefined && bytes.length === whole - start;
    this.#cache.add(isHit ? "hits" : "misses");
    if (isHit) this.#hits++;
    return Promise.resolve(isHit ? bytes : undefined);
  }

  write(object: ObjectMeta, chunk: number, data: Uint8Array): void {
    const key = this.#chunkKey(object, chunk);
    const outcome = this.#cache.chunks.write(key, data);
    if (outcome === "refused") {
      this.#writesSkipped++;
      return;
    }
    this.#writes++;
    this.#cache.add("writes");
    if (outcome === "written") return;
    this.#evictions++;
    this.#cache.add("evictions");
  }

  /** Its chunks are found by nobody any more, and go for others. */
  dropObject(path: string): void {
    this.#cache.objects.remove(this.#pathKey(path));
  }

  idle(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #pathKey(path: string): Int32Array {
    return this.#key(`${this.#address}\0${path}`, 0);
  }

  #chunkKey({ path, etag, size }: ObjectMeta, chunk: number): Int32Array {
    return this.#key(`${this.#address}\0${path}\0${etag}\0${size}`, chunk);
  }

  /** Used until the next is asked for. */
  #key(text: string, chunk: number): Int32Array {
    let key = this.#keys.get(text);
    if (key === undefined) {
      if (this.#keys.size >= KEYS_MAX) this.#keys.clear();
      const digest = createHash("sha256").update(text).digest();
      key = new Int32Array(KEY_WORDS);
      for (let i = 0; i < KEY_WORDS - 1; i++) {
        key[i] = digest.readInt32LE(i * 4);
      }
      this.#keys.set(text, key);
    }
    key[KEY_WORDS - 1] = chunk;
    return key;
  }
}

/**
 * A shared cache before `inner`.
 *
 * @throws {KriyaError} `invalid` for a store in memory, which other Workers
 * cannot see, or a handle that is none.
 */
export function openSharedCache(
  inner: ObjectStore,
  cache: SharedCache | SharedArrayBuffer,
): CachedStore {
  if (inner.address.startsWith("memory:")) {
    throw new KriyaError(
      "invalid",
      "Cannot share a cache of a store in memory",
      { hint: "Workers share what they read from a folder or a bucket" },
    );
  }
  const shared = cache instanceof SharedCache
    ? cache
    : SharedCache.attach(cache);
  return CachedStore.over(inner, new SharedChunks(shared, inner.address));
}
