/**
 * How a transaction is begun, marked and committed.
 *
 * @module
 */
import type { WalMode } from "../../storage/engine/options.ts";
import type { WriteBatch } from "../../storage/engine/write_batch.ts";
import type { CatalogState } from "../catalog/catalog_state.ts";
import type { LockOwner } from "./locks/lock_table.ts";
import type { LockSpace } from "./locks/transaction_locks.ts";
import type { ChecksMark } from "./pending_checks.ts";
import type { RowTallies } from "./row_tally.ts";
import type { TemporaryMark } from "./temporary/temporary_part.ts";
import type { TemporarySpace } from "./temporary/temporary_space.ts";
import type { WriteSetMemory, WriteSetSpill } from "./write_set_memory.ts";

/** How a transaction is begun. */
export interface TransactionOptions {
  /** Refuses writes (default false). */
  readonly readOnly?: boolean | undefined;
  /**
   * Whether its commit fails when something that it read was changed since its
   * snapshot (default false).
   */
  readonly serializable?: boolean | undefined;
  /** The temporary objects of its session. */
  readonly temporary?: TemporarySpace | undefined;
  /** Whether each of its statements has its own snapshot (default false). */
  readonly readCommitted?: boolean | undefined;
  /** Whether it is one statement, which can run again (default false). */
  readonly single?: boolean | undefined;
  /** What it shares with others that write; absent: there are none. */
  readonly locks?: LockSpace | undefined;
  /** Where what it writes is counted (default: nowhere). */
  readonly memory?: WriteSetMemory | undefined;
  /** Where what it writes goes beyond memory (default: nowhere). */
  readonly spill?: WriteSetSpill | undefined;
  /** Who it is in the lock table (default: a new owner). */
  readonly newOwner?: (() => LockOwner) | undefined;
  /** When it begins: microseconds since 2000-01-01 UTC. */
  readonly startedAt: number;
}

/** A mark to go back to. */
export interface Savepoint {
  readonly sequence: number;
  readonly rangeCount: number;
  readonly guardCount: number;
  readonly changeCount: number;
  readonly rowTallies: RowTallies;
  readonly catalog: CatalogState;
  readonly checks: ChecksMark | undefined;
  readonly temporary: TemporaryMark | undefined;
}

/** What a commit calls. */
export interface CommitHooks {
  /** Puts keys into the batch that come before all others. */
  readonly firstWrites?: ((batch: WriteBatch) => void) | undefined;
  /** Sets what must be exact in the turn in which the batch joins. */
  readonly beforeJoin?: ((batch: WriteBatch) => void) | undefined;
  /** Is called with the sequence in the turn it becomes visible. */
  readonly onVisible?: ((sequence: number) => void) | undefined;
  /** When it is acknowledged (default: the store's `walMode`). */
  readonly durability?: WalMode | undefined;
}
