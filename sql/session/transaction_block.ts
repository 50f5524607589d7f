/**
 * An open transaction block: BEGIN, or the one that `exec` puts around several
 * statements, with its savepoints.
 *
 * @module
 */
import type { CatalogState } from "../catalog/catalog_state.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { Savepoint, Transaction } from "../transaction/transaction.ts";
import type { PastView } from "./history/history.ts";
import type { Settings, SettingsMark } from "./settings.ts";

/** A place to go back to. */
interface NamedSavepoint {
  readonly name: string;
  readonly mark: Savepoint;
  /** The locks before it. */
  readonly locks: number | undefined;
  readonly settings: SettingsMark;
  /** The newest cursor. */
  readonly cursors: number;
}

/** Whether each statement has a snapshot of its own at an isolation level. */
export function isReadCommitted(isolation: string): boolean {
  return isolation === "read committed" || isolation === "read uncommitted";
}

/** Statements before which a block has no snapshot, and after. */
const LOOKS_AT_NOTHING: ReadonlySet<string> = new Set([
  "set",
  "show",
  "lock_table",
]);

/** An open transaction block. */
export class TransactionBlock {
  /** The transaction. */
  readonly transaction: Transaction;
  /** Whether `exec` began it; a BEGIN in the text makes it explicit. */
  implicit: boolean;
  readonly #settings: Settings;
  readonly #savepoints: NamedSavepoint[] = [];
  #failed = false;
  #failure: unknown;
  /** Whether a statement ran that may have looked at something. */
  #entered = false;
  /** Whether it shows the past. */
  #past = false;

  /** A block around `transaction` of the session that has `settings`. */
  constructor(transaction: Transaction, settings: Settings, implicit: boolean) {
    this.transaction = transaction;
    this.implicit = implicit;
    this.#settings = settings;
  }

  /** Whether a statement failed: then only ROLLBACK is taken. */
  get failed(): boolean {
    return this.#failed;
  }

  /** The error of the statement that failed first. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Its isolation level. */
  get isolation(): string {
    return this.#settings.show("transaction_isolation");
  }

  /**
   * A statement is about to be prepared: what it sees is what is committed now,
   * if none has looked at anything before (PostgreSQL, chapter 13.2.2).
   */
  prepare(committed: CatalogState): void {
    if (this.#past) return;
    if (!this.#entered && this.#savepoints.length === 0) {
      this.transaction.startAgain(committed);
    } else if (!this.#failed && isReadCommitted(this.isolation)) {
      this.transaction.moveSnapshot(committed);
    }
  }

  /**
   * Lets it show a moment of the past, and only read; `view` is opened for it.
   *
   * @throws {SqlError} `25001` when something was read.
   */
  async moveTo(view: () => Promise<PastView>): Promise<void> {
    this.#refuseMove();
    const { snapshot, catalog } = await view();
    try {
      this.#refuseMove();
    } catch (error) {
      snapshot.release();
      throw error;
    }
    this.transaction.startAgain(catalog, snapshot);
    this.#past = true;
    this.#settings.set("transaction_read_only", ["on"], true);
  }

  #refuseMove(): void {
    if (
      !this.#entered && this.#savepoints.length === 0 && !this.transaction.ended
    ) return;
    throw new SqlError(
      "25001",
      "SET TRANSACTION AS OF must be called before any query",
    );
  }

  /** A statement of a kind begins. */
  enter(kind: string): void {
    if (this.#entered || LOOKS_AT_NOTHING.has(kind)) return;
    this.#entered = true;
    const { isolation } = this;
    this.transaction.serializable = isolation === "serializable";
    this.transaction.readCommitted = isReadCommitted(isolation);
  }

  /**
   * Checks that the isolation is as it was `before`, once something was read.
   *
   * @throws {SqlError} `25001`.
   */
  checkIsolation(before: string): void {
    if (!this.#entered || this.isolation === before) return;
    throw new SqlError(
      "25001",
      "SET TRANSACTION ISOLATION LEVEL must be called before any query",
    );
  }

  /** A statement failed. */
  fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#failure = error;
  }

  /** @throws {SqlError} `25P02` after a failure. */
  refuseFailed(): void {
    if (!this.#failed) return;
    throw new SqlError(
      "25P02",
      "current transaction is aborted, commands ignored until end of transaction block",
    );
  }

  /** SAVEPOINT. */
  savepoint(name: string): void {
    this.refuseFailed();
    this.#savepoints.push({
      name,
      mark: this.transaction.savepoint(),
      locks: this.transaction.locks?.mark,
      settings: this.#settings.mark(),
      cursors: this.#settings.objects.cursors.mark(),
    });
  }

  /**
   * Before {@linkcode rollbackTo}: cursors that go on read what they have to
   * read, since what they read from is about to change.
   */
  async readCursors(name: string): Promise<void> {
    const { cursors } = this.#savepoints[this.#find(name)]!;
    await this.#settings.objects.cursors.readAll(cursors);
  }

  /** RELEASE SAVEPOINT: forgets it and those after it. */
  release(name: string): void {
    this.refuseFailed();
    this.#savepoints.length = this.#find(name);
  }

  /** ROLLBACK TO SAVEPOINT: what was done after it is undone, it stays. */
  rollbackTo(name: string): void {
    const position = this.#find(name);
    const { mark, locks, settings, cursors } = this.#savepoints[position]!;
    this.#settings.objects.cursors.returnTo(cursors);
    this.transaction.rollbackTo(mark);
    if (locks !== undefined) this.transaction.locks?.releaseSince(locks);
    this.#settings.returnTo(settings);
    this.#savepoints.length = position + 1;
    this.#failed = false;
    this.#failure = undefined;
  }

  /** Whether there is a savepoint of that name. */
  hasSavepoint(name: string): boolean {
    return this.#savepoints.some((savepoint) => savepoint.name === name);
  }

  #find(name: string): number {
    const position = this.#savepoints.findLastIndex((savepoint) =>
      savepoint.name === name
    );
    if (position >= 0) return position;
    throw new SqlError("3B001", `savepoint "${name}" does not exist`);
  }
}
