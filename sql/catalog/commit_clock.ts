/**
 * When commits were made: the versions of one row.
 *
 * While versions are kept (`version_retention`), every commit writes the row
 * `00000000 40`:
 *
 * | size | field |
 * | ---: | --- |
 * |    8 | the time at which it joined the log: ms since the epoch, u64 |
 * |    8 | since when every commit has written it, u64 |
 *
 * Numbers are big-endian. The row as of a sequence is the time of that commit,
 * so the commits up to a time are found by halving: no index of times is kept,
 * and the row's versions stay and go with all others.
 *
 * Invariants:
 * 1. Times do not fall from one commit to the next, whatever the clock does.
 * 2. A commit is made at its time or, if the clock went back, at a later one.
 *
 * Rejected: a key for each time, which a commit may have when it joins after
 * one with a later time; times in the log alone, which ends at the last flush.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import { findInBatch, WriteBatch } from "../../storage/engine/write_batch.ts";

const CLOCK_KEY = Uint8Array.of(0, 0, 0, 0, 0x40);
const VALUE_BYTES = 16;

/** A version of the row. */
interface ClockRow {
  /** When the commit was made. */
  readonly ms: number;
  /** Since when the times of all commits are known. */
  readonly sinceMs: number;
}

/** The time of a commit in a batch that was made while versions were kept. */
export function commitTimeOf(key: Uint8Array, value: Uint8Array): number {
  return isClockKey(key) && value.length === VALUE_BYTES
    ? decode(value).ms
    : Number.NaN;
}

/** Whether a key is the row's. */
export function isClockKey(key: Uint8Array): boolean {
  return key.length === CLOCK_KEY.length &&
    CLOCK_KEY.every((byte, i) => key[i] === byte);
}

/** The clock of a database's commits. */
export class CommitClock {
  readonly #store: LsmStore;
  #last: ClockRow | undefined;

  /** A clock that writes nothing before it is loaded. */
  constructor(store: LsmStore) {
    this.#store = store;
  }

  /** Reads the row; goes on if versions are kept. */
  async load(): Promise<void> {
    const stored = await this.#store.get(CLOCK_KEY);
    if (stored !== undefined) this.#last = decode(stored);
    else if (this.#store.manifest.versionRetentionMs > 0) this.#begin();
  }

  #begin(): void {
    const ms = this.#now();
    this.#last = { ms, sinceMs: ms };
  }

  #now(): number {
    return Math.max(0, Math.floor(this.#store.config.environment.now()));
  }

  /** Begins to write down times; the first is this one. */
  async start(): Promise<void> {
    if (this.#last !== undefined) return;
    this.#begin();
    const batch = new WriteBatch();
    this.addTo(batch);
    await this.#store.write(batch, {
      durability: "sync",
      beforeJoin: () => this.amend(batch),
    });
  }

  /** Writes down no times any more: those that are known go. */
  async stop(): Promise<void> {
    if (this.#last === undefined) return;
    this.#last = undefined;
    const batch = new WriteBatch();
    batch.delete(CLOCK_KEY);
    await this.#store.write(batch, { durability: "sync" });
  }

  /** Adds the row to a commit's batch, if times are written down. */
  addTo(batch: WriteBatch): void {
    if (this.#last === undefined) return;
    batch.put(CLOCK_KEY, new Uint8Array(VALUE_BYTES));
  }

  /** Says in a sealed batch that it joins now. */
  amend(batch: WriteBatch): void {
    const sealed = batch.seal();
    const row = findInBatch(sealed, CLOCK_KEY);
    if (row < 0) return;
    const now = this.#now();
    const { ms, sinceMs } = this.#last ?? { ms: now, sinceMs: now };
    const next = { ms: Math.max(ms, now), sinceMs };
    if (this.#last !== undefined) this.#last = next;
    const { payload } = sealed;
    const at = payload.byteOffset + sealed.valueStarts[row]!;
    const view = new DataView(payload.buffer, at, VALUE_BYTES);
    view.setBigUint64(0, BigInt(next.ms));
    view.setBigUint64(8, BigInt(next.sinceMs));
  }

  /**
   * The highest sequence from `from` up to `to` of a commit made at `ms` or
   * before; `undefined` where that is not known any more.
   */
  async sequenceAt(
    ms: number,
    { from, to }: { readonly from: number; readonly to: number },
  ): Promise<number | undefined> {
    const newest = await this.#rowAt(to);
    if (newest === undefined || ms < newest.sinceMs) return undefined;
    const isBefore = async (sequence: number): Promise<boolean> => {
      const row = await this.#rowAt(sequence);
      // What was before the times were written down is before all of them.
      return row === undefined || row.sinceMs !== newest.sinceMs ||
        row.ms <= ms;
    };
    if (!await isBefore(from)) return undefined;
    let low = from;
    for (let high = to + 1; high - low > 1;) {
      const middle = low + Math.floor((high - low) / 2);
      if (await isBefore(middle)) low = middle;
      else high = middle;
    }
    return low;
  }

  #rowAt(sequence: number): MaybePromise<ClockRow | undefined> {
    const stored = this.#store.get(CLOCK_KEY, sequence);
    return stored instanceof Promise
      ? stored.then((bytes) => bytes && decode(bytes))
      : stored && decode(stored);
  }
}

function decode(bytes: Uint8Array): ClockRow {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    ms: Number(view.getBigUint64(0)),
    sinceMs: Number(view.getBigUint64(8)),
  };
}
