/**
 * CREATE TABLE: types, defaults and keys checked as PostgreSQL does.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type {
  ColumnDefinition,
  ConstraintSyntax,
  CreateTableSyntax,
  OptionSyntax,
} from "../parser/syntax.ts";
import { bindDefault } from "./assign.ts";
import { creationSchema } from "./bind_schema.ts";
import { bindTypeName } from "./bind_type.ts";
import type {
  BoundColumnDefinition,
  BoundCreateTable,
  BoundKey,
} from "./bound_tree.ts";
import { deparse } from "./deparse.ts";
import { columnsName, objectName } from "./object_name.ts";
import { isSystemColumn } from "./scope.ts";
import { columnSequence, serialType } from "./sequences/column_sequence.ts";
import type { StatementState } from "./statement_state.ts";

/** The most columns a table has (MaxHeapAttributeNumber). */
const COLUMNS_MAX = 1600;

/** Binds CREATE TABLE. */
export function bindCreateTable(
  state: StatementState,
  syntax: CreateTableSyntax,
): Omit<BoundCreateTable, "parameterTypes" | "cacheable"> {
  const { relation } = syntax;
  const schema = creationSchema(state, relation.schema, relation.offset);
  const { name } = relation;
  const accessMethod = syntax.accessMethod ??
    state.options.tableAccessMethod ?? "lsm_s3";
  const exists = syntax.ifNotExists && isTaken(state, schema, name);
  const options = optionRecord(syntax.options);
  const common = {
    kind: "create_table",
    schema,
    name,
    accessMethod,
    options,
    exists,
  } as const;
  // What exists is not looked at any further.
  if (exists) return { ...common, columns: [], keys: [] };
  const unkeyed = syntax.columns.map((column) =>
    bindColumn(state, column, name)
  );
  refuseDuplicates(syntax.columns);
  const keys = bindKeys(syntax);
  const primary = keys.find(({ form }) => form === "primary_key");
  const columns = unkeyed.map((column, i) =>
    primary?.columns.includes(i) === true
      ? { ...column, notNull: true }
      : column
  );
  state.options.access.table(accessMethod);
  refuseTaken(state, schema, name);
  return { ...common, columns, keys };
}

/** Whether there is a relation of that name. */
export function isTaken(
  state: StatementState,
  schema: string,
  name: string,
): boolean {
  return state.options.catalog.relation(schema, name) !== undefined;
}

/** Refuses a name that is taken. */
export function refuseTaken(
  state: StatementState,
  schema: string,
  name: string,
): void {
  if (isTaken(state, schema, name)) {
    throw new SqlError("42P07", `relation "${name}" already exists`);
  }
}

function bindColumn(
  state: StatementState,
  definition: ColumnDefinition,
  table: string,
): BoundColumnDefinition {
  const { name, type: typeName, nullability, ...rest } = definition;
  const serial = serialType(typeName);
  const type = serial === undefined
    ? bindTypeName(state, typeName)
    : { type: state.options.types.byName(serial)!, typmod: -1 };
  const sequence = columnSequence(state, definition, type, table);
  const column = { name, type };
  if (type.type.category === "P" || type.type.name === "unknown") {
    throw new SqlError(
      "42P16",
      `column "${name}" has pseudo-type ${type.type.displayName}`,
    );
  }
  const defaultSql = rest.default === undefined
    ? undefined
    : deparse(bindDefault(state, rest.default, column));
  const notNull = nullability === "not_null" || sequence !== undefined;
  return { name, type, notNull, defaultSql, sequence };
}

function refuseDuplicates(columns: readonly ColumnDefinition[]): void {
  if (columns.length > COLUMNS_MAX) {
    throw new SqlError(
      "54011",
      `tables can have at most ${COLUMNS_MAX} columns`,
    );
  }
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (isSystemColumn(name)) {
      throw new SqlError(
        "42701",
        `column name "${name}" conflicts with a system column name`,
      );
    }
    if (seen.has(name)) {
      throw new SqlError("42701", `column "${name}" specified more than once`);
    }
    seen.add(name);
  }
}

/** The keys: the primary one first; what repeats another is left out. */
function bindKeys(syntax: CreateTableSyntax): BoundKey[] {
  const table = syntax.relation.name;
  const { columns } = syntax;
  const keys: BoundKey[] = [];
  for (const constraint of syntax.constraints) {
    const key = bindKey(table, columns, constraint);
    if (key.form === "primary_key") {
      if (keys[0]?.form === "primary_key") {
        throw new SqlError(
          "42P16",
          `multiple primary keys for table "${table}" are not allowed`,
          { offset: constraint.offset },
        );
      }
      keys.unshift(key);
    } else {
      keys.push(key);
    }
  }
  return keys.filter((key, i) => {
    const first = keys.findIndex((other) =>
      other.columns.length === key.columns.length &&
      other.columns.every((column, j) => column === key.columns[j])
    );
    return first === i || key.name !== undefined;
  });
}

function bindKey(
  table: string,
  columns: readonly ColumnDefinition[],
  constraint: ConstraintSyntax,
): BoundKey {
  const { form, name, offset } = constraint;
  const positions: number[] = [];
  for (const column of constraint.columns) {
    const position = columns.findIndex((other) => other.name === column);
    if (position < 0) {
      throw new SqlError(
        "42703",
        `column "${column}" named in key does not exist`,
        { offset },
      );
    }
    if (positions.includes(position)) {
      const what = form === "primary_key" ? "primary key" : "unique";
      throw new SqlError(
        "42701",
        `column "${column}" appears twice in ${what} constraint`,
        { offset },
      );
    }
    if (form === "primary_key" && columns[position]!.nullability === "null") {
      throw new SqlError(
        "42601",
        `conflicting NULL/NOT NULL declarations for column "${column}" of table "${table}"`,
        { offset },
      );
    }
    positions.push(position);
  }
  const defaultName = form === "primary_key"
    ? objectName(table, undefined, "pkey")
    : objectName(table, columnsName(constraint.columns), "key");
  return { form, name, defaultName, columns: positions };
}

/** WITH (…) as a record; a name alone means `true`. */
export function optionRecord(
  options: readonly OptionSyntax[],
): Readonly<Record<string, string>> {
  const record: Record<string, string> = {};
  for (const { name, value, offset } of options) {
    if (Object.hasOwn(record, name)) {
      throw new SqlError(
        "22023",
        `parameter "${name}" specified more than once`,
        { offset },
      );
    }
    record[name] = value ?? "true";
  }
  return record;
}
