/**
 * ALTER TABLE: its actions, one after the other.
 *
 * As in PostgreSQL they are done in passes, whatever their order in the text:
 * what goes before what comes, columns before what needs them.
 *
 * | pass | actions |
 * | --- | --- |
 * | 1 | DROP COLUMN, CONSTRAINT, DEFAULT, NOT NULL, IDENTITY, EXPRESSION |
 * | 2 | TYPE |
 * | 3 | ADD COLUMN |
 * | 4 | SET DEFAULT, SET NOT NULL, identity |
 * | 5 | keys |
 * | 6 | CHECK, FOREIGN KEY, VALIDATE |
 *
 * @module
 */
import type {
  BoundAlterTable,
  BoundRename,
} from "../../analyzer/bound_alter.ts";
import { optionRecord } from "../../analyzer/bind_table_definition.ts";
import type { AlterAction } from "../../parser/alter_syntax.ts";
import type { ConstraintSyntax } from "../../parser/constraint_syntax.ts";
import { type DefinitionContext, replaceEntry } from "../catalog_change.ts";
import { touch } from "../foreign_keys/define_foreign_key.ts";
import {
  addColumn,
  dropColumn,
  dropExpression,
  dropNotNull,
  setDefault,
  setNotNull,
} from "./alter_columns.ts";
import {
  addConstraint,
  dropConstraint,
  validateConstraint,
} from "./alter_constraints.ts";
import { alterConstraint } from "./alter_constraint.ts";
import { type AlterContext, AlteredTable } from "./alter_context.ts";
import { addIdentity, dropIdentity, setIdentity } from "./alter_identity.ts";
import { setType } from "./alter_type.ts";
import {
  alterChildren,
  keepInChildren,
  shareConstraints,
} from "../inheritance/alter_tree.ts";
import { attachIndex } from "../inheritance/attach_index.ts";
import { inherit, noInherit } from "../inheritance/alter_parents.ts";
import {
  attachPartition,
  detachPartition,
} from "../inheritance/attach_partition.ts";
import { refuseAlter } from "../inheritance/refuse_alter.ts";

/** Runs ALTER TABLE. */
export async function alterTable(
  { table: entry, index, name, actions, only }: BoundAlterTable,
  context: AlterContext,
): Promise<void> {
  if (index !== undefined) {
    for (const action of actions) {
      if (action.kind !== "attach_partition") continue;
      attachIndex(index, action.partition, context);
    }
    return;
  }
  if (entry === undefined) {
    context.notice(`relation "${name}" does not exist, skipping`);
    return;
  }
  const table = new AlteredTable(entry, context);
  const passes = actions.map((action) => ({ action, pass: passOf(action) }))
    .sort((a, b) => a.pass - b.pass);
  const later: ConstraintSyntax[] = [];
  const one = (action: AlterAction): Promise<void> =>
    alterTree(table, action, only, later);
  const add = (constraint: ConstraintSyntax): Promise<void> =>
    one({ kind: "add_constraint", constraint });
  for (const { action, pass } of passes) {
    if (pass <= KEYS) await one(action);
  }
  for (const constraint of later.filter(isKey)) await add(constraint);
  for (const { action, pass } of passes) {
    if (pass > KEYS) await one(action);
  }
  for (const constraint of later.filter((each) => !isKey(each))) {
    await add(constraint);
  }
}

/** Runs an action on a table, and on those that inherit from it. */
async function alterTree(
  table: AlteredTable,
  action: AlterAction,
  only: boolean,
  later: ConstraintSyntax[],
): Promise<void> {
  refuseAlter(table, action, only);
  const before = table.entry;
  const { transaction } = table.context;
  const indexes = transaction.catalog.indexesOf(before.id);
  await run(table, action, later);
  if (only) {
    if (action.kind === "drop_column") await keepInChildren(table, action);
    return;
  }
  if (action.kind === "add_constraint") {
    await shareConstraints(table, before, indexes);
    return;
  }
  await alterChildren(
    table,
    before,
    action,
    (child, each) => run(child, each, []),
  );
}

const KEYS = 5;

function isKey({ form }: ConstraintSyntax): boolean {
  return form !== "check" && form !== "foreign_key";
}

function passOf(action: AlterAction): number {
  switch (action.kind) {
    case "drop_column":
    case "drop_constraint":
    case "drop_not_null":
    case "drop_identity":
    case "drop_expression":
      return 1;
    case "set_default":
      return action.expression === undefined ? 1 : 4;
    case "set_type":
      return 2;
    case "add_column":
      return 3;
    case "set_not_null":
    case "add_identity":
    case "set_identity":
      return 4;
    case "add_constraint":
      return isKey(action.constraint) ? KEYS : KEYS + 1;
    case "validate_constraint":
    case "alter_constraint":
    case "set_options":
    case "inherit":
    case "no_inherit":
    case "attach_partition":
    case "detach_partition":
    case "nothing":
      return KEYS + 1;
  }
}

/** Runs an action; constraints of a column that comes are for `later`. */
async function run(
  table: AlteredTable,
  action: AlterAction,
  later: ConstraintSyntax[],
): Promise<void> {
  switch (action.kind) {
    case "add_column":
      if (await addColumn(table, action)) later.push(...action.constraints);
      return;
    case "drop_column":
      return dropColumn(table, action);
    case "drop_constraint":
      return dropConstraint(table, action);
    case "set_default":
      return setDefault(table, action);
    case "set_not_null":
      return await setNotNull(table, action.name);
    case "drop_not_null":
      return dropNotNull(table, action.name);
    case "set_type":
      return await setType(table, action);
    case "add_constraint":
      return await addConstraint(table, action.constraint);
    case "validate_constraint":
      return await validateConstraint(table, action.name);
    case "alter_constraint":
      return await alterConstraint(table, action);
    case "add_identity":
      return addIdentity(table, action);
    case "set_identity":
      return setIdentity(table, action);
    case "drop_identity":
      return dropIdentity(table, action);
    case "drop_expression":
      return dropExpression(table, action);
    case "set_options":
      return setOptions(table, action);
    case "inherit":
      return await inherit(table, action);
    case "no_inherit":
      return noInherit(table, action);
    case "attach_partition":
      return await attachPartition(table, action);
    case "detach_partition":
      return detachPartition(table, action);
    case "nothing":
      return;
  }
}

/** SET (…) and RESET (…). */
function setOptions(
  table: AlteredTable,
  { options, reset }: Extract<AlterAction, { kind: "set_options" }>,
): void {
  const { entry } = table;
  const after = { ...entry.options };
  for (const [name, value] of Object.entries(optionRecord(options))) {
    if (reset) delete after[name];
    else after[name] = value;
  }
  table.replace({ ...entry, options: after });
}

/** Runs RENAME and SET SCHEMA. */
export function renameRelation(
  { changed, notices }: BoundRename,
  context: DefinitionContext,
): void {
  notices.forEach((notice) => context.notice(notice));
  const { transaction } = context;
  for (const entry of changed) {
    replaceEntry(transaction.catalog.byId(entry.id)!, entry, transaction);
    // Who knows the index by its old name must not commit after this.
    if (entry.kind === "index") touch(entry.tableId, context);
  }
}
