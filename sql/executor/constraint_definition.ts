/**
 * Constraints put on tables.
 *
 * @module
 */
import type {
  BoundCheck,
  BoundConstraint,
} from "../analyzer/constraints/bound_constraint.ts";
import type { CatalogView, TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import { type DefinitionContext, replaceEntry } from "./catalog_change.ts";
import { addForeignKey } from "./foreign_keys/define_foreign_key.ts";
import { createExclusion, createKey } from "./index_definition.ts";

/** Puts constraints on a table, which may be new; gives its entry with them. */
export async function addConstraints(
  table: TableEntry,
  constraints: readonly BoundConstraint[],
  context: DefinitionContext,
  isNew: boolean,
): Promise<TableEntry> {
  let entry = table;
  for (const constraint of constraints) {
    if (constraint.form === "check") {
      const merged = mergedCheck(constraint, entry, context);
      if (merged !== undefined) {
        entry = merged;
        continue;
      }
    }
    refuseUsedName(constraint, entry, context, isNew);
    switch (constraint.form) {
      case "primary_key":
      case "unique":
        await createKey(constraint, entry, context);
        break;
      case "exclude":
        await createExclusion(constraint, entry, context);
        break;
      case "check": {
        const name = constraintName(constraint, entry, context);
        const { sql, notValid, notEnforced, noInherit } = constraint;
        const check = {
          name,
          sql,
          ...notValid && { notValid },
          ...notEnforced && { notEnforced },
          ...noInherit && { noInherit },
        };
        const after = { ...entry, checks: [...entry.checks ?? [], check] };
        replaceEntry(entry, after, context.transaction);
        entry = after;
        break;
      }
      case "foreign_key": {
        const name = constraintName(constraint, entry, context);
        entry = await addForeignKey(entry, name, constraint, context);
        break;
      }
    }
  }
  return entry;
}

/** A CHECK that the table has of its parents: it becomes its own, too. */
function mergedCheck(
  { name, sql }: BoundCheck,
  table: TableEntry,
  { transaction, notice }: DefinitionContext,
): TableEntry | undefined {
  const { checks = [] } = table;
  const there = checks.find((each) => each.name === name);
  if (there?.onlyInherited !== true || there.sql !== sql) return undefined;
  notice(`merging constraint "${name}" with inherited definition`);
  const { onlyInherited: _, ...own } = there;
  const after: TableEntry = {
    ...table,
    checks: checks.map((each) => each === there ? own : each),
  };
  replaceEntry(table, after, transaction);
  return after;
}

/** The names of a table's constraints. */
export function constraintNames(
  table: TableEntry,
  catalog: CatalogView,
): string[] {
  const { checks = [], foreignKeys = [] } = table;
  return [
    ...checks.map(({ name }) => name),
    ...foreignKeys.map(({ name }) => name),
    ...catalog.indexesOf(table.id).flatMap(({ constraintName }) =>
      constraintName ?? []
    ),
  ];
}

/** @throws {SqlError} `42710` when the table has a constraint of that name. */
function refuseUsedName(
  { name, form }: BoundConstraint,
  table: TableEntry,
  { transaction }: DefinitionContext,
  isNew: boolean,
): void {
  if (
    name === undefined ||
    !constraintNames(table, transaction.catalog).includes(name)
  ) return;
  const isInherited =
    table.checks?.some((each) =>
      each.name === name && each.onlyInherited === true
    ) === true;
  throw new SqlError(
    "42710",
    form === "check" && isNew && !isInherited
      ? `check constraint "${name}" already exists`
      : `constraint "${name}" for relation "${table.name}" already exists`,
  );
}

/** The name that was given, or one that no constraint of the schema has. */
function constraintName(
  { name, defaultName }: BoundConstraint,
  { schema }: TableEntry,
  { transaction: { catalog } }: DefinitionContext,
): string {
  if (name !== undefined) return name;
  const used = new Set<string>();
  for (const table of catalog.relations()) {
    if (table.kind !== "table" || table.schema !== schema) continue;
    constraintNames(table, catalog).forEach((each) => used.add(each));
  }
  let free = defaultName;
  for (let n = 1; used.has(free); n++) free = `${defaultName}${n}`;
  return free;
}
