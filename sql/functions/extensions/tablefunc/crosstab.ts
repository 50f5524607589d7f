/**
 * `crosstab`: rows of a name, a category and a value as one row a name, with a
 * column a category.
 *
 * @module
 */
import { then } from "../../../../base/maybe_promise.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import type { DataType, Nullable } from "../../../types/data_type.ts";
import { record } from "../../../types/row/row_type.ts";
import { text } from "../../../types/text_types.ts";
import { int4 } from "../../../types/int_types.ts";
import type { FunctionDefinition, QueryRows } from "../../definition.ts";
import { rowsSource, type SetColumn } from "../../sets/set_source.ts";
import { converters, queriesOf } from "./query_values.ts";

const INVALID_SOURCE = "invalid crosstab source data query";

function invalidReturn(detail: string): SqlError {
  return new SqlError("42804", "invalid crosstab return type", { detail });
}

/** What the rows of a query have to be for `crosstab(text)`. */
function checkSource(
  { fields }: QueryRows,
  columns: readonly SetColumn[],
): void {
  if (fields.length !== 3) {
    throw new SqlError("22023", INVALID_SOURCE, {
      detail: "The query must return 3 columns: row_name, category, and value.",
    });
  }
  if (columns.length < 2) {
    throw invalidReturn("Return row must have at least two columns.");
  }
  const [name, , value] = fields;
  const shown = ({ type }: DataTypeHolder): string => type.type.displayName;
  if (name!.type.type !== columns[0]!.type.type) {
    throw invalidReturn(
      `Source row_name datatype ${
        shown(name!)
      } does not match return row_name datatype ${shown(columns[0]!)}.`,
    );
  }
  columns.slice(1).forEach((column, i) => {
    if (column.type.type === value!.type.type) return;
    throw invalidReturn(
      `Source value datatype ${
        shown(value!)
      } does not match return value datatype ${shown(column)} in column ${
        i + 1
      }.`,
    );
  });
}

type DataTypeHolder = Pick<SetColumn, "type">;

/** Values in the order they come, as many as there are columns. */
function* byOrder(
  source: QueryRows,
  columns: readonly SetColumn[],
): Iterable<Nullable[]> {
  checkSource(source, columns);
  const { type } = source.fields[0]!.type;
  let open: Nullable[] | undefined;
  for (const [name, , value] of source.rows) {
    if (open === undefined || !isSame(type, open[0]!, name!)) {
      if (open !== undefined) yield open;
      open = [name!];
    }
    if (open.length < columns.length) open.push(value!);
  }
  if (open !== undefined) yield open;
}

function isSame(type: DataType, a: Nullable, b: Nullable): boolean {
  if (a === null || b === null) return a === b;
  return type.output(a) === type.output(b);
}

/** The categories of a query, each with its place. */
function placesOf({ fields, rows }: QueryRows): ReadonlyMap<string, number> {
  if (fields.length !== 1) {
    throw new SqlError("22023", "invalid crosstab categories query", {
      detail: "The query must return one column.",
    });
  }
  if (rows.length === 0) {
    throw new SqlError(
      "21000",
      "crosstab categories query must return at least one row",
    );
  }
  const places = new Map<string, number>();
  const { type } = fields[0]!.type;
  for (const [category] of rows) {
    if (category === null || category === undefined) {
      throw new SqlError(
        "22004",
        "crosstab category value must not be null",
      );
    }
    const word = type.output(category);
    if (places.has(word)) {
      throw new SqlError("42710", "duplicate category name");
    }
    places.set(word, places.size);
  }
  return places;
}

/** Each value in the column of its category. */
function* byCategory(
  { fields, rows }: QueryRows,
  places: ReadonlyMap<string, number>,
  columns: readonly SetColumn[],
): Iterable<Nullable[]> {
  if (fields.length < 3) {
    throw new SqlError("22023", INVALID_SOURCE, {
      detail:
        "The query must return at least 3 columns: row_name, category, and value.",
    });
  }
  const own = fields.length - 2;
  if (columns.length !== own + places.size) {
    throw invalidReturn(
      `Return row must have ${
        own + places.size
      } columns, not ${columns.length}.`,
    );
  }
  const { type } = fields[0]!.type;
  const categories = fields[own]!.type.type;
  let open: Nullable[] | undefined;
  for (const row of rows) {
    if (open === undefined || !isSame(type, open[0]!, row[0]!)) {
      if (open !== undefined) yield open;
      open = columns.map((_, i) => i < own ? row[i]! : null);
    }
    const category = row[own]!;
    const place = category === null
      ? undefined
      : places.get(categories.output(category));
    if (place !== undefined) open[own + place] = row[own + 1]!;
  }
  if (open !== undefined) yield open;
}

/** `crosstab(text)` and its kin. */
function crosstab(
  name: string,
  argumentTypes: readonly DataType[],
  columns: NonNullable<FunctionDefinition["columns"]>,
): FunctionDefinition {
  return {
    name,
    argumentTypes,
    returnType: record,
    strict: true,
    volatility: "stable",
    columns,
    set: ([sql], context, wanted) =>
      then(
        queriesOf(context).query(sql as string),
        (source) => rowsSource(byOrder(source, wanted)),
      ),
  };
}

const byCategories: FunctionDefinition = {
  ...crosstab("crosstab", [text, text], "record"),
  set: ([sql, categories], context, wanted) => {
    const queries = queriesOf(context);
    return then(queries.query(categories as string), (found) => {
      const places = placesOf(found);
      return then(queries.query(sql as string), (source) => {
        const own = Math.max(source.fields.length - 2, 0);
        const converted = converters(
          wanted.map((_, i) => source.fields[i < own ? i : own + 1]!),
          wanted,
          context,
        );
        const rows = [...byCategory(source, places, wanted)];
        return rowsSource(rows.map(converted));
      });
    });
  },
};

function textColumns(count: number): SetColumn[] {
  const type = { type: text, typmod: -1 };
  return [
    "row_name",
    ...Array.from({ length: count }, (_, i) => `category_${i + 1}`),
  ].map((name) => ({ name, type }));
}

/** All of `crosstab`. */
export const crosstabFunctions: readonly FunctionDefinition[] = [
  crosstab("crosstab", [text], "record"),
  crosstab("crosstab", [text, int4], "record"),
  byCategories,
  ...[2, 3, 4].map((count) =>
    crosstab(`crosstab${count}`, [text], textColumns(count))
  ),
];
