/**
 * Several streams of blocks as one, in the order of entries: by key, then from
 * the newest version to the oldest.
 *
 * It gives stretches: as many entries of one block as come before everything
 * else. Where inputs do not overlap a stretch is a whole block, found with one
 * comparison. The streams stand in the order of their next entries, so the one
 * that was taken from finds its new place by bisection.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { EntryRun } from "../mvcc/entry_run.ts";
import { compareRanges } from "../mvcc/internal_key.ts";
import type { InputBlock, InputStream } from "./input_stream.ts";

class Head {
  readonly stream: InputStream;
  block: InputBlock | undefined;
  run!: EntryRun;
  index = 0;

  constructor(stream: InputStream) {
    this.stream = stream;
  }

  place(block: InputBlock | undefined): void {
    this.block = block;
    this.index = 0;
    if (block !== undefined) this.run = block.run;
  }
}

/** Merges streams. */
export class InputMerge {
  /** The streams that have something left, by their next entries. */
  readonly #heads: Head[] = [];
  /** One that has to be loaded and put in its place. */
  #loose: Head[];
  /** The block of the stretch. */
  block!: InputBlock;
  /** Where the stretch begins in it. */
  from = 0;
  /** Where it ends. */
  to = 0;

  /** A merge of `streams`. */
  constructor(streams: readonly InputStream[]) {
    this.#loose = streams.map((stream) => new Head(stream));
  }

  /** Goes to the next stretch; false at the end. */
  next(): MaybePromise<boolean> {
    while (this.#loose.length > 0) {
      const head = this.#loose.at(-1)!;
      if (head.block === undefined || head.index === head.run.count) {
        const block = head.stream.next();
        if (isPromise(block)) {
          return block.then((block) => {
            this.#settle(head, block);
            return this.next();
          });
        }
        this.#settle(head, block);
      } else {
        this.#loose.pop();
        this.#insert(head);
      }
    }
    const heads = this.#heads;
    if (heads.length === 0) return false;
    const first = heads[0]!;
    for (let i = 1; i < heads.length; i++) heads[i - 1] = heads[i]!;
    heads.length--;
    this.#loose.push(first);
    this.block = first.block!;
    this.from = first.index;
    first.index = this.to = endOfStretch(first, this.#heads[0]);
    return true;
  }

  #settle(head: Head, block: InputBlock | undefined): void {
    head.place(block);
    if (block !== undefined && block.run.count > 0) return;
    if (block === undefined) {
      this.#loose = this.#loose.filter((other) => other !== head);
    }
  }

  #insert(head: Head): void {
    const heads = this.#heads;
    let low = 0;
    let high = heads.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = heads[middle]!;
      if (compareEntries(other, other.index, head, head.index) < 0) {
        low = middle + 1;
      } else high = middle;
    }
    heads.push(head);
    for (let i = heads.length - 1; i > low; i--) heads[i] = heads[i - 1]!;
    heads[low] = head;
  }
}

/** The first entry of `first` that does not come before `second`'s next. */
function endOfStretch(first: Head, second: Head | undefined): number {
  const { count } = first.run;
  if (second === undefined) return count;
  const { index } = second;
  if (compareEntries(first, count - 1, second, index) < 0) return count;
  // The first entry comes before it, the last does not.
  let low = first.index + 1;
  let step = 1;
  let high = low;
  while (high < count && compareEntries(first, high, second, index) < 0) {
    low = high + 1;
    high += step;
    step *= 2;
  }
  if (high > count) high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareEntries(first, middle, second, index) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compareEntries(
  a: Head,
  aIndex: number,
  b: Head,
  bIndex: number,
): number {
  const left = a.run;
  const right = b.run;
  const order = compareRanges(
    left.keys,
    left.keyStarts[aIndex]!,
    left.keyEnds[aIndex]!,
    right.keys,
    right.keyStarts[bIndex]!,
    right.keyEnds[bIndex]!,
  );
  return order !== 0
    ? order
    : right.sequences[bIndex]! - left.sequences[aIndex]!;
}
