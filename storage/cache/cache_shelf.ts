/**
 * The cached things of one kind of one table, by number.
 *
 * A shelf is an array with a slot for every thing there can be, so that a hit
 * costs a load and a policy's list move: no hash, no allocation. What is not
 * there is loaded by the shelf's own function, once however many wait.
 *
 * What was read ahead waits on the shelf as the bytes that were read
 * (_staged_), and is decoded by whoever asks for it first.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import { CacheNode, type CachePolicy } from "./cache_policy.ts";

/** What a cached thing must tell. */
export interface Cacheable {
  /** Bytes of memory it takes. */
  readonly memoryBytes: number;
}

/** What is cached. */
export type CacheKind = "data" | "index" | "filter";

/** How a shelf gets what it has not. */
export interface ShelfLoader<T extends Cacheable> {
  /** Reads the thing in a slot. */
  load(slot: number): MaybePromise<T>;
  /**
   * Makes it of bytes that were staged (default: nothing is staged);
   * `undefined`: it is to be loaded after all.
   */
  decode?(slot: number, staged: Uint8Array): T | undefined;
}

/** What a shelf counts. */
export interface ShelfCounts {
  hits: number;
  misses: number;
  evictions: number;
  bytes: number;
  count: number;
}

/** What a shelf asks of its cache. */
export interface ShelfHost {
  /** Bytes that all shelves together may take. */
  readonly bytesMax: number;
  /** Orders what is not pinned. */
  readonly policy: CachePolicy;
  /** Whether so many more bytes may be pinned. */
  pin(bytes: number): boolean;
  /** Gives pinned bytes back. */
  unpin(bytes: number): void;
}

/** The `place` of an entry that is pinned: in no list of the policy. */
const PLACE_PINNED = -1;

/** One slot's value, or its ghost. */
export class ShelfEntry<T extends Cacheable = Cacheable> extends CacheNode {
  readonly slot: number;
  readonly shelf: CacheShelf<T>;
  value: T | undefined = undefined;
  staged: Uint8Array | undefined = undefined;

  constructor(shelf: CacheShelf<T>, slot: number) {
    super();
    this.shelf = shelf;
    this.slot = slot;
  }
}

/** A shelf; made by {@linkcode BlockCache.shelf}. */
export class CacheShelf<T extends Cacheable> {
  readonly #host: ShelfHost;
  readonly #policy: CachePolicy;
  readonly #counts: ShelfCounts;
  readonly #loader: ShelfLoader<T>;
  readonly #entries: (ShelfEntry<T> | undefined)[];
  /** What is being read; a staged slot's promise comes without a value. */
  readonly #pending = new Map<number, Promise<T | undefined>>();
  #pinned = false;
  #closed = false;

  constructor(
    host: ShelfHost,
    counts: ShelfCounts,
    slotCount: number,
    loader: ShelfLoader<T>,
  ) {
    this.#host = host;
    this.#policy = host.policy;
    this.#counts = counts;
    this.#loader = loader;
    this.#entries = new Array(slotCount).fill(undefined);
  }

  /** Bytes that all shelves of the cache together may take. */
  get bytesMax(): number {
    return this.#host.bytesMax;
  }

  /** The thing in a slot: at once if it is here, else loaded. */
  get(slot: number): MaybePromise<T> {
    const entry = this.#entries[slot];
    const value = entry?.value;
    if (value === undefined) return this.#miss(slot, entry);
    this.#counts.hits++;
    if (entry!.place !== PLACE_PINNED) this.#policy.hit(entry!);
    return value;
  }

  /**
   * The thing in a slot if it is here. Counts as a use only when the policy
   * looks for something to let go: the cheapest way for what every read uses.
   */
  touch(slot: number): T | undefined {
    const entry = this.#entries[slot];
    if (entry === undefined) return undefined;
    entry.used = true;
    return entry.value;
  }

  /** The thing in a slot if it is here; does not count as a use. */
  peek(slot: number): T | undefined {
    return this.#entries[slot]?.value;
  }

  /** Whether a slot's thing is here, staged, or being read. */
  isComing(slot: number): boolean {
    const entry = this.#entries[slot];
    return entry?.value !== undefined || entry?.staged !== undefined ||
      this.#pending.has(slot);
  }

  /** Puts a thing that was read with others into its empty slot. */
  put(slot: number, value: T): void {
    this.#insert(slot, value, undefined, value.memoryBytes);
  }

  /**
   * Puts stored bytes into a slot that has nothing; they are decoded when they
   * are asked for. The shelf keeps a copy.
   */
  stage(slot: number, bytes: Uint8Array): void {
    const entry = this.#entries[slot];
    if (entry?.value !== undefined || entry?.staged !== undefined) return;
    this.#insert(slot, undefined, bytes.slice(), bytes.length);
  }

