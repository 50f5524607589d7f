/**
 * From a batch to a durable, visible commit.
 *
 * A batch joins the group that gathers; while the object of one group is being
 * created the next group gathers, and starts as soon as that one is settled. So
 * a lone commit waits for nothing but its own PUT, and a hundred at once share
 * two.
 *
 * Order: WAL, memtable, publish the sequence, acknowledge.
 *
 * A group whose outcome stays unknown is told to those who wait for it, and
 * tried again with the next commit and from time to time: nothing later is
 * written before it is settled, and then it becomes visible.
 *
 * Validation happens once, in the same turn in which the batch joins, against
 * the tree, the memtables and every group that is not settled. Where blocks
 * must be read for it, they are read first and only what happened since is
 * looked at again; nothing can come between the last look and the joining.
 *
 * @module
 */
import type { Environment, Timer } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { Memtable } from "../memtable/memtable.ts";
import type { EntryKind } from "../mvcc/internal_key.ts";
import { WalEncoder } from "../wal/wal_format.ts";
import type { WalWriter } from "../wal/wal_writer.ts";
import type { TreeState } from "./tree_state.ts";
import {
  type BatchRange,
  batchWrites,
  batchWritesIn,
  type SealedBatch,
} from "./write_batch.ts";

/** What must hold for a batch to commit. */
export interface CommitConditions {
  /** Checked keys, and those below, must be unchanged since this sequence. */
  readonly snapshot: number;
  /** Keys that the batch does not write. */
  readonly unchangedKeys?: readonly Uint8Array[] | undefined;
  /** Ranges of keys. */
  readonly unchangedRanges?: readonly BatchRange[] | undefined;
  /**
   * Is called in the turn in which the batch joins, before anything can come
   * between: may overwrite bytes of values in the sealed payload.
   */
  readonly beforeJoin?: (() => void) | undefined;
  /**
   * Is called with the sequence in the turn in which the batch becomes visible,
   * before anything else can read: what follows the log in memory (catalog,
   * indexes) keeps pace in it. Must not throw.
   */
  readonly onVisible?: ((sequence: number) => void) | undefined;
}

/** What the pipeline needs of the store. */
export interface CommitHost {
  /** What reads look at now. */
  state(): TreeState;
  /** Keeps the tables of `state` until `reading` settles. */
  holding<T>(state: TreeState, reading: Promise<T>): Promise<T>;
  /** Waits while memtables are over their limit; mostly there is room. */
  waitForRoom(): MaybePromise<void>;
  /** A group of `bytes` was applied. */
  onApplied(): void;
  /** The pipeline stopped for good. */
  onHalted(error: unknown): void;
}

/** Ms until a group whose outcome is unknown is tried again; it doubles … */
const RETRY_MS = 1000;
/** … up to this. */
const RETRY_MS_MAX = 60_000;

interface Joined {
  readonly batch: SealedBatch;
  readonly sequence: number;
  readonly onVisible: ((sequence: number) => void) | undefined;
  readonly resolve: (sequence: number) => void;
  readonly reject: (error: unknown) => void;
}

/** Batches that share a WAL object. */
interface Group {
  readonly joined: Joined[];
  bytes: number;
  /** The id of the object, once it is bound. */
  walId: number;
}

/** Commits of one writer. */
export class CommitPipeline {
  readonly #wal: WalWriter;
  readonly #host: CommitHost;
  readonly #groupBytesMax: number;
  readonly #environment: Environment;
  #assigned: number;
  #visible: number;
  /** The group whose object is being created, or whose outcome is unknown. */
  #settling: Group | undefined;
  #running: Promise<void> | undefined;
  readonly #gathering: Group[] = [];
  #halted: unknown;
  #retryTimer: Timer | undefined;
  #retryMs = RETRY_MS;

  /** A pipeline after `sequence`. */
  constructor(
    wal: WalWriter,
    host: CommitHost,
    options: {
      readonly sequence: number;
      readonly groupBytesMax: number;
      readonly environment: Environment;
    },
  ) {
    this.#wal = wal;
    this.#host = host;
    this.#assigned = this.#visible = options.sequence;
    this.#groupBytesMax = options.groupBytesMax;
    this.#environment = options.environment;
  }

  /** The highest sequence that reads see. */
  get visible(): number {
    return this.#visible;
  }

  /** Why nothing can be committed any more, if so. */
  get halted(): unknown {
    return this.#halted;
  }

