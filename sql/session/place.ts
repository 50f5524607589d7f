/**
 * Where a database is: what an address stands for.
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
import type { LsmOptions } from "../../storage/engine/options.ts";
import { KriyaError } from "../../base/errors.ts";
import { acquireFolderLock } from "../../storage/object_store/file_lock.ts";
import { FileStore } from "../../storage/object_store/file_store.ts";
import { TEMPORARY_FOLDER } from "../../storage/object_store/file_temporary.ts";
import { MemoryStore } from "../../storage/object_store/memory_store.ts";
import type { ExtraRequests } from "../../storage/object_store/metered_store.ts";
import type { ObjectStore } from "../../storage/object_store/object_store.ts";
import type { S3Options } from "../../storage/object_store/s3/s3_options.ts";
import { S3Store } from "../../storage/object_store/s3/s3_store.ts";
import { Settings, settingValues } from "./settings.ts";

/** How a place is reached. */
export interface PlaceOptions {
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

/** What somebody wants at a place. */
export interface PlaceUse {
  /**
   * `write`: alone, against who has it open; `beside`: to write beside a writer
   * that may have it open; `read`: nothing is written but a reader's pin.
   */
  readonly use: "write" | "beside" | "read";
  /** Takes it from a writer that has it open. */
  readonly takeover?: boolean | undefined;
}

/** Where the objects are, and what keeps others from writing. */
export interface Place {
  /** The objects. */
  readonly objects: ObjectStore;
  /** Whether the system says that nobody else writes here. */
  readonly exclusive: boolean;
  /** Lets others write here. */
  readonly release: () => Promise<void>;
  /** What they send besides what they are asked. */
  readonly extra?: ExtraRequests;
  /** Settings that say where this is. */
  readonly settings?: ReadonlyMap<string, string>;
  /** A folder for temporary files that is here (default: the system's). */
  readonly temporaryFolder?: string;
  /** What the store is best opened with here. */
  readonly storage?: LsmOptions;
}

/**
 * Of a place that nobody else can open: nobody ever recovers from its log, so
 * that only a full memtable is a reason to flush.
 */
const UNSHARED: LsmOptions = {
  walObjectsMax: 65_536,
  flushWalObjectsMin: 65_536,
  flushBytesMin: 64 * 1024 * 1024,
};

/**
 * Opens what `address` stands for.
 *
 * @throws {KriyaError} `invalid` for an address that is none, and with code
 * `55006` when another process has it open for writing; `unavailable`.
 */
export async function openPlace(
  address: string,
  wanted: PlaceUse,
  options: PlaceOptions,
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
        ...address === "memory:" && {
          storage: UNSHARED,
        },
      };
    case "file":
      return await openFolder(address, wanted);
    case "s3":
      return {
        ...await openBucket(address, wanted, options, settings),
        release,
      };
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
  { use, takeover }: PlaceUse,
): Promise<Place> {
  const objects = await FileStore.open(address, {
    readOnly: use === "read" ? "pins" : false,
  });
  if (use !== "write") {
    return { objects, exclusive: false, release: () => Promise.resolve() };
  }
  const folder = fileURLToPath(objects.address);
  const lock = await acquireFolderLock(folder, { takeover });
  return {
    objects,
    exclusive: true,
    release: () => lock.release(),
    temporaryFolder: `${folder}/${TEMPORARY_FOLDER}`,
  };
}

/** What `lsm_s3.endpoint` says when it says nothing. */
const NO_ENDPOINT = "memory";

async function openBucket(
  address: string,
  { use }: PlaceUse,
  { s3, environment }: PlaceOptions,
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
  if (use === "write") objects.expectWrites();
  return {
    objects,
    exclusive: false,
    extra: objects.extra,
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

/**
 * Settings as they were given, in their normal forms.
 *
 * @throws {SqlError} as SET does.
 */
export function initialSettings(
  given: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const settings = new Settings();
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(given)) {
    const { definition, value: normal } = settings.assign(
      name,
      settingValues(name, value),
    );
    values.set(definition.name, normal);
  }
  return values;
}
