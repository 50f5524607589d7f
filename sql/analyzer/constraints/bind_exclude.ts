/**
 * EXCLUDE as it is defined.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type {
  ExcludeSyntax,
  OperatorName,
} from "../../parser/constraint_syntax.ts";
import type { DataType } from "../../types/data_type.ts";
import { baseOf } from "../../types/domain_type.ts";
import { bindElements, requireAbilities } from "../indexes/bind_elements.ts";
import {
  bindIndexPredicate,
  columnNamed,
  type IndexedTable,
  type IndexKey,
} from "../indexes/bind_index_key.ts";
import { columnsName, objectName } from "../object_name.ts";
import type { StatementState } from "../statement_state.ts";
import type { BoundExclude } from "./bound_constraint.ts";

/**
 * Binds an exclusion constraint of a table.
 *
 * @throws {SqlError} `42703`, `42704`, `42809`, `42883`, `0A000`.
 */
export function bindExclude(
  state: StatementState,
  table: IndexedTable,
  syntax: ExcludeSyntax,
): BoundExclude {
  const { accessMethod, include, operators } = syntax;
  const method = state.options.access.index(accessMethod);
  if (method.canExclude !== true) {
    throw new SqlError(
      "0A000",
      `access method "${method.name}" does not support exclusion constraints`,
    );
  }
  requireAbilities(method, { ...syntax, unique: false });
  for (const { key } of syntax.elements) {
    if (typeof key !== "string") continue;
    if (table.columns.some(({ name }) => name === key)) continue;
    throw new SqlError("42703", `column "${key}" named in key does not exist`, {
      offset: syntax.offset,
    });
  }
  const { columns, keys, names } = bindElements(state, table, syntax);
  keys.forEach(({ type: { type } }) => {
    if (baseOf({ type, typmod: -1 }).type.sortKey === undefined) return;
    throw new SqlError(
      "0A000",
      `exclusion constraints of type ${type.displayName} are not supported`,
    );
  });
  if (syntax.temporal !== undefined) requirePeriod(syntax, keys);
  operators.forEach((operator, i) => {
    const { operatorClass } = columns[i]!;
    const found = method.operatorClasses.find(({ name }) =>
      name === operatorClass
    )!;
    requireOperator(state, keys[i]!, operator, found);
  });
  const predicate = bindIndexPredicate(state, table, syntax.where);
  const used = new Set([
    ...keys.flatMap(({ usedColumns }) => usedColumns),
    ...predicate?.usedColumns ?? [],
  ]);
  return {
    form: "exclude",
    name: syntax.name,
    defaultName: syntax.temporal === "primary_key"
      ? objectName(table.name, undefined, "pkey")
      : objectName(
        table.name,
        columnsName(names),
        syntax.temporal === "unique" ? "key" : "excl",
      ),
    ...syntax.temporal && { temporal: syntax.temporal },
    accessMethod: method.name,
    columns,
    operators: operators.map(({ name }) => name),
    include: include.map((column) => columnNamed(table, column).number),
    predicate: predicate?.sql,
    usedColumns: [...used].sort((a, b) => a - b),
    deferrable: syntax.deferrable,
    initiallyDeferred: syntax.initiallyDeferred,
  };
}

/** @throws {SqlError} `42804`, `42701` for what WITHOUT OVERLAPS cannot be of. */
function requirePeriod(
  { elements, temporal, offset }: ExcludeSyntax,
  keys: readonly IndexKey[],
): void {
  elements.forEach(({ key }, i) => {
    if (elements.findIndex((each) => each.key === key) === i) return;
    const what = temporal === "primary_key" ? "primary key" : "unique";
    throw new SqlError(
      "42701",
      `column "${key}" appears twice in ${what} constraint`,
      { offset },
    );
  });
  const { type: { type } } = keys.at(-1)!;
  const { range, multirangeOf } = baseOf({ type, typmod: -1 }).type;
  if ((range ?? multirangeOf) !== undefined) return;
  throw new SqlError(
    "42804",
    `column "${
      elements.at(-1)!.key
    }" in WITHOUT OVERLAPS is not a range or multirange type`,
    { offset },
  );
}

/**
 * The operator has to say of two values what it says of them exchanged, and to
 * be one that the operator class knows.
 */
function requireOperator(
  state: StatementState,
  { type: { type } }: IndexKey,
  { schema, name }: OperatorName,
  operatorClass: {
    readonly name: string;
    readonly searchOperators: readonly string[];
  },
): void {
  if (schema !== undefined && schema !== "pg_catalog") {
    throw new SqlError(
      "42883",
      `operator does not exist: ${shown(type)} ${schema}.${name} ${
        shown(type)
      }`,
    );
  }
  const { operator } = state.options.functions.resolveOperator(
    name,
    type,
    type,
  );
  const { left, right } = operator;
  const signature = `${name}(${shown(left!)},${shown(right)})`;
  if (operator.commutator !== name) {
    throw new SqlError("42809", `operator ${signature} is not commutative`, {
      detail:
        "Only commutative operators can be used in exclusion constraints.",
    });
  }
  if (operatorClass.searchOperators.includes(name)) return;
  throw new SqlError(
    "42809",
    `operator ${signature} is not a member of operator family "${
      FAMILIES.get(operatorClass.name) ?? operatorClass.name
    }"`,
    {
      detail:
        "The exclusion operator must be related to the index operator class for the constraint.",
    },
  );
}

/** The families of several operator classes; others are called as their class. */
const FAMILIES: ReadonlyMap<string, string> = new Map([
  ["int2_ops", "integer_ops"],
  ["int4_ops", "integer_ops"],
  ["int8_ops", "integer_ops"],
  ["float4_ops", "float_ops"],
  ["float8_ops", "float_ops"],
  ["date_ops", "datetime_ops"],
  ["timestamp_ops", "datetime_ops"],
  ["timestamptz_ops", "datetime_ops"],
]);

function shown({ displayName }: DataType): string {
  return displayName;
}
