/**
 * Access methods over arrays, for tests of what calls access methods.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type {
  IndexAccessMethod,
  KeyProbe,
  NearestBatch,
  NearestCursor,
  NearestRequest,
  OperatorClass,
} from "../../sql/access/index_access.ts";
import type {
  LocatedChunk,
  TableAccessMethod,
  TableScan,
  TableScanOptions,
} from "../../sql/access/table_access.ts";
import type { IndexEntry, TableEntry } from "../../sql/catalog/entries.ts";
import { type Chunk, columnOf, valueAt } from "../../sql/chunk/chunk.ts";
import { SqlError } from "../../sql/errors/sql_error.ts";
import type { Nullable, SqlValue } from "../../sql/types/data_type.ts";

/** A row: one value a column. */
type Row = readonly Nullable[];

/** How a table of arrays behaves. */
export interface ArrayTableOptions {
  readonly chunkRows: number;
  readonly delays: () => boolean;
}

function selectedRows({ columns, selection, rowCount }: Chunk): Row[] {
  const rows = selection ?? Uint32Array.from({ length: rowCount }, (_, i) => i);
  return [...rows].map((row) => columns.map((column) => valueAt(column, row)));
}

/** Tables in maps from locator to row. */
export class ArrayTableMethod implements TableAccessMethod {
  readonly name = "lsm_s3";
  readonly #options: ArrayTableOptions;
  readonly #tables = new Map<number, Map<number, Row>>();
  /** How many rows were fetched by locator. */
  fetchedRows = 0;
  #nextLocator = 65_537;

  constructor(options: ArrayTableOptions) {
    this.#options = options;
  }

  /** The rows of a table by locator. */
  rows(tableId: number): Map<number, Row> {
    const known = this.#tables.get(tableId);
    if (known !== undefined) return known;
    const rows = new Map<number, Row>();
    this.#tables.set(tableId, rows);
    return rows;
  }

  /** Notes all rows; the function returned puts them back. */
  save(): () => void {
    const saved = [...this.#tables].map(([id, rows]) =>
      [id, new Map(rows)] as const
    );
    return () => {
      this.#tables.clear();
      for (const [id, rows] of saved) this.#tables.set(id, rows);
    };
  }

  /** Removes all rows. */
  clear(tableId: number): void {
    this.rows(tableId).clear();
  }

  /** The value, or a promise of it. */
  answer<T>(value: T): MaybePromise<T> {
    return this.#options.delays() ? Promise.resolve(value) : value;
  }

  scan(
    table: TableEntry,
    _transaction: unknown,
    { columns }: TableScanOptions,
  ): TableScan {
    const all = [...this.rows(table.id)];
    let at = 0;
    return {
      next: (): MaybePromise<LocatedChunk | undefined> => {
        if (at >= all.length) return this.answer(undefined);
        const some = all.slice(at, at + this.#options.chunkRows);
        at += some.length;
        return this.answer(located(table, some, columns));
      },
      close: (): void => {
        at = Infinity;
      },
    };
  }

  fetch(
    table: TableEntry,
    _transaction: unknown,
    locators: Float64Array,
    { columns }: TableScanOptions,
  ): MaybePromise<LocatedChunk> {
    this.fetchedRows += locators.length;
    const rows = this.rows(table.id);
    const found = [...locators].filter((locator) => rows.has(locator))
      .map((locator): [number, Row] => [locator, rows.get(locator)!]);
    return this.answer(located(table, found, columns));
  }

  insert(
    table: TableEntry,
    _transaction: unknown,
    chunk: Chunk,
  ): MaybePromise<Float64Array> {
    const rows = this.rows(table.id);
    const locators = selectedRows(chunk).map((row) => {
      const locator = this.#nextLocator++;
      rows.set(locator, row);
      return locator;
    });
    return this.answer(Float64Array.from(locators));
  }

  update(
    table: TableEntry,
    _transaction: unknown,
    locators: Float64Array,
    chunk: Chunk,
  ): MaybePromise<Float64Array> {
    const rows = this.rows(table.id);
    selectedRows(chunk).forEach((row, i) => rows.set(locators[i]!, row));
    return this.answer(locators);
  }

  delete(
    table: TableEntry,
    _transaction: unknown,
    locators: Float64Array,
  ): MaybePromise<void> {
    for (const locator of locators) this.rows(table.id).delete(locator);
    return this.answer(undefined);
  }

  estimateRows(table: TableEntry): number {
    return this.rows(table.id).size;
  }
}

function located(
  table: TableEntry,
  rows: readonly (readonly [number, Row])[],
  columns: readonly number[],
): LocatedChunk {
  return {
    chunk: {
      columns: columns.map((position) =>
        columnOf(
          table.columns[position]!.type.type,
          rows.map(([, row]) => row[position]!),
        )
      ),
      rowCount: rows.length,
    },
    locators: Float64Array.from(rows.map(([locator]) => locator)),
  };
}

/** How an index of arrays behaves. */
export interface ArrayIndexOptions {
  readonly nearestCost?: (rows: number) => number;
}

const DISTANCES: Readonly<
  Record<string, (a: Float32Array, b: Float32Array) => number>
> = {
  "<->": (a, b) => Math.hypot(...a.map((x, i) => x - b[i]!)),
  "<#>": (a, b) => -a.reduce((sum, x, i) => sum + x * b[i]!, 0),
};

const CLASSES: Readonly<Record<string, readonly OperatorClass[]>> = {
  btree: ["int4", "int8", "text", "uuid", "numeric", "bool", "any"].map(
    (typeName) => ({
      name: `${typeName}_ops`,
      typeName,
      orderingOperators: [],
      searchOperators: ["<", "="],
      isDefault: true,
    }),
  ),
  "lsm_hnsw": [
    {
      name: "lsm_vector_l2_ops",
      typeName: "vector",
      orderingOperators: ["<->"],
      searchOperators: [],
      isDefault: true,
    },
    {
      name: "lsm_vector_ip_ops",
      typeName: "vector",
      orderingOperators: ["<#>"],
      searchOperators: [],
      isDefault: false,
    },
  ],
};

/** An index that keeps nothing and looks into the table. */
export class ArrayIndexMethod implements IndexAccessMethod {
  readonly name: string;
  readonly operatorClasses: readonly OperatorClass[];
  readonly canBeUnique: boolean;
  readonly columnsMax: number;
  readonly #tables: ArrayTableMethod;
  readonly #options: ArrayIndexOptions;
  /** The searches it was asked for. */
  readonly requests: NearestRequest[] = [];
  /** How far off the order of a cursor may be: it swaps neighbours. */
  isSloppy = false;

