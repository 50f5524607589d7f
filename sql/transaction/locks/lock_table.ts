/**
 * Locks: who holds what, and who waits for whom.
 *
 * One process writes a database, so all locks are in its memory. An owner is a
 * session; what it holds itself never keeps it waiting.
 *
 * Invariants:
 * 1. What two owners hold of a lock does not exclude each other.
 * 2. Who asks waits behind those who asked before and whose mode excludes its
 *    own, unless it holds the lock already: nobody waits for ever.
 * 3. No owner waits for itself, through however many others: the one whose
 *    request would close a circle is refused (`40P01`).
 * 4. A lock that nobody holds or waits for takes no memory.
 *
 * @module
 */
import type { Environment, Timer } from "../../../base/environment.ts";
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { LockMode } from "./lock_mode.ts";

/** How long a lock is held. */
export type LockLevel = "session" | "transaction";

/** What is locked, as `pg_locks` says it; what is absent is NULL. */
export interface LockTag {
  readonly locktype: "relation" | "tuple" | "transactionid" | "advisory";
  readonly relation?: number;
  readonly page?: number;
  readonly tuple?: number;
  readonly transactionid?: number;
  readonly classid?: number;
  readonly objid?: number;
  readonly objsubid?: number;
}

/** A lock that somebody wants. */
export interface LockRequest {
  /** What is locked; equal keys are the same lock. */
  readonly key: string;
  /** What it is, for people: `advisory lock [0,5]`. */
  readonly label: string;
  /** What it is, for `pg_locks`. */
  readonly tag: LockTag;
  /** The mode. */
  readonly mode: LockMode;
  /** How long it is held. */
  readonly level: LockLevel;
}

/** How somebody waits for a lock. */
export interface LockWait {
  /** Ms until it gives up with `55P03` (default 0: never). */
  readonly timeoutMs?: number | undefined;
  /**
   * Whether it gives up at once (`40P01`) when an older session is in the way:
   * then no circle can come to be (default false: circles are looked for).
   */
  readonly waitDie?: boolean | undefined;
  /** Gives up when aborted, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What an owner holds of a lock. */
interface Hold {
  readonly owner: LockOwner;
  readonly request: LockRequest;
  /** Its number among all grants. */
  readonly order: number;
  /** How often it asked. */
  count: number;
}

interface Waiter {
  readonly owner: LockOwner;
  readonly request: LockRequest;
  readonly granted: () => void;
}

interface Lock {
  readonly holds: Hold[];
  readonly queue: Waiter[];
}

/** Somebody who holds locks; a session. */
export class LockOwner {
  /** Its number; older ones have lower ones. */
  readonly id: number;
  /** The locks that it holds, by key. */
  readonly keys: Set<string> = new Set();
  /** What it waits for. */
  readonly waiting: Set<Waiter> = new Set();

  /** Used by {@linkcode LockTable.newOwner}. */
  constructor(id: number) {
    this.id = id;
  }
}

/** A lock as it is held or waited for. */
export interface LockFact {
  /** The number of the session. */
  readonly owner: number;
  /** What is locked. */
  readonly label: string;
  /** What it is, for `pg_locks`. */
  readonly tag: LockTag;
  /** The mode. */
  readonly mode: string;
  /** Whether it is held. */
  readonly granted: boolean;
}

/** The locks of a database. */
export class LockTable {
  readonly #environment: Environment;
  readonly #locks = new Map<string, Lock>();
  #owners = 0;
  #grants = 0;
  #numbers = 0;

  /** No locks; `environment` is for time-outs. */
  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** How many locks are held or waited for. */
  get count(): number {
    return this.#locks.size;
  }

  /** A new owner; `id`: that of the session it is another one of. */
  newOwner(id: number = ++this.#owners): LockOwner {
    return new LockOwner(id);
  }

  /** A number that no other transaction gets. */
  newNumber(): number {
    return ++this.#numbers;
  }

  /** The number of the last grant: for {@linkcode releaseSince}. */
  get mark(): number {
    return this.#grants;
  }

  /** Whether somebody is in the way of a request. */
  isBlocked(
    owner: LockOwner | undefined,
    key: string,
    mode: LockMode,
  ): boolean {
    const lock = this.#locks.get(key);
    return lock !== undefined &&
      this.#blockers(lock, owner, { mode }).length > 0;
  }

