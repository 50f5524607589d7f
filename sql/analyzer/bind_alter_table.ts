/**
 * ALTER TABLE: the table it means.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { AlterTableSyntax } from "../parser/syntax.ts";
import { missingRelation } from "./bind_from.ts";
import type { BoundAlterTable } from "./bound_alter.ts";
import type { StatementState } from "./statement_state.ts";

/** Binds ALTER TABLE. */
export function bindAlterTable(
  { options: { catalog } }: StatementState,
  { relation: { schema, name }, actions, ifExists }: AlterTableSyntax,
): BoundAlterTable {
  const entry = catalog.relation(schema, name);
  if (entry === undefined) {
    if (!ifExists) throw missingRelation(schema, name);
    return { kind: "alter_table", table: undefined, name, actions };
  }
  if (entry.kind === "table" && entry.materialized === undefined) {
    return { kind: "alter_table", table: entry, name, actions };
  }
  throw new SqlError("42809", `"${name}" is not a table`);
}