  /**
   * The first WAL id whose group is not in the memtable. The writer's next id
   * may be ahead of it: a group is durable a little before it is applied.
   */
  get unappliedWalId(): number {
    return this.#settling?.walId ?? this.#wal.nextId;
  }

  /** Bytes of batches that are not durable yet. */
  get unsettledBytes(): number {
    let bytes = this.#settling?.bytes ?? 0;
    for (const group of this.#gathering) bytes += group.bytes;
    return bytes;
  }

  /**
   * Commits a batch; resolves with its sequence once it is durable and visible.
   *
   * @throws {KriyaError} `conflict` when a condition does not hold; `fenced`;
   * `unavailable` with code `08007` when the outcome is unknown, with another
   * code when the batch was certainly not written.
   */
  async commit(
    batch: SealedBatch,
    conditions: CommitConditions,
  ): Promise<number> {
    const room = this.#host.waitForRoom();
    if (isPromise(room)) await room;
    let since = conditions.snapshot;
    for (;;) {
      this.#checkRunning();
      const looked = this.#assigned;
      const checked = this.#validate(batch, conditions, since);
      if (!isPromise(checked)) break;
      await checked;
      since = Math.max(since, looked);
    }
    conditions.beforeJoin?.();
    return await this.#join(batch, conditions.onVisible);
  }

  /**
   * Resolves when every batch that has joined so far is settled or rejected;
   * those that join meanwhile are not waited for.
   */
  async drain(): Promise<void> {
    const joined = this.#assigned;
    while (this.#running !== undefined && this.#visible < joined) {
      await new Promise<void>((resolve) => this.#stepWaiters.push(resolve));
    }
  }

  /** Those who wait for the end of a group's try. */
  #stepWaiters: (() => void)[] = [];

  #endStep(): void {
    for (const resolve of this.#stepWaiters.splice(0)) resolve();
  }

  /** Tries nothing again by itself any more. */
  stop(): void {
    this.#retryTimer?.cancel();
    this.#retryTimer = undefined;
  }

  #checkRunning(): void {
    if (this.#halted !== undefined) throw this.#halted;
  }

  /** Stops for good: later commits get `error`. */
  halt(error: unknown): void {
    if (this.#halted !== undefined) return;
    this.#halted = error;
    this.stop();
    this.#host.onHalted(error);
  }

  #join(
    batch: SealedBatch,
    onVisible: ((sequence: number) => void) | undefined,
  ): Promise<number> {
    return new Promise((resolve, reject) => {
      const sequence = ++this.#assigned;
      const bytes = batch.payload.length;
      let group = this.#gathering.at(-1);
      if (
        group === undefined || group.bytes + bytes > this.#groupBytesMax
      ) {
        group = { joined: [], bytes: 0, walId: 0 };
        this.#gathering.push(group);
      }
      group.joined.push({ batch, sequence, onVisible, resolve, reject });
      group.bytes += bytes;
      this.#start();
    });
  }

  /** What else joins in this turn shares the first group: bound after it. */
  #start(): void {
    if (this.#running !== undefined || this.#halted !== undefined) return;
    this.#running = Promise.resolve().then(() => this.#run()).finally(() => {
      this.#running = undefined;
      this.#endStep();
      if (this.#gathering.length > 0) this.#start();
    });
  }

  /** Settles one group after the other until none is left. */
  async #run(): Promise<void> {
    while (this.#settling !== undefined || this.#gathering.length > 0) {
      const group = this.#settling ?? this.#bindNext();
      try {
        await this.#wal.settle();
      } catch (error) {
        if (this.#fail(group, error)) return;
        continue;
      }
      this.#settling = undefined;
      this.stop();
      this.#retryMs = RETRY_MS;
      this.#apply(group);
      this.#endStep();
    }
  }

  #bindNext(): Group {
    const group = this.#gathering.shift()!;
    const encoder = new WalEncoder();
    for (const { sequence, batch } of group.joined) {
      encoder.add(sequence, "batch", batch.payload);
    }
    group.walId = this.#wal.bind(encoder).id;
    this.#settling = group;
    return group;
  }

