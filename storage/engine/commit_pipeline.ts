/**
 * From a batch to a durable, visible commit.
 *
 * A batch joins the group that gathers; while the object of one group is being
 * created the next group gathers. When a batch is acknowledged is its mode:
 *
 * | mode | visible and acknowledged | in the log |
 * | --- | --- | --- |
 * | sync | when it is in the log | at once |
 * | periodic | when it has joined | within `walPeriodMs` |
 * | async | when it has joined | with the next group that is written |
 *
 * So a lone sync commit waits for nothing but its own PUT, and a hundred at
 * once share two. Commits become visible in the order of the log: a periodic
 * or async commit behind a sync one becomes visible with it, and a sync commit
 * makes everything before it durable.
 *
 * When the writer is stopped for good, what is visible is cut back to what is
 * known to be durable.
 *
 * A group whose outcome stays unknown is told to those who wait for it, and
 * tried again with the next commit and from time to time: nothing later is
 * written before it is settled, and then it becomes visible. Meanwhile every
 * commit is as a sync one: nothing more is acknowledged that could be lost.
 * When too many attempts fail the breaker opens (`write_breaker.ts`): commits
 * are refused at once, and the group is tried by the timer only.
 *
 * Validation happens once, in the same turn in which the batch joins, against
 * the tree, the memtables and every batch that is not in them. Where blocks
 * must be read for it, they are read first and only what happened since is
 * looked at again; nothing can come between the last look and the joining.
 *
 * @module
 */
import { type Environment, nextTurn } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import { WalEncoder } from "../wal/wal_format.ts";
import type { WalWriter } from "../wal/wal_writer.ts";
import { applyBatch } from "./apply_batch.ts";
import { checkConditions, checkHorizon } from "./commit_checks.ts";
import type { CommitConditions } from "./commit_conditions.ts";
import { CommitGate } from "./commit_gate.ts";
import type { CommitHost } from "./commit_host.ts";
import {
  CommitQueue,
  type DurableLag,
  type Group,
  type Ingested,
  type Joined,
  type LogPosition,
} from "./commit_queue.ts";
import { DurableWaiters } from "./durable_waiters.ts";
import { notWrittenError } from "./not_written_error.ts";
import type { LsmConfig } from "./options.ts";
import { ProbeTimer } from "./probe_timer.ts";
import { WalPeriod } from "./wal_period.ts";
import { type SealedBatch, WriteBatch } from "./write_batch.ts";

export type { CommitConditions } from "./commit_conditions.ts";
export type { CommitHost } from "./commit_host.ts";

/** Bytes of a record besides its payload, and of what the log adds, at most. */
const RECORD_BYTES = 32;

/** What stands in the queue for tables. */
const NO_BATCH: SealedBatch = new WriteBatch().seal();

/** Commits of one writer. */
export class CommitPipeline {
  readonly #wal: WalWriter;
  readonly #host: CommitHost;
  readonly #environment: Environment;
  readonly #queue: CommitQueue;
  readonly #gate: CommitGate;
  #assigned: number;
  #visible: number;
  #durable: number;
  /** What has joined up to here is to be written without delay. */
  #due = 0;
  #running: Promise<void> | undefined;
  #halted: unknown;
  #ended: unknown;
  readonly #period: WalPeriod;
  readonly #probe: ProbeTimer;
  /** Groups whose callers know already that the outcome is unknown. */
  readonly #told = new WeakSet<Group>();
  readonly #waiters = new DurableWaiters();

