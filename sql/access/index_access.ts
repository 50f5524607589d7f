/**
 * The seam of `CREATE INDEX … USING name`: how an index is kept and asked.
 *
 * An index maps key columns to row locators. It is maintained in the same
 * transaction as its table and answers as the transaction sees it, its own
 * changes included. Two ways of asking exist, and a method supports either or
 * both: by equality of all key columns (`lookup`), and in the order of a
 * distance from a constant (`openNearest`).
 *
 * @module
 */
import type { SharedRows } from "../../vector/segments/row_set.ts";
import type { SearchCounters } from "../../vector/segments/search_counters.ts";
import type { Cancellation } from "../../base/cancellation.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import type { Chunk, Column } from "../chunk/chunk.ts";
import type { Nullable, SqlValue } from "../types/data_type.ts";
import type { IndexKeys } from "./index_keys.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import type { SingleEntries } from "./single_rows.ts";

/** An operator class: which operators an index over a type can serve. */
export interface OperatorClass {
  /** The name: `lsm_vector_cosine_ops`. */
  readonly name: string;
  /** Other names that CREATE INDEX may say: `vector_cosine_ops`. */
  readonly aliases?: readonly string[] | undefined;
  /** The type name of the column (`pg_type.typname`): `vector`. */
  readonly typeName: string;
  /** The operators whose order the index can give: `<=>`. */
  readonly orderingOperators: readonly string[];
  /** The operators whose truth the index can find: `=`. */
  readonly searchOperators: readonly string[];
  /** The extension that brings it; absent: it is always there. */
  readonly extension?: string | undefined;
  /** Whether it is used when CREATE INDEX names none. */
  readonly isDefault: boolean;
}

/** Rows found, nearest first within the batch. */
export interface NearestBatch {
  /** How many there are; 0 only at the end. */
  readonly count: number;
  /** Their locators. */
  readonly locators: Float64Array;
  /** About how far each is, ascending, NaN last; absent: not known. */
  readonly distances?: Float64Array | undefined;
}

/**
 * A resumable search. Batches come about in order, yet a later batch may hold a
 * row nearer than one of an earlier batch: who needs the exact order computes
 * the distances from the rows and sorts what it gathered.
 */
export interface NearestCursor {
  /**
   * The next `wanted` rows or fewer; a batch with `count` 0 says that every
   * visible row was returned. The batch is valid until the next call.
   */
  next(wanted: number): MaybePromise<NearestBatch>;
  /** Lets go of what the search holds. */
  close(): void;
}

/** What `openNearest` is asked. */
export interface NearestRequest {
  /** The ordering operator: `<->`. */
  readonly operator: string;
  /** The constant: a query vector. */
  readonly query: SqlValue;
  /** How many rows the plan expects to need in all (LIMIT + OFFSET). */
  readonly expectedRows: number;
  /** A search width set by hand; absent: the index's own. */
  readonly searchWidth?: number | undefined;
  /** The only rows wanted: ascending, none twice; absent: all. */
  readonly allowed?: Float64Array | undefined;
  /** What searches of this transaction among the same rows have found out. */
  readonly shared?: SharedRows | undefined;
  /** How many clusters to read, set by hand; absent: the index's own. */
  readonly probes?: number | undefined;
  /** What is done is added here; absent: nobody counts. */
  readonly counters?: SearchCounters | undefined;
  /** For an index that has to be rebuilt; absent: rebuilt if it can be. */
  readonly help?: RebuildHelp | undefined;
}

/** What an index may need to be rebuilt when it is found to be damaged. */
export interface RebuildHelp {
  /** Computes keys that are not just columns. */
  readonly keysOf: IndexKeys;
  /** Tells whoever asked. */
  warn(message: string): void;
}

/** One end of a range of a key column. */
export interface RangeBound {
  /** The value. */
  readonly value: SqlValue;
  /** Whether the value itself is in the range. */
  readonly inclusive: boolean;
}

/** What `openRange` is asked. */
export interface RangeRequest {
  /** What the first key columns are; NULL: those that are NULL. */
  readonly equal: readonly Nullable[];
  /** From where on the next key column goes, as values compare. */
  readonly lower?: RangeBound | undefined;
  /** Up to where. */
  readonly upper?: RangeBound | undefined;
  /** Whether NULLs of the next key column are left out; so they are by a bound. */
  readonly notNull: boolean;
  /** Whether the last comes first. */
  readonly backward: boolean;
  /** Whether the values of the keys are wanted. */
  readonly wantsKeys: boolean;
  /** Only the first entry of each value of some key columns; absent: all. */
  readonly leading?: LeadingKeys | undefined;
}