  /**
   * Says that slots [first, end) are being read and will be staged when `read`
   * is done; who asks for one of them meanwhile waits. When it fails, they are
   * loaded one by one by who asks.
   */
  expect(first: number, end: number, read: Promise<unknown>): void {
    const none = (): undefined => undefined;
    const done = read.then(none, none);
    for (let slot = first; slot < end; slot++) {
      if (this.isComing(slot)) continue;
      this.#pending.set(slot, done);
      done.then(() => {
        if (this.#pending.get(slot) === done) this.#pending.delete(slot);
      });
    }
  }

  /** Whether its things are kept as long as the pins' share allows. */
  get pinned(): boolean {
    return this.#pinned;
  }

  set pinned(pinned: boolean) {
    if (pinned === this.#pinned || this.#closed) return;
    this.#pinned = pinned;
    for (const entry of this.#entries) {
      if (entry?.value === undefined) continue; // Also what just went.
      const { slot, value } = entry;
      this.#take(entry);
      this.#insert(slot, value, undefined, entry.bytes);
    }
  }

  /** Lets go of everything, for good: what is read later is not kept. */
  close(): void {
    this.#closed = true;
    for (const entry of this.#entries) {
      if (entry !== undefined) this.#take(entry);
    }
  }

  /** The entry's value is gone; a ghost keeps its slot. */
  evicted(entry: ShelfEntry<T>, ghost: boolean): void {
    this.#counts.evictions++;
    this.#leave(entry);
    if (!ghost) this.#entries[entry.slot] = undefined;
  }

  /** The entry is gone, value and all. */
  dropped(entry: ShelfEntry<T>): void {
    this.#leave(entry);
    this.#entries[entry.slot] = undefined;
  }

  #leave(entry: ShelfEntry<T>): void {
    if (entry.value === undefined && entry.staged === undefined) return;
    entry.value = entry.staged = undefined;
    this.#counts.bytes -= entry.bytes;
    this.#counts.count--;
  }

  #miss(slot: number, entry: ShelfEntry<T> | undefined): MaybePromise<T> {
    if (entry?.staged !== undefined) return this.#unstage(entry);
    const pending = this.#pending.get(slot);
    if (pending !== undefined) {
      return pending.then((value) => {
        if (value === undefined) return this.get(slot);
        this.#counts.misses++;
        return value;
      });
    }
    this.#counts.misses++;
    const value = this.#loader.load(slot);
    if (!(value instanceof Promise)) {
      this.put(slot, value);
      return value;
    }
    const promise = value.then((loaded) => {
      this.put(slot, loaded);
      return loaded;
    }).finally(() => this.#pending.delete(slot));
    this.#pending.set(slot, promise);
    return promise;
  }

  /** Decodes what was staged; it takes its place as if it had come now. */
  #unstage(entry: ShelfEntry<T>): MaybePromise<T> {
    const { slot } = entry;
    const staged = entry.staged!;
    this.#take(entry);
    const value = this.#loader.decode!(slot, staged);
    if (value === undefined) return this.get(slot);
    this.#counts.misses++;
    this.put(slot, value);
    return value;
  }

  /** Takes an entry out of wherever it is. */
  #take(entry: ShelfEntry<T>): void {
    if (entry.place === PLACE_PINNED) this.#host.unpin(entry.bytes);
    else this.#policy.remove(entry);
    this.dropped(entry);
  }

  #insert(
    slot: number,
    value: T | undefined,
    staged: Uint8Array | undefined,
    bytes: number,
  ): void {
    if (this.#closed) return;
    const known = this.#entries[slot];
    if (known?.value !== undefined || known?.staged !== undefined) return;
    const size = Math.max(1, bytes);
    let entry = known;
    if (this.#pinned) {
      // Pinning makes the policy's share smaller: it must not know the entry.
      if (entry !== undefined) this.#policy.remove(entry);
      entry = new ShelfEntry(this, slot);
      if (this.#host.pin(size)) {
        entry.bytes = size;
        entry.place = PLACE_PINNED;
      }
    }
    entry ??= new ShelfEntry(this, slot);
    this.#entries[slot] = entry;
    if (entry.place !== PLACE_PINNED && !this.#policy.admit(entry, size)) {
      this.#entries[slot] = undefined;
      return;
    }
    entry.used = false;
    entry.value = value;
    entry.staged = staged;
    this.#counts.bytes += size;
    this.#counts.count++;
  }
}
