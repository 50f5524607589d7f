/**
 * Rows as values: `ROW(…)`, a relation's name in the place of a value, and the
 * fields of rows.
 *
 * @module
 */
import { tid } from "../types/place_types.ts";
import { SqlError } from "../errors/sql_error.ts";
import {
  fieldFunction,
  presentRowConstructor,
  rowConstructor,
  rowNullTest,
} from "../functions/row/row_constructor.ts";
import type { Expression, RowSyntax } from "../parser/expression_syntax.ts";
import type { CoercionContext } from "../types/cast.ts";
import { baseOf } from "../types/domain_type.ts";
import type { DataType, RowField, TypeRef } from "../types/data_type.ts";
import { record } from "../types/row/row_type.ts";
import { type Binding, BOOLEAN } from "./binding.ts";
import { type BoundExpression, CTID_COLUMN } from "./bound_expression.ts";
import { columnsOf, type FoundRelation } from "./scope.ts";
import { tableRowType } from "./table_row_type.ts";

/** `ROW(…)`; a star among its items stands for all columns. */
export function bindRow(
  binding: Binding,
  { items, offset }: RowSyntax,
): BoundExpression {
  const values = items.flatMap((item) =>
    starColumns(binding, item, offset) ??
      [binding.coercer.settleUnknown(binding.bind(item))]
  );
  const fields = values.map(({ type }, i): RowField => ({
    name: `f${i + 1}`,
    type,
  }));
  return rowCall(record, fields, values, offset);
}

/** The columns that a star among the items of a row stands for. */
function starColumns(
  { scope }: Binding,
  item: Expression,
  offset: number,
): BoundExpression[] | undefined {
  return item.kind === "column" && item.star && item.path.length > 0
    ? columnsOf(scope.relation(item.path, offset), offset)
    : undefined;
}

/**
 * Binds what becomes a `target`: the items of `ROW(…)` are what its fields
 * want, so that literals and parameters of open type are read as that.
 */
export function bindAs(
  binding: Binding,
  syntax: Expression,
  target: TypeRef | undefined,
  context: CoercionContext,
): BoundExpression {
  const type = target === undefined ? undefined : baseOf(target).type;
  const fields = type?.fields;
  if (syntax.kind !== "row" || type === undefined || fields === undefined) {
    return binding.bind(syntax);
  }
  const values: BoundExpression[] = [];
  for (const item of syntax.items) {
    const columns = starColumns(binding, item, syntax.offset) ??
      [bindAs(binding, item, fields[values.length]?.type, context)];
    values.push(...columns);
  }
  return binding.coercer.toRow(values, type, { context }, syntax.offset);
}

/** A call that makes a row. */
export function rowCall(
  type: DataType,
  fields: readonly RowField[],
  args: readonly BoundExpression[],
  offset: number,
): BoundExpression {
  return {
    kind: "call",
    function: rowConstructor(type, fields),
    args,
    type: { type, typmod: -1 },
    operator: undefined,
    offset,
  };
}

/**
 * A relation as a value: the row that is there, or NULL where an outer join
 * has none.
 */
export function bindWholeRow(
  binding: Binding,
  found: FoundRelation,
  offset: number,
): BoundExpression {
  const { names, table, relation } = found.relation;
  const columns = columnsOf(found, offset);
  if (found.relation.isScalar === true) return columns[0]!;
  const fields = columns.map(({ type }, i): RowField => ({
    name: names[i]!,
    type,
  }));
  if (table === undefined) return rowCall(record, fields, columns, offset);
  const type = tableRowType(table, binding.state.options.types);
  if (binding.place === "RETURNING" || table.kind === "view") {
    return rowCall(type, fields, columns, offset);
  }
  const sure = table.columns.findIndex(({ notNull }) => notNull);
  const marker: BoundExpression = sure >= 0 ? columns[sure]! : columnsOf({
    ...found,
    relation: {
      ...found.relation,
      columns: [{
        kind: "column",
        relation,
        column: CTID_COLUMN,
        type: { type: tid, typmod: -1 },
        name: "ctid",
        offset,
      }],
    },
  }, offset)[0]!;
  return {
    kind: "call",
    function: presentRowConstructor(type, fields, marker.type.type),
    args: [marker, ...columns],
    type: { type, typmod: -1 },
    operator: undefined,
    offset,
  };
}

/** A field of a row, by name. */
export function bindField(
  row: BoundExpression,
  name: string,
): BoundExpression {
  const fields = fieldsOfRow(row);
  const { type } = row.type;
  if (fields === undefined) {
    if (type === record) {
      throw new SqlError(
        "42703",
        `could not identify column "${name}" in record data type`,
        { offset: row.offset },
      );
    }
    throw new SqlError(
      "42809",
      `column notation .${name} applied to type ${type.displayName}, which is not a composite type`,
      { offset: row.offset },
    );
  }
  const index = fields.findIndex((field) => field.name === name);
  if (index < 0) {
    throw new SqlError(
      "42703",
      type === record
        ? `could not identify column "${name}" in record data type`
        : `column "${name}" not found in data type ${type.displayName}`,
      { offset: row.offset },
    );
  }
  return fieldAt(row, fields, index);
}

/** Refuses a field that a relation named in the place of a value has not. */
export function requireField(
  row: BoundExpression,
  name: string,
  path: readonly string[],
  offset: number,
): void {
  if (row.kind !== "call" || row.function.rowFields === undefined) return;
  if (row.function.rowFields.some((field) => field.name === name)) return;
  throw new SqlError(
    "42703",
    `column ${path.at(-1)}.${name} does not exist`,
    { offset },
  );
}

/** The fields of a row whose type, or maker, says them. */
export function fieldsOfRow(
  row: BoundExpression,
): readonly RowField[] | undefined {
  if (row.type.type.fields !== undefined) return row.type.type.fields;
  if (row.kind === "call") return row.function.rowFields;
  return row.kind === "column" || row.kind === "outer"
    ? row.rowFields
    : undefined;
}

/** Field `index` of a row. */
export function fieldAt(
  row: BoundExpression,
  fields: readonly RowField[],
  index: number,
): BoundExpression {
  // A row that is being made: what it is made of.
  if (row.kind === "call" && row.function.rowFields !== undefined) {
    return row.args[row.args.length - fields.length + index]!;
  }
  const field = fields[index]!;
  return {
    kind: "call",
    function: fieldFunction(row.type.type, field, index),
    args: [row],
    type: field.type,
    operator: undefined,
    offset: row.offset,
  };
}

/** `row IS [NOT] NULL` */
export function bindRowValueTest(
  row: BoundExpression,
  negated: boolean,
  offset: number,
): BoundExpression {
  return {
    kind: "call",
    function: rowNullTest(row.type.type, negated),
    args: [row],
    type: BOOLEAN,
    operator: undefined,
    offset,
  };
}
