/**
 * Tables whose types flow into rows and parameters, without an ORM.
 *
 * ```ts
 * import { open } from "@kriyadb/kriyadb";
 * import { column, table } from "@kriyadb/kriyadb/typed";
 *
 * const items = table("items", {
 *   id: column.int4().primaryKey(),
 *   name: column.text().notNull(),
 *   embedding: column.vector(2),
 * });
 *
 * await using db = await open("memory:");
 * await items.create(db);
 * await items.insert(db, [{ id: 1, name: "red", embedding: [1, 0] }]);
 * const [row] = await items.select(db, { where: { name: "red" } });
 * console.assert(row?.id === 1); // row.id is a number, row.embedding may be null
 * ```
 *
 * Queries over several tables begin with {@linkcode from}; changes that are shown,
 * or return a part of a row, are {@linkcode insertInto}, {@linkcode update} and
 * {@linkcode deleteFrom}. Here belongs what makes
 * types of a schema. What it cannot say is SQL:
 * `db.sql<RowOf<typeof items>>` takes the same types.
 *
 * @module
 */
export {
  column,
  type ColumnFacts,
  type ColumnTypes,
  TypedColumn,
} from "./columns.ts";
export {
  Change,
  type ChangedTable,
  type ChangeFacts,
  type ConflictOptions,
  deleteFrom,
  insertInto,
  type InsertOptions,
  update,
} from "./changes.ts";
export type { Condition, Conditions } from "./conditions.ts";
export type { Metric } from "./metrics.ts";
export {
  avg,
  count,
  distance,
  max,
  min,
  Output,
  type OutputKind,
  type Scope,
  type Selectable,
  type SelectedOf,
  sum,
} from "./outputs.ts";
export {
  from,
  type JoinColumns,
  type NullableScope,
  type ScopeOf,
  type ScopeValues,
  Selection,
  type SelectionFacts,
  Source,
  type SourceFacts,
} from "./query.ts";
export type {
  Columns,
  GivenOf,
  HeldOf,
  InsertOfColumns,
  RowOfColumns,
  TypesOf,
  UpdateOfColumns,
} from "./rows.ts";
export type { SqlText } from "./sql_text.ts";
export {
  type InsertOf,
  type NearestOptions,
  type RowOf,
  type SelectOptions,
  table,
  TypedTable,
  type UpdateOf,
} from "./table.ts";
