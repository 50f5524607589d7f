/**
 * A table as a plain map, with transactions: what the database must agree with.
 *
 * @module
 */

/** A row: a vector at (`x`, `y`) or none, and a unique number or none. */
export interface ModelRow {
  readonly id: number;
  readonly n: number;
  readonly u: number | null;
  readonly x: number | null;
}

/** Rows by id. */
export type ModelRows = ReadonlyMap<number, ModelRow>;

/** What a block has done so far. */
interface BlockState {
  readonly rows: ModelRows;
  /** Whether the table was truncated: the rows of others go with it. */
  readonly truncated: boolean;
  /** Whether an index was made of its rows: others must not have written. */
  readonly defined: boolean;
}

/** An open block. */
interface Block {
  state: BlockState;
  readonly savepoints: { readonly name: string; readonly state: BlockState }[];
  failed: boolean;
  /** Rows that others have committed since it began. */
  readonly others: Map<number, ModelRow>;
}

/** The table. */
export class TableModel {
  #committed: ModelRows = new Map();
  #block: Block | undefined;

  /** The rows as the session sees them. */
  get rows(): ModelRows {
    return this.#block?.state.rows ?? this.#committed;
  }

  /** The open block. */
  get block(): Readonly<Block> | undefined {
    return this.#block;
  }

  /** Replaces rows; `undefined` for one that breaks a key: an error. */
  write(rows: Iterable<ModelRow> | undefined): "ok" | "duplicate" {
    const next = rows === undefined ? undefined : keyed([...rows]);
    if (next === undefined) {
      if (this.#block !== undefined) this.#block.failed = true;
      return "duplicate";
    }
    if (this.#block === undefined) this.#committed = next;
    else this.#block.state = { ...this.#block.state, rows: next };
    return "ok";
  }

  /** TRUNCATE. */
  truncate(): void {
    this.write([]);
    if (this.#block !== undefined) {
      this.#block.state = { ...this.#block.state, truncated: true };
    }
  }

  /** An index is made; of a table just truncated, others know nothing. */
  define(): void {
    const state = this.#block?.state;
    if (state === undefined || state.truncated) return;
    this.#block!.state = { ...state, defined: true };
  }

  /** A statement fails. */
  fail(): void {
    if (this.#block !== undefined) this.#block.failed = true;
  }

  /** BEGIN. */
  begin(): void {
    this.#block = {
      state: { rows: this.#committed, truncated: false, defined: false },
      savepoints: [],
      failed: false,
      others: new Map(),
    };
  }

  /** Another client inserts a row, with an id that the session never uses. */
  insertByOther(row: ModelRow): void {
    this.#committed = new Map([...this.#committed, [row.id, row]]);
    this.#block?.others.set(row.id, row);
  }

  /** SAVEPOINT. */
  savepoint(name: string): void {
    const block = this.#block!;
    block.savepoints.push({ name, state: block.state });
  }

  /** ROLLBACK TO SAVEPOINT. */
  rollbackTo(name: string): void {
    const block = this.#block!;
    const at = block.savepoints.findLastIndex((each) => each.name === name);
    block.state = block.savepoints[at]!.state;
    block.savepoints.length = at + 1;
    block.failed = false;
  }

  /** RELEASE SAVEPOINT. */
  release(name: string): void {
    const { savepoints } = this.#block!;
    savepoints.length = savepoints.findLastIndex((each) => each.name === name);
  }

  /** COMMIT: the tag, or that it conflicts. */
  commit(): "COMMIT" | "ROLLBACK" | "conflict" {
    const { state, failed, others } = this.#block!;
    this.#block = undefined;
    if (failed) return "ROLLBACK";
    if (state.defined && others.size > 0) return "conflict";
    this.#committed = state.truncated
      ? state.rows
      : new Map([...state.rows, ...others]);
    return "COMMIT";
  }

  /** ROLLBACK, or the end of the process. */
  rollback(): void {
    this.#block = undefined;
  }
}

/** The rows by id; `undefined` if two have one id or one `u`. */
function keyed(rows: readonly ModelRow[]): ModelRows | undefined {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const unique = rows.filter(({ u }) => u !== null).map(({ u }) => u);
  if (byId.size < rows.length || new Set(unique).size < unique.length) {
    return undefined;
  }
  return byId;
}
