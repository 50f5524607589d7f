/**
 * Pins: what readers of other processes want to keep.
 *
 * A reader creates its pin, then reads the boundary; a collector moves the
 * boundary, then lists pins. So one of them sees the other (rules 26 and 27 of
 * `docs/decisions/001-protocol-model.md`). A pin is comfort only: a reader
 * without one meets a missing object, and refreshes or refuses. So a pin that
 * is damaged, expired, or names a manifest that is gone holds nothing.
 *
 * Expiry is by the bucket's dates alone: the date of the boundary that was just
 * written is not after now. So an expired pin goes with the next garbage, and
 * alone it stays: 24 bytes.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { ManifestStore } from "../manifest/manifest_store.ts";
import {
  GC_BOUNDARY_PATH,
  parseObjectPath,
  PIN_PREFIX,
} from "../object_store/object_path.ts";
import type {
  ObjectMeta,
  ObjectStore,
  RequestOptions,
} from "../object_store/object_store.ts";
import { neededBy } from "./garbage.ts";
import { decodePin, type Pin } from "./pin_codec.ts";

/** The most pins that are looked at; further ones hold nothing. */
const PINS_MAX = 10_000;

/** What pins say. */
export interface PinsFound {
  /** Whether a pin holds the object at `path`. */
  readonly holds: (path: string) => boolean;
  /** Pins that have expired: garbage themselves. */
  readonly expired: readonly string[];
}

/**
 * Reads the pins. REQUIRES: the boundary was moved before.
 *
 * @throws {KriyaError} `unavailable`.
 */
export async function readPins(
  store: ObjectStore,
  manifests: ManifestStore,
  options: RequestOptions,
): Promise<PinsFound> {
  const listed = await listPins(store, options);
  if (listed.length === 0) return { holds: () => false, expired: [] };
  const boundary = await store.head(GC_BOUNDARY_PATH, options);
  const nowMs = boundary?.lastModifiedMs ?? 0;
  const numbers = new Set<number>();
  const expired: string[] = [];
  for (const meta of listed) {
    const pin = await readPin(store, meta.path, options);
    if (pin === undefined) continue;
    if (meta.lastModifiedMs + pin.leaseMs < nowMs) expired.push(meta.path);
    else numbers.add(pin.manifest);
  }
  const pinned: Manifest[] = [];
  for (const number of numbers) {
    const manifest = await unlessCorrupt(() => manifests.read(number));
    if (manifest !== undefined) pinned.push(manifest);
  }
  return { holds: holderOf(pinned), expired };
}

function holderOf(pinned: readonly Manifest[]): (path: string) => boolean {
  const needed = new Set(pinned.flatMap(neededBy));
  const numbers = new Set(pinned.map(({ number }) => number));
  const replayFrom = Math.min(...pinned.map(({ replayFrom }) => replayFrom));
  return (path) => {
    const name = parseObjectPath(path);
    if (name?.kind === "manifest") return numbers.has(name.number);
    if (name?.kind === "wal") return name.id >= replayFrom;
    return needed.has(path);
  };
}

async function listPins(
  store: ObjectStore,
  options: RequestOptions,
): Promise<ObjectMeta[]> {
  const found: ObjectMeta[] = [];
  let startAfter: string | undefined;
  for (;;) {
    const page = await store.list(PIN_PREFIX, { ...options, startAfter });
    for (const meta of page.objects) {
      if (parseObjectPath(meta.path)?.kind === "pin") found.push(meta);
    }
    startAfter = page.objects.at(-1)?.path;
    const enough = found.length >= PINS_MAX;
    if (!page.truncated || startAfter === undefined || enough) return found;
  }
}

/** The pin at `path`; `undefined` if it is gone or damaged. */
async function readPin(
  store: ObjectStore,
  path: string,
  options: RequestOptions,
): Promise<Pin | undefined> {
  const body = await store.get(path, options);
  return body && await unlessCorrupt(() => decodePin(body.bytes, path));
}

/** What `read` gives; `undefined` if it finds damage. */
async function unlessCorrupt<T>(
  read: () => MaybePromise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof KriyaError && error.kind === "corrupt") {
      return undefined;
    }
    throw error;
  }
}
