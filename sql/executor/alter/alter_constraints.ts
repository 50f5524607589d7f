/**
 * ALTER TABLE: constraints that come, go, and are validated.
 *
 * @module
 */
import { bindCheck } from "../../analyzer/constraints/bind_check.ts";
import {
  bindForeignKey,
  keyedTable,
} from "../../analyzer/constraints/bind_foreign_key.ts";
import { bindExclude } from "../../analyzer/constraints/bind_exclude.ts";
import {
  bindKey,
  secondPrimaryKey,
} from "../../analyzer/constraints/bind_key.ts";
import type { BoundConstraint } from "../../analyzer/constraints/bound_constraint.ts";
import { describe } from "../../analyzer/describe.ts";
import { objectName } from "../../analyzer/object_name.ts";
import { referencesTo } from "../../catalog/references.ts";
import { requirePartitionKey } from "../../analyzer/inheritance/partition_keys.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { AlterAction } from "../../parser/alter_syntax.ts";
import type { ConstraintSyntax } from "../../parser/constraint_syntax.ts";
import { removeEntry } from "../catalog_change.ts";
import { addConstraints } from "../constraint_definition.ts";
import { validateForeignKey } from "../foreign_keys/define_foreign_key.ts";
import { removeForeignKey } from "../foreign_keys/lost_foreign_keys.ts";
import { removeParts } from "../inheritance/alter_tree.ts";
import { dropNotNull, setNotNull } from "./alter_columns.ts";
import type { AlteredTable } from "./alter_context.ts";
import { requireCheck, requireNoNulls } from "./existing_rows.ts";
import { addKeyUsingIndex } from "./key_using_index.ts";
import { loseOrRefuse } from "./lost_objects.ts";

/** ADD CONSTRAINT; rows that are there must obey. */
export async function addConstraint(
  table: AlteredTable,
  syntax: ConstraintSyntax,
): Promise<void> {
  const { context } = table;
  if (syntax.form === "not_null") {
    for (const name of syntax.columns) await setNotNull(table, name);
    return;
  }
  if ("usingIndex" in syntax && syntax.usingIndex !== undefined) {
    return await addKeyUsingIndex(
      table,
      syntax,
      (columns) => makeNotNull(table, columns),
    );
  }
  const bound = bind(table, syntax);
  if (bound.form === "primary_key" || bound.form === "unique") {
    requirePartitionKey(table.entry, table.entry.partitionKey, bound);
  }
  if (
    bound.form === "check" && bound.noInherit &&
    table.entry.partitionKey !== undefined
  ) {
    throw new SqlError(
      "42P16",
      `cannot add NO INHERIT constraint to partitioned table "${table.entry.name}"`,
    );
  }
  if (bound.form === "primary_key") {
    await makeNotNull(table, bound.columns);
  }
  if (bound.form === "exclude" && bound.temporal === "primary_key") {
    const { columns } = table.entry;
    const numbers = bound.columns.map(({ columnNumber }) => columnNumber);
    await makeNotNull(
      table,
      numbers.map((each) => columns.findIndex(({ number }) => number === each)),
    );
  }
  if (bound.form !== "check" && bound.form !== "foreign_key") {
    // Whoever writes meanwhile does not know of the index.
    table.replace(table.entry);
    const { access, transaction } = context;
    access.table(table.entry.accessMethod)
      .dependOnRows?.(table.entry, transaction);
  }
  const after = await addConstraints(table.entry, [bound], context, false);
  table.replacedBy(after);
  if (bound.form !== "check" || bound.notValid || bound.notEnforced) return;
  await requireCheck(table, after.checks!.at(-1)!.name);
}

function bind(
  table: AlteredTable,
  syntax: Exclude<ConstraintSyntax, { form: "not_null" }>,
): BoundConstraint {
  const { entry, context } = table;
  const { catalog } = context.transaction;
  switch (syntax.form) {
    case "check":
      return bindCheck(table.state(), entry, syntax);
    case "foreign_key":
      return bindForeignKey(
        table.state(),
        keyedTable(catalog, entry),
        entry.schema,
        syntax,
      );
    case "exclude":
      refuseSecondPrimary(table, syntax.temporal);
      return bindExclude(table.state(), entry, syntax);
    default: {
      const bound = bindKey(entry, syntax);
      refuseSecondPrimary(table, syntax.form);
      return bound;
    }
  }
}

