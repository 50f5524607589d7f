/**
 * Clusters in memory: their vectors, or codes of them, side by side in one memory
 * for kernels, with the versions of their rows.
 *
 * ```text
 * memory   [ cluster 7, room for 64 ][ cluster 2, room for 512 ][ free ]…
 * ```
 *
 * Rooms are powers of two, so that one that is left fits another cluster. What
 * was not used for longest makes room, down to half of the bound.
 *
 * A cluster is read at one sequence and follows the commits after it: it
 * answers every snapshot from `validFrom` on.
 *
 * @module
 */
import { BATCH_MAX } from "../kernels/kernels.ts";
import type { ClusterRows } from "./cluster_rows.ts";

/** Rows that the smallest room holds. */
const ROOM_MIN = 16;

/** A cluster with more ended rows than this share is read anew. */
const DEAD_MAX = 0.5;

/** Takes rows that a snapshot sees. */
export type RowSink = (locator: number, distance: number) => void;

/** A row, and what is kept of it. */
export interface LocatedItem<Item> {
  /** The row. */
  readonly locator: number;
  /** Its vector, or code. */
  readonly item: Item;
}

/** A change of a cluster: what is kept of a row from now on; absent: no more. */
export type ClusterChange<Item> = LocatedItem<Item | undefined>;

/** A cluster in memory. */
export class CachedCluster {
  /** The first of its rows in the memory. */
  from: number;
  /** For how many there is room. */
  room: number;
  /** Rows, those that have ended too. */
  count = 0;
  /** Rows that have ended. */
  dead = 0;
  /** The lowest snapshot that it answers. */
  readonly validFrom: number;
  /** When it was last used, as the cache counts. */
  usedAt = 0;
  locators: Float64Array<ArrayBuffer>;
  begins: Float64Array<ArrayBuffer>;
  ends: Float64Array<ArrayBuffer>;

  /** An empty one at `from`. */
  constructor(from: number, room: number, validFrom: number) {
    this.from = from;
    this.room = room;
    this.validFrom = validFrom;
    this.locators = new Float64Array(room);
    this.begins = new Float64Array(room);
    this.ends = new Float64Array(room);
  }

  /** Takes room for more rows elsewhere. */
  moveTo(from: number, room: number): void {
    this.from = from;
    this.room = room;
    for (const name of ["locators", "begins", "ends"] as const) {
      const grown = new Float64Array(room);
      grown.set(this[name]);
      this[name] = grown;
    }
  }
}

/** The clusters of an index that are in memory. */
export class ClusterCache<Item, Query> {
  readonly #memory: ClusterRows<Item, Query>;
  readonly #clusters = new Map<number, CachedCluster>();
  /** Free places by the room there. */
  readonly #free = new Map<number, number[]>();
  #end = 0;
  #rowsUsed = 0;
  #clock = 0;

  /** None; they will be in a memory. */
  constructor(memory: ClusterRows<Item, Query>) {
    this.#memory = memory;
  }

  /** Bytes held. */
  get byteLength(): number {
    return this.#memory.byteLength + 24 * this.#rowsUsed;
  }

  /** How many clusters are held. */
  get size(): number {
    return this.#clusters.size;
  }

  /** A cluster that answers a snapshot, if it is here. */
  get(cluster: number, snapshot: number): CachedCluster | undefined {
    const cached = this.#clusters.get(cluster);
    if (cached === undefined || cached.validFrom > snapshot) return undefined;
    cached.usedAt = ++this.#clock;
    return cached;
  }

