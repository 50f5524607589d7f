/**
 * What the clients of a simulation were told, and what must be true of it.
 *
 * 1. Every commit that was acknowledged is in every store that began to open
 *    after it, and at the end, whole and at the sequence that was told.
 *    Commits that are only visible may be lost, the latest of a writer first;
 *    what was visible when the log was flushed is as good as acknowledged.
 * 2. A commit that was refused (a conflict, fenced, certainly not written) is
 *    nowhere. One without an answer is there whole, or not at all.
 * 3. One writer at most acknowledges in an epoch; and what an older one
 *    acknowledges while a newer one serves is in what the newer one serves.
 * 4. What anybody saw at a durable sequence is what the end shows at that sequence:
 *    snapshots never move, nothing that was seen is lost.
 *    Below the horizon the end shows nothing; there all have seen the same.
 * 5. Counters that were raised under a check were never raised twice from the
 *    same value.
 * 6. A version that is not there any more is at or below the horizon, and
 *    another at or below it hides it.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import { KIND_DELETE } from "../../storage/mvcc/internal_key.ts";
import { contentsOf, keyAt, text, valueAt } from "../support/lsm_contents.ts";

/** What a client knows of its commit. */
export type Outcome =
  | "pending"
  | "visible"
  | "acknowledged"
  | "refused"
  | "unknown";

/** One commit. */
export interface Commit {
  readonly id: number;
  /** The values that it puts, by key; `undefined` deletes. */
  readonly writes: ReadonlyMap<string, string | undefined>;
  /** The keys that it removes before. */
  readonly removed:
    | { readonly start: string; readonly end: string }
    | undefined;
  outcome: Outcome;
  sequence: number;
  /** Who told of it. */
  process: string;
}

/** A writer that serves. */
interface Serving {
  readonly process: string;
  readonly epoch: number;
  readonly store: LsmStore;
}

interface Observation {
  readonly process: string;
  readonly sequence: number;
  readonly contents: string;
}

/** An entry of the end. */
interface Entry {
  readonly key: string;
  readonly sequence: number;
  readonly value: string | undefined;
}

/** Everything that clients were told. */
export class History {
  readonly commits: Commit[] = [];
  readonly #serving: Serving[] = [];
  readonly #acknowledgers = new Map<number, string>();
  readonly #observations: Observation[] = [];
  /** What happened, in order: the same for the same seed. */
  readonly trace: string[] = [];

  /** A commit that is about to be made. */
  begin(
    writes: ReadonlyMap<string, string | undefined>,
    removed?: Commit["removed"],
  ): Commit {
    const id = this.commits.length;
    const commit: Commit = {
      id,
      writes,
      removed,
      outcome: "pending",
      sequence: 0,
      process: "",
    };
    this.commits.push(commit);
    return commit;
  }

  /** The commits that are acknowledged so far. */
  acknowledged(): Commit[] {
    return this.commits.filter(({ outcome }) => outcome === "acknowledged");
  }

  /** A client is told that its commit is visible. */
  show(commit: Commit, sequence: number, process: string): void {
    commit.outcome = "visible";
    commit.sequence = sequence;
    commit.process = process;
    this.trace.push(`${process} shows ${commit.id} at ${sequence}`);
  }

  /** The commits of a process that are visible, and may be lost. */
  shownBy(process: string): Commit[] {
    return this.commits.filter((commit) =>
      commit.outcome === "visible" && commit.process === process
    );
  }

  /** A client is told that its commit is durable. */
  acknowledge(
    commit: Commit,
    sequence: number,
    process: string,
    epoch: number,
  ): void {
    commit.outcome = "acknowledged";
    commit.sequence = sequence;
    commit.process = process;
    this.trace.push(`${process} acknowledges ${commit.id} at ${sequence}`);
    const other = this.#acknowledgers.get(epoch);
    if (other !== undefined && other !== process) {
      throw new Error(`${other} and ${process} acknowledge in epoch ${epoch}`);
    }
    this.#acknowledgers.set(epoch, process);
    for (const newer of this.#serving) {
      if (newer.epoch <= epoch || newer.store.visibleSequence >= sequence) {
        continue;
      }
      throw new Error(
        `${process} acknowledges ${commit.id} while ${newer.process} of a ` +
          "newer epoch serves without it",
      );
    }
  }

