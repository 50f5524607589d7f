/**
 * A reader that follows the writer: it asks for the next object of the log, and
 * for manifests, and shows what they hold.
 *
 * | step | request | then |
 * | --- | --- | --- |
 * | probe | GET the next WAL id; where it is there, the ids after it, ever more at once, and the manifests after ours | absent: certify |
 * | certify | GET `gc/boundary`, after the answers of the probe | our manifest's number or higher: renew; else what was found is the log |
 * | renew | LIST and GET of the newest manifest | probe from its replay point |
 * | adopt | as probe, behind the newest manifest that was seen | certify; its tree comes in only together with the whole log |
 * | advance | none | what follows the log in memory prepares; then all of it is visible at once |
 *
 * These are the steps of `tests/model/reading.ts`. What a probe found is
 * believed only after a read of the boundary that began later and lies below our
 * manifest: until then an id may be free for having been collected, and what is
 * found there a late claimant's (rule 25 of
 * `docs/decisions/001-protocol-model.md`).
 *
 * So a poll with nothing new is two requests, one after the other. Reads that
 * may be a little old do not wait for it: it begins when half of the time that
 * they allow has passed, and only if somebody reads.
 *
 * Invariants:
 * 1. What is visible is a prefix of the order of commits, and never goes back.
 * 2. Tree, manifest, visible sequence and what follows the log (`onAdvance`)
 *    change in one turn.
 * 3. One poll at a time.
 *
 * Rejected: probing the next manifest instead of the boundary. That it is absent
 * does not tell "not made yet" from "collected". Both requests of a poll at once:
 * the boundary would speak for the probe of the poll before, so that it takes two
 * polls to know what one tells. Polls by a timer: who does not read pays.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { Manifest, TableMeta } from "../manifest/manifest.ts";
import { BoundaryProbe } from "../manifest/boundary.ts";
import type { ManifestStore } from "../manifest/manifest_store.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import type { WalObject } from "../wal/wal_format.ts";
import { probeWal } from "../wal/wal_reader.ts";
import type { LogReplay } from "./log_replay.ts";
import type { LsmConfig } from "./options.ts";
import { type PinState, ReaderPin } from "./reader_pin.ts";
import { recoveredState } from "./recovered_state.ts";
import { readerReplay } from "./recovery.ts";
import { storeClosed } from "./store_errors.ts";
import type { StoreView, ViewOf } from "./store_view.ts";
import type { OpenTable, TreeState } from "./tree_state.ts";

/** What is about to become visible. */
export interface Advance {
  /** What was visible before. */
  readonly from: number;
  /** Everything up to the sequence that becomes visible. */
  readonly view: StoreView;
}

/**
 * Prepares for an advance by reading its view; what it returns is called in the
 * turn in which the advance becomes visible, unless the preparation of another
 * fails: then it is not, and the next one begins where this one did.
 */
export type AdvanceListener = (advance: Advance) => MaybePromise<() => void>;

/** What a replica needs of the store. */
export interface ReplicaHost {
  /** The settings. */
  config(): LsmConfig;
  /** The objects. */
  readonly objects: ObjectStore;
  /** The manifests among them. */
  readonly manifests: ManifestStore;
  /** What reads look at now. */
  state(): TreeState;
  /** Lets reads look at this from now on. */
  setState(state: TreeState): void;
  /** A table as the state holds it. */
  openTable(meta: TableMeta): OpenTable;
  /** Closes a table that left the tree, once no read needs it. */
  retire(table: OpenTable): void;
  /** More became visible. */
  onCommitted(): void;
  /** A view of what is not visible yet. */
  view(of: ViewOf): StoreView;
  /** The lowest sequence that a snapshot holds, or infinity. */
  oldestHeld(): number;
}

/** How a replica does. */
export interface ReplicaStatus {
  /** Polls so far. */
  readonly polls: number;
  /** Ms since what is visible was all there was; `undefined` if not known. */
  readonly ageMs: number | undefined;
  /** What kept the last poll from ending well. */
  readonly error: unknown;
  /** What became of its pin. */
  readonly pin: PinState;
}

/** How often a poll starts anew when what it found was collected. */
const ATTEMPTS_MAX = 16;

/** Manifests that are read one after the other; beyond that, the newest is. */
const MANIFEST_STEPS_MAX = 4;

/** Follows a writer. */
export class Replica {
  readonly #host: ReplicaHost;
  readonly #boundary: BoundaryProbe;
  readonly #listeners: AdvanceListener[] = [];
  readonly #pin: ReaderPin | undefined;
  #replay: LogReplay;
  #manifest: Manifest;
  #sequence: number;
  /** When a certified probe began that found no more than is visible. */
  #freshMs = -Infinity;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #polls = 0;
  #error: unknown;
  #closed = false;

