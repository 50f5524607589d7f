/**
 * ALTER TABLE … INHERIT and NO INHERIT, and what of it ATTACH and DETACH
 * PARTITION need.
 *
 * @module
 */
import { missingRelation } from "../../analyzer/bind_from.ts";
import { parentNamed } from "../../analyzer/inheritance/bind_parents.ts";
import { isTemporarySchema } from "../../catalog/temporary_schema.ts";
import type {
  CheckEntry,
  ColumnEntry,
  TableEntry,
} from "../../catalog/entries.ts";
import { treeOf } from "../../catalog/inheritance/table_tree.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { AlterAction } from "../../parser/alter_syntax.ts";
import { touchTable } from "../catalog_change.ts";
import type { AlteredTable } from "../alter/alter_context.ts";

type Action = Extract<AlterAction, { kind: "inherit" | "no_inherit" }>;

/** INHERIT. */
export async function inherit(
  table: AlteredTable,
  { parent: name }: Action,
): Promise<void> {
  const { entry, context } = table;
  const { catalog } = context.transaction;
  refuseChild(entry);
  const parent = parentNamed(context.named, name, {
    schema: entry.schema,
    isPartition: false,
  });
  if (isTemporarySchema(parent.schema) && !isTemporarySchema(entry.schema)) {
    throw new SqlError(
      "42809",
      `cannot inherit from temporary relation "${parent.name}"`,
    );
  }
  if (entry.parents?.includes(parent.id) === true) {
    throw new SqlError(
      "42P07",
      `relation "${parent.name}" would be inherited from more than once`,
    );
  }
  refuseCircle(catalog, parent, entry);
  table.replace(withParent(entry, parent));
  // Whoever writes to the parent's tree meanwhile does not know of the table.
  touchTable(parent.id, context.transaction);
  await Promise.resolve();
}

function refuseChild({ partitionKey, partitionBound }: TableEntry): void {
  if (partitionKey !== undefined) {
    throw new SqlError(
      "42809",
      "cannot change inheritance of partitioned table",
    );
  }
  if (partitionBound !== undefined) {
    throw new SqlError("42809", "cannot change inheritance of a partition");
  }
}

/** @throws {SqlError} `42P07` where the parent inherits from the child. */
export function refuseCircle(
  catalog: AlteredTable["context"]["named"],
  parent: TableEntry,
  child: TableEntry,
): void {
  if (!treeOf(catalog, child).some(({ id }) => id === parent.id)) return;
  throw new SqlError("42P07", "circular inheritance not allowed", {
    detail: `"${parent.name}" is already a child of "${child.name}".`,
  });
}

/**
 * A table as one that inherits from a further one, whose columns and CHECKs it
 * has to have.
 *
 * @throws {SqlError} `42804`.
 */
export function withParent(child: TableEntry, parent: TableEntry): TableEntry {
  const { name } = child;
  const columns = new Map(child.columns.map((each) => [each.name, each]));
  for (const column of parent.columns) {
    const own = columns.get(column.name);
    if (own === undefined) {
      throw new SqlError(
        "42804",
        `child table is missing column "${column.name}"`,
      );
    }
    requireColumn(name, own, column);
    columns.set(column.name, {
      ...own,
      inheritCount: (own.inheritCount ?? 0) + 1,
    });
  }
  return {
    ...child,
    columns: child.columns.map((each) => columns.get(each.name)!),
    ...child.checks && { checks: withChecks(child, parent) },
    ...child.checks === undefined && { ...requireNoChecks(parent) },
    parents: [...child.parents ?? [], parent.id],
  };
}

function requireColumn(
  table: string,
  own: ColumnEntry,
  { name, type, notNull, generated }: ColumnEntry,
): void {
  const refuse = (message: string): never => {
    throw new SqlError("42804", message);
  };
  if (own.type.type !== type.type || own.type.typmod !== type.typmod) {
    refuse(`child table "${table}" has different type for column "${name}"`);
  }
  if (own.type.collation?.oid !== type.collation?.oid) {
    throw new SqlError(
      "42P21",
      `child table "${table}" has different collation for column "${name}"`,
    );
  }
  if (notNull && !own.notNull) {
    refuse(
      `column "${name}" in child table "${table}" must be marked NOT NULL`,
    );
  }
  if (generated !== undefined && own.generated === undefined) {
    refuse(`column "${name}" in child table must be a generated column`);
  }
  if (generated === undefined && own.generated !== undefined) {
    refuse(`column "${name}" in child table must not be a generated column`);
  }
}

function requireNoChecks({ checks = [] }: TableEntry): Record<never, never> {
  const missing = checks.find(({ noInherit }) => noInherit !== true);
  if (missing !== undefined) throw missingCheck(missing);
  return {};
}

function missingCheck({ name }: CheckEntry): SqlError {
  return new SqlError("42804", `child table is missing constraint "${name}"`);
}

function withChecks(child: TableEntry, parent: TableEntry): CheckEntry[] {
  const checks = new Map((child.checks ?? []).map((each) => [each.name, each]));
  for (const check of parent.checks ?? []) {
    if (check.noInherit === true) continue;
    const own = checks.get(check.name);
    if (own === undefined) throw missingCheck(check);
    if (own.sql !== check.sql) {
      throw new SqlError(
        "42804",
        `child table "${child.name}" has different definition for check constraint "${check.name}"`,
      );
    }
    if (own.noInherit === true) {
      throw new SqlError(
        "42809",
        `constraint "${check.name}" conflicts with non-inherited constraint on child table "${child.name}"`,
      );
    }
    checks.set(check.name, {
      ...own,
      inheritCount: (own.inheritCount ?? 0) + 1,
    });
  }
  return [...checks.values()];
}

/** NO INHERIT. */
export function noInherit(
  table: AlteredTable,
  { parent: { schema, name } }: Action,
): void {
  const { entry, context } = table;
  refuseChild(entry);
  const parent = context.named.relation(schema, name);
  if (parent === undefined) throw missingRelation(schema, name);
  if (parent.kind !== "table" || entry.parents?.includes(parent.id) !== true) {
    throw new SqlError(
      "42P01",
      `relation "${name}" is not a parent of relation "${entry.name}"`,
    );
  }
  table.replace(withoutParent(entry, parent));
  touchTable(parent.id, context.transaction);
}

/** A table as one that does not inherit from a parent any more. */
export function withoutParent(
  child: TableEntry,
  parent: TableEntry,
): TableEntry {
  const names = new Set(parent.columns.map(({ name }) => name));
  const checks = new Set((parent.checks ?? []).map(({ name }) => name));
  const { parents: before = [], ...rest } = child;
  const parents = before.filter((id) => id !== parent.id);
  return {
    ...rest,
    ...parents.length > 0 && { parents },
    columns: child.columns.map((column) =>
      names.has(column.name) ? freed(column) : column
    ),
    ...child.checks && {
      checks: child.checks.map((check) =>
        checks.has(check.name) ? freed(check) : check
      ),
    },
  };
}

/** What one parent less has: it stays, as the table's own. */
function freed<
  T extends {
    readonly inheritCount?: number | undefined;
    readonly onlyInherited?: boolean | undefined;
  },
>(each: T): T {
  if (each.inheritCount === undefined) return each;
  const { inheritCount, onlyInherited: _, ...rest } = each;
  return (inheritCount > 1
    ? { ...rest, inheritCount: inheritCount - 1 }
    : rest) as unknown as T;
}
