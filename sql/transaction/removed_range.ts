/**
 * A range of keys that a transaction removed.
 *
 * @module
 */
import type { BatchRange } from "../../storage/engine/write_batch.ts";

/** A range that was removed after the write of a number. */
export type RemovedRange = BatchRange & { readonly sequence: number };
