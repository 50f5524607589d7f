/**
 * Whether tables are what the manifest and their own properties say.
 *
 * `checkTable`, of one table:
 * 1. Every block is whole, and the entries are in order: keys ascending, the
 *    versions of a key from the newest to the oldest.
 * 2. Keys and sequences lie within the bounds of the manifest, tombstones too.
 * 3. Entries, deletions and tombstones are as many as the manifest says, and
 *    the statistics by prefix add up to them.
 * 4. The filter lets every key pass.
 *
 * `checkOrder`, of many, the newest first:
 * 5. Of two versions of a key the newer one lies in the newer table.
 *
 * A table is read once, block by block; nothing but a block of each is held.
 *
 * @module
 */
import { lastKeyBefore } from "../sstable/properties.ts";
import { compareBytes } from "../../base/bytes.ts";
import { crc32c } from "../../base/checksum.ts";
import type { TableMeta } from "../manifest/manifest.ts";
import type { EntryRun } from "../mvcc/entry_run.ts";
import { KIND_DELETE, KIND_PUT } from "../mvcc/internal_key.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { filterHash } from "../sstable/bloom_filter.ts";
import type { SstableReader } from "../sstable/sstable_reader.ts";
import type { Findings } from "./damage.ts";

/** Findings of one kind in one table; further ones say nothing new. */
const REPEATS_MAX = 3;

/** Checks one table, whose reader is open. Findings name its object. */
export async function checkTable(
  reader: SstableReader,
  meta: TableMeta,
  findings: Findings,
  signal?: AbortSignal,
): Promise<void> {
  const check = new TableCheck(reader, meta, findings);
  const offsets = await findings.during(
    meta.path,
    () => reader.blockOffsets(),
  );
  for (let block = 0; block < reader.blockCount; block++) {
    signal?.throwIfAborted();
    const run = await findings.during(meta.path, () => reader.block(block));
    if (run === undefined) check.broken = true;
    else await check.run(run, offsets?.[block]);
  }
  check.end();
}

/** Whether the part of the object that is read on opening has its digest. */
export async function checkDigest(
  objects: ObjectStore,
  meta: TableMeta,
  findings: Findings,
): Promise<void> {
  const { path, size, metaOffset, digest } = meta;
  if (digest === undefined) return;
  const range = { offset: metaOffset, length: size - metaOffset };
  const body = await objects.get(path, { range });
  if (body !== undefined && crc32c(body.bytes) !== digest) {
    findings.add(path, "not the table that the manifest names", metaOffset);
  }
}

class TableCheck {
  readonly #reader: SstableReader;
  readonly #meta: TableMeta;
  readonly #findings: Findings;
  readonly #repeats = new Map<string, number>();
  /** Whether a block could not be read: then counts say nothing. */
  broken = false;
  #offset: number | undefined;
  #lastKey: Uint8Array | undefined;
  #lastSequence = 0;
  #entries = 0;
  #deletions = 0;

  constructor(reader: SstableReader, meta: TableMeta, findings: Findings) {
    this.#reader = reader;
    this.#meta = meta;
    this.#findings = findings;
  }

  #add(what: string, offset = this.#offset): void {
    const repeats = (this.#repeats.get(what) ?? 0) + 1;
    this.#repeats.set(what, repeats);
    if (repeats > REPEATS_MAX) return;
    this.#findings.add(this.#meta.path, what, offset);
  }

  /** Checks the entries of a block that begins at `offset`. */
  async run(run: EntryRun, offset: number | undefined): Promise<void> {
    this.#offset = offset;
    for (let i = 0; i < run.count; i++) {
      const start = run.keyStarts[i]!;
      const end = run.keyEnds[i]!;
      const key = run.keys.subarray(start, end);
      this.#checkEntry(key, run.sequences[i]!, run.kinds[i]!);
      const hash = filterHash(run.keys, start, end);
      const there = this.#reader.mayContain(key, hash);
      if (!(typeof there === "boolean" ? there : await there)) {
        this.#add("the filter does not let a key pass");
      }
    }
  }

