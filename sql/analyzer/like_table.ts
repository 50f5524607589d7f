/**
 * `LIKE other INCLUDING …` in CREATE TABLE: what it stands for, written out.
 *
 * The columns and constraints of the other table become those of the new one as
 * if they had been written in its place; indexes that no constraint has are
 * made after it.
 *
 * @module
 */
import type {
  CatalogView,
  ColumnEntry,
  IndexEntry,
  RelationEntry,
  SequenceEntry,
} from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import { parse } from "../parser/parser.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import type { CreateTableSyntax, LikeSyntax } from "../parser/syntax.ts";
import { formatType } from "../types/type_registry.ts";
import { missingRelation } from "./bind_from.ts";
import type { LikeIndex } from "./bound_like.ts";
import type { StatementState } from "./statement_state.ts";

/** CREATE TABLE with every LIKE written out. */
export interface ExpandedTable {
  readonly syntax: CreateTableSyntax;
  /** Comments of columns, by name. */
  readonly comments: ReadonlyMap<string, string>;
  readonly indexes: readonly LikeIndex[];
}

/** Writes out what LIKE stands for. */
export function expandLike(
  state: StatementState,
  syntax: CreateTableSyntax,
): ExpandedTable {
  const comments = new Map<string, string>();
  const indexes: LikeIndex[] = [];
  if (syntax.likes.length === 0) return { syntax, comments, indexes };
  const columns = [...syntax.columns];
  const constraints = [...syntax.constraints];
  for (const like of syntax.likes.toReversed()) {
    const source = likeSource(state, like);
    const copied = parseElements(elementsOf(state, source, like));
    columns.splice(like.position, 0, ...copied.columns);
    constraints.push(...copied.constraints);
    if (like.including.comments) {
      for (const { name, comment } of source.columns) {
        if (comment !== undefined) comments.set(name, comment);
      }
    }
    if (!like.including.indexes) continue;
    const names = new Map(
      source.columns.map((each) => [each.number, each.name]),
    );
    for (const index of state.options.catalog.indexesOf(source.id)) {
      if (index.constraintName !== undefined) continue;
      const comment = like.including.comments ? index.comment : undefined;
      indexes.push({ index, names, comment });
    }
  }
  return { syntax: { ...syntax, columns, constraints }, comments, indexes };
}

type Source = Extract<
  RelationEntry,
  { readonly columns: readonly ColumnEntry[] }
>;

/** @throws {SqlError} `42P01`, `42809`. */
function likeSource(
  { options: { catalog } }: StatementState,
  { relation: { schema, name, offset } }: LikeSyntax,
): Source {
  const entry = catalog.relation(schema, name);
  if (entry === undefined) throw missingRelation(schema, name, offset);
  if (entry.kind === "table" || entry.kind === "view") return entry;
  throw new SqlError("42809", `relation "${name}" is invalid in LIKE clause`, {
    detail: `This operation is not supported for ${
      entry.kind === "index" ? "indexes" : "sequences"
    }.`,
    offset: offset < 0 ? undefined : offset,
  });
}

