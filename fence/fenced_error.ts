/**
 * The error of a writer that is not the newest any more.
 *
 * @module
 */
import { KriyaError } from "../base/errors.ts";

/**
 * The error with which a fenced writer answers every write; `owner` tells who
 * holds the database now, as far as known.
 */
export function fencedError(address: string, owner?: string): KriyaError {
  return new KriyaError(
    "fenced",
    `Cannot write to ${address}: another writer has taken over`,
    {
      ...(owner === undefined ? {} : { detail: `The owner is ${owner}.` }),
      hint: "Open the database again to write; this handle still reads",
    },
  );
}
