/**
 * Keys of rows and of index entries.
 *
 * | key | of |
 * | --- | --- |
 * | storage id (u32), tuple id (u48) | a row; an entry of a vector index |
 * | storage id (u32), key columns | an entry of a unique index |
 * | storage id (u32), key columns, tuple id (u48) | an entry of another index, or of a unique one where a column is NULL |
 *
 * All numbers are big-endian, so that keys sort by storage id and then by tuple
 * id or by the columns.
 *
 * @module
 */

/** Bytes of a storage id. */
export const STORAGE_ID_BYTES = 4;
/** Bytes of a tuple id. */
export const TID_BYTES = 6;
/** Bytes of a row's key. */
export const ROW_KEY_BYTES = 10;

/** The key of a row. */
export function rowKey(storageId: number, tid: number): Uint8Array {
  const key = new Uint8Array(ROW_KEY_BYTES);
  setRowKey(key, storageId, tid);
  return key;
}

/** Makes `key` the key of a row. */
export function setRowKey(
  key: Uint8Array,
  storageId: number,
  tid: number,
): void {
  writeU32(key, 0, storageId);
  writeTid(key, STORAGE_ID_BYTES, tid);
}

/** What every key of a storage id begins with. */
export function storagePrefix(storageId: number): Uint8Array {
  const prefix = new Uint8Array(STORAGE_ID_BYTES);
  writeU32(prefix, 0, storageId);
  return prefix;
}

/** The keys of a storage id. */
export function storageRange(
  storageId: number,
): { readonly start: Uint8Array; readonly end: Uint8Array } {
  return {
    start: storagePrefix(storageId),
    end: storagePrefix(storageId + 1),
  };
}

/** Writes a tuple id at `at`. */
export function writeTid(bytes: Uint8Array, at: number, tid: number): void {
  const high = Math.floor(tid / 0x1_0000_0000);
  bytes[at] = high >>> 8;
  bytes[at + 1] = high;
  writeU32(bytes, at + 2, tid);
}

/** Reads the tuple id at `at`. */
export function readTid(bytes: Uint8Array, at: number): number {
  const low = (bytes[at + 2]! << 24 | bytes[at + 3]! << 16 |
    bytes[at + 4]! << 8 | bytes[at + 5]!) >>> 0;
  return (bytes[at]! * 256 + bytes[at + 1]!) * 0x1_0000_0000 + low;
}

/** Reads the 32-bit number at `at`. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 |
    bytes[at + 3]!) >>> 0;
}

/** Writes a 32-bit number at `at`. */
export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
