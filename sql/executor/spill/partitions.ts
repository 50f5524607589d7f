/**
 * Rows parted by a hash of their keys, in one temporary file: rows with equal keys
 * are in one part (Kitsuregawa, Tanaka & Moto-oka 1983, "Application of Hash to Data
 * Base Machine and Its Architecture"). A part that is too large is parted again, with
 * another hash: that of the next level.
 *
 * @module
 */
import type { SpillFile } from "../../access/temporary_files.ts";
import { CHUNK_ROWS, type Column } from "../../chunk/chunk.ts";
import { forEachRow } from "../column_tools.ts";
import type { RowKey } from "../row_key.ts";
import { RowStore } from "../row_store.ts";
import type { RunState } from "../run_state.ts";
import type { ChunkShape } from "./chunk_bytes.ts";
import { HeldMemory } from "./held_memory.ts";
import { PIECE_BYTES, SpilledRows } from "./spilled_rows.ts";

/** How many parts there are. */
export const PART_COUNT = 16;

/** How often rows are parted at most: 2^20 parts. */
export const LEVEL_MAX = 5;

/** Rows on their way into parts. */
export class Partitions {
  readonly #level: number;
  readonly #parts: readonly SpilledRows[];
  readonly #pending: readonly RowStore[];
  readonly #pendingMemory: HeldMemory;
  readonly #rows: Uint32Array[];
  readonly #counts = new Uint32Array(PART_COUNT);

  /** No rows yet; what is written to `file` counts for `memory`. */
  constructor(
    shape: ChunkShape,
    file: SpillFile,
    level: number,
    memory: HeldMemory,
    run: RunState,
  ) {
    this.#level = level;
    this.#pendingMemory = new HeldMemory(run, true);
    const count = { length: PART_COUNT };
    this.#parts = Array.from(
      count,
      () => new SpilledRows(shape, file, memory),
    );
    this.#pending = Array.from(
      count,
      () => new RowStore(shape.types, run, this.#pendingMemory),
    );
    this.#rows = Array.from(count, () => new Uint32Array(CHUNK_ROWS));
  }

  /** Adds rows by their keys. */
  add(
    columns: readonly Column[],
    selection: Uint32Array | undefined,
    rowCount: number,
    keyOf: (row: number) => RowKey,
  ): void {
    const counts = this.#counts.fill(0);
    forEachRow(selection, rowCount, (row) => {
      const part = hashOfKey(keyOf(row), this.#level) % PART_COUNT;
      let rows = this.#rows[part]!;
      if (counts[part] === rows.length) {
        const longer = new Uint32Array(2 * rows.length);
        longer.set(rows);
        this.#rows[part] = rows = longer;
      }
      rows[counts[part]!++] = row;
    });
    for (let part = 0; part < PART_COUNT; part++) {
      if (counts[part] === 0) continue;
      const pending = this.#pending[part]!;
      pending.append(
        columns,
        this.#rows[part]!.subarray(0, counts[part]),
        rowCount,
      );
      if (pending.count >= CHUNK_ROWS || pending.bytes >= PIECE_BYTES) {
        this.#flush(part);
      }
    }
  }

  #flush(part: number): void {
    const pending = this.#pending[part]!;
    const { count } = pending;
    if (count === 0) return;
    this.#parts[part]!.append(pending.take(), undefined, count);
    pending.release();
  }

  /** The parts; no more rows can be added. */
  finish(): readonly SpilledRows[] {
    for (let part = 0; part < PART_COUNT; part++) this.#flush(part);
    return this.#parts;
  }

  /** Lets go of the rows that are in memory. */
  release(): void {
    this.#pendingMemory.release();
  }
}

const bits = new DataView(new ArrayBuffer(8));

/** A hash of 32 bits, another one at each level. */
export function hashOfKey(key: RowKey, level: number): number {
  let hash = Math.imul(level + 1, 0x9e3779b1);
  switch (typeof key) {
    case "number":
      bits.setFloat64(0, key);
      hash = mix(hash ^ bits.getUint32(0));
      hash ^= bits.getUint32(4);
      break;
    case "string":
      hash = textHash(hash, key);
      break;
    case "bigint":
      hash = textHash(hash, key.toString());
      break;
    case "boolean":
      hash ^= key ? 1 : 2;
      break;
  }
  return mix(hash);
}

/** FNV-1a over code units. */
function textHash(seed: number, text: string): number {
  let hash = seed ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash;
}

/** The finalizer of MurmurHash3: every bit depends on every bit. */
function mix(hash: number): number {
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