  /** Takes a lock if nothing is in the way. */
  tryAcquire(owner: LockOwner, request: LockRequest): boolean {
    const lock = this.#locks.get(request.key);
    const held = lock?.holds.find((hold) =>
      hold.owner === owner && hold.request.mode === request.mode &&
      hold.request.level === request.level
    );
    if (held !== undefined) {
      held.count++;
      return true;
    }
    if (lock !== undefined && this.#blockers(lock, owner, request).length > 0) {
      return false;
    }
    this.#grant(owner, request);
    return true;
  }

  /**
   * Takes a lock; resolves once it is held, at once where nothing is in the
   * way.
   *
   * @throws {SqlError} `40P01` when waiting would never end; `55P03` after the
   * time-out; the signal's reason.
   */
  acquire(
    owner: LockOwner,
    request: LockRequest,
    wait: LockWait = {},
  ): MaybePromise<void> {
    wait.signal?.throwIfAborted();
    if (this.tryAcquire(owner, request)) return;
    return this.#wait(owner, request, wait);
  }

  /** Gives back one asking for a lock; whether it was held. */
  release(owner: LockOwner, { key, mode, level }: LockRequest): boolean {
    const lock = this.#locks.get(key);
    const hold = lock?.holds.find((hold) =>
      hold.owner === owner && hold.request.mode === mode &&
      hold.request.level === level
    );
    if (lock === undefined || hold === undefined) return false;
    if (--hold.count > 0) return true;
    this.#drop(key, lock, (each) => each === hold);
    return true;
  }

  /** Gives back what an owner was granted for its transaction after a mark. */
  releaseSince(owner: LockOwner, mark: number): void {
    for (const key of [...owner.keys]) {
      this.#drop(
        key,
        this.#locks.get(key)!,
        (hold) =>
          hold.owner === owner && hold.order > mark &&
          hold.request.level === "transaction",
      );
    }
  }

