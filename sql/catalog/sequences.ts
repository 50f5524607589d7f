/**
 * Where the sequences stand: numbers drawn from memory, none of them twice.
 *
 * Drawing is no part of a transaction: what a transaction that is rolled back
 * has drawn stays drawn. The log says a place ahead of the numbers drawn so far,
 * as a batch of its own that waits for no transaction:
 *
 * ```text
 *   drawn ──────────────► last      logged ahead
 *   1  2  3  …           17    …    32
 *                         ▲          ▲
 *                         memory     the tree: where the next writer begins
 * ```
 *
 * Half way to the place, the next one is logged in the background, farther ahead
 * the faster numbers go; so most draws wait for nothing. A draw beyond it is
 * done at once, too, but nobody may be told of it until the log has caught up:
 * {@linkcode Sequences.settled}. A clean close logs the exact place.
 *
 * A sequence that a transaction has made is its own until COMMIT, which writes
 * where it stands with everything else.
 *
 * Invariants:
 * 1. Of one sequence one write is under way at a time, so that of two the later
 *    one in the log is the farther one.
 * 2. A number that a caller was told of lies at or before a place that is
 *    durable. So no later writer draws it again, whoever it is: it reads that
 *    place, and only a fence taken after it could have hidden the write.
 *
 * @module
 */
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { ViewReads } from "../../storage/engine/store_view.ts";
import { findInBatch, WriteBatch } from "../../storage/engine/write_batch.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { SequenceEntry, SequenceRange } from "./sequence_entry.ts";
import { isTemporaryId } from "./temporary_schema.ts";
import {
  decodePlace,
  encodePlace,
  sequenceKey,
  sequenceOfKey,
  type SequencePlace,
  SEQUENCES_END,
  SEQUENCES_START,
} from "./sequence_place.ts";

/** The fewest numbers that are logged ahead. */
const AHEAD_MIN = 32;

/** The most numbers that are logged ahead. */
const AHEAD_MAX = 65_536;

/** A sequence in memory. */
interface State {
  last: bigint;
  called: boolean;
  /** Which way it went last. */
  ascends: boolean;
  /** Up to where the log is ahead; absent: nowhere. */
  logged: bigint | undefined;
  /** Counts what makes earlier writes say nothing: `setval`, a new round. */
  generation: number;
  /** Draws so far. */
  draws: number;
  /** `draws` when the last write began. */
  drawsBefore: number;
  /** Whether the log differs from memory. */
  changed: boolean;
  /** Whether it is a running transaction's own. */
  own: boolean;
  writing: Promise<void> | undefined;
}

/** The sequences of a database. */
export class Sequences {
  readonly #store: LsmStore;
  readonly #states = new Map<number, State>();

  /** The sequences in `store`. */
  constructor(store: LsmStore) {
    this.#store = store;
  }

  /**
   * Reads where they stand.
   *
   * @throws {KriyaError} `corrupt`.
   */
  async load(): Promise<void> {
    this.follow(await readPlaces(this.#store));
  }

  /** They stand at `places`, and there are no others: what a reader learns. */
  follow(places: ReadonlyMap<number, SequencePlace>): void {
    for (const storageId of this.#states.keys()) {
      if (!isTemporaryId(storageId)) this.#states.delete(storageId);
    }
    for (const [storageId, place] of places) {
      this.#states.set(storageId, newState(place, false));
    }
  }

  /** A sequence begins at `place`, in a transaction that has made it. */
  create(storageId: number, place: SequencePlace): void {
    this.#states.set(storageId, newState(place, true));
  }

  /** Where a sequence stands. */
  place({ storageId, start }: SequenceEntry): SequencePlace {
    const { last, called } = this.#state(storageId, start);
    return { last, called };
  }

  /**
   * Draws the next number, which nobody may be told of before it is settled.
   *
   * @throws {SqlError} `2200H` at the end of one that does not cycle.
   */
  next(sequence: SequenceEntry): bigint {
    const state = this.#state(sequence.storageId, sequence.start);
    const next = state.called ? after(sequence, state.last) : state.last;
    const ascends = sequence.increment > 0n;
    if (ascends !== state.ascends || ascends === next < state.last) {
      state.ascends = ascends;
      startRound(state);
    }
    state.last = next;
    state.called = true;
    state.draws++;
    this.#moved(sequence, state);
    return next;
  }

  /** Sets where it stands: `setval`. To be settled as a draw. */
  set(sequence: SequenceEntry, place: SequencePlace): void {
    const state = this.#state(sequence.storageId, sequence.start);
    state.last = place.last;
    state.called = place.called;
    state.ascends = sequence.increment > 0n;
    startRound(state);
    this.#moved(sequence, state);
  }

  /**
   * Waits until the log is past what was drawn so far; nothing where it is.
   *
   * @throws {KriyaError} what keeps it from being logged.
   */
  settled(sequence: SequenceEntry): Promise<void> | undefined {
    const state = this.#states.get(sequence.storageId);
    if (state === undefined || state.own || covers(sequence, state)) {
      return undefined;
    }
    return state.writing ??= this.#write(sequence, state);
  }

  /** Adds where a transaction's own sequences stand to its batch. */
  addTo(batch: WriteBatch, storageIds: Iterable<number>): void {
    for (const storageId of storageIds) {
      const state = this.#states.get(storageId);
      if (state === undefined) continue;
      batch.put(sequenceKey(storageId), encodePlace(state));
    }
  }

  /** Sets them in a sealed batch to where they stand now. */
  amend(batch: WriteBatch, storageIds: Iterable<number>): void {
    const sealed = batch.seal();
    for (const storageId of storageIds) {
      const state = this.#states.get(storageId);
      const row = findInBatch(sealed, sequenceKey(storageId));
      if (state === undefined || row < 0) continue;
      sealed.payload.set(encodePlace(state), sealed.valueStarts[row]!);
    }
  }

  /** A transaction that made sequences was committed. */
  committed(storageIds: Iterable<number>): void {
    for (const storageId of storageIds) {
      const state = this.#states.get(storageId);
      if (state === undefined) continue;
      state.own = false;
      state.changed = false;
    }
  }

  /** Forgets sequences that are gone, or never came to be. */
  forget(storageIds: Iterable<number>): void {
    for (const storageId of storageIds) this.#states.delete(storageId);
  }

  /** Logs exactly where they stand; the store closes after it. */
  async close(): Promise<void> {
    const batch = new WriteBatch();
    let count = 0;
    for (const [storageId, state] of this.#states) {
      await state.writing?.catch(() => {});
      if (state.own || !state.changed) continue;
      batch.put(sequenceKey(storageId), encodePlace(state));
      count++;
    }
    if (count > 0) await this.#store.write(batch, { durability: "sync" });
  }

  #state(storageId: number, start: bigint): State {
    let state = this.#states.get(storageId);
    if (state === undefined) {
      state = newState({ last: start, called: false }, false);
      this.#states.set(storageId, state);
    }
    return state;
  }

  /** It stands somewhere else: has that logged, in time if possible. */
  #moved(sequence: SequenceEntry, state: State): void {
    state.changed = true;
    if (state.own || state.writing !== undefined) return;
    const half = BigInt(AHEAD_MIN / 2) * sequence.increment;
    const { last, called } = state;
    if (covers(sequence, { ...state, last: last + half, called })) return;
    state.writing = this.#write(sequence, state);
    // Whoever has to know asks whether it is settled.
    state.writing.catch(() => {});
  }