  /** A pipeline after `sequence`. */
  constructor(wal: WalWriter, host: CommitHost, sequence: number) {
    this.#wal = wal;
    this.#host = host;
    this.#assigned = this.#visible = this.#durable = sequence;
    const config = host.config();
    this.#environment = config.environment;
    const limits = (): LsmConfig => host.config();
    this.#period = new WalPeriod(limits, () => this.#writeAll());
    this.#probe = new ProbeTimer(limits, () => {
      host.breaker.probe();
      this.#start();
    });
    this.#queue = new CommitQueue(config.walGroupBytesMax);
    this.#gate = new CommitGate({
      waitForRoom: () => host.waitForRoom(),
      writeLog: () => this.#writeAll(),
    }, limits);
  }

  /** The highest sequence that reads see. */
  get visible(): number {
    return this.#visible;
  }

  /** The highest sequence that is known to be in the log. */
  get durable(): number {
    return this.#durable;
  }

  /** Why nothing can be committed any more, if so. */
  get halted(): unknown {
    return this.#halted;
  }

  /** The first WAL id whose object is not known to be there. */
  get unsettledWalId(): number {
    return this.#queue.settling?.walId ?? this.#wal.nextId;
  }

  /** Bytes of batches that are not durable yet. */
  get unsettledBytes(): number {
    return this.#queue.bytes;
  }

  /** Commits that wait to join. */
  get stalledCommits(): number {
    return this.#gate.waitingCount;
  }

  /** What is visible and could be lost now. */
  get lag(): DurableLag {
    return this.#queue.lag(this.#environment.monotonicMs());
  }

  /**
   * Commits a batch; resolves with its sequence once it is visible, and durable
   * if its mode says so.
   *
   * @throws {KriyaError} `conflict` when a condition does not hold; `fenced`;
   * `unavailable` with code `08007` when the outcome is unknown, with another
   * code when the batch was certainly not written.
   */
  async commit(
    batch: SealedBatch,
    conditions: CommitConditions,
  ): Promise<number> {
    const bytes = batch.payload.length;
    this.checkOpen();
    const admitted = this.#gate.admit(bytes, conditions.signal);
    if (isPromise(admitted)) await admitted;
    // A loop of commits that never waits would keep the log from being written.
    if (this.#period.isOverdue) await nextTurn();
    try {
      let since = conditions.snapshot ?? Number.MAX_SAFE_INTEGER;
      for (;;) {
        const looked = this.#assigned;
        const checked = this.#look(batch, conditions, since);
        if (!isPromise(checked)) break;
        await checked;
        since = Math.max(since, looked);
      }
      conditions.beforeJoin?.();
    } catch (error) {
      this.#gate.release(bytes);
      throw error;
    }
    return await this.#join(batch, conditions);
  }

  /**
   * Commits the tables that `prepare` makes for a sequence, which they must have
   * in their metadata. `batch` is what is checked by the conditions, and `look`
   * checks what is in none; it is not written. Nothing else commits meanwhile, and everything before is in
   * tables: so what is in the log is newer than all tables, and the record of
   * the tables is the first one of the log.
   *
   * @throws as `commit`; with `08007` the tables may come to be committed.
   */
  async commitTables(
    batch: SealedBatch,
    conditions: CommitConditions,
    prepare: (sequence: number) => Promise<Ingested>,
    look?: () => Promise<void>,
  ): Promise<number> {
    this.checkOpen();
    await this.#gate.admitAlone(conditions.signal);
    let joined: Promise<number>;
    try {
      this.checkOpen();
      await this.#host.flushAll();
      const { snapshot } = conditions;
      if (snapshot !== undefined) {
        await this.#look(batch, conditions, snapshot);
      }
      await look?.();
      conditions.beforeJoin?.();
      const ingested = await prepare(this.#assigned + 1);
      this.checkOpen();
      conditions.signal?.throwIfAborted();
      joined = this.#join(NO_BATCH, conditions, ingested);
    } catch (error) {
      this.#gate.releaseAlone();
      throw error;
    }
    return await joined;
  }

  /**
   * Resolves when everything that has joined so far, or up to `sequence`, is
   * in the log; what joins meanwhile is not waited for.
   *
   * While the breaker is open it is refused at once, unless it is to `probe`.
   *
   * @throws {KriyaError} `fenced`; `unavailable` when it is not known.
   */
  async flushWal(
    sequence: number = Infinity,
    { probe = false }: { readonly probe?: boolean } = {},
  ): Promise<void> {
    this.#checkRunning();
    const last = Math.min(sequence, this.#queue.lastSequence ?? 0);
    if (last <= this.#durable) return;
    const { breaker } = this.#host;
    if (breaker.error !== undefined && !probe) throw breaker.error;
    breaker.probe();
    const durable = this.#waiters.wait(last);
    this.#due = Math.max(this.#due, last);
    this.#start();
    await durable;
  }

  /**
   * Ends the log of a memtable: its batches and later ones share no object.
   * `undefined` while that cannot be; then `onApplied` is called when it can.
   */
  cut(): LogPosition | undefined {
    const replayFrom = this.#queue.cut(this.#wal.nextId);
    return replayFrom === undefined
      ? undefined
      : { replayFrom, sequence: this.#visible };
  }

  /** Checks the conditions of a batch, but for what joins meanwhile. */
  #look(
    batch: SealedBatch,
    conditions: CommitConditions,
    since: number,
  ): MaybePromise<void> {
    this.checkOpen();
    conditions.signal?.throwIfAborted();
    // Nobody has joined since: nothing can have changed.
    if (since >= this.#assigned) return;
    checkHorizon(batch, conditions, this.#host.horizon());
    const state = this.#host.state();
    const { unapplied } = this.#queue;
    const checked = checkConditions(batch, conditions, since, state, unapplied);
    if (isPromise(checked)) return this.#host.holding(state, checked);
  }

  /** Tries nothing again by itself any more. */
  stop(): void {
    this.#probe.stop();
    this.#period.stop();
  }

  /** Takes no more commits, those that wait included; they get `error`. */
  end(error: unknown): void {
    this.#ended = error;
    this.#gate.halt(error);
  }

  /** @throws what keeps commits from being taken. */
  checkOpen(): void {
    this.#checkRunning();
    if (this.#ended !== undefined) throw this.#ended;
    this.#host.breaker.check();
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
    this.#gate.halt(error);
    // A group under way may still be answered.
    if (this.#running === undefined) this.#cutBack();
  }

  /** Takes back what is visible and not durable. */
  #cutBack(): void {
    const error = this.#halted;
    const lost = this.#queue.clear();
    for (const { reject } of lost) reject(error);
    this.#waiters.reject(error);
    if (this.#visible === this.#durable) return;
    this.#visible = this.#durable;
    this.#host.onCutBack(this.#durable);
  }

  /** Whether the outcome of a group is unknown, and was told to be. */
  get inDoubt(): boolean {
    const { settling } = this.#queue;
    return settling !== undefined && this.#told.has(settling);
  }

  #join(
    batch: SealedBatch,
    conditions: CommitConditions,
    ingested?: Ingested,
  ): Promise<number> {
    const { walMode } = this.#host.config();
    const durability = this.inDoubt || ingested !== undefined
      ? "sync"
      : conditions.durability ?? walMode;
    return new Promise((resolve, reject) => {
      const sequence = ++this.#assigned;
      const queue = this.#queue;
      queue.add({
        batch,
        ingested,
        sequence,
        durability,
        onVisible: conditions.onVisible,
        joinedMs: this.#environment.monotonicMs(),
        resolve,
        reject,
        applied: false,
      });
      // Those who wait for room are let in by what becomes durable.
      const isDue = durability === "sync" || this.#gate.waitingCount > 0;
      if (isDue) this.#due = sequence;
      else this.#due = Math.max(this.#due, queue.fullTo);
      if (this.#applyReady()) this.#host.onApplied();
      if (durability === "periodic") this.#period.begin();
      this.#start();
    });
  }

  /** Applies what may be visible; whether there was any. */
  #applyReady(): boolean {
    const { unapplied } = this.#queue;
    let applied = false;
    for (let first = unapplied[0]; first; first = unapplied[0]) {
      const waits = first.durability === "sync" || this.#halted !== undefined;
      if (first.sequence > this.#durable && waits) break;
      const { batch, ingested, sequence } = first;
      if (ingested === undefined) {
        applyBatch(this.#host.state().memtable, batch, sequence);
      } else {
        const replayFrom = this.#queue.settling!.walId + 1;
        this.#host.onIngested(ingested.tables, { replayFrom, sequence });
      }
      this.#visible = sequence;
      this.#queue.markApplied();
      first.onVisible?.(sequence);
      first.resolve(sequence);
      applied = true;
    }
    return applied;
  }

  /** Begins to write everything that has joined. */
  #writeAll(): void {
    this.#due = Math.max(this.#due, this.#queue.lastSequence ?? 0);
    this.#start();
  }

  get #hasWork(): boolean {
    if (this.#halted !== undefined) return false;
    if (this.#queue.settling !== undefined) return true;
    const next = this.#queue.next;
    return next !== undefined && next.joined[0]!.sequence <= this.#due;
  }

  /** What else joins in this turn shares the first group: bound after it. */
  #start(): void {
    if (this.#running !== undefined || !this.#hasWork) return;
    this.#running = Promise.resolve().then(() => this.#run()).finally(() => {
      this.#running = undefined;
      if (this.#halted !== undefined) this.#cutBack();
      // A group whose outcome is unknown waits for its timer, or for somebody.
      else if (
        !this.inDoubt || this.#waiters.count > 0 || this.#queue.hasNew
      ) this.#start();
    });
  }

  /** Settles one group after the other until none is due. */
  async #run(): Promise<void> {
    while (this.#hasWork) {
      const group = this.#queue.settling ?? this.#bindNext();
      try {
        await this.#wal.settle();
      } catch (error) {
        if (this.#fail(group, error)) return;
        continue;
      }
      this.#settled(group);
    }
  }

  #bindNext(): Group {
    const group = this.#queue.startSettling();
    const { walCompression } = this.#host.config();
    const length = group.bytes + group.joined.length * RECORD_BYTES;
    const encoder = new WalEncoder(walCompression, length);
    for (const { sequence, batch, ingested } of group.joined) {
      if (ingested === undefined) encoder.add(sequence, "batch", batch.payload);
      else encoder.add(sequence, "ingest", ingested.record);
    }
    group.walId = this.#wal.bind(encoder).id;
    if (this.#queue.next === undefined) this.#period.stop();
    return group;
  }

  #settled(group: Group): void {
    this.#probe.reset();
    this.#host.breaker.succeeded();
    this.#durable = group.joined.at(-1)!.sequence;
    this.#period.moveTo(this.#queue.periodFrom);
    this.#applyReady();
    this.#queue.endSettling();
    this.#release(group.joined);
    this.#host.onApplied();
    this.#waiters.resolve(this.#durable);
  }

  /** Tells those who wait; true when nothing can go on for now. */
  #fail(group: Group, error: unknown): boolean {
    const unknown = error instanceof KriyaError &&
      error.kind === "unavailable";
    if (!unknown) {
      for (const { reject } of group.joined) reject(error);
      this.halt(error);
      return true;
    }
    const first = !this.#told.has(group);
    this.#told.add(group);
    for (const { reject } of group.joined) reject(error);
    const { breaker } = this.#host;
    const stopped = breaker.error;
    // Those who only ask for what was acknowledged hear it after another try.
    if (
      stopped === undefined && first &&
      group.joined.some(({ applied }) => !applied)
    ) return false;
    this.#probe.later();
    this.#waiters.reject(error);
    const dropped = this.#queue.dropUnapplied();
    this.#refuse(dropped, stopped ?? notWrittenError(error));
    if (stopped !== undefined) {
      const waited = this.#gate.refuseWaiting(stopped);
      breaker.countRefused(dropped.length + waited);
    }
    return true;
  }

  #refuse(dropped: readonly Joined[], reason: unknown): void {
    this.#release(dropped);
    for (const { reject } of dropped) reject(reason);
  }

  /** Lets others in for batches that are gone. */
  #release(gone: readonly Joined[]): void {
    for (const { batch, ingested } of gone) {
      if (ingested !== undefined) this.#gate.releaseAlone();
      else this.#gate.release(batch.payload.length);
    }
  }
}
