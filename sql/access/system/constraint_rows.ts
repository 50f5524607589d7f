/**
 * The constraints of all tables, and their rows in `pg_constraint`.
 *
 * Constraints have no OIDs of their own: one is made of its index's or of its
 * table's OID and its place there.
 *
 * @module
 */
import type {
  CheckEntry,
  ForeignKeyEntry,
} from "../../catalog/constraint_entry.ts";
import type {
  CatalogView,
  DomainEntry,
  IndexEntry,
  TableEntry,
} from "../../catalog/entries.ts";
import { quoteIdentifier } from "../../parser/quote.ts";
import { sourceTokens } from "../../parser/source_tokens.ts";
import {
  arrayText,
  indexConstraintId,
  schemaId,
  type SystemRow,
  type SystemSource,
} from "./system_rows.ts";

/** A constraint of a table. */
export type TableConstraint =
  & { readonly id: number; readonly table: TableEntry }
  & (
    | { readonly kind: "key"; readonly index: IndexEntry }
    | { readonly kind: "check"; readonly check: CheckEntry }
    | { readonly kind: "foreign_key"; readonly key: ForeignKeyEntry }
  );

/** How many constraints of a table have OIDs of their own. */
const PLACES = 512;

function placeId(base: number, table: TableEntry, place: number): number {
  return (base + table.id * PLACES + place) >>> 0;
}

/** Every constraint of every table. */
export function* tableConstraints(
  catalog: CatalogView,
): Iterable<TableConstraint> {
  for (const entry of catalog.relations()) {
    if (entry.kind === "index" && entry.constraintName !== undefined) {
      const table = catalog.relationById(entry.tableId);
      if (table?.kind !== "table") continue;
      const id = indexConstraintId(entry.id);
      yield { kind: "key", id, table, index: entry };
    }
    if (entry.kind !== "table") continue;
    for (const [i, check] of (entry.checks ?? []).entries()) {
      const id = placeId(0xa000_0000, entry, i);
      yield { kind: "check", id, table: entry, check };
    }
    for (const [i, key] of (entry.foreignKeys ?? []).entries()) {
      const id = placeId(0xc000_0000, entry, i);
      yield { kind: "foreign_key", id, table: entry, key };
    }
  }
}

const ACTIONS: ReadonlyMap<ForeignKeyEntry["onDelete"], string> = new Map([
  ["no_action", "a"] as const,
  ["restrict", "r"] as const,
  ["cascade", "c"] as const,
  ["set_null", "n"] as const,
  ["set_default", "d"] as const,
]);

/** `pg_constraint`. */
export function* constraintRows(
  source: SystemSource,
): Iterable<SystemRow> {
  const { catalog } = source;
  yield* domainRows(source);
  for (const constraint of tableConstraints(catalog)) {
    const { id, table } = constraint;
    yield {
      oid: id,
      connamespace: schemaId(catalog, table.schema),
      conenforced: true,
      convalidated: true,
      conrelid: table.id,
      confupdtype: " ",
      confdeltype: " ",
      confmatchtype: " ",
      conislocal: true,
      ...ownFields(constraint),
    };
  }
}

/** The numbers of the columns that a CHECK names, in order. */
function columnsOf(sql: string, { columns }: TableEntry): number[] {
  const tokens = [...sourceTokens(sql)];
  const named = tokens.filter((token, i) => {
    const next = tokens[i + 1];
    const before = sql.slice(0, token.start).trimEnd();
    return !(next !== undefined && sql[next.start] === "(") &&
      !before.endsWith("::") && !before.endsWith(".");
  });
  return columns
    .filter(({ name }) =>
      named.some((token) =>
        sql.slice(token.start, token.end) === quoteIdentifier(name)
      )
    )
    .map(({ number }) => number);
}

/** The CHECK constraints of domains, each with an OID made of its place. */
export function* domainConstraints(
  catalog: CatalogView,
): Iterable<{
  readonly id: number;
  readonly domain: DomainEntry;
  readonly check: CheckEntry;
}> {
  for (const domain of catalog.entries()) {
    if (domain.kind !== "domain") continue;
    for (const [i, check] of (domain.checks ?? []).entries()) {
      const id = (0xe000_0000 + domain.id * PLACES + i) >>> 0;
      yield { id, domain, check };
    }
  }
}

function* domainRows({ catalog }: SystemSource): Iterable<SystemRow> {
  for (const { id, domain, check } of domainConstraints(catalog)) {
    yield {
      oid: id,
      conname: check.name,
      connamespace: schemaId(catalog, domain.schema),
      contype: "c",
      conenforced: true,
      convalidated: check.notValid !== true,
      conrelid: 0,
      contypid: domain.id,
      confupdtype: " ",
      confdeltype: " ",
      confmatchtype: " ",
      conislocal: true,
      conbin: check.sql,
    };
  }
}

function ownFields(constraint: TableConstraint): SystemRow {
  switch (constraint.kind) {
    case "key": {
      const { index } = constraint;
      return {
        ...index.parentId !== undefined &&
          { conislocal: false, coninhcount: 1 },
        conname: index.constraintName!,
        contype: index.exclusion !== undefined && index.temporal !== true
          ? "x"
          : index.primary
          ? "p"
          : "u",
        conperiod: index.temporal === true,
        condeferrable: index.deferrable === true,
        condeferred: index.initiallyDeferred === true,
        conindid: index.id,
        connoinherit: index.parentId === undefined,
        conkey: arrayText(
          index.columns.map(({ columnNumber }) => columnNumber),
        ),
      };
    }
    case "check": {
      const { name, sql, notValid, notEnforced, ...inherited } =
        constraint.check;
      return {
        conname: name,
        contype: "c",
        connoinherit: inherited.noInherit === true,
        conislocal: inherited.onlyInherited !== true,
        coninhcount: inherited.inheritCount ?? 0,
        conenforced: notEnforced !== true,
        convalidated: notValid !== true && notEnforced !== true,
        conbin: sql,
        conkey: arrayText(columnsOf(sql, constraint.table)),
      };
    }
    case "foreign_key": {
      const { key } = constraint;
      return {
        ...key.parentName !== undefined &&
          { conislocal: false, coninhcount: 1 },
        conname: key.name,
        contype: "f",
        condeferrable: key.deferrable,
        condeferred: key.initiallyDeferred,
        conenforced: key.notEnforced !== true,
        convalidated: key.notValid !== true && key.notEnforced !== true,
        conindid: key.indexId,
        confrelid: key.referencedId,
        confupdtype: ACTIONS.get(key.onUpdate)!,
        confdeltype: ACTIONS.get(key.onDelete)!,
        confmatchtype: key.matchFull ? "f" : "s",
        conperiod: key.period === true,
        connoinherit: true,
        conkey: arrayText(key.columns),
        confkey: arrayText(key.referencedColumns),
        ...key.setColumns.length === 0
          ? {}
          : { confdelsetcols: arrayText(key.setColumns) },
      };
    }
  }
}

/** The comments of constraints, with the OIDs that these have. */
export function* constraintComments(
  catalog: CatalogView,
): Iterable<{ readonly id: number; readonly comment: string }> {
  for (const constraint of tableConstraints(catalog)) {
    const comment = constraint.kind === "key"
      ? constraint.index.constraintComment
      : constraint.kind === "check"
      ? constraint.check.comment
      : constraint.key.comment;
    if (comment !== undefined) yield { id: constraint.id, comment };
  }
  for (const { id, check: { comment } } of domainConstraints(catalog)) {
    if (comment !== undefined) yield { id, comment };
  }
}