  /** A replica that has replayed the log and shows what it found. */
  constructor(host: ReplicaHost, replay: LogReplay) {
    this.#host = host;
    this.#boundary = new BoundaryProbe(host.objects);
    this.#replay = replay;
    this.#manifest = replay.result.manifest;
    this.#sequence = replay.result.sequence;
    const { pin, pinLeaseMs, environment } = host.config();
    if (pin === "never") return;
    this.#pin = new ReaderPin({
      objects: host.objects,
      environment,
      leaseMs: pinLeaseMs,
      manifest: () => this.#manifest,
      boundary: () => this.#boundary.number(),
      isUsed: () => host.oldestHeld() < Infinity,
    });
  }

  /** The manifest whose tables are visible. */
  get manifest(): Manifest {
    return this.#manifest;
  }

  /** The highest sequence that is visible. */
  get sequence(): number {
    return this.#sequence;
  }

  /** How it does. */
  get status(): ReplicaStatus {
    const ageMs = this.#now() - this.#freshMs;
    return {
      polls: this.#polls,
      ageMs: Number.isFinite(ageMs) ? ageMs : undefined,
      error: this.#error,
      pin: this.#pin?.state ?? "none",
    };
  }

  /** Lets `listener` prepare for every advance. */
  onAdvance(listener: AdvanceListener): void {
    this.#listeners.push(listener);
  }

  /**
   * Learns, beside what the opening still does, whether what it found was all
   * there was at `listedMs`, when it was about to list the log: where reads may
   * be a little old, the first need not ask then.
   */
  begin(listedMs: number): void {
    if (typeof this.#host.config().consistency !== "object") return;
    const certify = async (): Promise<void> => {
      if (!await this.#isPassed(this.#manifest)) this.#freshMs = listedMs;
    };
    this.#running = certify().catch(() => {}).finally(() => {
      this.#running = undefined;
    });
  }

  /** Follows as far as the setting `consistency` wants; at once if it has. */
  catchUp(): MaybePromise<void> {
    this.#pin?.use();
    const { consistency } = this.#host.config();
    if (consistency === "snapshot") return;
    if (consistency === "strong") return this.refresh();
    const { boundedMs } = consistency;
    const ageMs = this.#now() - this.#freshMs;
    if (ageMs > boundedMs) return this.#within(boundedMs);
    // Whoever reads again soon does not have to wait.
    if (ageMs > boundedMs / 2 && this.#running === undefined) {
      this.#start().catch(() => {});
    }
  }

  /**
   * Shows everything that was acknowledged before the call.
   *
   * @throws {KriyaError} `unavailable`, `corrupt`, `closed`.
   */
  refresh(): Promise<void> {
    this.#pin?.use();
    if (this.#running === undefined) return this.#start();
    // The one under way may have asked already.
    return this.#next ??= settled(this.#running).then(() => {
      this.#next = undefined;
      return this.refresh();
    });
  }

  /** Stops following; resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#running !== undefined) await settled(this.#running);
    await this.#pin?.close();
  }

  #now(): number {
    return this.#host.config().environment.monotonicMs();
  }

  async #within(boundedMs: number): Promise<void> {
    if (this.#running !== undefined) await settled(this.#running);
    if (this.#now() - this.#freshMs > boundedMs) await this.refresh();
  }

  #start(): Promise<void> {
    this.#polls++;
    const running = this.#poll().then(() => {
      this.#error = undefined;
    }, (error) => {
      this.#error = error;
      throw error;
    }).finally(() => {
      this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #poll(): Promise<void> {
    let adopted = false;
    let probe = await this.#probe(this.#replay.result.manifest);
    for (let attempt = 1;;) {
      this.#checkOpen();
      const passed = await this.#isPassed(probe.base);
      if (passed || !await this.#take(probe)) {
        if (attempt++ === ATTEMPTS_MAX) throw this.#overtaken();
        const { manifest } = await this.#host.manifests.newest();
        probe = await this.#probe(manifest);
      } else if (!probe.atEnd) {
        probe = await this.#probe(probe.base);
      } else if (!adopted && this.#isWanted(probe)) {
        adopted = true;
        probe = await this.#probe(probe.newer);
      } else break;
    }
    if (this.#replay.result.sequence < this.#sequence) throw this.#shortLog();
    this.#freshMs = probe.startedMs;
  }

  /** Whether collection has passed a manifest; 0 is that nothing was made. */
  async #isPassed({ number }: Manifest): Promise<boolean> {
    return await this.#boundary.number() >= Math.max(1, number);
  }

  /** Whether to go over to a newer manifest that was seen. */
  #isWanted({ base, newer }: Probe): boolean {
    // A newer tree may not answer older snapshots; ours still does.
    return newer !== base && newer.horizon <= this.#host.oldestHeld();
  }

  /** Whether more was replayed than is visible. */
  #isAhead(): boolean {
    const { manifest, sequence } = this.#replay.result;
    return manifest !== this.#manifest || sequence !== this.#sequence;
  }

  /** Looks for what comes after what was replayed, as `base` has it. */
  async #probe(base: Manifest): Promise<Probe> {
    const startedMs = this.#now();
    const { objects: store, manifests } = this.#host;
    const config = this.#host.config();
    const from = Math.max(this.#replay.nextId, base.replayFrom);
    let newer: Promise<Manifest> | undefined;
    const { objects, atEnd } = await probeWal(store, from, config, () => {
      newer ??= newestFrom(manifests, base);
      newer.catch(() => {}); // Awaited below.
    });
    // Tables that are loaded as a whole come on top of a manifest.
    const load = objects.findIndex((object, i) => i > 0 && isLoad(object));
    return {
      base,
      newer: newer === undefined ? base : await newer,
      objects: load < 0 ? objects : objects.slice(0, load),
      atEnd: atEnd && load < 0,
      startedMs,
    };
  }

  /**
   * Replays what a certified probe found, and makes it visible; `false` when
   * that needs a newer manifest.
   */
  async #take({ base, objects, atEnd }: Probe): Promise<boolean> {
    const { manifest, sequence } = this.#replay.result;
    const load = objects[0] !== undefined && isLoad(objects[0]);
    if (load && base.sequence < sequence) return false;
    try {
      if (base !== manifest) this.#replay.coverBy(base);
      for (const object of objects) this.#replay.apply(object);
    } catch (error) {
      // Half of it may be replayed: begin anew, on memtables of its own.
      const { objects, config } = this.#host;
      this.#replay = readerReplay(objects, base, config());
      throw error;
    }
    // With a tree come indexes that answer from its publishing on.
    if (base !== this.#manifest && !atEnd) return true;
    try {
      await this.#show();
      return true;
    } catch (error) {
      if (error instanceof KriyaError && error.code === "72000") return false;
      throw error;
    }
  }

  /** Makes visible what was replayed. */
  async #show(): Promise<void> {
    const host = this.#host;
    const { result } = this.#replay;
    const { manifest, sequence } = result;
    // A replay that began anew has not come as far again yet.
    if (!this.#isAhead() || sequence < this.#sequence) return;
    const before = host.state().levels.flat();
    const known = new Map(before.map((table) => [table.meta.path, table]));
    const state = await recoveredState(
      result,
      (meta) => known.get(meta.path) ?? host.openTable(meta),
    );
    const view = host.view({ state, manifest, sequence });
    try {
      const advance = { from: this.#sequence, view };
      const prepared = await Promise.all(
        this.#listeners.map((listener) => listener(advance)),
      );
      this.#checkOpen();
      host.setState(state);
      this.#manifest = manifest;
      this.#sequence = sequence;
      for (const apply of prepared) apply();
      host.onCommitted();
    } finally {
      view.release();
    }
    const kept = new Set(state.levels.flat());
    for (const table of before) if (!kept.has(table)) host.retire(table);
    this.#pin?.use();
  }

  #checkOpen(): void {
    if (this.#closed) throw storeClosed(this.#host.objects.address);
  }

  #shortLog(): KriyaError {
    const { sequence, manifest } = this.#replay.result;
    return new KriyaError(
      "corrupt",
      `Cannot follow the writer of ${this.#host.objects.address}: the log ends at sequence ${sequence}, and ${this.#sequence} was there`,
      { detail: `The log was read from manifest ${manifest.number} on.` },
    );
  }

  #overtaken(): KriyaError {
    return new KriyaError(
      "unavailable",
      `Cannot follow the writer of ${this.#host.objects.address}: what was found was collected ${ATTEMPTS_MAX} times`,
      { code: "72000", hint: "Try again" },
    );
  }
}

/** What a probe found. */
interface Probe {
  /** The manifest that its requests went by. */
  readonly base: Manifest;
  /** The newest manifest that was seen. */
  readonly newer: Manifest;
  /** The objects of the log after what was replayed. */
  readonly objects: readonly WalObject[];
  /** Whether there was none after them. */
  readonly atEnd: boolean;
  /** When its last look at the end of the log began, or before. */
  readonly startedMs: number;
}

/** Whether an object names tables that were loaded. */
function isLoad({ records }: WalObject): boolean {
  return records.some(({ kind }) => kind === "ingest");
}

/** The newest manifest from `base` on, which was there. */
async function newestFrom(
  manifests: ManifestStore,
  base: Manifest,
): Promise<Manifest> {
  let newest = base;
  for (let step = 0; step < MANIFEST_STEPS_MAX; step++) {
    const next = await manifests.read(newest.number + 1);
    if (next === undefined) return newest;
    newest = next;
  }
  return (await manifests.newest()).manifest;
}

/** Resolves when `promise` has settled, however it did. */
async function settled(promise: Promise<void>): Promise<void> {
  await promise.catch(() => {});
}
