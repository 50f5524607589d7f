/**
 * Bytes of a row being read.
 *
 * @module
 */
import type { KriyaError } from "../../base/errors.ts";

/** Bytes being read, and how to complain about them. */
export interface ValueSource {
  /** What they are called in errors. */
  readonly name: string;
  /** The bytes. */
  readonly bytes: Uint8Array;
  /** A view of them. */
  readonly view: DataView;
  /** An error that names the source and the byte. */
  corrupt(what: string, at: number): KriyaError;
}
