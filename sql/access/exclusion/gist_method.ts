/**
 * The access method `gist`: what EXCLUDE keeps its entries by. Queries do not ask
 * it, so an index of its own it does not make.
 *
 * @module
 */
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import type { Chunk } from "../../chunk/chunk.ts";
import { isKeyType } from "../../encoding/key_bytes.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { TransactionHandle } from "../../transaction/transaction_handle.ts";
import { transactionOf } from "../../transaction/transaction_view.ts";
import type { DataType } from "../../types/data_type.ts";
import type { AccessRegistry } from "../access_registry.ts";
import type {
  BuildOptions,
  IndexAccessMethod,
  KeyProbe,
  OperatorClass,
} from "../index_access.ts";
import { buildFromRows } from "../index_build.ts";
import { checkOptions, FILLFACTOR } from "../index_options.ts";
import type { Exclusions } from "./exclusion_entries.ts";
import { PeriodCover } from "./period_cover.ts";

/** What ranges exclude each other by. */
const RANGE_OPERATORS = ["&&", "-|-", "@>", "<@", "<<", ">>", "&<", "&>", "="];
/** What scalars do, as with the extension `btree_gist`. */
const SCALAR_OPERATORS = ["=", "<>", "<", "<=", ">=", ">"];

/** Entries of EXCLUDE constraints. */
export class GistMethod implements IndexAccessMethod {
  readonly name: string = "gist";
  readonly operatorClasses: readonly OperatorClass[];
  readonly canBeUnique: boolean = false;
  readonly canExclude: boolean = true;
  readonly columnsMax: number = 32;
  readonly #access: AccessRegistry;
  readonly #exclusions: Exclusions;

  /** The method over columns of those of `types` that have an order. */
  constructor(
    access: AccessRegistry,
    types: readonly DataType[],
    exclusions: Exclusions,
  ) {
    this.#access = access;
    this.#exclusions = exclusions;
    const common = { orderingOperators: [], isDefault: true };
    this.operatorClasses = [
      ...types.filter((type) => isKeyType(type) && type.element === undefined)
        .map((type) => ({
          ...common,
          name: className(type),
          typeName: type.name,
          searchOperators: isRange(type) ? RANGE_OPERATORS : SCALAR_OPERATORS,
        })),
      {
        ...common,
        name: "gist_enum_ops",
        typeName: "anyenum",
        searchOperators: SCALAR_OPERATORS,
      },
    ];
  }

  /**
   * Checks a definition.
   *
   * @throws {SqlError} `0A000` unless it is a constraint's.
   */
  validate(index: IndexEntry, _table: TableEntry): void {
    if (index.exclusion === undefined) {
      throw new SqlError(
        "0A000",
        `access method "gist" is there for EXCLUDE constraints only`,
      );
    }
    checkOptions(index, { fillfactor: FILLFACTOR });
  }

  /** Fills a new index. */
  async build(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    options: BuildOptions,
  ): Promise<void> {
    const entries = this.#exclusions.entries(index, table, handle);
    await buildFromRows(
      { access: this.#access, index, table, handle },
      options,
      (locators, chunk) => entries.insert({ locators, chunk }, true),
    );
  }

  /** Adds entries. */
  insert(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    locators: Float64Array,
    chunk: Chunk,
  ): MaybePromise<void> {
    const entries = this.#exclusions.entries(index, table, handle);
    return entries.insert({ locators, chunk });
  }

  /** Replaces the entries of rows whose key or locator changed. */
  update(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    before: { readonly locators: Float64Array; readonly chunk: Chunk },
    after: { readonly locators: Float64Array; readonly chunk: Chunk },
  ): MaybePromise<void> {
    const entries = this.#exclusions.entries(index, table, handle);
    return entries.update(before, after);
  }

  /** Removes entries. */
  delete(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    locators: Float64Array,
    chunk: Chunk,
  ): void {
    const entries = this.#exclusions.entries(index, table, handle);
    entries.delete({ locators, chunk });
  }

  /** Finds what rows would conflict with. */
  probe(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    chunk: Chunk,
  ): MaybePromise<KeyProbe> {
    return this.#exclusions.entries(index, table, handle).probe(chunk);
  }

  /** Whether periods of a key WITHOUT OVERLAPS have all of the rows'. */
  covers(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    chunk: Chunk,
  ): MaybePromise<boolean[]> {
    const layout = this.#exclusions.layout(index, table);
    return new PeriodCover(layout, transactionOf(handle)).covers(chunk);
  }
}

function isRange(type: DataType): boolean {
  return type.range !== undefined || type.multirangeOf !== undefined;
}

function className(type: DataType): string {
  if (type.range !== undefined) return "range_ops";
  return type.multirangeOf !== undefined
    ? "multirange_ops"
    : `gist_${type.name}_ops`;
}
