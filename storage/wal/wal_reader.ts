/**
 * Replays the log in order, fetching ahead.
 *
 * Fetches run at the same time and end in any order; objects are decoded and
 * handed on in that of their ids. How many are fetched ahead, and how many bytes
 * they may be, is bounded.
 *
 * @module
 */
import {
  parseWalPath,
  WAL_PREFIX,
  walPath,
} from "../object_store/object_path.ts";
import type { ObjectMeta, ObjectStore } from "../object_store/object_store.ts";
import {
  decodeWal,
  type DecodeWalOptions,
  walGapError,
  type WalObject,
} from "./wal_format.ts";

/** Objects fetched at once, at most … */
const FETCHES_MAX = 16;
/** … and bytes of them; one object alone may be larger. */
const FETCH_BYTES_MAX = 64 * 1024 * 1024;

/** An object of the log, as a listing tells of it. */
export interface WalEntry {
  /** Its id. */
  readonly id: number;
  /** Its size in bytes. */
  readonly size: number;
}

/** The objects at or after `from`, ascending. */
export async function listWal(
  store: ObjectStore,
  from: number,
): Promise<WalEntry[]> {
  const entries: WalEntry[] = [];
  let startAfter = from > 0 ? walPath(from - 1) : undefined;
  for (;;) {
    const page = await store.list(WAL_PREFIX, { startAfter });
    entries.push(...page.objects.flatMap(entryOf));
    startAfter = page.objects.at(-1)?.path ?? startAfter;
    if (!page.truncated) return entries;
  }
}

/** All objects, ascending, if one request tells; else `undefined`. */
export async function listWalOnce(
  store: ObjectStore,
): Promise<WalEntry[] | undefined> {
  const { objects, truncated } = await store.list(WAL_PREFIX);
  return truncated ? undefined : objects.flatMap(entryOf);
}

function entryOf({ path, size }: ObjectMeta): WalEntry | [] {
  const id = parseWalPath(path);
  return id === undefined ? [] : { id, size };
}

/**
 * Decodes the objects from id `from` to the last of `entries` in order; one that
 * was not listed is looked for all the same, since it may have come meanwhile.
 * Where a torn object may stand is for the caller to check.
 *
 * @throws {KriyaError} `corrupt` for a gap or damage.
 */
export async function* readWal(
  store: ObjectStore,
  from: number,
  entries: readonly WalEntry[],
  options: DecodeWalOptions = {},
): AsyncGenerator<WalObject> {
  const end = (entries.at(-1)?.id ?? from - 1) + 1;
  const fetches: Fetch[] = [];
  let bytesAhead = 0;
  let ahead = from;
  let listed = 0;
  for (let id = from; id < end; id++) {
    while (ahead < end && fetches.length < FETCHES_MAX) {
      const entry = entries[listed]!;
      const size = entry.id === ahead ? entry.size : 0;
      if (fetches.length > 0 && bytesAhead + size > FETCH_BYTES_MAX) break;
      if (entry.id === ahead) listed++;
      const body = fetchWal(store, ahead++);
      body.catch(() => {}); // Reported when its turn comes.
      fetches.push({ body, size });
      bytesAhead += size;
    }
    const { body, size } = fetches.shift()!;
    const bytes = await body;
    bytesAhead -= size;
    if (bytes === undefined) throw walGapError(store.address, id);
    yield decodeWal(bytes, id, walPath(id), options);
  }
}

/** What {@linkcode probeWal} found. */
export interface ProbedWal {
  /** The objects from the first id on, without a gap. */
  readonly objects: readonly WalObject[];
  /** Whether the id after them was absent when it was asked for. */
  readonly atEnd: boolean;
}

/**
 * Looks for the object of id `from` and those after it, without a listing: one,
 * and if it is there, ever more at once. Calls `onFirst` once one was found.
 *
 * @throws {KriyaError} `corrupt`, `unavailable`.
 */
export async function probeWal(
  store: ObjectStore,
  from: number,
  options: DecodeWalOptions,
  onFirst: () => void,
): Promise<ProbedWal> {
  const objects: WalObject[] = [];
  let bytes = 0;
  for (let width = 1;; width = Math.min(width * 2, FETCHES_MAX)) {
    const first = from + objects.length;
    const found = await Promise.all(
      Array.from({ length: width }, (_, i) => fetchWal(store, first + i)),
    );
    for (const [i, body] of found.entries()) {
      // One that came after it was asked for is found by the next probe.
      if (body === undefined) return { objects, atEnd: true };
      if (objects.length === 0) onFirst();
      const id = first + i;
      objects.push(decodeWal(body, id, walPath(id), options));
      bytes += body.length;
    }
    if (bytes > FETCH_BYTES_MAX) return { objects, atEnd: false };
  }
}

/** A fetch under way. */
interface Fetch {
  readonly body: Promise<Uint8Array | undefined>;
  readonly size: number;
}

async function fetchWal(
  store: ObjectStore,
  id: number,
): Promise<Uint8Array | undefined> {
  const body = await store.get(walPath(id));
  return body?.bytes;
}
