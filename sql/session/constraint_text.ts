/**
 * What functions answer about constraints: their definitions and columns.
 *
 * @module
 */
import { CONSTRAINT_ID_MIN } from "../access/system/system_rows.ts";
import {
  constraintComments,
  domainConstraints,
  type TableConstraint,
  tableConstraints,
} from "../access/system/constraint_rows.ts";
import { shownName } from "../analyzer/describe.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import type {
  CheckEntry,
  ForeignKeyEntry,
} from "../catalog/constraint_entry.ts";
import type { CatalogView, RelationEntry } from "../catalog/entries.ts";
import type { Nullable } from "../types/data_type.ts";
import type { Asked } from "./catalog_question.ts";
import { exclusionText } from "./index_text.ts";

function constraintOf(
  { catalog }: Asked,
  id: Nullable,
): TableConstraint | undefined {
  for (const constraint of tableConstraints(catalog)) {
    if (constraint.id === id) return constraint;
  }
  return undefined;
}

/** The names of columns, by their numbers. */
function names(
  table: RelationEntry | undefined,
  numbers: readonly number[],
): string {
  const columns = table?.kind === "table" ? table.columns : [];
  return numbers.map((number) => {
    const column = columns.find((each) => each.number === number);
    return quoteIdentifier(column?.name ?? "?");
  }).join(", ");
}

const ACTIONS: ReadonlyMap<ForeignKeyEntry["onDelete"], string> = new Map([
  ["no_action", ""] as const,
  ["restrict", "RESTRICT"] as const,
  ["cascade", "CASCADE"] as const,
  ["set_null", "SET NULL"] as const,
  ["set_default", "SET DEFAULT"] as const,
]);

function checkText(check: CheckEntry, pretty: boolean): string {
  const { sql } = check;
  const isWrapped = sql.startsWith("(") && sql.endsWith(")");
  const shown = pretty && isWrapped ? sql : `(${sql})`;
  return `CHECK ${shown}${validityText(check)}`;
}

/** How far a constraint holds, unless it does for all rows. */
function validityText(
  { notValid, notEnforced }: Pick<CheckEntry, "notValid" | "notEnforced">,
): string {
  if (notEnforced === true) return " NOT ENFORCED";
  return notValid === true ? " NOT VALID" : "";
}

/** `pg_get_constraintdef`. */
export function constraintDefinition(
  asked: Asked,
  [id, pretty]: readonly Nullable[],
): Nullable {
  for (const each of domainConstraints(asked.catalog)) {
    if (each.id === id) return checkText(each.check, pretty === true);
  }
  const constraint = constraintOf(asked, id!);
  if (constraint === undefined) return null;
  switch (constraint.kind) {
    case "key": {
      const { index, table } = constraint;
      if (index.exclusion !== undefined && index.temporal !== true) {
        return `EXCLUDE ${exclusionText(asked, index, table)}${
          deferralText(index)
        }`;
      }
      const numbers = index.columns.map(({ columnNumber }) => columnNumber);
      const form = index.primary
        ? "PRIMARY KEY"
        : index.nullsNotDistinct === true
        ? "UNIQUE NULLS NOT DISTINCT"
        : "UNIQUE";
      const { include = [] } = index;
      const included = include.length === 0
        ? ""
        : ` INCLUDE (${names(table, include)})`;
      const period = index.temporal === true ? " WITHOUT OVERLAPS" : "";
      return `${form} (${names(table, numbers)}${period})${included}${
        deferralText(index)
      }`;
    }
    case "check": {
      return checkText(constraint.check, pretty === true);
    }
    case "foreign_key":
      return foreignKeyText(asked.catalog, constraint.table, constraint.key);
  }
}

/** When a constraint is checked, as far as it is not at once. */
function deferralText(
  { deferrable, initiallyDeferred }: {
    readonly deferrable?: boolean | undefined;
    readonly initiallyDeferred?: boolean | undefined;
  },
): string {
  return (deferrable === true ? " DEFERRABLE" : "") +
    (initiallyDeferred === true ? " INITIALLY DEFERRED" : "");
}

function foreignKeyText(
  catalog: CatalogView,
  table: RelationEntry,
  key: ForeignKeyEntry,
): string {
  const other = catalog.relationById(key.referencedId);
  const onUpdate = ACTIONS.get(key.onUpdate)!;
  const onDelete = ACTIONS.get(key.onDelete)!;
  const keyNames = (
    of: RelationEntry | undefined,
    numbers: readonly number[],
  ): string =>
    key.period === true
      ? `${names(of, numbers.slice(0, -1))}, PERIOD ${
        names(of, numbers.slice(-1))
      }`
      : names(of, numbers);
  const set = key.setColumns.length === 0
    ? ""
    : ` (${names(table, key.setColumns)})`;
  return [
    `FOREIGN KEY (${keyNames(table, key.columns)})`,
    `REFERENCES ${other === undefined ? "?" : shownName(catalog, other)}(${
      keyNames(other, key.referencedColumns)
    })`,
    key.matchFull ? "MATCH FULL" : "",
    onUpdate === "" ? "" : `ON UPDATE ${onUpdate}`,
    onDelete === "" ? "" : `ON DELETE ${onDelete}${set}`,
    deferralText(key).trimStart(),
    validityText(key).trimStart(),
  ].filter((part) => part !== "").join(" ");
}

/** The columns of a constraint, as rows in JSON. */
export function constraintColumns(
  asked: Asked,
  [id]: readonly Nullable[],
): Nullable {
  const constraint = constraintOf(asked, id!);
  if (constraint?.kind === "key") {
    return JSON.stringify(
      constraint.index.columns.map((
        { columnNumber },
        i,
      ) => [columnNumber, i + 1, null, null]),
    );
  }
  if (constraint?.kind !== "foreign_key") return "[]";
  const { columns, referencedColumns, indexId } = constraint.key;
  const index = asked.catalog.relationById(indexId);
  const keys = index?.kind === "index"
    ? index.columns.map(({ columnNumber }) => columnNumber)
    : [];
  return JSON.stringify(
    columns.map((number, i) => {
      const referenced = referencedColumns[i]!;
      return [number, i + 1, referenced, keys.indexOf(referenced) + 1];
    }),
  );
}

/** What COMMENT says of the constraint with an OID. */
export function constraintComment(catalog: CatalogView, id: number): Nullable {
  if (id < CONSTRAINT_ID_MIN) return null;
  for (const each of constraintComments(catalog)) {
    if (each.id === id) return each.comment;
  }
  return null;
}