  /** Takes in a cluster as it is for snapshots from `validFrom` on. */
  put(
    cluster: number,
    rows: readonly LocatedItem<Item>[],
    validFrom: number,
    bytesMax: number,
  ): CachedCluster {
    this.drop(cluster);
    this.#evict(bytesMax);
    const room = roomFor(rows.length);
    const cached = new CachedCluster(this.#take(room), room, validFrom);
    cached.usedAt = ++this.#clock;
    this.#clusters.set(cluster, cached);
    for (const { locator, item } of rows) {
      this.#append(cached, locator, item, 0);
    }
    return cached;
  }

  /** Follows a commit in a cluster, if it is here. */
  change(
    cluster: number,
    sequence: number,
    changes: readonly ClusterChange<Item>[],
  ): void {
    const cached = this.#clusters.get(cluster);
    if (cached === undefined) return;
    for (const { locator, item } of changes) {
      end(cached, locator, sequence);
      if (item !== undefined) {
        this.#append(cached, locator, item, sequence);
      }
    }
    if (cached.dead > ROOM_MIN && cached.dead > DEAD_MAX * cached.count) {
      this.drop(cluster);
    }
  }

  /** Forgets a cluster. */
  drop(cluster: number): void {
    const cached = this.#clusters.get(cluster);
    if (cached === undefined) return;
    this.#clusters.delete(cluster);
    this.#give(cached.from, cached.room);
  }

  /** Forgets everything. */
  clear(): void {
    for (const cluster of [...this.#clusters.keys()]) this.drop(cluster);
  }

  /** The rows of a cluster that a snapshot sees, and how far they are. */
  scan(
    cached: CachedCluster,
    query: Query,
    snapshot: number,
    sink: RowSink,
  ): void {
    const memory = this.#memory;
    const { locators, begins, ends, count } = cached;
    memory.setQuery(query);
    for (let from = 0; from < count; from += BATCH_MAX) {
      const size = Math.min(BATCH_MAX, count - from);
      const distances = memory.distances(cached.from + from, size);
      for (let i = 0; i < size; i++) {
        const row = from + i;
        if (begins[row]! > snapshot || ends[row]! <= snapshot) continue;
        sink(locators[row]!, distances[i]!);
      }
    }
  }

  #append(
    cached: CachedCluster,
    locator: number,
    item: Item,
    begin: number,
  ): void {
    if (cached.count === cached.room) {
      const { from, room, count } = cached;
      const place = this.#take(2 * room);
      for (let i = 0; i < count; i++) {
        this.#memory.copy(place + i, from + i);
      }
      cached.moveTo(place, 2 * room);
      this.#give(from, room);
    }
    const row = cached.count++;
    this.#memory.put(cached.from + row, item);
    cached.locators[row] = locator;
    cached.begins[row] = begin;
    cached.ends[row] = Infinity;
  }

  #take(room: number): number {
    this.#rowsUsed += room;
    const free = this.#free.get(room)?.pop();
    if (free !== undefined) return free;
    const place = this.#end;
    this.#end += room;
    // In steps of a quarter, as vectors may be large.
    this.#memory.reserve(Math.ceil(this.#end / 1024 * 1.25) * 1024);
    return place;
  }

  #give(place: number, room: number): void {
    this.#rowsUsed -= room;
    const free = this.#free.get(room);
    if (free === undefined) this.#free.set(room, [place]);
    else free.push(place);
  }

  /** Forgets what was not used for longest, if there is too much. */
  #evict(bytesMax: number): void {
    const rowBytes = this.#memory.stride + 24;
    if (this.#rowsUsed * rowBytes <= bytesMax) return;
    const oldest = [...this.#clusters].sort(([, a], [, b]) =>
      a.usedAt - b.usedAt
    );
    for (const [cluster] of oldest) {
      if (this.#rowsUsed * rowBytes <= bytesMax / 2) break;
      this.drop(cluster);
    }
  }
}

/** Ends the open version of a row. */
function end(cached: CachedCluster, locator: number, sequence: number): void {
  const { locators, ends, count } = cached;
  for (let row = 0; row < count; row++) {
    if (locators[row] !== locator || ends[row] !== Infinity) continue;
    ends[row] = sequence;
    cached.dead++;
    return;
  }
}

function roomFor(rows: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(rows + 1, ROOM_MIN)));
}
