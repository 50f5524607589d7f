/**
 * Batches that have joined and are not durable yet, in the order of the log.
 *
 * They stand in groups, one for each WAL object: at most one that is being
 * settled, then those that gather. A batch is applied (in the memtable, and
 * visible) or not yet.
 *
 * Invariants:
 * 1. Sequences rise from batch to batch.
 * 2. What is applied comes before what is not: commits become visible in the
 *    order of the log.
 * 3. A group that is being settled takes no more batches and is never split:
 *    its bytes are bound to its id.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import type { CommitConditions } from "./commit_conditions.ts";
import type { WalMode } from "./options.ts";
import type { OpenTable } from "./tree_state.ts";
import type { SealedBatch } from "./write_batch.ts";

/** A batch that has joined. */
export interface Joined {
  readonly batch: SealedBatch;
  /** Tables that are committed instead of a batch, which is empty then. */
  readonly ingested?: Ingested | undefined;
  readonly sequence: number;
  /** When it may become visible and be acknowledged. */
  readonly durability: WalMode;
  readonly onVisible: CommitConditions["onVisible"];
  /** When it joined, by the monotonic clock. */
  readonly joinedMs: number;
  readonly resolve: (sequence: number) => void;
  readonly reject: (error: unknown) => void;
  applied: boolean;
}

/** Tables that are committed. */
export interface Ingested {
  /** The tables, open, as the manifest will name them. */
  readonly tables: readonly OpenTable[];
  /** The payload of the WAL record. */
  readonly record: Uint8Array;
}

/** Batches that share a WAL object. */
export interface Group {
  readonly joined: Joined[];
  bytes: number;
  /** The id of the object, once it is bound. */
  walId: number;
  /** Whether it takes no more batches. */
  sealed: boolean;
}

/** What is visible and could be lost. */
export interface DurableLag {
  /** Commits. */
  readonly commits: number;
  /** Bytes of their batches. */
  readonly bytes: number;
  /** Ms since the oldest of them was acknowledged. */
  readonly ms: number;
}

/** Where the log stands to what is visible; see {@linkcode CommitQueue.cut}. */
export interface LogPosition {
  /** The first WAL id none of whose batches is visible. */
  readonly replayFrom: number;
  /** The highest sequence that is visible. */
  readonly sequence: number;
}

/** The queue. */
export class CommitQueue {
  readonly #groupBytesMax: number;
  /** The group whose object is being created, or whose outcome is unknown. */
  #settling: Group | undefined;
  readonly #gathering: Group[] = [];
  /** The batches that are not applied: the last ones. */
  readonly #unapplied: Joined[] = [];
  #appliedCount = 0;
  #appliedBytes = 0;

  /** A queue whose groups hold so many bytes, or one batch. */
  constructor(groupBytesMax: number) {
    this.#groupBytesMax = groupBytesMax;
  }

  /** The group that is being settled. */
  get settling(): Group | undefined {
    return this.#settling;
  }

  /** The group to settle next. */
  get next(): Group | undefined {
    return this.#gathering[0];
  }

  /** Whether nothing is in it. */
  get isEmpty(): boolean {
    return this.#settling === undefined && this.#gathering.length === 0;
  }

  /** The batches that are not applied, in order. */
  get unapplied(): readonly Joined[] {
    return this.#unapplied;
  }

