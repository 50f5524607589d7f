/**
 * Opening a database by its address.
 *
 * | address | where |
 * | --- | --- |
 * | `memory:` | in this process, gone when it is closed |
 * | `memory:name` | in this process, shared by all who open the name |
 * | `file:./data`, `file:///…` | in a folder |
 * | `s3://bucket/prefix` | in a bucket; `s3:///prefix`: in that of the settings |
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Environment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { LsmOptions } from "../../storage/engine/options.ts";
import { acquireFolderLock } from "../../storage/object_store/file_lock.ts";
import { FileStore } from "../../storage/object_store/file_store.ts";
import { MemoryStore } from "../../storage/object_store/memory_store.ts";
import { MeteredStore } from "../../storage/object_store/metered_store.ts";
import type { S3Options } from "../../storage/object_store/s3/s3_options.ts";
import { S3Store } from "../../storage/object_store/s3/s3_store.ts";
import type { ObjectStore } from "../../storage/object_store/object_store.ts";
import { loadParser } from "../parser/parser.ts";
import { COMMIT_MODE_SETTING } from "./commit_mode.ts";
import { Database } from "./database.ts";
import { DatabaseCore } from "./database_core.ts";
import type { QueryOptions } from "./queryable.ts";
import { Settings, settingValues } from "./settings.ts";

/** How a database is opened. */
export interface OpenOptions extends QueryOptions {
  /** Only reads; any number of processes may (default false). */
  readonly readOnly?: boolean | undefined;
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
  /** Options of the store below; settings go before them. */
  readonly storage?: LsmOptions | undefined;
  /**
   * How the bucket of an `s3://` address is reached; the settings
   * `lsm_s3.endpoint`, `lsm_s3.bucket` and `lsm_s3.region` fill in what it
   * leaves out, then the environment does.
   */
  readonly s3?: S3Options | undefined;
  /** A store of your own instead of the one that the address names. */
  readonly store?: ObjectStore | undefined;
  /** Clock and chance (default: the system's). */
  readonly environment?: Environment | undefined;
}

const MIB = 1024 * 1024;

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
  const parser = loadParser();
  parser.catch(() => {}); // Awaited below.
  const place = await openPlace(address, options, settings);
  let store: LsmStore | undefined;
  try {
    const meter = new MeteredStore(place.objects);
    store = await LsmStore.open(
      meter,
      {
        ...storeSettings(settings),
        ...options.storage,
        readOnly: options.readOnly,
        takeover: options.takeover,
        environment: options.environment,
      },
      { exclusive: place.exclusive },
    );
    await parser;
    const core = await DatabaseCore.open({
      store,
      requests: () => ({ ...meter.snapshot() }),
      settings: new Map([...settings, ...place.settings ?? []]),
    });
    return new Database(core, queryOptions(options), place.release);
  } catch (error) {
    // What went wrong first is what is told.
    await store?.close().catch(() => {});
    if (options.store === undefined) await place.objects.close();
    await place.release();
    throw error;
  }
}

/** Where the objects are, and what keeps others from writing. */
interface Place {
  readonly objects: ObjectStore;
  /** Whether the system says that nobody else writes here. */
  readonly exclusive: boolean;
  readonly release: () => Promise<void>;
  /** Settings that say where this is. */
  readonly settings?: ReadonlyMap<string, string>;
}

async function openPlace(
  address: string,
  options: OpenOptions,
  settings: ReadonlyMap<string, string>,
): Promise<Place> {
  const release = (): Promise<void> => Promise.resolve();
  if (options.store !== undefined) {
    return { objects: options.store, exclusive: false, release };
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(address)?.[1];
  switch (scheme) {
    case "memory":
      return {
        objects: memoryStore(address.slice("memory:".length)),
        exclusive: false,
        release,
      };
    case "file":
      return await openFolder(address, options);
    case "s3":
      return { ...await openBucket(address, options, settings), release };
    default:
      throw new KriyaError(
        "invalid",
        `Cannot open "${address}": not an address of a database`,
        { hint: 'Use "memory:", "file:./folder" or "s3://bucket/prefix"' },
      );
  }
}

function memoryStore(name: string): MemoryStore {
  return new MemoryStore(name === "" ? {} : { name });
}

async function openFolder(
  address: string,
  options: OpenOptions,
): Promise<Place> {
  const objects = await FileStore.open(address, {
    readOnly: options.readOnly,
  });
  if (options.readOnly) {
    return { objects, exclusive: false, release: () => Promise.resolve() };
  }
  const lock = await acquireFolderLock(fileURLToPath(objects.address), {
    takeover: options.takeover,
  });
  return { objects, exclusive: true, release: () => lock.release() };
}

/** What `lsm_s3.endpoint` says when it says nothing. */
const NO_ENDPOINT = "memory";

async function openBucket(
  address: string,
  { s3, environment, readOnly }: OpenOptions,
  given: ReadonlyMap<string, string>,
): Promise<Omit<Place, "release">> {
  const settings = new Settings(given);
  const endpoint = given.get("lsm_s3.endpoint");
  const objects = await S3Store.open(address, {
    ...s3,
    endpoint: s3?.endpoint ?? (endpoint === NO_ENDPOINT ? undefined : endpoint),
    region: s3?.region ?? given.get("lsm_s3.region"),
    bucket: s3?.bucket ?? settings.show("lsm_s3.bucket"),
    environment: s3?.environment ?? environment,
  });
  if (!readOnly) objects.expectWrites();
  return {
    objects,
    exclusive: false,
    settings: new Map([
      ["lsm_s3.bucket", objects.bucket],
      ["lsm_s3.region", objects.region],
      [
        "lsm_s3.endpoint",
        objects.endpoint ?? `https://s3.${objects.region}.amazonaws.com`,
      ],
    ]),
  };
}

function initialSettings(
  given: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const settings = new Settings();
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(given)) {
    const { definition, value: normal } = settings.set(
      name,
      settingValues(name, value),
      false,
    );
    values.set(definition.name, normal);
  }
  return values;
}

/** What settings say of the store. */
function storeSettings(values: ReadonlyMap<string, string>): LsmOptions {
  const settings = new Settings(values);
  return {
    flushIntervalMs: settings.integer("lsm_s3.flush_interval_ms"),
    memoryBytesMax: settings.integer("lsm_s3.max_memory_mb") * MIB,
    memtableBytesMax: settings.integer("lsm_s3.memtable_size_mb") * MIB,
    cacheBytesMax: settings.integer("lsm_s3.cache_size_mb") * MIB,
  };
}

function queryOptions(options: OpenOptions): QueryOptions {
  const { rowMode, resultFormat, onNotice, onProgress } = options;
  return { rowMode, resultFormat, onNotice, onProgress };
}