function refuseSecondPrimary(
  { entry, context }: AlteredTable,
  form: string | undefined,
): void {
  if (form !== "primary_key") return;
  const indexes = context.transaction.catalog.indexesOf(entry.id);
  if (!indexes.some(({ primary }) => primary)) return;
  throw secondPrimaryKey(entry.name);
}

async function makeNotNull(
  table: AlteredTable,
  positions: readonly number[],
): Promise<void> {
  const { entry } = table;
  const nullable = positions.filter((each) => !entry.columns[each]!.notNull);
  if (nullable.length === 0) return;
  await requireNoNulls(table, nullable);
  table.replace({
    ...entry,
    columns: entry.columns.map((column, position) =>
      nullable.includes(position) ? { ...column, notNull: true } : column
    ),
  });
}

/** DROP CONSTRAINT. */
export function dropConstraint(
  table: AlteredTable,
  { name, ifExists, cascade }: Extract<
    AlterAction,
    { kind: "drop_column" | "drop_constraint" }
  >,
): void {
  const { entry, context } = table;
  const { checks = [], foreignKeys = [] } = entry;
  if (checks.some((each) => each.name === name)) {
    table.replace({
      ...entry,
      checks: checks.filter((each) => each.name !== name),
    });
    return;
  }
  if (foreignKeys.some((each) => each.name === name)) {
    table.replace({
      ...entry,
      foreignKeys: foreignKeys.filter((each) => each.name !== name),
    });
    return;
  }
  if (dropKey(table, name, cascade)) return;
  const column = entry.columns.find((each) =>
    each.notNull && objectName(entry.name, each.name, "not_null") === name
  );
  if (column !== undefined) {
    dropNotNull(table, column.name);
    return;
  }
  const text =
    `constraint "${name}" of relation "${entry.name}" does not exist`;
  if (!ifExists) throw new SqlError("42704", text);
  context.notice(`${text}, skipping`);
}

/** Drops a PRIMARY KEY or UNIQUE; whether there is one of that name. */
function dropKey(table: AlteredTable, name: string, cascade: boolean): boolean {
  const { entry, context } = table;
  const { transaction, named } = context;
  const { catalog } = transaction;
  const index = catalog.indexesOf(entry.id).find(({ constraintName }) =>
    constraintName === name
  );
  if (index === undefined) return false;
  const lost = referencesTo(catalog, entry.id)
    .filter(({ foreignKey }) => foreignKey.indexId === index.id)
    .map((reference) => ({
      shown: `constraint ${reference.foreignKey.name} on ${
        describe(named, reference.table)
      }`,
      through: describe(named, index),
      lose: () => removeForeignKey(reference, transaction),
    }));
  const what = `constraint ${name} on ${describe(named, entry)}`;
  loseOrRefuse(what, lost, cascade, context);
  const now = transaction.catalog.byId(entry.id);
  if (now?.kind === "table") table.replacedBy(now);
  removeParts(index, context);
  removeEntry(index, transaction);
  // Writers that know the index must not commit after it went.
  table.replace(table.entry);
  return true;
}

/** VALIDATE CONSTRAINT. */
export async function validateConstraint(
  table: AlteredTable,
  name: string,
): Promise<void> {
  const { entry, context } = table;
  const valid = <T extends { readonly name: string }>(
    each: T & { readonly notValid?: boolean | undefined },
  ): T => {
    if (each.name !== name) return each;
    const { notValid: _, ...rest } = each;
    return rest as unknown as T;
  };
  const check = entry.checks?.find((each) => each.name === name);
  const foreignKey = entry.foreignKeys?.find((each) => each.name === name);
  if ((check ?? foreignKey)?.notEnforced === true) {
    throw new SqlError("55000", "cannot validate NOT ENFORCED constraint");
  }
  if (check !== undefined) {
    if (check.notValid !== true) return;
    await requireCheck(table, name);
    table.replace({ ...entry, checks: entry.checks!.map(valid) });
    return;
  }
  if (foreignKey !== undefined) {
    if (foreignKey.notValid !== true) return;
    await validateForeignKey(entry, foreignKey, context);
    table.replace({ ...entry, foreignKeys: entry.foreignKeys!.map(valid) });
    return;
  }
  const isKey = context.transaction.catalog.indexesOf(entry.id).some((each) =>
    each.constraintName === name
  );
  throw isKey
    ? new SqlError(
      "42809",
      `cannot validate constraint "${name}" of relation "${entry.name}"`,
      {
        detail: "This operation is not supported for this type of constraint.",
      },
    )
    : new SqlError(
      "42704",
      `constraint "${name}" of relation "${entry.name}" does not exist`,
    );
}
