/**
 * What is done to a database from outside, without opening it: by a process of
 * its own, while another one may write.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import {
  backup as copyObjects,
  type BackupOptions,
  type BackupReport,
} from "../../storage/backup/backup.ts";
import {
  compactExternally,
  type ExternalCompactionOptions,
  type ExternalCompactionReport,
} from "../../storage/engine/external_compaction.ts";
import {
  fsck,
  type FsckOptions,
  type FsckReport,
} from "../../storage/engine/fsck.ts";
import {
  MANIFEST_PREFIX,
  WAL_PREFIX,
} from "../../storage/object_store/object_path.ts";
import type { ObjectStore } from "../../storage/object_store/object_store.ts";
import { checkSegment } from "../access/hnsw_objects.ts";
import { openPlace, type PlaceOptions, type PlaceUse } from "./place.ts";

/** How {@linkcode compact} works. */
export interface CompactDatabaseOptions
  extends PlaceOptions, ExternalCompactionOptions {}

/** How {@linkcode check} works. */
export interface CheckOptions
  extends PlaceOptions, Pick<FsckOptions, "signal" | "onProgress"> {}

/**
 * Compacts the database at `address` from outside: merges what is due, or
 * everything with `full`, beside a writer or without one.
 *
 * @throws {KriyaError} `invalid` when there is no database; `corrupt`;
 * `unavailable`; the signal's reason.
 *
 * @example
 * ```ts
 * import { compact, open } from "@kriyadb/kriyadb";
 * import { assertEquals } from "@std/assert";
 *
 * await using db = await open("memory:shop");
 * await db.exec("CREATE TABLE items (id int PRIMARY KEY)");
 * const { overtaken } = await compact("memory:shop", { full: true });
 * assertEquals(overtaken, 0);
 * ```
 */
export async function compact(
  address: string,
  options: CompactDatabaseOptions = {},
): Promise<ExternalCompactionReport> {
  // A folder is not made for it.
  await at(address, { use: "read" }, options, expectDatabase);
  return await at(
    address,
    { use: "beside" },
    options,
    (objects) => compactExternally(objects, options),
  );
}

/**
 * Reads every object that the database at `address` needs, and says what is
 * wrong and where. Changes nothing; a database that is written meanwhile may be
 * reported damaged where it only went on.
 *
 * @throws {KriyaError} `invalid` when there is no database; `unavailable`; the
 * signal's reason.
 *
 * @example
 * ```ts
 * import { check, open } from "@kriyadb/kriyadb";
 * import { assertEquals } from "@std/assert";
 *
 * await using db = await open("memory:checked");
 * await db.exec("CREATE TABLE items (id int PRIMARY KEY)");
 * const { ok } = await check("memory:checked");
 * assertEquals(ok, true);
 * ```
 */
export async function check(
  address: string,
  options: CheckOptions = {},
): Promise<FsckReport> {
  const { signal, onProgress } = options;
  return await at(address, { use: "read" }, options, async (objects) => {
    await expectDatabase(objects);
    return await fsck(objects, {
      signal,
      ...(onProgress === undefined ? {} : { onProgress }),
      checkSegment,
    });
  });
}

/** How {@linkcode backup} works. */
export interface BackupDatabaseOptions
  extends Omit<BackupOptions, "checkSegment" | "environment"> {
  /** How the database is reached. */
  readonly from?: PlaceOptions | undefined;
  /** How the place of the copy is reached. */
  readonly to?: PlaceOptions | undefined;
}

/**
 * Copies the database at `from` to `to`, as it is at one moment, while it is
 * used; a restore is the same the other way. A place that holds an earlier copy
 * gets what is new. The copy is read back at the end.
 *
 * @throws {KriyaError} `invalid` when there is no database, or another one is
 * at `to`; `corrupt` when the database or the copy is damaged; `unavailable`;
 * the signal's reason.
 *
 * @example
 * ```ts
 * import { backup, open } from "@kriyadb/kriyadb";
 * import { assertEquals } from "@std/assert";
 *
 * await using db = await open("memory:live");
 * await db.exec("CREATE TABLE items (id int); INSERT INTO items VALUES (1)");
 * await backup("memory:live", "memory:copy");
 * await using copy = await open("memory:copy", { readOnly: true });
 * const { rows } = await copy.query("SELECT id FROM items");
 * assertEquals(rows, [{ id: 1 }]);
 * ```
 */
export async function backup(
  from: string,
  to: string,
  options: BackupDatabaseOptions = {},
): Promise<BackupReport> {
  const { from: source = {}, to: target = {}, ...others } = options;
  return await at(from, { use: "read" }, source, async (objects) => {
    await expectDatabase(objects);
    return await at(
      to,
      { use: "beside" },
      target,
      (copy) =>
        copyObjects(objects, copy, {
          ...others,
          environment: target.environment,
          checkSegment,
        }),
    );
  });
}

async function at<T>(
  address: string,
  wanted: PlaceUse,
  options: PlaceOptions,
  work: (objects: ObjectStore) => Promise<T>,
): Promise<T> {
  const place = await openPlace(address, wanted, options, new Map());
  try {
    return await work(place.objects);
  } finally {
    if (options.store === undefined) await place.objects.close();
    await place.release();
  }
}

/** @throws {KriyaError} `invalid` when nothing of a database is there. */
async function expectDatabase(objects: ObjectStore): Promise<void> {
  for (const prefix of [MANIFEST_PREFIX, WAL_PREFIX]) {
    const { objects: found } = await objects.list(prefix, { limit: 1 });
    if (found.length > 0) return;
  }
  throw new KriyaError(
    "invalid",
    `There is no database at "${objects.address}"`,
    { hint: "open() makes one" },
  );
}
