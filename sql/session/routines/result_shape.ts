/**
 * What a routine is to give, and rows of a statement made into it.
 *
 * | result | a row of the statement becomes |
 * | --- | --- |
 * | a value | its one column, cast |
 * | a row | a row of its columns, each cast; or its one column if that is one |
 * | `record` without columns | a row of its columns as they are |
 *
 * @module
 */
import type { RoutineCall } from "../../functions/definition.ts";
import type { AnalyzeOptions } from "../../analyzer/analyzer.ts";
import type { BoundStatement, ResultField } from "../../analyzer/bound_tree.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { Statement } from "../../parser/syntax.ts";
import type { Environment } from "../../planner/evaluate.ts";
import type { Nullable, RowField, TypeRef } from "../../types/data_type.ts";
import { voidType } from "../../types/pseudo_types.ts";
import { isRowType, record } from "../../types/row/row_type.ts";
import { SqlRow } from "../../types/row/row_value.ts";
import { formatType } from "../../types/type_registry.ts";
import { assignmentCast, type ValueCast, variableCast } from "./value_cast.ts";

/** Makes the result of a row of values. */
export type RowMaker = (
  values: readonly Nullable[],
  environment: Environment,
) => Nullable;

/** The columns that a row result has; `undefined`: any. */
export function fieldsOfResult(
  { returnType, columns }: RoutineCall,
): readonly RowField[] | undefined {
  if (returnType.type.fields !== undefined) return returnType.type.fields;
  return columns === undefined || columns.length === 0 ? undefined : columns;
}

/** Whether a call gives rows. */
export function givesRows({ returnType }: RoutineCall): boolean {
  return isRowType(returnType.type);
}

/**
 * Makes results of the rows of the last statement of an SQL function.
 *
 * @throws {SqlError} `42P13` where they do not fit.
 */
export function sqlResult(
  options: AnalyzeOptions,
  call: RoutineCall,
  bound: BoundStatement | undefined,
  syntax?: Statement,
): RowMaker {
  const { returnType } = call;
  if (returnType.type === voidType) return () => "";
  const fields: readonly ResultField[] = bound === undefined ||
      !("fields" in bound)
    ? []
    : bound.fields;
  if (bound === undefined || !("fields" in bound) || fields.length === 0) {
    throw mismatch(
      returnType,
      "Function's final statement must be SELECT or INSERT/UPDATE/DELETE/MERGE RETURNING.",
    );
  }
  const isLiteral = (index: number): boolean =>
    syntax?.kind === "select" && syntax.body.kind === "select_body" &&
    syntax.body.targets[index]?.expression.kind === "constant";
  const cast = (index: number, to: TypeRef, detail: string): ValueCast => {
    const from = fields[index]!.type;
    const found = assignmentCast(options, from, to);
    if (found !== "none") return found;
    if (isLiteral(index)) return variableCast(options, from, to);
    throw mismatch(returnType, detail);
  };
  const only = fields[0]!.type;
  if (!givesRows(call)) {
    if (fields.length !== 1) {
      throw mismatch(
        returnType,
        "Final statement must return exactly one column.",
      );
    }
    const convert = cast(
      0,
      returnType,
      `Actual return type is ${formatType(only)}.`,
    );
    return ([value], environment) =>
      convert === undefined
        ? value ?? null
        : convert(value ?? null, environment);
  }
  const isRow = fields.length === 1 &&
    (only.type === returnType.type ||
      (returnType.type === record && isRowType(only.type)));
  if (isRow) return ([value]) => value ?? null;
  const wanted = fieldsOfResult(call);
  if (wanted === undefined) {
    const made = fields.map(({ name, type }) => ({ name, type }));
    return (values) => new SqlRow(made, [...values]);
  }
  if (fields.length !== wanted.length) {
    throw mismatch(
      returnType,
      `Final statement returns too ${
        fields.length < wanted.length ? "few" : "many"
      } columns.`,
    );
  }
  const casts = wanted.map(({ type }, i) =>
    cast(
      i,
      type,
      `Final statement returns ${formatType(fields[i]!.type)} instead of ${
        formatType(type)
      } at column ${i + 1}.`,
    )
  );
  return (values, environment) =>
    new SqlRow(
      wanted,
      values.map((value, i) =>
        casts[i]?.(value, environment) ?? (
          casts[i] === undefined ? value : null
        )
      ),
    );
}

function mismatch(type: TypeRef, detail: string): SqlError {
  return new SqlError(
    "42P13",
    `return type mismatch in function declared to return ${
      formatType({ type: type.type, typmod: -1 })
    }`,
    { detail },
  );
}

/** The values of a row result, as columns. */
export function columnsOfRow(
  value: Nullable,
  count: number,
): readonly Nullable[] {
  if (value === null) return new Array<Nullable>(count).fill(null);
  return (value as SqlRow).values;
}
