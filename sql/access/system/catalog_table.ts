// deno-lint-ignore-file camelcase -- these are the names of tables
/**
 * The table access method `catalog`: the tables of `pg_catalog`, whose rows are
 * computed from the catalog that the transaction sees.
 *
 * A row's locator is its number in the scan.
 *
 * @module
 */
import {
  extendedDataRows,
  extendedStatisticRows,
  extendedSummaryRows,
} from "./extended_statistics_rows.ts";
import { aggregateRows, triggerRows } from "./routine_rows.ts";
import type { LsmStore } from "../../../storage/engine/lsm_store.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { CATALOG_METHOD } from "../../catalog/system/system_relations.ts";
import { ColumnBuilder } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { FunctionRegistry } from "../../functions/registry.ts";
import type { TransactionHandle } from "../../transaction/transaction_handle.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import type { TypeRegistry } from "../../types/type_registry.ts";
import type { AccessRegistry } from "../access_registry.ts";
import type {
  LocatedChunk,
  TableAccessMethod,
  TableScan,
  TableScanOptions,
} from "../table_access.ts";
import {
  accessMethodRows,
  collationRows,
  databaseRows,
  dependRows,
  descriptionRows,
  enumRows,
  extensionRows,
  languageRows,
  namespaceRows,
  noRows,
  operatorClassRows,
  procRows,
  rangeRows,
  snapshotRows,
  tablespaceRows,
  typeRows,
} from "./object_rows.ts";
import { inheritRows, partitionedRows } from "./inheritance_rows.ts";
import { membershipRows, roleRows } from "./role_rows.ts";
import { constraintRows } from "./constraint_rows.ts";
import {
  attributeRows,
  classRows,
  defaultRows,
  indexRows,
  sequenceRows,
} from "./relation_rows.ts";
import { castRows, operatorRows } from "./operator_rows.ts";
import { rewriteRows } from "./rule_rows.ts";
import { statisticRows, tableStatisticRows } from "./statistics_rows.ts";
import type { SystemRow, SystemRows } from "./system_rows.ts";

/** Rows in a chunk. */
const CHUNK_ROWS = 1024;

const ROWS: Readonly<Record<string, SystemRows>> = {
  lsm_snapshots: snapshotRows,
  lsm_table_statistics: tableStatisticRows,
  pg_aggregate: aggregateRows,
  pg_am: accessMethodRows,
  pg_attrdef: defaultRows,
  pg_attribute: attributeRows,
  pg_auth_members: membershipRows,
  pg_authid: roleRows,
  pg_class: classRows,
  pg_cast: castRows,
  pg_collation: collationRows,
  pg_constraint: constraintRows,
  pg_database: databaseRows,
  pg_depend: dependRows,
  pg_description: descriptionRows,
  pg_enum: enumRows,
  pg_extension: extensionRows,
  pg_index: indexRows,
  pg_language: languageRows,
  pg_namespace: namespaceRows,
  pg_opclass: operatorClassRows,
  pg_operator: operatorRows,
  pg_inherits: inheritRows,
  pg_partitioned_table: partitionedRows,
  pg_proc: procRows,
  pg_range: rangeRows,
  pg_rewrite: rewriteRows,
  pg_sequence: sequenceRows,
  lsm_extended_statistics: extendedSummaryRows,
  pg_statistic: statisticRows,
  pg_statistic_ext: extendedStatisticRows,
  pg_statistic_ext_data: extendedDataRows,
  pg_tablespace: tablespaceRows,
  pg_trigger: triggerRows,
  pg_type: typeRows,
};

/** The registries whose contents are shown. */
export interface SystemRegistries {
  readonly types: TypeRegistry;
  readonly functions: FunctionRegistry;
  readonly access: AccessRegistry;
  /** The name of the user who owns everything. */
  readonly user: string;
  readonly store: Pick<LsmStore, "manifest">;
}

/** The method of the system's tables. */
export class CatalogTableMethod implements TableAccessMethod {
  readonly name: string = CATALOG_METHOD;
  readonly #registries: SystemRegistries;

  /** A method that shows `registries`. */
  constructor(registries: SystemRegistries) {
    this.#registries = registries;
  }

  scan(
    table: TableEntry,
    transaction: TransactionHandle,
    { columns, signal }: TableScanOptions,
  ): TableScan {
    const { catalog } = transaction;
    const rows = (ROWS[table.name] ?? noRows)({
      catalog,
      transaction,
      ...this.#registries,
      snapshots: this.#registries.store.manifest.snapshots,
    })[Symbol.iterator]();
    let first = 0;
    let done = false;
    return {
      next: (): LocatedChunk | undefined => {
        signal?.throwIfAborted();
        if (done) return undefined;
        const chunk = nextChunk(table, columns, rows, first);
        first += chunk.chunk.rowCount;
        done = chunk.chunk.rowCount < CHUNK_ROWS;
        return chunk.chunk.rowCount === 0 ? undefined : chunk;
      },
      close: (): void => void (done = true),
    };
  }

  fetch(table: TableEntry): never {
    throw readOnly(table);
  }

  insert(table: TableEntry): never {
    throw readOnly(table);
  }

  update(table: TableEntry): never {
    throw readOnly(table);
  }

  delete(table: TableEntry): never {
    throw readOnly(table);
  }

  estimateRows({ name }: TableEntry): number {
    return name === "pg_attribute" ? 1000 : name in ROWS ? 100 : 0;
  }
}

function readOnly({ name }: TableEntry): SqlError {
  return new SqlError(
    "42501",
    `permission denied: "${name}" is a system catalog`,
  );
}

function nextChunk(
  table: TableEntry,
  columns: readonly number[],
  rows: Iterator<SystemRow>,
  first: number,
): LocatedChunk {
  const wanted = columns.map((position) => table.columns[position]!);
  const builders = wanted.map(({ type }) => new ColumnBuilder(type.type));
  let rowCount = 0;
  while (rowCount < CHUNK_ROWS) {
    const next = rows.next();
    if (next.done === true) break;
    wanted.forEach(({ name, type }, i) => {
      builders[i]!.append(valueOf(next.value[name], type.type));
    });
    rowCount++;
  }
  return {
    chunk: { columns: builders.map((each) => each.finish()), rowCount },
    locators: Float64Array.from({ length: rowCount }, (_, i) => first + i),
  };
}

/** The value of a column that a row may say nothing of. */
function valueOf(value: Nullable | undefined, type: DataType): Nullable {
  if (value !== undefined) {
    // Arrays are written down as their text.
    return type.category === "A" && typeof value === "string"
      ? type.input(value, -1)
      : value;
  }
  switch (type.name) {
    case "bool":
      return false;
    case "int2":
    case "int4":
    case "int8":
    case "oid":
    case "float4":
      return 0;
    case "char":
    case "name":
      return "";
    default:
      return null;
  }
}
