/**
 * Opening a database by its address, see `place.ts`.
 *
 * @module
 */
import { prepareStatement } from "./prepared_statement.ts";
import { runStatement } from "./run_statement.ts";
import {
  type DiskCacheOptions,
  openDiskCache,
} from "../../storage/cache/disk_cache.ts";
import type { SharedCache } from "../../storage/cache/shared/shared_cache.ts";
import { openSharedCache } from "../../storage/cache/shared/shared_chunks.ts";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { Consistency, LsmOptions } from "../../storage/engine/options.ts";
import type { StoreEventListener } from "../../storage/engine/store_event.ts";
import { FolderScratch } from "../../storage/object_store/folder_scratch.ts";
import type { ScratchFiles } from "../../storage/object_store/scratch_file.ts";
import { systemTemporaryFolder } from "../../storage/object_store/system_folder.ts";
import { systemEnvironment } from "../../base/environment.ts";
import type { ObjectStore } from "../../storage/object_store/object_store.ts";
import { MeteredStore } from "../../storage/object_store/metered_store.ts";
import { requestDollars } from "../../storage/object_store/request_price.ts";
import { loadParser } from "../parser/parser.ts";
import { COMMIT_MODE_SETTING } from "./commit_mode.ts";
import { Database } from "./database.ts";
import { DatabaseCore } from "./database_core.ts";
import type { QueryOptions } from "./queryable.ts";
import {
  initialSettings,
  openPlace,
  type Place,
  type PlaceOptions,
} from "./place.ts";
import { Settings } from "./settings.ts";
import { storeChanges } from "./store_settings.ts";

/** How a database is opened. */
export interface OpenOptions extends QueryOptions, PlaceOptions {
  /**
   * Only reads, and follows the process that writes; any number of processes
   * may (default false).
   */
  readonly readOnly?: boolean | undefined;
  /**
   * How close a reader keeps to the writer: `"snapshot"` shows what it was
   * opened on until `refresh()`; `"strong"` asks the store before every
   * statement or transaction, and shows all that was acknowledged by then;
   * `{ boundedMs }` shows nothing older than that, and asks only when somebody
   * reads (default `{ boundedMs: 1000 }`).
   */
  readonly consistency?: Consistency | undefined;
  /**
   * Whether a reader keeps what it reads from being collected, by an object of
   * its own in the store, where it may write one (default `"auto"`).
   */
  readonly pin?: "auto" | "never" | undefined;
  /**
   * Takes the database over from another process that has it open for writing
   * (default false: error `55006`).
   */
  readonly takeover?: boolean | undefined;
  /**
   * Initial values of settings, as SET would take them; for example
   * `{ "lsm_s3.memtable_size_mb": "16" }`.
   */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** The name of the user, who owns everything (default `postgres`). */
  readonly user?: string | undefined;
  /**
   * Is told what somebody who looks after the database wants to know: that the
   * log cannot be written, that commits are refused therefore, and that they are
   * taken again. `status().store` counts the same, and says what is so now.
   */
  readonly onEvent?: StoreEventListener | undefined;
  /**
   * Where what is larger than memory goes for a while: a folder, or a place of
   * your own (default: in the folder of a `file:` database that is opened for
   * writing, else the system's folder for temporary files). Where the process
   * may not write, such statements fail with `53200`.
   */
  readonly temporaryFiles?: string | ScratchFiles | undefined;
  /** Options of the store below; settings go before them. */
  readonly storage?: LsmOptions | undefined;
  /**
   * A local folder that keeps what was read from the bucket, with a budget of
   * its own; safe to delete at any time (default: none).
   */
  readonly diskCache?: DiskCacheOptions | undefined;
  /**
   * Memory in which the Workers of this process keep what they read from the
   * bucket: the cache, or its handle in another Worker (default: none).
   */
  readonly sharedCache?: SharedCache | SharedArrayBuffer | undefined;
}

/**
 * Opens the database at `address`; makes it if there is none.
 *
 * @throws {KriyaError} `invalid` for an address that is none, and with code
 * `55006` when another process has it open for writing; `corrupt`;
 * `unavailable`.
 *
 * @example
 * ```ts
 * import { open } from "@kriyadb/kriyadb";
 * import { assertEquals } from "@std/assert";
 *
 * await using db = await open("memory:");
 * const { rows } = await db.query("SELECT 1 + $1::int AS sum", [2]);
 * assertEquals(rows, [{ sum: 3 }]);
 * ```
 */
export async function open(
  address: string,
  options: OpenOptions = {},
): Promise<Database> {
  const settings = initialSettings({
    ...(options.storage?.walMode ?? "sync") === "sync"
      ? {}
      : { [COMMIT_MODE_SETTING]: "off" },
    ...options.settings,
  });
  const given = new Settings(settings);
  const parser = loadParser();
  parser.catch(() => {}); // Awaited below.
  const { readOnly, takeover } = options;
  const use = readOnly ? "read" : "write";
  const place = await openPlace(address, { use, takeover }, options, settings);
  let store: LsmStore | undefined;
  try {
    const none = { retry: 0, part: 0 };
    const meter = new MeteredStore(place.objects, () => place.extra ?? none);
    store = await LsmStore.open(
      await cached(meter, options),
      {
        ...place.storage,
        ...storeChanges((name) => given.integer(name)),
        ...options.storage,
        readOnly,
        consistency: options.consistency ?? options.storage?.consistency,
        pin: options.pin ?? options.storage?.pin,
        takeover,
        environment: options.environment,
      },
      { exclusive: place.exclusive },
    );
    if (options.onEvent !== undefined) store.onEvent(options.onEvent);
    await parser;
    const core = await DatabaseCore.open({
      store,
      requests: () => {
        const counts = meter.snapshot();
        return { ...counts, dollars: requestDollars(counts) };
      },
      settings: new Map([...settings, ...place.settings ?? []]),
      user: options.user,
      scratch: scratchFiles(place, options),
    });
    core.runNested = (session, request, text) => {
      const { catalog } = request.transaction;
      const prepared = prepareStatement(core, session, { text, catalog });
      return runStatement(core, session, prepared, request);
    };
    return new Database(core, queryOptions(options), place.release);
  } catch (error) {
    // What went wrong first is what is told.
    await store?.close().catch(() => {});
    if (options.store === undefined) await place.objects.close();
    await place.release();
    throw error;
  }
}

/** The store behind the caches that were asked for. */
async function cached(
  meter: ObjectStore,
  { diskCache, sharedCache }: OpenOptions,
): Promise<ObjectStore> {
  const onDisk = diskCache === undefined
    ? meter
    : await openDiskCache(meter, diskCache);
  return sharedCache === undefined
    ? onDisk
    : openSharedCache(onDisk, sharedCache);
}

function scratchFiles(
  { temporaryFolder }: Place,
  { temporaryFiles: given, environment = systemEnvironment }: OpenOptions,
): ScratchFiles {
  if (given !== undefined && typeof given !== "string") return given;
  const folder = given ?? temporaryFolder ?? systemTemporaryFolder();
  return new FolderScratch(folder, environment);
}

function queryOptions(options: OpenOptions): QueryOptions {
  const { rowMode, resultFormat, dialect, onNotice, onProgress } = options;
  const { types, parsers, serializers } = options;
  return {
    rowMode,
    resultFormat,
    types,
    parsers,
    serializers,
    dialect,
    onNotice,
    onProgress,
  };
}
