/**
 * `pg_rewrite`: the rules that make views and materialized views of queries.
 *
 * @module
 */
import type { CatalogEntry } from "../../catalog/entries.ts";
import type { SystemRow, SystemSource } from "./system_rows.ts";

/** Where the OIDs of rules begin: one for each id of a relation. */
const FIRST_RULE_ID = 0x2000_0000;

/** The query of a view; `undefined`: the object is none. */
function queryOf(entry: CatalogEntry): string | undefined {
  if (entry.kind === "view") return entry.sql;
  return entry.kind === "table" ? entry.materialized?.sql : undefined;
}

/** Whether an object is a query with a name. */
export function hasRule(entry: CatalogEntry): boolean {
  return queryOf(entry) !== undefined;
}

/** The OID of the rule of a view. */
export function ruleId({ id }: CatalogEntry): number {
  return FIRST_RULE_ID + id;
}

/** `pg_rewrite`. */
export function* rewriteRows({ catalog }: SystemSource): Iterable<SystemRow> {
  for (const entry of catalog.relations()) {
    const query = queryOf(entry);
    if (query === undefined) continue;
    yield {
      oid: ruleId(entry),
      rulename: "_RETURN",
      ev_class: entry.id,
      ev_type: "1",
      ev_enabled: "O",
      is_instead: true,
      ev_action: query,
    };
  }
}