  #checkEntry(key: Uint8Array, sequence: number, kind: number): void {
    const meta = this.#meta;
    this.#entries++;
    if (kind === KIND_DELETE) this.#deletions++;
    else if (kind !== KIND_PUT) this.#add("an entry of an unknown kind");
    const order = this.#lastKey === undefined
      ? -1
      : compareBytes(this.#lastKey, key);
    if (order > 0 || order === 0 && this.#lastSequence <= sequence) {
      this.#add("entries out of order");
    }
    this.#lastKey = key;
    this.#lastSequence = sequence;
    const within = compareBytes(meta.firstKey, key) <= 0 &&
      compareBytes(key, meta.lastKey) <= 0;
    if (!within) this.#add("a key outside of the bounds in the manifest");
    this.#checkSequence(sequence);
  }

  #checkSequence(sequence: number): void {
    const { sequenceMin, sequenceMax, commitSequence } = this.#meta;
    const within = commitSequence === undefined
      ? sequenceMin <= sequence && sequence <= sequenceMax
      : sequence === commitSequence;
    if (!within) this.#add("a sequence outside of the bounds in the manifest");
  }

  /** Checks the tombstones, and what was counted. */
  end(): void {
    const meta = this.#meta;
    const { tombstones, properties } = this.#reader;
    this.#offset = undefined;
    for (const { start, end, sequence } of tombstones) {
      this.#checkSequence(sequence);
      const within = compareBytes(meta.firstKey, start) <= 0 &&
        compareBytes(lastKeyBefore(end), meta.lastKey) <= 0;
      if (!within) this.#add("a range tombstone outside of the bounds");
    }
    this.#count("range tombstones", tombstones.length, meta.tombstoneCount);
    if (this.broken) return;
    this.#count("entries", this.#entries, meta.entryCount);
    this.#count("deletions", this.#deletions, meta.deletionCount);
    for (const each of [meta, properties]) {
      const sum = each.prefixes.reduce((sum, { entries }) => sum + entries, 0);
      this.#count("entries by prefix", sum, this.#entries);
    }
  }

  #count(what: string, found: number, said: number): void {
    if (found !== said) this.#add(`${found} ${what} where ${said} are due`);
  }
}

/** A table, or the tables of a sorted level, read in order. */
class Cursor {
  readonly tables: readonly SstableReader[];
  #table = 0;
  #block = -1;
  #run: EntryRun | undefined;
  #index = 0;
  key: Uint8Array | undefined;

  constructor(tables: readonly SstableReader[]) {
    this.tables = tables;
  }

  get path(): string {
    return this.tables[Math.min(this.#table, this.tables.length - 1)]!.path;
  }

  get sequence(): number {
    return this.#run!.sequences[this.#index]!;
  }

  /** Goes to the next entry; `key` is `undefined` at the end. */
  async next(): Promise<void> {
    this.#index++;
    while (this.#run === undefined || this.#index >= this.#run.count) {
      const table = this.tables[this.#table];
      if (table === undefined) return void (this.key = undefined);
      if (++this.#block < table.blockCount) {
        this.#run = await table.block(this.#block);
        this.#index = 0;
      } else {
        this.#table++;
        this.#block = -1;
      }
    }
    const { keys, keyStarts, keyEnds } = this.#run;
    this.key = keys.subarray(keyStarts[this.#index], keyEnds[this.#index]);
  }
}

/**
 * Checks that of two versions of a key the newer one is in the newer source.
 * REQUIRES: each of the sources, the newest first, is in order and readable.
 */
export async function checkOrder(
  sources: readonly (readonly SstableReader[])[],
  findings: Findings,
  signal?: AbortSignal,
): Promise<void> {
  const cursors = sources.filter((tables) => tables.length > 0)
    .map((tables) => new Cursor(tables));
  for (const cursor of cursors) await cursor.next();
  let repeats = 0;
  for (let step = 0;; step++) {
    if (step % 1024 === 0) signal?.throwIfAborted();
    let least: Uint8Array | undefined;
    for (const { key } of cursors) {
      if (key === undefined) continue;
      if (least === undefined || compareBytes(key, least) < 0) least = key;
    }
    if (least === undefined) return;
    let before = Infinity;
    for (const cursor of cursors) {
      while (cursor.key && compareBytes(cursor.key, least) === 0) {
        if (cursor.sequence >= before && ++repeats <= REPEATS_MAX) {
          findings.add(
            cursor.path,
            `sequence ${cursor.sequence} of a key below sequence ${before}`,
          );
        }
        before = cursor.sequence;
        await cursor.next();
      }
    }
  }
}
