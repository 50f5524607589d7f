/**
 * COPY: as an INSERT of rows from outside, or as a query whose rows are written.
 *
 * @module
 */
import type { TableEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { parse } from "../../parser/parser.ts";
import type {
  ChangeSyntax,
  CopySyntax,
  InsertSyntax,
  SelectSyntax,
} from "../../parser/syntax.ts";
import { openTable } from "../bind_from.ts";
import { targetPositions } from "../bind_insert.ts";
import { quoteIdentifier } from "../../parser/quote.ts";
import type { StatementState } from "../statement_state.ts";
import type { CopyFormat } from "./copy_format.ts";
import { copyFormat } from "./copy_options.ts";

/** COPY, as the statement that it runs, not bound yet. */
export interface CopyPlan {
  readonly statement: SelectSyntax | ChangeSyntax;
  /** The table that is read or written; absent for a query. */
  readonly table: TableEntry | undefined;
  /** The positions of its columns that are copied. */
  readonly columns: readonly number[];
  /** The format, when the names of all columns are known. */
  readonly format: (names: readonly string[]) => CopyFormat;
}

/** Finds what a COPY copies. */
export function planCopy(state: StatementState, syntax: CopySyntax): CopyPlan {
  const { relation, query } = syntax;
  const table = relation && openTable(state, relation);
  const format = (names: readonly string[]): CopyFormat =>
    copyFormat(syntax, names, table);
  if (table === undefined) {
    if (query!.kind !== "select" && query!.returning.length === 0) {
      throw new SqlError("0A000", "COPY query must have a RETURNING clause");
    }
    return { statement: query!, table: undefined, columns: [], format };
  }
  if (syntax.direction === "to" && table.partitionKey !== undefined) {
    throw new SqlError(
      "42809",
      `cannot copy from partitioned table "${table.name}"`,
      { hint: "Try the COPY (SELECT ...) TO variant." },
    );
  }
  const columns = copiedColumns(table, syntax);
  const statement = syntax.direction === "from"
    ? insertOf(syntax, table, columns)
    : selectOf(table, columns);
  return { statement, table, columns, format };
}

/** The columns that are named, or all but those that are computed. */
function copiedColumns(
  table: TableEntry,
  { columns: named }: CopySyntax,
): number[] {
  const positions = targetPositions(table, named);
  const isComputed = (position: number): boolean =>
    table.columns[position]!.generated !== undefined;
  if (named.length === 0) {
    return positions.filter((position) => !isComputed(position));
  }
  const computed = positions.find(isComputed);
  if (computed === undefined) return positions;
  const { name } = table.columns[computed]!;
  throw new SqlError("42P10", `column "${name}" is a generated column`, {
    detail: "Generated columns cannot be used in COPY.",
  });
}

function insertOf(
  { relation, options, where }: CopySyntax,
  table: TableEntry,
  columns: readonly number[],
): InsertSyntax {
  return {
    kind: "insert",
    with: [],
    recursive: false,
    relation: relation!,
    alias: undefined,
    columns: columns.map((position) => ({
      name: table.columns[position]!.name,
      offset: -1,
    })),
    overriding: "system",
    source: {
      kind: "external_rows",
      defaults: options.some(({ name }) => name === "default"),
      where,
    },
    conflict: undefined,
    returning: [],
    aliases: [],
  };
}

/** The query that reads columns of a table. */
function selectOf(
  { schema, name, columns: all }: TableEntry,
  columns: readonly number[],
): SelectSyntax {
  const names = columns.map((position) => quoteIdentifier(all[position]!.name));
  const table = `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
  const [statement] = parse(`SELECT ${names.join(", ")} FROM ONLY ${table}`);
  return statement!.syntax as SelectSyntax;
}