  /** The sequence of the last batch, `undefined` if there is none. */
  get lastSequence(): number | undefined {
    return (this.#gathering.at(-1) ?? this.#settling)?.joined.at(-1)?.sequence;
  }

  /** Whether a batch gathers that is not applied. */
  get hasNew(): boolean {
    return this.#gathering.at(-1)?.joined.at(-1)?.applied === false;
  }

  /** The last sequence of the groups that are full: they need not wait. */
  get fullTo(): number {
    return this.#gathering.at(-2)?.joined.at(-1)?.sequence ?? 0;
  }

  /** When the oldest periodic batch joined that gathers, `Infinity` if none. */
  get periodFrom(): number {
    for (const { joined } of this.#gathering) {
      const oldest = joined.find(({ durability }) => durability === "periodic");
      if (oldest !== undefined) return oldest.joinedMs;
    }
    return Infinity;
  }

  /** Bytes of all batches. */
  get bytes(): number {
    let bytes = this.#settling?.bytes ?? 0;
    for (const group of this.#gathering) bytes += group.bytes;
    return bytes;
  }

  /** What is applied and not durable, at `nowMs`. */
  lag(nowMs: number): DurableLag {
    const oldest = (this.#settling ?? this.#gathering[0])?.joined[0];
    return {
      commits: this.#appliedCount,
      bytes: this.#appliedBytes,
      ms: oldest?.applied ? nowMs - oldest.joinedMs : 0,
    };
  }

  /** Adds a batch to the last group, or to a new one. */
  add(joined: Joined): void {
    const bytes = joined.batch.payload.length;
    let group = this.#gathering.at(-1);
    if (
      group === undefined || group.sealed ||
      group.bytes + bytes > this.#groupBytesMax
    ) {
      group = newGroup();
      this.#gathering.push(group);
    }
    group.joined.push(joined);
    group.bytes += bytes;
    this.#unapplied.push(joined);
  }

  /** Notes that the first batch that was not applied is now. */
  markApplied(): void {
    const joined = this.#unapplied.shift()!;
    joined.applied = true;
    this.#appliedCount++;
    this.#appliedBytes += joined.batch.payload.length;
  }

  /** Takes the next group for settling. REQUIRES: none is being settled. */
  startSettling(): Group {
    invariant(this.#settling === undefined, "a group is being settled");
    const group = this.#gathering.shift()!;
    group.sealed = true;
    return this.#settling = group;
  }

  /** The group that was being settled is durable, and applied. */
  endSettling(): void {
    for (const { applied, batch } of this.#settling!.joined) {
      invariant(applied, "a durable batch is not applied");
      this.#appliedCount--;
      this.#appliedBytes -= batch.payload.length;
    }
    this.#settling = undefined;
  }

  /** Takes out the gathering batches that are not applied, and returns them. */
  dropUnapplied(): Joined[] {
    const dropped: Joined[] = [];
    for (const group of this.#gathering) {
      const kept = group.joined.filter(({ applied }) => applied);
      dropped.push(...group.joined.filter(({ applied }) => !applied));
      group.joined.splice(0, Infinity, ...kept);
      group.bytes = bytesOf(kept);
    }
    while (this.#gathering.at(-1)?.joined.length === 0) this.#gathering.pop();
    this.#unapplied.length -= dropped.length;
    return dropped;
  }

  /** Takes out everything, and returns it. */
  clear(): Joined[] {
    const all = [this.#settling, ...this.#gathering]
      .flatMap((group) => group?.joined ?? []);
    this.#settling = undefined;
    this.#gathering.length = 0;
    this.#unapplied.length = 0;
    this.#appliedCount = this.#appliedBytes = 0;
    return all;
  }

  /**
   * Ends a group where what is visible ends, so that a memtable that is frozen
   * now and the next one share no WAL object; gives the WAL id behind it, when
   * `nextWalId` is the id of the first group that is not bound. `undefined`
   * when the group that is being settled is applied in part: then it can be
   * done once that one is settled.
   */
  cut(nextWalId: number): number | undefined {
    const settling = this.#settling;
    let id = nextWalId;
    if (settling !== undefined) {
      const first = settling.joined[0]!.applied;
      if (first !== settling.joined.at(-1)!.applied) return undefined;
      if (!first) return settling.walId;
      id = settling.walId + 1;
    }
    for (let i = 0; i < this.#gathering.length; i++) {
      const group = this.#gathering[i]!;
      const applied = group.joined.filter((each) => each.applied);
      if (applied.length === 0) return id;
      id++;
      if (applied.length < group.joined.length) {
        const rest = newGroup();
        rest.joined.push(...group.joined.splice(applied.length));
        rest.bytes = bytesOf(rest.joined);
        group.bytes -= rest.bytes;
        this.#gathering.splice(i + 1, 0, rest);
      }
      group.sealed = true;
    }
    return id;
  }
}

function newGroup(): Group {
  return { joined: [], bytes: 0, walId: 0, sealed: false };
}

function bytesOf(joined: readonly Joined[]): number {
  return joined.reduce((sum, { batch }) => sum + batch.payload.length, 0);
}
