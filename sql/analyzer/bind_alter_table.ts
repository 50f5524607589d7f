/**
 * ALTER TABLE: the table it means.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { AlterTableSyntax } from "../parser/syntax.ts";
import { missingRelation } from "./bind_from.ts";
import { kindWord } from "../catalog/dependencies.ts";
import type { BoundAlterTable, BoundRename } from "./bound_alter.ts";
import type { BoundAlterView } from "./bound_tree.ts";
import type { StatementState } from "./statement_state.ts";
import {
  areDefaults,
  bindViewDefaults,
} from "./updatable_views/view_defaults.ts";

type Unfinished<T> = Omit<T, "parameterTypes" | "cacheable">;

/** Binds ALTER TABLE. */
export function bindAlterTable(
  state: StatementState,
  { object, relation, actions, ifExists }: AlterTableSyntax,
): BoundAlterTable | BoundRename | Unfinished<BoundAlterView> {
  const { catalog } = state.options;
  const { schema, name } = relation;
  const only = relation.only === true;
  const entry = catalog.relation(schema, name);
  if (entry === undefined) {
    if (!ifExists) throw missingRelation(schema, name);
    return { kind: "alter_table", table: undefined, name, actions, only };
  }
  if (entry.kind === "index" && object === "index") {
    return {
      kind: "alter_table",
      table: undefined,
      index: entry,
      name,
      actions,
      only,
    };
  }
  const isPlainTable = entry.kind === "table" &&
    entry.materialized === undefined;
  if (actions.every(({ kind }) => kind === "nothing")) {
    // As PostgreSQL's does, ALTER TABLE takes the others, too.
    if (object === "table" || object === kindWord(entry)) {
      return { kind: "rename", object, changed: [], notices: [] };
    }
    const article = object === "index" ? "an" : "a";
    throw new SqlError("42809", `"${name}" is not ${article} ${object}`);
  }
  if (isPlainTable && object !== "view") {
    return { kind: "alter_table", table: entry, name, actions, only };
  }
  if (entry.kind === "view" && areDefaults(actions)) {
    const bound = bindViewDefaults(state, entry, actions);
    return { ...bound, isTable: object === "table" };
  }
  throw new SqlError("42809", `"${name}" is not a ${object}`);
}
