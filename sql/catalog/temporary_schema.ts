/**
 * What tells temporary objects from those that last: their ids, their storage
 * ids and their schema.
 *
 * Ids from {@linkcode TEMPORARY_ID_MIN} up are of temporary objects, the
 * storage ids among them: so the first bit of a key says whether it lies in the
 * tree or in the memory of one session. Each session has a schema of its own,
 * `pg_temp_1`, which it may call `pg_temp`.
 *
 * @module
 */

/** The first id of temporary objects. */
export const TEMPORARY_ID_MIN: number = 2 ** 31;

/** What every session may call its own temporary schema. */
export const TEMPORARY_ALIAS = "pg_temp";

/** Whether an object, or a storage, is temporary. */
export function isTemporaryId(id: number): boolean {
  return id >= TEMPORARY_ID_MIN;
}

/** Whether a key is that of a row, or of an entry, of something temporary. */
export function isTemporaryKey(key: Uint8Array): boolean {
  return key.length > 0 && key[0]! >= 0x80;
}

/** Whether a schema is a session's temporary one. */
export function isTemporarySchema(name: string): boolean {
  return name === TEMPORARY_ALIAS || name.startsWith("pg_temp_");
}
