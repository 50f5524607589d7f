/**
 * Ours and native key-value engines as one thing: an ordered map in a folder.
 *
 * Keys are 16 bytes, values 100 that do not compress; both are made before
 * anything is measured, and every engine gets the same.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { pathToFileURL } from "node:url";
import { installPeer, peerFile, requirePeer } from "./cache.ts";
import { randomNumbers } from "./random.ts";

/** The entries of a load. */
export class KvEntries {
  /** The keys, in order. */
  readonly keys: readonly Buffer[];
  readonly #pool: Buffer;

  /** `count` entries. */
  constructor(count: number) {
    // Parts of one allocation, as they would come from a decoded message.
    const bytes = Buffer.alloc(16 * count);
    for (let i = 0; i < count; i++) {
      bytes.write(String(i).padStart(16, "0"), 16 * i, "latin1");
    }
    this.keys = Array.from(
      { length: count },
      (_, i) => bytes.subarray(16 * i, 16 * i + 16),
    );
    const random = randomNumbers(7);
    this.#pool = Buffer.from(
      Uint8Array.from({ length: 1 << 20 }, () => random() * 256),
    );
  }

  /** The value of entry `index`. */
  value(index: number): Buffer {
    const at = (index * 97) % (this.#pool.length - 100);
    return this.#pool.subarray(at, at + 100);
  }
}

/** An ordered map in a folder. */
export interface KvEngine {
  /** Writes entries as one batch, durable some time later. */
  putBatch(indices: Uint32Array): unknown;
  /** Writes an entry; resolves when it is durable. */
  putDurable(index: number): Promise<unknown>;
  /** Reads an entry; at once where the engine can. */
  get(index: number): unknown;
  /** Reads everything in order; resolves with how many entries there are. */
  scan(): number | Promise<number>;
  /** Brings everything into its place on the disk. */
  settle(): unknown;
  /** Lets go of it. */
  close(): unknown;
}

/** Opens an engine in a folder that is new or its own. */
export type OpenKv = (folder: string, entries: KvEntries) => Promise<KvEngine>;

/** Ours. */
export async function openOurKv(
  folder: string,
  entries: KvEntries,
): Promise<KvEngine> {
  const { FileStore, LsmStore, WriteBatch } = await import("../storage/mod.ts");
  const objects = await FileStore.open(folder);
  const store = await LsmStore.open(objects, {}, { exclusive: true });
  const { keys } = entries;
  return {
    putBatch(indices: Uint32Array): unknown {
      const batch = new WriteBatch();
      for (const i of indices) batch.put(keys[i]!, entries.value(i));
      // LevelDB's are not synced either.
      return store.write(batch, { durability: "periodic" });
    },
    putDurable(index: number): Promise<unknown> {
      const batch = new WriteBatch();
      batch.put(keys[index]!, entries.value(index));
      return store.write(batch);
    },
    get: (index: number): unknown => store.get(keys[index]!),
    async scan(): Promise<number> {
      const scan = store.scan();
      let count = 0;
      for (;;) {
        const next = scan.next();
        const run = next instanceof Promise ? await next : next;
        if (run === undefined) return count;
        // Every key and every value is looked at, as one would.
        for (let i = 0; i < run.count; i++) {
          const isKey = run.keyEnds[i]! - run.keyStarts[i]! === 16 &&
            run.keys[run.keyStarts[i]!] === 48;
          if (isKey && run.values[run.valueEnds[i]! - 1]! >= 0) count++;
        }
      }
    },
    settle: (): unknown => store.compact(),
    async close(): Promise<void> {
      await store.close();
      await objects.close();
    },
  };
}

interface ClassicLevelModule {
  ClassicLevel: new (folder: string, options: object) => {
    open(): Promise<void>;
    batch(operations: object[]): Promise<void>;
    put(key: Buffer, value: Buffer, options: object): Promise<void>;
    getSync(key: Buffer): Buffer | undefined;
    iterator(): {
      nextv(count: number): Promise<unknown[]>;
      close(): Promise<void>;
    };
    compactRange(first: Buffer, last: Buffer): Promise<void>;
    close(): Promise<void>;
  };
}