/** The first key columns of an index, of whose values each counts once. */
export interface LeadingKeys {
  /** How many columns. */
  readonly count: number;
  /** Whether entries with NULL in the column after those count apart. */
  readonly nullsApart: boolean;
}

/** Entries of an index, in order. */
export interface RangeBatch {
  /** The locators of their rows. */
  readonly locators: Float64Array;
  /** The values of the key columns, if they were wanted. */
  readonly keys: readonly Column[];
}

/** A range of an index that is read. */
export interface RangeCursor {
  /** The next entries; `undefined` at the end. */
  next(): MaybePromise<RangeBatch | undefined>;
  /** Lets go of what the scan holds. */
  close(): void;
}

/** What many rows are looked up by. */
export interface LookupKeys {
  /** The values of the first key columns. */
  readonly columns: readonly Column[];
  /** The rows of them that are looked up. */
  readonly rows: Uint32Array;
}

/** Takes what is found for many rows, one row after the other in any order. */
export interface LocatorTaker {
  /** Whether one locator for each row will do (default: all of them). */
  readonly oneEach?: boolean | undefined;
  /**
   * The locators for the row at `place` of those looked up follow. False: no more
   * are wanted, for any row.
   */
  begin(place: number): boolean;
  /** What came since the last `begin` is void: that place begins again later. */
  drop(): void;
  /** A locator. */
  take(locator: number): void;
}

/** A condition that rows are searched by: `key operator value`. */
export interface SearchCondition {
  /** Which of the key columns. */
  readonly key: number;
  /** The operator, one of the operator class's. */
  readonly operator: string;
  /** What it is applied to. */
  readonly value: SqlValue;
}

/** How far a build is. */
export interface BuildProgress {
  /** What is being done: `scanning table`, `building graph`, `writing`. */
  readonly phase: string;
  /** Rows done. */
  readonly rowsDone: number;
  /** Rows in all, as far as known. */
  readonly rowsTotal: number;
}

/** What a unique index has under the keys of rows. */
export interface KeyProbe {
  /**
   * For each selected row its key, equal where two rows are equal; absent
   * where the row can conflict with none (a column is NULL).
   */
  readonly keys: readonly (string | undefined)[];
  /** For each selected row the row that has its key; -1: none. */
  readonly locators: Float64Array;
}

/** Options of {@linkcode IndexAccessMethod.build}. */
export interface BuildOptions {
  /** Computes keys that are not just columns. */
  readonly keysOf: IndexKeys;
  /** Gives up, and leaves nothing behind, when aborted. */
  readonly signal?: Cancellation | undefined;
  /** Is told how far the build is, several times a second at most. */
  readonly onProgress?:
    | ((progress: BuildProgress, index: IndexEntry) => void)
    | undefined;
  /** Threads that may build beside this one, at most (default 0). */
  readonly threads?: number | undefined;
}

/** A kind of index. */
export interface IndexAccessMethod {
  /** The name after USING. */
  readonly name: string;
  /** Other names that USING may say. */
  readonly aliases?: readonly string[] | undefined;
  /** Its operator classes. */
  readonly operatorClasses: readonly OperatorClass[];
  /** Whether UNIQUE is allowed. */
  readonly canBeUnique: boolean;
  /** Whether EXCLUDE is allowed: entries keep conflicting rows out. */
  readonly canExclude?: boolean;
  /** The most key columns it takes. */
  readonly columnsMax: number;
  /** Whether `openNearest` heeds `allowed`; default false. */
  readonly filtersNearest?: boolean;
  /** Whether rows that a lookup finds must be looked at again; default false. */
  readonly isLossy?: boolean;
  /** Whether it keeps anything outside of a transaction's keys. */
  readonly refusesTemporary?: boolean;
  /** Its entries one by one; absent: only in chunks. */
  readonly single?: SingleEntries | undefined;

  /**
   * Checks a definition and fills in defaults, before the index exists.
   *
   * @throws {SqlError} `22023` for a bad option, `0A000`, `42P16` …
   */
  validate(index: IndexEntry, table: TableEntry): void;

  /** Fills a new index from the rows that the transaction sees. */
  build(
    index: IndexEntry,
    table: TableEntry,
    transaction: TransactionHandle,
    options: BuildOptions,
  ): MaybePromise<void>;

  /**
   * Adds entries for new rows: the selected rows of `chunk`, whose columns are
   * the key columns, with their locators.
   *
   * @throws {SqlError} `23505` when the index is unique and a key is there.
   */
  insert(
    index: IndexEntry,
    table: TableEntry,
    transaction: TransactionHandle,
    locators: Float64Array,
    chunk: Chunk,
  ): MaybePromise<void>;

