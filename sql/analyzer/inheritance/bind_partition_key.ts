/**
 * PARTITION BY: columns, expressions and their operator classes.
 *
 * @module
 */
import type { IndexColumn, PartitionKey } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type {
  PartitionBySyntax,
  PartitionElement,
} from "../../parser/partition_syntax.ts";
import type { TypeRef } from "../../types/data_type.ts";
import { classTypeName } from "../indexes/class_type_name.ts";
import {
  columnsBinder,
  isImmutable,
} from "../constraints/column_expression.ts";
import { deparse } from "../deparse.ts";
import { isSystemColumn } from "../scope.ts";
import type { StatementState } from "../statement_state.ts";
import { targetName } from "../target_name.ts";
import { usedColumns } from "../constraints/column_expression.ts";

/** The most columns of a key (PARTITION_MAX_KEYS). */
const COLUMNS_MAX = 32;

/** A table whose rows are to be divided; columns are numbered from 1. */
interface Partitioned {
  readonly name: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: TypeRef;
    readonly generated?: unknown;
  }[];
}

/**
 * Binds PARTITION BY of a new table.
 *
 * @throws {SqlError} `42703`, `42P17`, `42704`.
 */
export function bindPartitionKey(
  state: StatementState,
  table: Partitioned,
  { strategy, elements }: PartitionBySyntax,
): PartitionKey {
  if (elements.length > COLUMNS_MAX) {
    throw new SqlError(
      "54011",
      `cannot partition using more than ${COLUMNS_MAX} columns`,
    );
  }
  if (strategy === "list" && elements.length !== 1) {
    throw new SqlError(
      "42P17",
      'cannot use "list" partition strategy with more than one column',
    );
  }
  return {
    strategy,
    columns: elements.map((element) =>
      bindElement(state, table, element, strategy)
    ),
  };
}

function bindElement(
  state: StatementState,
  table: Partitioned,
  element: PartitionElement,
  strategy: PartitionKey["strategy"],
): IndexColumn {
  const key = typeof element.key === "string"
    ? keyColumn(table, element.key, element.offset)
    : keyExpression(state, table, element.key);
  return {
    columnNumber: key.number,
    ...key.expression && { expression: key.expression },
    operatorClass: operatorClass(state, key.type, element, strategy),
    descending: false,
    nullsFirst: false,
  };
}

interface Key {
  readonly number: number;
  readonly type: TypeRef;
  readonly expression?: IndexColumn["expression"];
}

function keyColumn(
  { columns }: Partitioned,
  name: string,
  offset: number,
): Key {
  const position = columns.findIndex((each) => each.name === name);
  if (position < 0) {
    throw isSystemColumn(name)
      ? new SqlError(
        "42P17",
        `cannot use system column "${name}" in partition key`,
        { offset },
      )
      : new SqlError(
        "42703",
        `column "${name}" named in partition key does not exist`,
        { offset },
      );
  }
  const { type, generated } = columns[position]!;
  if (generated !== undefined) {
    throw new SqlError(
      "42P17",
      "cannot use generated column in partition key",
      {
        detail: `Column "${name}" is a generated column.`,
        offset,
      },
    );
  }
  return { number: position + 1, type };
}

function keyExpression(
  state: StatementState,
  table: Partitioned,
  syntax: Exclude<PartitionElement["key"], string>,
): Key {
  const binder = columnsBinder(state, table, "partition key expressions");
  const bound = binder.coercer.settleUnknown(binder.bind(syntax));
  if (bound.kind === "column") {
    return keyColumn(table, table.columns[bound.column]!.name, bound.offset);
  }
  if (!isImmutable(bound)) {
    throw new SqlError(
      "42P17",
      "functions in partition key expression must be marked IMMUTABLE",
    );
  }
  const used = usedColumns(bound);
  if (used.length === 0) {
    throw new SqlError(
      "42P17",
      "cannot use constant expression as partition key",
    );
  }
  const computed = used.map((each) => table.columns[each]!)
    .find(({ generated }) => generated !== undefined);
  if (computed !== undefined) {
    throw new SqlError(
      "42P17",
      "cannot use generated column in partition key",
      {
        detail: `Column "${computed.name}" is a generated column.`,
      },
    );
  }
  const figured = targetName(syntax);
  const name = figured === "?column?" ? "expr" : figured;
  const { type } = bound;
  return { number: 0, type, expression: { sql: deparse(bound), type, name } };
}

function operatorClass(
  { options: { access } }: StatementState,
  { type }: TypeRef,
  { operatorClass: given }: PartitionElement,
  strategy: PartitionKey["strategy"],
): string {
  const method = strategy === "hash" ? "hash" : "btree";
  const { operatorClasses } = access.index(method);
  const name = classTypeName(type);
  if (given !== undefined) {
    const named = operatorClasses.find((each) =>
      each.name === given || each.aliases?.includes(given) === true
    );
    if (named !== undefined) return named.name;
    throw new SqlError(
      "42704",
      `operator class "${given}" does not exist for access method "${method}"`,
    );
  }
  const found =
    operatorClasses.find((each) => each.isDefault && each.typeName === name) ??
      (type.category === "S"
        ? operatorClasses.find((each) =>
          each.isDefault && each.typeName === "text"
        )
        : undefined);
  if (found !== undefined) return found.name;
  throw new SqlError(
    "42704",
    `data type ${type.displayName} has no default operator class for access method "${method}"`,
    {
      hint:
        `You must specify a ${method} operator class or define a default ${method} operator class for the data type.`,
    },
  );
}
