/**
 * Partition keys and bounds as PostgreSQL writes them: `RANGE (a, b)`,
 * `FOR VALUES FROM (1) TO (10)`.
 *
 * @module
 */
import { quoteIdentifier } from "../../parser/quote.ts";
import type { DataType } from "../../types/data_type.ts";
import type { IndexColumn, TableEntry } from "../entries.ts";
import type { PartitionBound, RangePoint } from "./partition_entry.ts";
import { keyTypeOf } from "./partitions.ts";

/** `RANGE (a, lower(b))`. */
export function partitionKeyText(table: TableEntry): string {
  const { strategy, columns } = table.partitionKey!;
  const all = columns.map((column) => keyColumnText(table, column));
  return `${strategy.toUpperCase()} (${all.join(", ")})`;
}

/** A column of a partition key as messages name it. */
export function keyColumnText(
  { columns }: TableEntry,
  { columnNumber, expression }: IndexColumn,
): string {
  if (expression === undefined) {
    const column = columns.find(({ number }) => number === columnNumber)!;
    return quoteIdentifier(column.name);
  }
  const { sql } = expression;
  return /^[a-z_][a-z0-9_]*\(.*\)$/.test(sql) || sql.startsWith("(")
    ? sql
    : `(${sql})`;
}

/** `FOR VALUES IN (1, 2)`, of a partition of `parent`. */
export function partitionBoundText(
  parent: TableEntry,
  bound: PartitionBound,
): string {
  const types = parent.partitionKey!.columns.map((column) =>
    keyTypeOf(parent, column).type
  );
  switch (bound.kind) {
    case "default":
      return "DEFAULT";
    case "hash":
      return `FOR VALUES WITH (modulus ${bound.modulus}, remainder ${bound.remainder})`;
    case "list": {
      const values = bound.values.map((value) =>
        value === null ? "NULL" : literal(types[0]!, value)
      );
      return `FOR VALUES IN (${values.join(", ")})`;
    }
    case "range":
      return `FOR VALUES FROM ${rangeText(bound.from, types)} TO ${
        rangeText(bound.to, types)
      }`;
  }
}

/** `(1, MINVALUE)`. */
export function rangeText(
  points: readonly RangePoint[],
  types: readonly DataType[],
): string {
  const all = points.map((point, i) =>
    point.kind === "value"
      ? literal(types[i]!, point.value)
      : point.kind.toUpperCase()
  );
  return `(${all.join(", ")})`;
}

/** A value as a constant, without its type. */
export function literal({ name }: DataType, value: string): string {
  const isPlain = name === "int4"
    ? !value.startsWith("-")
    : name === "numeric"
    ? /^[0-9].*[.e]/i.test(value)
    : false;
  if (isPlain) return value;
  if (name === "bool") return value.startsWith("t") ? "true" : "false";
  return `'${value.replaceAll("'", "''")}'`;
}