  /** A client is told that its commit failed. */
  fail(commit: Commit, error: unknown, process: string): void {
    const sure = error instanceof KriyaError && error.code !== "08007" &&
      error.kind !== "closed";
    commit.outcome = sure ? "refused" : "unknown";
    const why = error instanceof KriyaError ? error.code : String(error);
    this.trace.push(`${process} fails ${commit.id}: ${why}`);
    if (!(error instanceof KriyaError)) throw error;
    if (error.kind === "corrupt" || error.kind === "internal") throw error;
  }

  /** A store has opened; `before` were acknowledged when it began to. */
  async opened(
    process: string,
    store: LsmStore,
    before: readonly Commit[],
  ): Promise<void> {
    // A reader promises to have everything only when it is asked.
    await store.refresh();
    const { epoch } = store.manifest;
    this.trace.push(`${process} opens at ${store.visibleSequence}`);
    if (!store.readOnly) this.#serving.push({ process, epoch, store });
    const lost = before.find(({ sequence }) =>
      sequence > store.visibleSequence
    );
    if (lost !== undefined) {
      throw new Error(
        `${process} opens without ${lost.id}, acknowledged before`,
      );
    }
    await this.observe(process, store, store.visibleSequence);
  }

  /** Somebody looks at everything, at a sequence. */
  async observe(
    process: string,
    store: LsmStore,
    sequence: number,
    reverse = false,
  ): Promise<void> {
    const found = await contentsOf(store, { snapshot: sequence, reverse });
    if (reverse) found.reverse();
    // What could still be lost may be seen, and never again.
    if (sequence > store.durableSequence) return;
    const contents = JSON.stringify(found);
    this.#observations.push({ process, sequence, contents });
    this.trace.push(`${process} sees ${found.length} at ${sequence}`);
  }

  /** Checks everything against what the bucket holds at the end. */
  async check(end: LsmStore): Promise<void> {
    const { horizon } = end.manifest;
    const entries = await allEntries(end);
    const there = this.#there(entries);
    for (const commit of this.commits) {
      checkCommit(commit, entries, there, horizon);
    }
    checkLost(this.commits, entries);
    checkCounters(entries, there, horizon);
    const seen = new Map<number, string>();
    for (const { process, sequence, contents } of this.#observations) {
      let want = seen.get(sequence);
      if (want === undefined) {
        want = sequence < horizon ? contents : JSON.stringify(
          await contentsOf(end, { snapshot: sequence }),
        );
        seen.set(sequence, want);
      }
      if (contents !== want) {
        throw new Error(
          `${process} saw ${contents} at ${sequence}, the end shows ${want}`,
        );
      }
    }
  }

  /** The commits that took effect, with their sequences. */
  #there(entries: Map<string, Entry[]>): Map<Commit, number> {
    const there = new Map<Commit, number>();
    for (const commit of this.commits) {
      const own = entries.get(`m/${commit.id}`)?.[0];
      if (own !== undefined) there.set(commit, own.sequence);
    }
    return there;
  }
}

/** Whether a bad bucket, a death or another writer explains an error. */
export function isExpected(error: unknown): error is KriyaError {
  if (!(error instanceof KriyaError)) return false;
  return error.kind === "unavailable" || error.kind === "fenced" ||
    error.kind === "closed" || error.code === "55006" ||
    error.code === "72000";
}

