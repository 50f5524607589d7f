/**
 * ALTER TABLE … ALTER CONSTRAINT: when a foreign key is checked, and whether.
 *
 * @module
 */
import type { ForeignKeyEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { AlterAction } from "../../parser/alter_syntax.ts";
import {
  touch,
  validateForeignKey,
} from "../foreign_keys/define_foreign_key.ts";
import type { AlteredTable } from "./alter_context.ts";

/**
 * Changes a foreign key; one that is enforced again is checked.
 *
 * @throws {SqlError} `42704`, `42809`; `23503` when rows break it.
 */
export async function alterConstraint(
  table: AlteredTable,
  action: Extract<AlterAction, { kind: "alter_constraint" }>,
): Promise<void> {
  const { entry, context } = table;
  const { name, deferral, enforced } = action;
  const before = entry.foreignKeys?.find((each) => each.name === name);
  if (before === undefined) throw notForeignKey(table, action);
  let now: ForeignKeyEntry = { ...before, ...deferral };
  const isNewlyEnforced = enforced === true && before.notEnforced === true;
  if (isNewlyEnforced) {
    const { notEnforced: _, notValid: _valid, ...rest } = now;
    now = rest;
  } else if (enforced === false) now = { ...now, notEnforced: true };
  table.replace({
    ...entry,
    foreignKeys: entry.foreignKeys!.map((each) => each === before ? now : each),
  });
  // Whoever changes what is referred to meanwhile knows it as it was.
  touch(now.referencedId, context);
  const after = context.transaction.catalog.byId(entry.id);
  if (after?.kind === "table") table.replacedBy(after);
  if (isNewlyEnforced) await validateForeignKey(table.entry, now, context);
}

function notForeignKey(
  { entry, context }: AlteredTable,
  { name, enforced }: Extract<AlterAction, { kind: "alter_constraint" }>,
): SqlError {
  const isCheck = entry.checks?.some((each) => each.name === name) === true;
  const isKey = context.transaction.catalog.indexesOf(entry.id)
    .some(({ constraintName }) => constraintName === name);
  const of = `constraint "${name}" of relation "${entry.name}"`;
  if (!isCheck && !isKey) {
    return new SqlError("42704", `${of} does not exist`);
  }
  return new SqlError(
    "42809",
    enforced === undefined
      ? `${of} is not a foreign key constraint`
      : `cannot alter enforceability of ${of}`,
  );
}
