/**
 * Candidates in order: by distance, NaN after all others, then by node
 * number. The twin of `kernels/assembly/pool.ts`.
 *
 * @module
 */

/** Whether candidate (`d1`, `id1`) comes before (`d2`, `id2`). */
export function comesBefore(
  d1: number,
  id1: number,
  d2: number,
  id2: number,
): boolean {
  if (d1 < d2) return true;
  if (d1 > d2) return false;
  if (d1 === d2) return id1 < id2;
  const nan1 = Number.isNaN(d1);
  const nan2 = Number.isNaN(d2);
  return nan1 === nan2 ? id1 < id2 : nan2;
}

/** A sorted array of the best `capacity` candidates. */
export class CandidatePool {
  /** Distances, best first. */
  readonly distances: Float32Array;
  /** Node numbers. */
  readonly ids: Uint32Array;
  /** 1 once a candidate's neighbours were looked at. */
  readonly expanded: Uint8Array;
  /** How many there are. */
  count = 0;
  /** How many there may be; at most the room the pool was made with. */
  capacity: number;

  /** Creates an empty pool with room for `room` candidates. */
  constructor(room: number) {
    this.capacity = room;
    this.distances = new Float32Array(room);
    this.ids = new Uint32Array(room);
    this.expanded = new Uint8Array(room);
  }

  /** Empties the pool and sets its capacity. */
  reset(capacity: number): void {
    this.count = 0;
    this.capacity = capacity;
  }

  /** Whether a candidate would get in. */
  admits(distance: number, id: number): boolean {
    if (this.count < this.capacity) return true;
    const last = this.count - 1;
    return comesBefore(
      distance,
      id,
      this.distances[last]!,
      this.ids[last]!,
    );
  }

  /** Puts a candidate in its place; gives the place, -1 if there is none. */
  insert(distance: number, id: number): number {
    if (!this.admits(distance, id)) return -1;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      const before = comesBefore(
        this.distances[middle]!,
        this.ids[middle]!,
        distance,
        id,
      );
      if (before) low = middle + 1;
      else high = middle;
    }
    const last = Math.min(this.count, this.capacity - 1);
    this.distances.copyWithin(low + 1, low, last);
    this.ids.copyWithin(low + 1, low, last);
    this.expanded.copyWithin(low + 1, low, last);
    this.distances[low] = distance;
    this.ids[low] = id;
    this.expanded[low] = 0;
    this.count = last + 1;
    return low;
  }
}
