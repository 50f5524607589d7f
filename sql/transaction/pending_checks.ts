/**
 * What a transaction has yet to check: at the end of the statement, or, where it
 * was put off, at COMMIT.
 *
 * A check may find that more has to be checked (a cascade): that goes to the
 * end of the queue. What a statement has not got to, because nobody read it to
 * its end, is left to COMMIT. What it says to others then (NOTIFY) waits here,
 * too.
 *
 * @module
 */

import { PendingNotifications } from "./pending_notifications.ts";

/** Something to be checked. */
export interface PendingCheck {
  /** The constraint: see {@linkcode constraintKey}. */
  readonly constraint: string;
  /** Checks; throws what is wrong. */
  run(): Promise<void>;
}

/** A constraint that can be put off, as SET CONSTRAINTS names it. */
export interface DeferrableConstraint {
  /** Its key. */
  readonly key: string;
  /** DEFERRABLE. */
  readonly deferrable: boolean;
  /** INITIALLY DEFERRED. */
  readonly initiallyDeferred: boolean;
}

/** What tells a table's constraint from all others. */
export function constraintKey(tableId: number, name: string): string {
  return `${tableId}:${name}`;
}

/** The checks at one moment, to go back to. */
export interface ChecksMark {
  readonly immediate: readonly PendingCheck[];
  readonly deferred: readonly PendingCheck[];
  readonly all: boolean | undefined;
  readonly modes: ReadonlyMap<string, boolean>;
  /** How many notifications there were. */
  readonly notifications: number;
}

/** The checks of a transaction. */
export class PendingChecks {
  #immediate: PendingCheck[] = [];
  #deferred: PendingCheck[] = [];
  /** SET CONSTRAINTS ALL. */
  #all: boolean | undefined;
  /** SET CONSTRAINTS, by constraint. */
  #modes = new Map<string, boolean>();
  /** Keys that the commit depends on already. */
  readonly guarded: Set<string> = new Set();
  /** What is said when it commits. */
  readonly notifications: PendingNotifications = new PendingNotifications();

  /** Whether something is to be checked now. */
  get hasImmediate(): boolean {
    return this.#immediate.length > 0;
  }

  /** Whether checks of a table's constraints wait for COMMIT. */
  hasDeferredOf(tableId: number): boolean {
    const prefix = constraintKey(tableId, "");
    return this.#deferred.some(({ constraint }) =>
      constraint.startsWith(prefix)
    );
  }

  /** Adds a check; `deferred`: it waits for COMMIT. */
  add(check: PendingCheck, deferred: boolean): void {
    (deferred ? this.#deferred : this.#immediate).push(check);
  }

  /** Whether the checks of a constraint wait for COMMIT now. */
  isDeferred(
    { key, deferrable, initiallyDeferred }: DeferrableConstraint,
  ): boolean {
    return deferrable &&
      (this.#modes.get(key) ?? this.#all ?? initiallyDeferred);
  }

  /**
   * SET CONSTRAINTS: for all, or for those with these keys. What was put off
   * and is not any more is to be checked now.
   */
  set(deferred: boolean, keys: readonly string[] | undefined): void {
    if (keys === undefined) {
      this.#all = deferred;
      this.#modes.clear();
    } else {
      for (const key of keys) this.#modes.set(key, deferred);
    }
    if (deferred) return;
    const isNow = (check: PendingCheck): boolean =>
      keys === undefined || keys.includes(check.constraint);
    this.#immediate.push(...this.#deferred.filter(isNow));
    this.#deferred = this.#deferred.filter((check) => !isNow(check));
  }

  /** Checks what is to be checked now. */
  async runImmediate(): Promise<void> {
    // The queue grows while it is gone through.
    for (let next = 0; next < this.#immediate.length; next++) {
      await this.#immediate[next]!.run();
    }
    this.#immediate = [];
  }

  /**
   * Begins a statement within another, which has checks of its own; to be given
   * back to {@linkcode PendingChecks.leave}.
   */
  enter(): PendingCheck[] {
    const outer = this.#immediate;
    this.#immediate = [];
    return outer;
  }

  /** Ends it: what it has not got to is left to the statement around. */
  leave(outer: PendingCheck[]): void {
    outer.push(...this.#immediate);
    this.#immediate = outer;
  }

  /** Checks everything. */
  async runAll(): Promise<void> {
    this.#immediate.push(...this.#deferred);
    this.#deferred = [];
    await this.runImmediate();
  }

  /** The checks as they are now. */
  mark(): ChecksMark {
    return {
      immediate: [...this.#immediate],
      deferred: [...this.#deferred],
      all: this.#all,
      modes: new Map(this.#modes),
      notifications: this.notifications.mark(),
    };
  }

  /** Goes back to a mark. */
  returnTo(
    { immediate, deferred, all, modes, notifications }: ChecksMark,
  ): void {
    this.notifications.returnTo(notifications);
    this.#immediate = [...immediate];
    this.#deferred = [...deferred];
    this.#all = all;
    this.#modes = new Map(modes);
  }
}