/** Every version of every key; each once. */
async function allEntries(store: LsmStore): Promise<Map<string, Entry[]>> {
  const byKey = new Map<string, Entry[]>();
  for (const opening of store.changesSince({}, -1)) {
    const source = await opening;
    for (let run = await source.nextRun(); run; run = await source.nextRun()) {
      for (let i = 0; i < run.count; i++) {
        const key = text(keyAt(run, i))!;
        const deleted = run.kinds[i] === KIND_DELETE;
        const value = deleted ? undefined : text(valueAt(run, i));
        const sequence = run.sequences[i]!;
        const versions = byKey.get(key) ?? [];
        if (versions.some((other) => other.sequence === sequence)) {
          throw new Error(`"${key}" is there twice at ${sequence}`);
        }
        versions.push({ key, sequence, value });
        byKey.set(key, versions);
      }
    }
  }
  return byKey;
}

function checkCommit(
  commit: Commit,
  entries: Map<string, Entry[]>,
  there: ReadonlyMap<Commit, number>,
  horizon: number,
): void {
  const { id, writes, outcome } = commit;
  // Every commit puts a key that no other does.
  const own = entries.get(`m/${id}`) ?? [];
  if (own.length === 0) {
    if (outcome !== "acknowledged") return;
    throw new Error(`commit ${id} was acknowledged and is not there`);
  }
  const { sequence } = own[0]!;
  if (own.length > 1) throw new Error(`commit ${id} is there twice`);
  if (outcome === "refused") throw new Error(`commit ${id} was refused`);
  const told = outcome === "acknowledged" || outcome === "visible";
  if (told && commit.sequence !== sequence) {
    throw new Error(`commit ${id} is at ${sequence}, not ${commit.sequence}`);
  }
  for (const [key, value] of writes) {
    const found = entries.get(key)?.find((entry) =>
      entry.sequence === sequence
    );
    if (
      found === undefined &&
      mayBeGone({ key, sequence, value }, there, horizon)
    ) continue;
    if (found === undefined || found.value !== value) {
      throw new Error(`commit ${id} is there without its "${key}"`);
    }
  }
}

/** Of one writer's commits the last are lost, and none of those before. */
function checkLost(
  commits: readonly Commit[],
  entries: Map<string, Entry[]>,
): void {
  const told = commits.filter(({ process }) => process !== "")
    .toSorted((a, b) => a.sequence - b.sequence);
  const firstLost = new Map<string, Commit>();
  for (const commit of told) {
    const { process } = commit;
    const lost = firstLost.get(process);
    if (!entries.has(`m/${commit.id}`)) {
      if (lost === undefined) firstLost.set(process, commit);
    } else if (lost !== undefined) {
      throw new Error(
        `commit ${lost.id} of ${process} is lost, and ${commit.id} is not`,
      );
    }
  }
}

/** Whether nobody can see a version from the horizon on. */
function mayBeGone(
  { key, sequence, value }: Entry,
  there: ReadonlyMap<Commit, number>,
  horizon: number,
): boolean {
  if (sequence > horizon) return false;
  if (value === undefined) return true;
  for (const [{ writes, removed }, later] of there) {
    if (later <= sequence || later > horizon) continue;
    if (writes.has(key)) return true;
    if (removed && removed.start <= key && key < removed.end) return true;
  }
  return false;
}

/**
 * The values that a counter had are 1, 2, 3 … in the order of sequences, as far
 * as they are there, and the last is how often it was raised.
 */
function checkCounters(
  entries: Map<string, Entry[]>,
  there: ReadonlyMap<Commit, number>,
  horizon: number,
): void {
  for (const [key, versions] of entries) {
    if (!key.startsWith("n/")) continue;
    versions.sort((a, b) => a.sequence - b.sequence);
    let before = 0;
    for (const { value, sequence } of versions) {
      const count = Number(value);
      if (sequence > horizon ? count !== before + 1 : count <= before) {
        throw new Error(`"${key}" became ${value} after ${before}`);
      }
      before = count;
    }
    const raised = [...there.keys()].filter(({ writes }) => writes.has(key));
    if (raised.length !== before) {
      throw new Error(`"${key}" is ${before}, raised ${raised.length} times`);
    }
  }
}
