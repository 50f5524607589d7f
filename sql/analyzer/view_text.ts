/**
 * What a view keeps of its query: the text with its names resolved, and what
 * the query needs.
 *
 * @module
 */
import type {
  ColumnEntry,
  Dependency,
  RelationEntry,
  ViewEntry,
} from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import { parse } from "../parser/parser.ts";
import type { QueryText, SelectSyntax } from "../parser/syntax.ts";
import { formatType } from "../types/type_registry.ts";
import type { BoundColumn, BoundConstant } from "./bound_expression.ts";
import type { BoundQuery, ResultField } from "./bound_tree.ts";
import {
  type NameReferences,
  resolvingSplices,
  spliced,
} from "./name_references.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import type { StatementState } from "./statement_state.ts";
import { walkSyntax } from "./walk_syntax.ts";

/** The query that `text` is. */
export function parseQuery(text: string): SelectSyntax {
  const statements = parse(text);
  const syntax = statements[0]?.syntax;
  if (syntax?.kind === "select" && statements.length === 1) return syntax;
  throw new SqlError("XX000", `the query of a view is damaged: ${text}`);
}

const queries = new WeakMap<ViewEntry, SelectSyntax>();

/** The query of a view; it is parsed once for each catalog entry. */
export function queryOf(view: ViewEntry): SelectSyntax {
  let query = queries.get(view);
  if (query === undefined) queries.set(view, query = parseQuery(view.sql));
  return query;
}

/** What {@linkcode resolvedText} is given. */
export interface ResolveOptions {
  readonly state: StatementState;
  readonly source: QueryText;
  readonly syntax: SelectSyntax;
  /** What the names in `syntax` were found to mean. */
  readonly references: NameReferences;
  /** The fields of the query. */
  readonly fields: readonly ResultField[];
  /** Makes of the resolved text the query that is kept. */
  readonly wrap: (text: string) => string;
}

/**
 * The text of a query that means the same under any search path, and when its
 * tables get more columns.
 *
 * @throws {SqlError} `0A000` when the text cannot be made so.
 */
export function resolvedText(
  { state, source, syntax, references, fields, wrap }: ResolveOptions,
): string {
  const longColumns: number[] = [];
  walkSyntax(syntax, {
    column: ({ path, star, offset }) => {
      if (path.length === 3 && !star) longColumns.push(offset);
    },
  });
  const text = wrap(
    spliced(
      source.text,
      resolvingSplices(source.text, source.offset, references, longColumns),
    ),
  );
  const again = bindWithoutPath(state, text);
  const same = again !== undefined && again.fields.length === fields.length &&
    again.fields.every(({ type }, i) =>
      type.type === fields[i]!.type.type &&
      type.typmod === fields[i]!.type.typmod
    );
  if (same) return text;
  throw new SqlError(
    "0A000",
    "the query of a view cannot be kept: a name in it has no form that always means the same",
    { detail: `It would be: ${text}` },
  );
}

/** The query bound where no schema is searched; `undefined` if it cannot be. */
function bindWithoutPath(
  state: StatementState,
  text: string,
): BoundQuery | undefined {
  try {
    return state.within(state.options.catalog.bare).bindQuery(
      parseQuery(text),
      { resolveUnknowns: true },
    );
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

/** The query of CREATE RECURSIVE VIEW around its text. */
export function recursiveQuery(
  name: string,
  columns: readonly string[],
  text: string,
): string {
  const quoted = quoteIdentifier(name);
  const names = columns.map(quoteIdentifier).join(", ");
  return `WITH RECURSIVE ${quoted} (${names}) AS (${text}) SELECT ${names} FROM ${quoted}`;
}

/** The columns that a query gives a relation, under other names if given. */
export function columnsOfQuery(
  fields: readonly ResultField[],
  names: readonly string[],
  tooMany: string,
): ColumnEntry[] {
  if (names.length > fields.length) throw new SqlError("42601", tooMany);
  const seen = new Set<string>();
  return fields.map((field, i) => {
    const name = names[i] ?? field.name;
    const { type } = field;
    if (seen.has(name)) {
      throw new SqlError("42701", `column "${name}" specified more than once`);
    }
    seen.add(name);
    if (type.type.category === "P") {
      throw new SqlError(
        "42P16",
        `column "${name}" has pseudo-type ${formatType(type)}`,
      );
    }
    return { number: i + 1, name, type, notNull: false };
  });
}

/** Keys of a bound tree below which nothing is read from the catalog. */
const OUTSIDE: ReadonlySet<string> = new Set([
  "type",
  "types",
  "fields",
  "function",
  "aggregate",
  "constants",
  "table",
  "view",
]);

/** What a query reads of the catalog. */
export interface QueryReads {
  /** The relations in it, by their numbers in the statement. */
  readonly relations: ReadonlyMap<number, RelationEntry>;
  /** Its columns, wherever they stand. */
  readonly columns: readonly BoundColumn[];
  /** Its constants, wherever they stand. */
  readonly constants: readonly BoundConstant[];
}

/** What a query reads: not what the views in it read. */
export function readsOf(query: BoundQuery): QueryReads {
  const relations = new Map<number, RelationEntry>();
  const columns: BoundColumn[] = [];
  const constants: BoundConstant[] = [];
  const seen = new Set<unknown>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null || seen.has(node)) return;
    seen.add(node);
    if (Array.isArray(node)) return node.forEach(visit);
    if (Object.getPrototypeOf(node) !== Object.prototype) return;
    const fields = node as Record<string, unknown>;
    if (fields["kind"] === "column" && "relation" in fields) {
      columns.push(node as BoundColumn);
      return;
    }
    if (fields["kind"] === "constant" && "value" in fields) {
      constants.push(node as BoundConstant);
      return;
    }
    const entry = fields["view"] ?? fields["table"];
    if (isRelation(entry)) relations.set(fields["relation"] as number, entry);
    for (const [key, child] of Object.entries(fields)) {
      if (OUTSIDE.has(key)) continue;
      if (key === "query" && fields["view"] !== undefined) continue;
      visit(child);
    }
  };
  visit(query);
  return { relations, columns, constants };
}

/** What a query needs: every column it reads, or the relation if it reads none. */
export function dependenciesOfQuery(
  query: BoundQuery,
  types: readonly number[],
): Dependency[] {
  const { relations, columns } = readsOf(query);
  const needs = new Map<string, Dependency>();
  const add = (need: Dependency): void =>
    void needs.set(`${need.id}.${need.column}`, need);
  for (const [relation, entry] of relations) {
    const own = "columns" in entry && entry.kind !== "index"
      ? entry.columns
      : [];
    const used = columns.filter((column) => column.relation === relation)
      .map(({ column }) => own[column]?.number)
      .filter((number) => number !== undefined)
      .sort((a, b) => a - b);
    for (const column of used) add({ id: entry.id, column, kind: "normal" });
    if (used.length === 0) add({ id: entry.id, kind: "normal" });
  }
  for (const id of types) add({ id, kind: "normal" });
  return [...needs.values()];
}

function isRelation(value: unknown): value is RelationEntry {
  return typeof value === "object" && value !== null && "kind" in value &&
    (value.kind === "table" || value.kind === "view") && "id" in value;
}
