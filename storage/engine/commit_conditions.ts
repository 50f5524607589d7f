/**
 * What a batch asks for besides its writes.
 *
 * @module
 */
import type { WalMode } from "./options.ts";
import type { SortedWrites } from "./sorted_writes.ts";
import type { BatchRange } from "./write_batch.ts";

/** A range of keys that must be unchanged. */
export interface UnchangedRange extends BatchRange {
  /** Since when, if nobody was kept from it: not before `snapshot`. */
  readonly since?: number | undefined;
}

/** When and how a batch commits, and what must hold for it. */
export interface CommitConditions {
  /**
   * Checked keys, and those below, must be unchanged since this sequence
   * (default: they are not checked).
   */
  readonly snapshot?: number | undefined;
  /**
   * Checked keys of the batch, and ranges, need only be unchanged since this
   * sequence, where it is later: who commits has kept others from them before.
   */
  readonly lockedSince?: number | undefined;
  /** Keys that the batch does not write. */
  readonly unchangedKeys?: readonly Uint8Array[] | undefined;
  /** Ranges of keys. */
  readonly unchangedRanges?: readonly UnchangedRange[] | undefined;
  /**
   * What is committed besides, larger than memory. Where a key is in both, that
   * of the batch counts.
   */
  readonly sorted?: SortedWrites | undefined;
  /** When the commit is acknowledged (default: the store's `walMode`). */
  readonly durability?: WalMode | undefined;
  /**
   * Gives up the commit as long as it has not joined; afterwards it is too
   * late, and nothing happens.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Is called in the turn in which the batch joins, before anything can come
   * between: may overwrite bytes of values in the sealed payload.
   */
  readonly beforeJoin?: (() => void) | undefined;
  /**
   * Is called with the sequence in the turn in which the batch becomes visible,
   * before anything else can read: what follows the log in memory (catalog,
   * indexes) keeps pace in it. Must not throw.
   */
  readonly onVisible?: ((sequence: number) => void) | undefined;
}
