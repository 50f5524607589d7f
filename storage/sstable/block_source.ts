/**
 * What a table asks of whoever keeps its blocks in memory; `storage/cache` has
 * one that keeps them within a budget.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";

/** The things of one kind of one table, by number. */
export interface BlockShelf<T> {
  /** Bytes that all things together may take. */
  readonly bytesMax: number;
  /** The thing in a slot: at once if it is here, else loaded. */
  get(slot: number): MaybePromise<T>;
  /** The thing in a slot if it is here. */
  touch(slot: number): T | undefined;
  /** Puts a thing that was read with others into its empty slot. */
  put(slot: number, value: T): void;
  /** Whether a slot's thing is here, staged, or being read. */
  isComing(slot: number): boolean;
  /** Puts stored bytes into a slot that has nothing, to be decoded later. */
  stage(slot: number, bytes: Uint8Array): void;
  /** Says that slots [first, end) will be staged when `read` is done. */
  expect(first: number, end: number, read: Promise<unknown>): void;
  /** Whether its things are kept before others. */
  pinned: boolean;
  /** Lets go of everything, for good. */
  close(): void;
}

/** How a shelf gets what it has not. */
export interface BlockLoader<T> {
  /** Reads the thing in a slot. */
  load(slot: number): MaybePromise<T>;
  /** Makes it of bytes that were staged; `undefined`: it is to be loaded. */
  decode?(slot: number, staged: Uint8Array): T | undefined;
}

/** Keeps decoded blocks, indexes and filters. */
export interface BlockSource {
  /** A shelf of `slotCount` slots. */
  shelf<T extends { readonly memoryBytes: number }>(
    kind: "data" | "index" | "filter",
    slotCount: number,
    loader: BlockLoader<T>,
  ): BlockShelf<T>;
}
