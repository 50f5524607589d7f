/**
 * Replays the log in order.
 *
 * @module
 */
import {
  parseWalPath,
  WAL_PREFIX,
  walPath,
} from "../object_store/object_path.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import {
  decodeWal,
  type DecodeWalOptions,
  walGapError,
  type WalObject,
} from "./wal_format.ts";

/** Objects fetched ahead of the one being replayed. */
const FETCH_AHEAD = 16;

/** The ids of the objects at or after `from`, ascending. */
export async function listWalIds(
  store: ObjectStore,
  from: number,
): Promise<number[]> {
  const ids: number[] = [];
  let startAfter = from > 0 ? walPath(from - 1) : undefined;
  for (;;) {
    const page = await store.list(WAL_PREFIX, { startAfter });
    for (const { path } of page.objects) {
      const id = parseWalPath(path);
      if (id !== undefined) ids.push(id);
      startAfter = path;
    }
    if (!page.truncated) return ids;
  }
}

/**
 * Decodes the objects `from`, `from + 1` … `to - 1` in order, fetching ahead.
 * Where a torn object may stand is for the caller to check.
 *
 * @throws {KriyaError} `corrupt` for a gap or damage.
 */
export async function* readWal(
  store: ObjectStore,
  from: number,
  to: number,
  options: DecodeWalOptions = {},
): AsyncGenerator<WalObject> {
  const fetches: Promise<Uint8Array | undefined>[] = [];
  let fetched = from;
  for (let id = from; id < to; id++) {
    while (fetched < to && fetches.length < FETCH_AHEAD) {
      const fetch = fetchWal(store, fetched++);
      fetch.catch(() => {}); // Reported when its turn comes.
      fetches.push(fetch);
    }
    const bytes = await fetches.shift()!;
    if (bytes === undefined) throw walGapError(store.address, id);
    yield decodeWal(bytes, id, walPath(id), options);
  }
}

async function fetchWal(
  store: ObjectStore,
  id: number,
): Promise<Uint8Array | undefined> {
  const body = await store.get(walPath(id));
  return body?.bytes;
}
