/**
 * Who writes: an epoch and a random id.
 *
 * The epoch orders writers; it grows by one with every claim. The id tells two
 * processes apart that both believe to hold an epoch, and a writer's own
 * objects from another's when an outcome has to be read back.
 *
 * @module
 */
import type { Environment } from "../base/environment.ts";

/** Bytes of a writer's id. */
export const WRITER_ID_BYTES = 16;

/** A writer. */
export interface WriterIdentity {
  /** The generation; the highest owns the database. */
  readonly epoch: number;
  /** 32 hexadecimal digits. */
  readonly writerId: string;
}

/** A new random writer id. */
export function newWriterId(environment: Environment): string {
  return environment.randomBytes(new Uint8Array(WRITER_ID_BYTES)).toHex();
}

/** The bytes of a writer id. */
export function writerIdBytes(writerId: string): Uint8Array {
  return Uint8Array.fromHex(writerId);
}