/** The columns and constraints, as they would be written. */
function elementsOf(
  { options: { catalog } }: StatementState,
  source: Source,
  { including }: LikeSyntax,
): string[] {
  const elements = source.columns.map((column) => {
    const parts = [quoteIdentifier(column.name), typeText(catalog, column)];
    if (column.notNull) parts.push("NOT NULL");
    if (column.generated !== undefined) {
      const { sql, stored } = column.generated;
      const kind = stored ? "STORED" : "VIRTUAL";
      if (including.generated) {
        parts.push(`GENERATED ALWAYS AS (${sql}) ${kind}`);
      }
    } else if (column.identity !== undefined) {
      if (including.identity) parts.push(identityText(catalog, source, column));
    } else if (column.defaultSql !== undefined && including.defaults) {
      parts.push(`DEFAULT ${column.defaultSql}`);
    }
    return parts.join(" ");
  });
  if (source.kind !== "table") return elements;
  if (including.constraints) {
    for (const { name, sql, notEnforced } of source.checks ?? []) {
      const enforced = notEnforced === true ? " NOT ENFORCED" : "";
      elements.push(
        `CONSTRAINT ${quoteIdentifier(name)} CHECK (${sql})${enforced}`,
      );
    }
  }
  if (!including.indexes) return elements;
  const nameOf = (number: number): string =>
    quoteIdentifier(
      source.columns.find((column) => column.number === number)!.name,
    );
  for (const index of catalog.indexesOf(source.id)) {
    if (index.constraintName === undefined) continue;
    const when = index.deferrable === true
      ? index.initiallyDeferred === true
        ? " DEFERRABLE INITIALLY DEFERRED"
        : " DEFERRABLE"
      : "";
    if (index.exclusion !== undefined && index.temporal !== true) {
      elements.push(`${exclusionElement(index, nameOf)}${when}`);
      continue;
    }
    const form = index.primary
      ? "PRIMARY KEY"
      : index.nullsNotDistinct === true
      ? "UNIQUE NULLS NOT DISTINCT"
      : "UNIQUE";
    const names = index.columns.map(({ columnNumber }) => nameOf(columnNumber));
    const period = index.temporal === true ? " WITHOUT OVERLAPS" : "";
    elements.push(`${form} (${names.join(", ")}${period})${when}`);
  }
  return elements;
}

/** An EXCLUDE as it is written, columns by `nameOf`. */
function exclusionElement(
  { accessMethod, columns, exclusion, predicate }: IndexEntry,
  nameOf: (number: number) => string,
): string {
  const elements = columns.map((column, i) => {
    const { columnNumber, expression, operatorClass } = column;
    const key = expression === undefined
      ? nameOf(columnNumber)
      : `(${expression.sql})`;
    return `${key} ${quoteIdentifier(operatorClass)} WITH ${exclusion![i]!}`;
  });
  const where = predicate === undefined ? "" : ` WHERE (${predicate})`;
  return `EXCLUDE USING ${quoteIdentifier(accessMethod)} (${
    elements.join(", ")
  })${where}`;
}

/** A type as it is written; those of the database with their schemas. */
function typeText(catalog: CatalogView, { type }: ColumnEntry): string {
  const element = type.type.element ?? type.type;
  const entry = catalog.byId(element.oid);
  if (entry === undefined || !("schema" in entry)) return formatType(type);
  const name = `${quoteIdentifier(entry.schema)}.${
    quoteIdentifier(entry.name)
  }`;
  return type.type.element === undefined ? name : `${name}[]`;
}

function identityText(
  catalog: CatalogView,
  { id }: Source,
  { number, identity }: ColumnEntry,
): string {
  const when = identity === "always" ? "ALWAYS" : "BY DEFAULT";
  const sequence = [...catalog.relations()].find((
    entry,
  ): entry is SequenceEntry =>
    entry.kind === "sequence" && entry.owner?.tableId === id &&
    entry.owner.columnNumber === number
  );
  if (sequence === undefined) return `GENERATED ${when} AS IDENTITY`;
  const { start, increment, minimum, maximum, cache, cycle } = sequence;
  return `GENERATED ${when} AS IDENTITY (INCREMENT ${increment} MINVALUE ${minimum} MAXVALUE ${maximum} START ${start} CACHE ${cache}${
    cycle ? " CYCLE" : ""
  })`;
}

function parseElements(
  elements: readonly string[],
): Pick<CreateTableSyntax, "columns" | "constraints"> {
  const text = `CREATE TABLE t (${elements.join(", ")})`;
  const syntax = parse(text)[0]?.syntax;
  if (syntax?.kind === "create_table") return syntax;
  throw new SqlError("XX000", `definition is damaged: ${text}`);
}
