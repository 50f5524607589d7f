/**
 * Column families: key spaces of their own in one store, with batches that
 * write to several at once.
 *
 * A family is a four-byte prefix, so that families share the log, the memtable
 * and the tree, and a batch over any of them is one commit. Space 0 is the
 * catalog; numbers are never given twice.
 *
 * | key in space 0 | value |
 * | --- | --- |
 * | `f` and the name | number of the family, u32 big-endian |
 * | `n` | the next number, u32 big-endian |
 *
 * A store belongs to its families as a whole: keys that were written without
 * them have no place in it.
 *
 * @module
 */
import { utf8Decode, utf8Encode } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import type { LsmStore } from "../engine/lsm_store.ts";
import { WriteBatch } from "../engine/write_batch.ts";
import {
  ColumnFamily,
  FAMILY_PREFIX_BYTES,
  spaceKey,
} from "./column_family.ts";
import type { FamilyBatch } from "./family_batch.ts";

const CATALOG = 0;
const NEXT_KEY = spaceKey(CATALOG, utf8Encode("n"));
const NAME_BYTES_MAX = 255;
const ATTEMPTS_MAX = 16;

function nameKey(name: string): Uint8Array {
  return spaceKey(CATALOG, utf8Encode(`f${name}`));
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/**
 * The families of a store.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import {
 *   ColumnFamilies,
 *   FamilyBatch,
 *   LsmStore,
 *   MemoryStore,
 * } from "../mod.ts";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const store = await LsmStore.open(new MemoryStore());
 * const families = await ColumnFamilies.open(store);
 * const users = await families.family("users");
 * const mails = await families.family("mails");
 *
 * const batch = new FamilyBatch();
 * batch.put(users, bytes("1"), bytes("Ada"));
 * batch.put(mails, bytes("ada@example.com"), bytes("1"));
 * await families.write(batch);
 * assertEquals(await users.get(bytes("1")), bytes("Ada"));
 * assertEquals(await mails.get(bytes("1")), undefined);
 * await store.close();
 * ```
 */
export class ColumnFamilies {
  readonly #store: LsmStore;
  readonly #families = new Map<string, ColumnFamily>();

  private constructor(store: LsmStore) {
    this.#store = store;
  }

  /**
   * The families of `store`: none yet, in one that is empty.
   *
   * @throws {KriyaError} `invalid` when it holds keys that are in no family.
   */
  static async open(store: LsmStore): Promise<ColumnFamilies> {
    const families = new ColumnFamilies(store);
    if (await store.get(NEXT_KEY) === undefined) {
      const scan = store.scan();
      const run = await scan.next();
      scan.close();
      if (run !== undefined) {
        throw new KriyaError(
          "invalid",
          `Cannot open the families of ${store.objects.address}: its keys were written without families`,
          { hint: "Use a store of its own" },
        );
      }
      return families;
    }
    const start = nameKey("");
    const end = spaceKey(CATALOG, utf8Encode("g"));
    const scan = store.scan({ start, end });
    for (let run = await scan.next(); run; run = await scan.next()) {
      for (let i = 0; i < run.count; i++) {
        const nameAt = run.keyStarts[i]! + start.length;
        const name = utf8Decode(run.keys.subarray(nameAt, run.keyEnds[i]));
        const value = run.values.subarray(run.valueStarts[i], run.valueEnds[i]);
        families.#remember(name, value);
      }
    }
    return families;
  }

  /** The names, in order. */
  get names(): string[] {
    return [...this.#families.keys()].sort();
  }

  /**
   * The family of a name, made if there is none.
   *
   * @throws {KriyaError} `invalid` for a name that is empty or over 255 bytes.
   */
  async family(name: string): Promise<ColumnFamily> {
    const known = this.#families.get(name);
    if (known !== undefined) return known;
    const { length } = utf8Encode(name);
    if (length === 0 || length > NAME_BYTES_MAX || !name.isWellFormed()) {
      throw new KriyaError(
        "invalid",
        `Cannot make a family of the name "${name}": 1 to ${NAME_BYTES_MAX} bytes of UTF-8 are allowed`,
      );
    }
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#make(name);
      } catch (error) {
        // Somebody else makes a family at the same time.
        const again = error instanceof KriyaError && error.kind === "conflict";
        if (!again || attempt === ATTEMPTS_MAX) throw error;
      }
    }
  }

  async #make(name: string): Promise<ColumnFamily> {
    const snapshot = this.#store.snapshot();
    try {
      const there = await this.#store.get(nameKey(name), snapshot);
      if (there !== undefined) return this.#remember(name, there);
      const next = await this.#store.get(NEXT_KEY, snapshot);
      const number = next === undefined ? CATALOG + 1 : numberOf(next, "n");
      const batch = new WriteBatch();
      batch.put(NEXT_KEY, u32(number + 1), true);
      batch.put(nameKey(name), u32(number), true);
      await this.#store.write(batch, { snapshot: snapshot.sequence });
      return this.#remember(name, u32(number));
    } finally {
      snapshot.release();
    }
  }

  #remember(name: string, value: Uint8Array): ColumnFamily {
    const known = this.#families.get(name);
    if (known !== undefined) return known;
    const number = numberOf(value, name);
    const family = new ColumnFamily(this.#store, name, number);
    this.#families.set(name, family);
    return family;
  }

  /**
   * Removes a family and all that is in it, in constant time.
   *
   * @throws {KriyaError} `invalid` if there is none of that name.
   */
  async drop(name: string): Promise<void> {
    const family = this.#families.get(name);
    if (family === undefined) {
      throw new KriyaError("invalid", `Cannot drop "${name}": no such family`);
    }
    const batch = new WriteBatch();
    batch.delete(nameKey(name));
    batch.deleteRange(spaceKey(family.number), spaceKey(family.number + 1));
    await this.#store.write(batch);
    this.#families.delete(name);
    family.markDropped();
  }

  /**
   * Commits a batch over any families.
   *
   * @throws {KriyaError} as {@linkcode LsmStore.write}.
   */
  write(
    batch: FamilyBatch,
    conditions?: Parameters<LsmStore["write"]>[1],
  ): Promise<number> {
    return this.#store.write(batch.batch, conditions);
  }
}

function numberOf(value: Uint8Array, name: string): number {
  if (value.length !== FAMILY_PREFIX_BYTES) {
    throw new KriyaError(
      "corrupt",
      `Cannot read family "${name}": its number has ${value.length} bytes`,
    );
  }
  const { buffer, byteOffset } = value;
  return new DataView(buffer, byteOffset).getUint32(0);
}
