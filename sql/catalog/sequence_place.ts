/**
 * Where a sequence stands, as a row of the catalog.
 *
 * | key | value |
 * | --- | --- |
 * | `00000000 07` storage id (u32) | the last number (i64), 1 if it was drawn |
 *
 * Numbers are big-endian.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";

const KIND = 7;

/** Bytes of a stored place. */
const PLACE_BYTES = 9;

/** The first key of the places. */
export const SEQUENCES_START: Uint8Array = sequenceKey(0);
/** The first key after them. */
export const SEQUENCES_END: Uint8Array = Uint8Array.of(0, 0, 0, 0, KIND + 1);

/** Where a sequence stands. */
export interface SequencePlace {
  /** The last number drawn, or the first to be drawn. */
  readonly last: bigint;
  /** Whether `last` was drawn. */
  readonly called: boolean;
}

/** The key of where a sequence stands. */
export function sequenceKey(storageId: number): Uint8Array {
  const bytes = new Uint8Array(9);
  bytes[4] = KIND;
  new DataView(bytes.buffer).setUint32(5, storageId);
  return bytes;
}

/** The storage id in a key. */
export function sequenceOfKey(key: Uint8Array): number {
  return new DataView(key.buffer, key.byteOffset + 5).getUint32(0);
}

/** A place as it is stored: always of the same length. */
export function encodePlace({ last, called }: SequencePlace): Uint8Array {
  const bytes = new Uint8Array(PLACE_BYTES);
  new DataView(bytes.buffer).setBigInt64(0, last);
  bytes[8] = called ? 1 : 0;
  return bytes;
}

/**
 * Reads a place.
 *
 * @throws {KriyaError} `corrupt`.
 */
export function decodePlace(bytes: Uint8Array): SequencePlace {
  if (bytes.length !== PLACE_BYTES || bytes[8]! > 1) {
    throw new KriyaError(
      "corrupt",
      "Cannot read the catalog: the place of a sequence is damaged",
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { last: view.getBigInt64(0), called: bytes[8] === 1 };
}
