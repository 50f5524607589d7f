/**
 * The least of many distances, and when the last of them came: a heap whose
 * greatest is on top.
 *
 * @module
 */

/** The least distances so far. */
export class NearestDistances {
  #heap: number[] = [];
  #size = 0;
  /** When the last came that is, or was, one of them. */
  foundAt = 0;

  /** Keeps `size` of them from now on, if it is more than before. */
  widen(size: number): void {
    this.#size = Math.max(this.#size, size);
  }

  /** Looks at a distance that came at a time. */
  add(distance: number, at: number): void {
    const heap = this.#heap;
    const value = Number.isNaN(distance) ? Infinity : distance;
    if (heap.length < this.#size) {
      heap.push(value);
      this.#up(heap.length - 1);
    } else if (value < heap[0]!) {
      heap[0] = value;
      this.#down();
    } else return;
    this.foundAt = at;
  }

  #up(from: number): void {
    const heap = this.#heap;
    for (let child = from; child > 0;) {
      const parent = (child - 1) >> 1;
      if (heap[parent]! >= heap[child]!) return;
      [heap[parent], heap[child]] = [heap[child]!, heap[parent]!];
      child = parent;
    }
  }

  #down(): void {
    const heap = this.#heap;
    for (let parent = 0;;) {
      const left = 2 * parent + 1;
      if (left >= heap.length) return;
      const right = left + 1;
      const child = right < heap.length && heap[right]! > heap[left]!
        ? right
        : left;
      if (heap[parent]! >= heap[child]!) return;
      [heap[parent], heap[child]] = [heap[child]!, heap[parent]!];
      parent = child;
    }
  }
}
