/**
 * Locks on tables: kept only while some transaction has asked for one.
 *
 * Snapshots and the locks on rows keep transactions apart; what PostgreSQL locks
 * of a table with every statement excludes nothing but LOCK and definitions.
 * So nobody takes such a lock until a transaction asks by LOCK. Then what the
 * open transactions have used so far is locked for them, and until it ends each
 * statement takes its locks before it runs.
 *
 * What was written is known from the transaction; of what was read the
 * statements are kept, folded into a set of relations when they are many.
 *
 * Invariant: while somebody asks, what an open transaction has used is locked
 * in the lock table, in a mode that is as strong.
 *
 * @module
 */
import type { BoundStatement } from "../../analyzer/bound_tree.ts";
import {
  type LockMode,
  TABLE_MODES,
} from "../../transaction/locks/lock_mode.ts";
import type { LockTable } from "../../transaction/locks/lock_table.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import {
  type LockedRelation,
  tableRequest,
  type TableUse,
  tableUses,
} from "./table_uses.ts";

/** Statements of a transaction that are kept as they are. */
const STATEMENTS_MAX = 64;

/** What a transaction has used while nobody asked. */
class Uses {
  readonly #statements = new Set<BoundStatement>();
  readonly #modes = new Map<string, TableUse>();

  add(bound: BoundStatement, transaction: Transaction): void {
    this.#statements.add(bound);
    if (this.#statements.size > STATEMENTS_MAX) this.all(transaction);
  }

  all({ catalog }: Transaction): ReadonlyMap<string, TableUse> {
    for (const bound of this.#statements) {
      for (const use of tableUses(bound, catalog)) {
        this.#modes.set(`${use.relation.id} ${use.mode.bit}`, use);
      }
    }
    this.#statements.clear();
    return this.#modes;
  }
}

/** The locks on the tables of a database. */
export class TableLocks {
  readonly #table: LockTable;
  /** Transactions that are open, with what they have used. */
  readonly #open = new Map<Transaction, Uses | undefined>();
  readonly #asking = new Set<Transaction>();

  /** Nobody asks; locks are kept in `table`. */
  constructor(table: LockTable) {
    this.#table = table;
  }

  /** Whether statements have to lock the tables they use. */
  get isActive(): boolean {
    return this.#asking.size > 0;
  }

  /** Whether a transaction is open that changes the catalog. */
  get areDefinitionsOpen(): boolean {
    return this.#open.keys().some(({ catalogChanges }) =>
      catalogChanges.length > 0
    );
  }

  /** A transaction is open that has, so far, run `bound`. */
  open(transaction: Transaction, bound?: BoundStatement): void {
    this.#open.set(transaction, undefined);
    if (bound !== undefined) this.note(transaction, bound);
  }

  /** It has ended. */
  close(transaction: Transaction): void {
    this.#open.delete(transaction);
  }

  /** A statement is about to run while nobody asks. */
  note(transaction: Transaction, bound: BoundStatement): void {
    // Of INSERT what counts is what was written, which is known.
    if (bound.kind === "insert") return;
    let uses = this.#open.get(transaction);
    if (uses === undefined) {
      uses = new Uses();
      this.#open.set(transaction, uses);
    }
    uses.add(bound, transaction);
  }

  /** Until `transaction` ends, tables that are used are locked. */
  ask(transaction: Transaction): void {
    if (this.#asking.has(transaction)) return;
    const isFirst = this.#asking.size === 0;
    this.#asking.add(transaction);
    transaction.onEnd(() => this.#asking.delete(transaction));
    if (!isFirst) return;
    for (const [each, uses] of this.#open) this.#lockUsed(each, uses);
  }

  /** Locks what a transaction has used. */
  #lockUsed(transaction: Transaction, uses: Uses | undefined): void {
    const { locks, catalog } = transaction;
    if (transaction.ended || locks === undefined) return;
    const lock = (relation: LockedRelation, mode: LockMode): void =>
      void this.#table.tryAcquire(locks.owner, tableRequest(relation, mode));
    for (const { relation, mode } of uses?.all(transaction).values() ?? []) {
      lock(relation, mode);
    }
    for (const id of transaction.writtenRelations) {
      const entry = catalog.byId(id);
      if (entry?.kind === "table") lock(entry, TABLE_MODES.RowExclusiveLock);
    }
  }
}
