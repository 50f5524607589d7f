/**
 * A place in a sorted source of versions that goes to any key at once: what many
 * short ranges are read by, where a scan for each would cost more than what it
 * reads.
 *
 * @module
 */

/** A place in a source, at one entry of it. Nothing else is valid at its end. */
export interface KeyPlace {
  /** Whether no entry is left. */
  readonly isAtEnd: boolean;
  /** Holds the key. */
  readonly keys: Uint8Array;
  /** Where it starts in `keys`. */
  readonly keyStart: number;
  /** Where it ends. */
  readonly keyEnd: number;
  /** Holds the value. */
  readonly values: Uint8Array;
  /** Where it starts in `values`. */
  readonly valueStart: number;
  /** Where it ends. */
  readonly valueEnd: number;
  /** The entry's sequence. */
  readonly sequence: number;
  /** The entry's kind. */
  readonly kind: number;
  /**
   * Goes to the newest version of the first key at or after `key`, which is not
   * kept; false: not everything that takes is in memory.
   */
  seek(key: Uint8Array): boolean;
  /** Goes to the next entry; false as above. REQUIRES: it is not at the end. */
  next(): boolean;
}