  constructor(
    name: "btree" | "lsm_hnsw",
    tables: ArrayTableMethod,
    options: ArrayIndexOptions,
  ) {
    this.name = name;
    this.operatorClasses = CLASSES[name]!;
    this.canBeUnique = name === "btree";
    this.columnsMax = name === "btree" ? 32 : 1;
    this.#tables = tables;
    this.#options = options;
  }

  validate(): void {}

  build(): void {}

  insert(
    index: IndexEntry,
    table: TableEntry,
    _transaction: unknown,
    locators: Float64Array,
    chunk: Chunk,
  ): void {
    if (!index.unique) return;
    selectedRows(chunk).forEach((row, i) => {
      this.#requireUnique(index, table, row, locators[i]!);
    });
  }

  #requireUnique(
    index: IndexEntry,
    table: TableEntry,
    key: readonly Nullable[],
    own: number,
  ): void {
    if (key.includes(null)) return;
    const same = this.#find(index, table, key).filter((each) => each !== own);
    if (same.length > 0) {
      throw new SqlError(
        "23505",
        `duplicate key value violates unique constraint "${index.name}"`,
      );
    }
  }

  update(
    index: IndexEntry,
    table: TableEntry,
    transaction: unknown,
    before: { readonly locators: Float64Array; readonly chunk: Chunk },
    after: { readonly locators: Float64Array; readonly chunk: Chunk },
  ): void {
    if (before.chunk.rowCount !== before.locators.length) {
      throw new Error("rows and locators differ");
    }
    this.insert(index, table, transaction, after.locators, after.chunk);
  }

  delete(
    index: IndexEntry,
    _table: TableEntry,
    _transaction: unknown,
    locators: Float64Array,
    chunk: Chunk,
  ): void {
    if (
      chunk.rowCount !== locators.length ||
      chunk.columns.length !== index.columns.length
    ) throw new Error("rows and locators differ");
  }

  lookup(
    index: IndexEntry,
    table: TableEntry,
    _transaction: unknown,
    key: readonly Nullable[],
  ): MaybePromise<Float64Array> {
    return this.#tables.answer(
      Float64Array.from(this.#find(index, table, key)),
    );
  }

  probe(
    index: IndexEntry,
    table: TableEntry,
    _transaction: unknown,
    chunk: Chunk,
  ): MaybePromise<KeyProbe> {
    const keys = selectedRows(chunk);
    return this.#tables.answer({
      keys: keys.map((key) => {
        if (key.includes(null)) return undefined;
        return JSON.stringify(
          key.map((value, i) =>
            table.columns[index.columns[i]!.columnNumber - 1]!.type.type.output(
              value as SqlValue,
            )
          ),
        );
      }),
      locators: Float64Array.from(
        keys,
        (key) => this.#find(index, table, key)[0] ?? -1,
      ),
    });
  }

  #find(
    index: IndexEntry,
    table: TableEntry,
    key: readonly Nullable[],
  ): number[] {
    const found: number[] = [];
    for (const [locator, row] of this.#tables.rows(table.id)) {
      const isSame = index.columns.every(({ columnNumber }, i) => {
        const value = row[columnNumber - 1]!;
        const { type } = table.columns[columnNumber - 1]!.type;
        return value !== null && key[i] !== null &&
          type.compare(value, key[i] as SqlValue) === 0;
      });
      if (isSame) found.push(locator);
    }
    return found;
  }

  openNearest(
    index: IndexEntry,
    table: TableEntry,
    _transaction: unknown,
    request: NearestRequest,
  ): MaybePromise<NearestCursor> {
    this.requests.push(request);
    const distance = DISTANCES[request.operator]!;
    const column = index.columns[0]!.columnNumber - 1;
    const query = request.query as Float32Array;
    const order = [...this.#tables.rows(table.id)]
      .filter(([, row]) => row[column] !== null)
      .map(([locator, row]) => ({
        locator,
        distance: distance(row[column] as Float32Array, query),
      }))
      .sort((a, b) => a.distance - b.distance);
    if (this.isSloppy) {
      for (let i = 0; i + 1 < order.length; i += 2) {
        [order[i], order[i + 1]] = [order[i + 1]!, order[i]!];
      }
    }
    let at = 0;
    return this.#tables.answer({
      next: (wanted: number): MaybePromise<NearestBatch> => {
        const some = order.slice(at, at + wanted);
        at += some.length;
        return this.#tables.answer({
          count: some.length,
          locators: Float64Array.from(some.map(({ locator }) => locator)),
        });
      },
      close: (): void => {},
    });
  }

  nearestCost(_index: IndexEntry, _transaction: unknown, rows: number): number {
    return this.#options.nearestCost?.(rows) ?? 0;
  }
}
