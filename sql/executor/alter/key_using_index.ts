/**
 * ALTER TABLE … ADD PRIMARY KEY | UNIQUE USING INDEX: an index that is there
 * becomes a constraint's.
 *
 * @module
 */
import { classTypeName } from "../../analyzer/indexes/class_type_name.ts";
import { secondPrimaryKey } from "../../analyzer/constraints/bind_key.ts";
import type { IndexEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { KeySyntax } from "../../parser/constraint_syntax.ts";
import { replaceEntry } from "../catalog_change.ts";
import { constraintNames } from "../constraint_definition.ts";
import type { AlteredTable } from "./alter_context.ts";

/**
 * Makes a constraint of the index that `syntax` names; `makeNotNull` sees to
 * the columns of a primary key, by their positions.
 *
 * @throws {SqlError} `42704`, `55000`, `42809`, `42710`, `42P16`; `23502`.
 */
export async function addKeyUsingIndex(
  table: AlteredTable,
  syntax: KeySyntax,
  makeNotNull: (positions: readonly number[]) => Promise<void>,
): Promise<void> {
  const { entry, context } = table;
  const { transaction } = context;
  const { catalog } = transaction;
  const isPrimary = syntax.form === "primary_key";
  if (
    isPrimary && catalog.indexesOf(entry.id).some(({ primary }) => primary)
  ) throw secondPrimaryKey(entry.name, syntax.offset);
  const index = fittingIndex(table, syntax);
  const name = syntax.name ?? index.name;
  if (constraintNames(entry, catalog).includes(name)) {
    throw new SqlError(
      "42710",
      `constraint "${name}" for relation "${entry.name}" already exists`,
    );
  }
  if (
    name !== index.name && catalog.relation(entry.schema, name) !== undefined
  ) throw new SqlError("42P07", `relation "${name}" already exists`);
  if (name !== index.name) {
    context.notice(
      `ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index "${index.name}" to "${name}"`,
    );
  }
  if (isPrimary) {
    const columns = index.columns.map(({ columnNumber }) =>
      entry.columns.findIndex(({ number }) => number === columnNumber)
    );
    await makeNotNull(columns);
  }
  replaceEntry(index, {
    ...index,
    name,
    constraintName: name,
    primary: isPrimary,
    ...syntax.deferrable && { deferrable: true },
    ...syntax.initiallyDeferred && { initiallyDeferred: true },
  }, transaction);
  // Writers that know the index as it was must not commit after this.
  table.replace(table.entry);
}

function fittingIndex(
  { entry, context }: AlteredTable,
  { usingIndex, offset, form }: KeySyntax,
): IndexEntry {
  const { access, transaction: { catalog } } = context;
  const index = catalog.relation(entry.schema, usingIndex!);
  const refuse = (code: string, text: string, detail?: string): never => {
    throw new SqlError(code, text, {
      offset,
      ...detail !== undefined && { detail },
    });
  };
  if (index?.kind !== "index") {
    return refuse("42704", `index "${usingIndex}" does not exist`);
  }
  const { name } = index;
  const unfit = (text: string): never =>
    refuse(
      "42809",
      text,
      "Cannot create a primary key or unique constraint using such an index.",
    );
  if (index.constraintName !== undefined) {
    refuse("55000", `index "${name}" is already associated with a constraint`);
  }
  if (index.tableId !== entry.id) {
    refuse("55000", `index "${name}" does not belong to table "${entry.name}"`);
  }
  if (!index.unique) unfit(`"${name}" is not a unique index`);
  if (index.columns.some(({ expression }) => expression !== undefined)) {
    unfit(`index "${name}" contains expressions`);
  }
  if (index.predicate !== undefined) unfit(`"${name}" is a partial index`);
  const { operatorClasses } = access.index(index.accessMethod);
  index.columns.forEach((column, i) => {
    const { type } = entry.columns.find(({ number }) =>
      number === column.columnNumber
    )!;
    const usual = operatorClasses.find((each) =>
      each.isDefault && each.typeName === classTypeName(type.type)
    );
    if (
      column.descending || column.nullsFirst ||
      usual?.name !== column.operatorClass
    ) {
      unfit(
        `index "${name}" column number ${
          i + 1
        } does not have default sorting behavior`,
      );
    }
  });
  if (form === "primary_key" && index.nullsNotDistinct === true) {
    refuse(
      "42P16",
      `primary keys cannot use NULLS NOT DISTINCT indexes`,
    );
  }
  return index;
}