  /** Gives back everything that an owner holds at a level. */
  releaseAll(owner: LockOwner, level: LockLevel): void {
    for (const key of [...owner.keys]) {
      this.#drop(
        key,
        this.#locks.get(key)!,
        (hold) => hold.owner === owner && hold.request.level === level,
      );
    }
  }

  /** All locks as they are. */
  *facts(): Generator<LockFact> {
    const factOf = (
      { owner, request }: Hold | Waiter,
      granted: boolean,
    ): LockFact => ({
      owner: owner.id,
      label: request.label,
      tag: request.tag,
      mode: request.mode.name,
      granted,
    });
    for (const { holds, queue } of this.#locks.values()) {
      for (const hold of holds) yield factOf(hold, true);
      for (const waiter of queue) yield factOf(waiter, false);
    }
  }

  /** The owners that are in the way of what an owner waits for, by number. */
  blockersOf(owner: number): number[] {
    const found = new Set<number>();
    for (const { queue } of this.#locks.values()) {
      for (const waiter of queue) {
        if (waiter.owner.id !== owner) continue;
        for (const { id } of this.#blockersOf(waiter)) found.add(id);
      }
    }
    return [...found];
  }

  #grant(owner: LockOwner, request: LockRequest): void {
    let lock = this.#locks.get(request.key);
    if (lock === undefined) {
      lock = { holds: [], queue: [] };
      this.#locks.set(request.key, lock);
    }
    lock.holds.push({ owner, request, count: 1, order: ++this.#grants });
    owner.keys.add(request.key);
  }

  #drop(key: string, lock: Lock, which: (hold: Hold) => boolean): void {
    for (let i = lock.holds.length - 1; i >= 0; i--) {
      const hold = lock.holds[i]!;
      if (!which(hold)) continue;
      lock.holds.splice(i, 1);
      if (!lock.holds.some(({ owner }) => owner === hold.owner)) {
        hold.owner.keys.delete(key);
      }
    }
    this.#wake(key, lock);
  }

  /** Hands the lock on to those at the front that nothing is in the way of. */
  #wake(key: string, lock: Lock): void {
    for (let i = 0; i < lock.queue.length;) {
      const waiter = lock.queue[i]!;
      const { owner, request } = waiter;
      if (this.#blockers(lock, owner, request, i).length > 0) {
        i++;
        continue;
      }
      lock.queue.splice(i, 1);
      owner.waiting.delete(waiter);
      this.#grant(owner, request);
      waiter.granted();
    }
    if (lock.holds.length + lock.queue.length === 0) this.#locks.delete(key);
  }

  /** Who is in the way of a request that has `ahead` others before it. */
  #blockers(
    { holds, queue }: Lock,
    owner: LockOwner | undefined,
    { mode }: Pick<LockRequest, "mode">,
    ahead: number = queue.length,
  ): LockOwner[] {
    const blockers: LockOwner[] = [];
    let holder = false;
    for (const hold of holds) {
      if (hold.owner === owner) holder = true;
      else if ((hold.request.mode.bit & mode.conflicts) !== 0) {
        blockers.push(hold.owner);
      }
    }
    if (holder) return blockers;
    for (let i = 0; i < ahead; i++) {
      const waiter = queue[i]!;
      const excludes = (waiter.request.mode.bit & mode.conflicts) !== 0;
      if (excludes && waiter.owner !== owner) blockers.push(waiter.owner);
    }
    return blockers;
  }

  #wait(
    owner: LockOwner,
    request: LockRequest,
    { timeoutMs = 0, waitDie = false, signal }: LockWait,
  ): Promise<void> {
    const lock = this.#locks.get(request.key)!;
    return new Promise<void>((resolve, reject) => {
      let timer: Timer | undefined;
      const waiter: Waiter = {
        owner,
        request,
        granted: () => {
          settle();
          resolve();
        },
      };
      const settle = (): void => {
        timer?.cancel();
        signal?.removeEventListener("abort", aborted);
      };
      const giveUp = (reason: unknown): void => {
        settle();
        lock.queue.splice(lock.queue.indexOf(waiter), 1);
        owner.waiting.delete(waiter);
        this.#wake(request.key, lock);
        reject(reason);
      };
      const aborted = (): void => giveUp(signal!.reason);
      lock.queue.push(waiter);
      owner.waiting.add(waiter);
      const refusal = (waitDie ? this.#olderInTheWay(waiter) : undefined) ??
        this.#circle(waiter);
      if (refusal !== undefined) return giveUp(refusal);
      signal?.addEventListener("abort", aborted, { once: true });
      if (timeoutMs > 0) {
        timer = this.#environment.setTimer(
          () =>
            giveUp(lockNotAvailable("canceling statement due to lock timeout")),
          timeoutMs,
        );
      }
    });
  }

  #blockersOf(waiter: Waiter): LockOwner[] {
    const { owner, request } = waiter;
    const lock = this.#locks.get(request.key)!;
    return this.#blockers(lock, owner, request, lock.queue.indexOf(waiter));
  }

  /** Why a younger owner gives up: wait-die (Rosenkrantz et al., 1978). */
  #olderInTheWay(waiter: Waiter): SqlError | undefined {
    const older = this.#blockersOf(waiter).find(({ id }) =>
      id < waiter.owner.id
    );
    return older && new SqlError("40P01", "deadlock avoided", {
      detail: `${waitText(waiter, older)}, which is older.`,
      hint: "Run the transaction again.",
    });
  }

  /** The error of a circle that begins and ends with the waiter. */
  #circle(first: Waiter): SqlError | undefined {
    const seen = new Set<LockOwner>();
    const visit = (waiter: Waiter, path: string[]): string[] | undefined => {
      for (const blocker of this.#blockersOf(waiter)) {
        const steps = [...path, `${waitText(waiter, blocker)}.`];
        if (blocker === first.owner) return steps;
        if (seen.has(blocker)) continue;
        seen.add(blocker);
        for (const next of blocker.waiting) {
          const found = visit(next, steps);
          if (found !== undefined) return found;
        }
      }
      return undefined;
    };
    const steps = visit(first, []);
    return steps && new SqlError("40P01", "deadlock detected", {
      detail: steps.join("\n"),
      hint: "Run the transaction again.",
    });
  }
}

function waitText({ owner, request }: Waiter, blocker: LockOwner): string {
  return `Session ${owner.id} waits for ${request.mode.name} on ` +
    `${request.label}; blocked by session ${blocker.id}`;
}

/** Why a lock was not had. */
export function lockNotAvailable(message: string): SqlError {
  return new SqlError("55P03", message);
}