  /** Tells those who wait; true when nothing can go on for now. */
  #fail(group: Group, error: unknown): boolean {
    const unknown = error instanceof KriyaError &&
      error.kind === "unavailable";
    if (!unknown) this.halt(error);
    const first = group.joined.length > 0 && !this.#told.has(group);
    this.#told.add(group);
    for (const { reject } of group.joined) reject(error);
    if (unknown && first) return false;
    if (unknown) this.#retryLater();
    const reason = unknown
      ? new KriyaError(
        "unavailable",
        "Cannot commit: an earlier commit has no answer from the store yet",
        { cause: error, hint: "Nothing was written; try again later" },
      )
      : error;
    for (const { joined } of this.#gathering.splice(0)) {
      for (const { reject } of joined) reject(reason);
    }
    return true;
  }

  #retryLater(): void {
    this.#retryTimer?.cancel();
    this.#retryTimer = this.#environment.setTimer(
      () => this.#start(),
      this.#retryMs,
      { background: true },
    );
    this.#retryMs = Math.min(RETRY_MS_MAX, this.#retryMs * 2);
  }

  /** Groups whose callers know already that the outcome is unknown. */
  readonly #told = new WeakSet<Group>();

  #apply(group: Group): void {
    const { memtable } = this.#host.state();
    for (const { batch, sequence, onVisible } of group.joined) {
      applyBatch(memtable, batch, sequence);
      this.#visible = sequence;
      onVisible?.(sequence);
    }
    this.#host.onApplied();
    for (const { resolve, sequence } of group.joined) resolve(sequence);
  }

  #validate(
    batch: SealedBatch,
    conditions: CommitConditions,
    since: number,
  ): MaybePromise<void> {
    // Nobody has joined since: nothing can have changed.
    if (since >= this.#assigned) return;
    const state = this.#host.state();
    const reads: Promise<void>[] = [];
    const check = (newest: number): void => {
      if (newest > since) throw conflict();
    };
    const checkKey = (key: Uint8Array): void => {
      if (this.#isUnsettled(key, 0, key.length, since)) throw conflict();
      const newest = state.newestSequence(key, since);
      if (isPromise(newest)) reads.push(newest.then(check));
      else check(newest);
    };
    for (let row = 0; row < batch.count; row++) {
      if (batch.checked[row] !== 1) continue;
      checkKey(
        batch.payload.subarray(batch.keyStarts[row], batch.keyEnds[row]),
      );
    }
    for (const key of conditions.unchangedKeys ?? []) checkKey(key);
    for (const { start, end } of conditions.unchangedRanges ?? []) {
      if (this.#isRangeUnsettled(start, end, since)) throw conflict();
      const changed = state.rangeChangedSince(start, end, since);
      if (isPromise(changed)) {
        reads.push(changed.then((changed) => {
          if (changed) throw conflict();
        }));
      } else if (changed) throw conflict();
    }
    if (reads.length === 0) return;
    return this.#host.holding(state, Promise.all(reads).then(() => {}));
  }

  #isUnsettled(
    bytes: Uint8Array,
    start: number,
    end: number,
    since: number,
  ): boolean {
    if (this.#settling === undefined && this.#gathering.length === 0) {
      return false;
    }
    for (const group of this.#unsettled()) {
      for (const { batch, sequence } of group.joined) {
        if (sequence > since && batchWrites(batch, bytes, start, end)) {
          return true;
        }
      }
    }
    return false;
  }

  #isRangeUnsettled(
    start: Uint8Array,
    end: Uint8Array,
    since: number,
  ): boolean {
    return this.#unsettled().some((group) =>
      group.joined.some(({ batch, sequence }) =>
        sequence > since && batchWritesIn(batch, start, end)
      )
    );
  }

  #unsettled(): Group[] {
    return this.#settling === undefined
      ? this.#gathering
      : [this.#settling, ...this.#gathering];
  }
}

/** Puts a batch into a memtable. */
export function applyBatch(
  memtable: Memtable,
  batch: SealedBatch,
  sequence: number,
): void {
  const base = memtable.append(batch.payload);
  const { keyStarts, keyEnds, valueStarts, valueEnds, kinds } = batch;
  for (let row = 0; row < batch.count; row++) {
    memtable.insertAppended(
      base + keyStarts[row]!,
      base + keyEnds[row]!,
      base + valueStarts[row]!,
      base + valueEnds[row]!,
      sequence,
      kinds[row] as EntryKind,
    );
  }
  for (const { start, end } of batch.ranges) {
    memtable.insertTombstone(start, end, sequence);
  }
}

function conflict(): KriyaError {
  return new KriyaError(
    "conflict",
    "could not serialize access due to concurrent update",
    { hint: "Run the transaction again" },
  );
}