  /**
   * Replaces the entries of rows that changed. `before` and `after` have the key
   * columns, and as many selected rows. An entry whose key and locator stay the
   * same is left alone.
   */
  update(
    index: IndexEntry,
    table: TableEntry,
    transaction: TransactionHandle,
    before: { readonly locators: Float64Array; readonly chunk: Chunk },
    after: { readonly locators: Float64Array; readonly chunk: Chunk },
  ): MaybePromise<void>;

  /** Removes the entries of rows that go. `chunk` as in `insert`. */
  delete(
    index: IndexEntry,
    table: TableEntry,
    transaction: TransactionHandle,
    locators: Float64Array,
    chunk: Chunk,
  ): MaybePromise<void>;

  /**
   * The locators of the rows whose key columns equal `key` (none of it NULL),
   * ascending; of others too, where the method `isLossy`.
   */
  lookup?(
    index: IndexEntry,
    table: TableEntry,
    transaction: TransactionHandle,
    key: readonly Nullable[],
  ): MaybePromise<Float64Array>;

  /**
   * The same for many rows, none of whose columns is NULL or they have no
   * partners; also by the first key columns alone. Nothing else is told from
   * `lookup` or a range; see {@linkcode LocatorTaker}.
   */
  lookupEach?(
    index: IndexEntry,
    table: TableEntry,
    transaction: TransactionHandle,
    keys: LookupKeys,
    taker: LocatorTaker,
  ): MaybePromise<void>;

  /**
   * The locators of the rows for which all conditions may be true, ascending:
   * whoever asks looks at the rows again. Present where the index knows parts
   * of values.
   */
  search?(
    index: IndexEntry,
    table: TableEntry,
    transaction: TransactionHandle,
    conditions: readonly SearchCondition[],
  ): MaybePromise<Float64Array>;

  /**
   * Opens a range of entries in the order of the key columns. Present where
   * the index keeps that order.
   */
  openRange?(
    index: IndexEntry,
    table: TableEntry,
    transaction: TransactionHandle,
    request: RangeRequest,
  ): RangeCursor;

  /**
   * Looks up the keys of the selected rows of `chunk` (the key columns) in a
   * unique index, or what they conflict with in one of EXCLUDE: what ON CONFLICT
   * asks. Present where `canBeUnique` or `canExclude`.
   */
  probe?(
    index: IndexEntry,
    table: TableEntry,
    transaction: TransactionHandle,
    chunk: Chunk,
  ): MaybePromise<KeyProbe>;

  /**
   * Whether the periods of the entries that are equal in all but the last key
   * column have, together, all of the period of each selected row of `chunk`; the
   * commit fails if such entries come or go meanwhile. Present where keys may be
   * WITHOUT OVERLAPS.
   */
  covers?(
    index: IndexEntry,
    table: TableEntry,
    transaction: TransactionHandle,
    chunk: Chunk,
  ): MaybePromise<boolean[]>;

  /**
   * Waits until nobody else has written a key that `probe` gave; a promise where
   * it has to: then it has to be asked again.
   */
  settleKeys?(
    index: IndexEntry,
    transaction: TransactionHandle,
    keys: readonly (string | undefined)[],
  ): MaybePromise<void>;

  /**
   * Keeps a key that `probe` gave from going, and makes the commit fail if it
   * did.
   */
  dependOnKey?(
    index: IndexEntry,
    transaction: TransactionHandle,
    key: string,
  ): MaybePromise<void>;

  /**
   * Makes the commit fail if entries come or go meanwhile whose first key columns
   * are `key`.
   */
  dependOnEntries?(
    index: IndexEntry,
    table: TableEntry,
    transaction: TransactionHandle,
    key: readonly Nullable[],
  ): void;

  /** Opens a search by distance. Present where there are ordering operators. */
  openNearest?(
    index: IndexEntry,
    table: TableEntry,
    transaction: TransactionHandle,
    request: NearestRequest,
  ): MaybePromise<NearestCursor>;

  /**
   * The estimated cost of finding `rows` nearest rows, in distance
   * computations: what the planner compares with an exact scan.
   */
  nearestCost?(
    index: IndexEntry,
    transaction: TransactionHandle,
    rows: number,
  ): number;

  /**
   * The same among a share of all rows that are asked for by their locators;
   * absent: as of a graph, which is walked past the others.
   */
  filteredCost?(
    index: IndexEntry,
    transaction: TransactionHandle,
    rows: number,
    share: number,
  ): number;
}