/** LevelDB, by classic-level. */
export async function openClassicLevel(
  folder: string,
  entries: KvEntries,
): Promise<KvEngine> {
  const { ClassicLevel } = requirePeer("classic-level") as ClassicLevelModule;
  const { keys } = entries;
  const db = new ClassicLevel(folder, {
    keyEncoding: "buffer",
    valueEncoding: "buffer",
  });
  await db.open();
  return {
    putBatch: (indices: Uint32Array): unknown =>
      db.batch(Array.from(indices, (i) => ({
        type: "put",
        key: keys[i]!,
        value: entries.value(i),
      }))),
    putDurable: (index: number): Promise<unknown> =>
      db.put(keys[index]!, entries.value(index), { sync: true }),
    get: (index: number): unknown => db.getSync(keys[index]!),
    async scan(): Promise<number> {
      const iterator = db.iterator();
      let count = 0;
      for (;;) {
        const some = await iterator.nextv(1000);
        if (some.length === 0) break;
        count += some.length;
      }
      await iterator.close();
      return count;
    },
    settle: (): unknown => db.compactRange(keys[0]!, keys.at(-1)!),
    close: (): unknown => db.close(),
  };
}

interface LmdbModule {
  open(options: object): {
    transaction(work: () => void): Promise<void>;
    put(key: Buffer, value: Buffer): Promise<boolean>;
    getBinary(key: Buffer): Buffer | undefined;
    getRange(options: object): Iterable<{ value: Buffer }>;
    readonly flushed: Promise<unknown>;
    close(): Promise<void>;
  };
}

/** LMDB, by lmdb. */
export function openLmdb(
  folder: string,
  entries: KvEntries,
): Promise<KvEngine> {
  const { open } = requirePeer("lmdb") as LmdbModule;
  const { keys } = entries;
  const db = open({
    path: folder,
    encoding: "binary",
    keyEncoding: "binary",
    mapSize: 2 ** 32,
  });
  return Promise.resolve({
    putBatch: (indices: Uint32Array): unknown =>
      db.transaction(() => {
        for (const i of indices) db.put(keys[i]!, entries.value(i));
      }),
    async putDurable(index: number): Promise<void> {
      await db.put(keys[index]!, entries.value(index));
      await db.flushed;
    },
    get: (index: number): unknown => db.getBinary(keys[index]!),
    scan(): number {
      let count = 0;
      for (const { value } of db.getRange({})) if (value) count++;
      return count;
    },
    settle: (): unknown => db.flushed,
    close: (): unknown => db.close(),
  });
}

interface SlateModule {
  ObjectStore: { resolve(url: string): { dispose(): void } };
  DbBuilder: new (path: string, store: unknown) => {
    build(): Promise<{
      write_with_options(batch: unknown, options: object): Promise<unknown>;
      put(key: Buffer, value: Buffer): Promise<unknown>;
      get(key: Buffer): Promise<unknown>;
      scan(range: object): Promise<{ next(): Promise<unknown> }>;
      flush_with_options(options: object): Promise<unknown>;
      shutdown(): Promise<void>;
    }>;
  };
  WriteBatch: new () => { put(key: Buffer, value: Buffer): void };
  FlushType: { MemTable: unknown };
}

/** SlateDB, by `@slatedb/uniffi`, over a folder. */
export async function openSlate(
  folder: string,
  entries: KvEntries,
): Promise<KvEngine> {
  await Deno.mkdir(folder, { recursive: true });
  return await openSlateAt(pathToFileURL(folder).href, entries);
}

/** SlateDB at an address; a bucket's options are in the environment. */
export async function openSlateAt(
  address: string,
  entries: KvEntries,
): Promise<KvEngine> {
  const module = await import(
    pathToFileURL(peerFile("@slatedb/uniffi", "index.js")).href
  ) as SlateModule;
  const store = module.ObjectStore.resolve(address);
  const db = await new module.DbBuilder("kv", store).build();
  const { keys } = entries;
  return {
    async putBatch(indices: Uint32Array): Promise<void> {
      const batch = new module.WriteBatch();
      for (const i of indices) batch.put(keys[i]!, entries.value(i));
      await db.write_with_options(batch, { ["await_durable"]: false });
    },
    putDurable: (index: number): Promise<unknown> =>
      db.put(keys[index]!, entries.value(index)),
    get: (index: number): unknown => db.get(keys[index]!),
    async scan(): Promise<number> {
      const iterator = await db.scan({
        ["start_inclusive"]: true,
        ["end_inclusive"]: false,
      });
      let count = 0;
      while (await iterator.next()) count++;
      return count;
    },
    settle: (): unknown =>
      db.flush_with_options({ ["flush_type"]: module.FlushType.MemTable }),
    async close(): Promise<void> {
      await db.shutdown();
      store.dispose();
    },
  };
}

/** Installs the engines to compare with. */
export async function installKvPeers(): Promise<void> {
  await installPeer("classic-level", "3.0.0");
  await installPeer("lmdb", "3.5.6");
  await installPeer("@slatedb/uniffi", "0.12.1");
}