  async #write(sequence: SequenceEntry, state: State): Promise<void> {
    try {
      // All draws of one turn are in one write.
      await Promise.resolve();
      do {
        const { generation, draws } = state;
        const pace = 2 * (draws - state.drawsBefore);
        const wanted = Math.min(Math.max(pace, AHEAD_MIN), AHEAD_MAX);
        const place = ahead(sequence, state, wanted);
        state.drawsBefore = draws;
        const batch = new WriteBatch();
        batch.put(sequenceKey(sequence.storageId), encodePlace(place));
        await this.#store.write(batch, { durability: "sync" });
        if (state.generation === generation) {
          state.logged = reachOf(sequence, place);
        }
      } while (!covers(sequence, state));
    } finally {
      state.writing = undefined;
    }
  }
}

function newState({ last, called }: SequencePlace, own: boolean): State {
  return {
    last,
    called,
    ascends: true,
    logged: undefined,
    generation: 0,
    draws: 0,
    drawsBefore: 0,
    changed: false,
    own,
    writing: undefined,
  };
}

/** What was logged says nothing of what comes now. */
function startRound(state: State): void {
  state.generation++;
  state.logged = undefined;
}

/** The last number that cannot be drawn again. */
function reachOf(
  { increment }: SequenceRange,
  { last, called }: SequencePlace,
): bigint {
  return called ? last : last - increment;
}

/** Whether the log is at the place, or beyond. */
function covers(
  sequence: SequenceRange,
  place: SequencePlace & Pick<State, "ascends" | "logged">,
): boolean {
  const { ascends, logged } = place;
  if (logged === undefined) return false;
  const reach = reachOf(sequence, place);
  return ascends ? reach <= logged : reach >= logged;
}

/** The number after `last`. */
function after(sequence: SequenceEntry, last: bigint): bigint {
  const { increment, minimum, maximum, cycle, name } = sequence;
  const next = last + increment;
  if (next >= minimum && next <= maximum) return next;
  if (increment > 0n ? next < minimum : next > maximum) return next;
  if (cycle) return increment > 0n ? minimum : maximum;
  const [end, bound] = increment > 0n
    ? ["maximum", maximum]
    : ["minimum", minimum];
  throw new SqlError(
    "2200H",
    `nextval: reached ${end} value of sequence "${name}" (${bound})`,
  );
}

/** The place `wanted` numbers on, or as many as there are before the end. */
function ahead(
  { increment, minimum, maximum }: SequenceRange,
  { last, called }: SequencePlace,
  wanted: number,
): SequencePlace {
  const room = ((increment > 0n ? maximum : minimum) - last) / increment;
  const steps = room < BigInt(wanted) ? room : BigInt(wanted);
  // Outside of its bounds it stays where it is.
  return steps > 0n
    ? { last: last + steps * increment, called: true }
    : { last, called };
}

/**
 * Where the sequences stand that `reads` shows, by storage id.
 *
 * @throws {KriyaError} `corrupt`.
 */
export async function readPlaces(
  reads: Pick<ViewReads, "scan">,
): Promise<Map<number, SequencePlace>> {
  const places = new Map<number, SequencePlace>();
  const scan = reads.scan({ start: SEQUENCES_START, end: SEQUENCES_END });
  for (let run = await scan.next(); run; run = await scan.next()) {
    for (let i = 0; i < run.count; i++) {
      const key = run.keys.subarray(run.keyStarts[i], run.keyEnds[i]);
      const value = run.values.subarray(run.valueStarts[i], run.valueEnds[i]);
      places.set(sequenceOfKey(key), decodePlace(value));
    }
  }
  return places;
}
