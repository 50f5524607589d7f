/**
 * CREATE TABLE: types, defaults and keys checked as PostgreSQL does.
 *
 * @module
 */
import type { PartitionKey, TableEntry } from "../catalog/entries.ts";
import { isTemporarySchema } from "../catalog/temporary_schema.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  ColumnDefinition,
  ConstraintSyntax,
  CreateTableSyntax,
  KeySyntax,
  NotNullSyntax,
  OnCommit,
  OptionSyntax,
} from "../parser/syntax.ts";
import { bindDefault } from "./assign.ts";
import { relationSchema } from "./bind_schema.ts";
import { bindCollation } from "./collations/collated.ts";
import { bindColumnType } from "./bind_type.ts";
import type { BoundColumnDefinition, BoundCreateTable } from "./bound_tree.ts";
import { bindCheck, bindGenerated } from "./constraints/bind_check.ts";
import { bindExclude } from "./constraints/bind_exclude.ts";
import { bindKeys, secondPrimaryKey } from "./constraints/bind_key.ts";
import {
  bindForeignKey,
  type ReferencedTable,
} from "./constraints/bind_foreign_key.ts";
import type {
  BoundConstraint,
  BoundKey,
} from "./constraints/bound_constraint.ts";
import { deparse } from "./deparse.ts";
import { expandLike } from "./like_table.ts";
import { bindParents } from "./inheritance/bind_parents.ts";
import { bindPartitionBound } from "./inheritance/bind_partition_bound.ts";
import { bindPartitionKey } from "./inheritance/bind_partition_key.ts";
import type { MergeNotice } from "./inheritance/bound_partition.ts";
import { requirePartitionKey } from "./inheritance/partition_keys.ts";
import {
  inheritedChecks,
  mergeColumns,
  type MergedColumn,
  partitionColumns,
} from "./inheritance/merged_columns.ts";
import { isSystemColumn } from "./scope.ts";
import { columnSequence, serialType } from "./sequences/column_sequence.ts";
import type { StatementState } from "./statement_state.ts";

/** The most columns a table has (MaxHeapAttributeNumber). */
const COLUMNS_MAX = 1600;

/** Binds CREATE TABLE. */
export function bindCreateTable(
  state: StatementState,
  written: CreateTableSyntax,
): Omit<BoundCreateTable, "parameterTypes" | "cacheable"> {
  const { relation } = written;
  const schema = relationSchema(state, relation);
  const onCommit = onCommitOf(schema, written.onCommit);
  const { name } = relation;
  const accessMethod = written.accessMethod ??
    state.options.tableAccessMethod ?? "lsm_s3";
  const exists = written.ifNotExists && isTaken(state, schema, name);
  const options = optionRecord(written.options);
  const common = {
    kind: "create_table",
    schema,
    name,
    accessMethod,
    options,
    onCommit,
    exists,
  } as const;
  // What exists is not looked at any further.
  if (exists) return { ...common, ...NOTHING };
  refuseInheriting(written);
  const parents = bindParents(state.options.catalog, written.inherits, {
    schema,
    isPartition: written.partitionOf !== undefined,
  });
  const { syntax, comments, indexes } = expandLike(state, written);
  refuseDuplicates(syntax.columns);
  const notices: MergeNotice[] = [];
  const merged = tableColumns(state, syntax, parents, notices);
  const columns = withGenerated(state, name, merged);
  const partitionKey = written.partitionBy &&
    bindPartitionKey(state, { name, columns }, written.partitionBy);
  const { constraints, notNull } = bindConstraints(
    state,
    { ...syntax, merged, partitionKey },
    columns,
    schema,
  );
  state.options.access.table(accessMethod);
  refuseTaken(state, schema, name);
  const complete = columns.map((column, i) => {
    const comment = comments.get(column.name);
    return {
      ...column,
      notNull: column.notNull || notNull.has(i),
      ...comment !== undefined && { comment },
    };
  });
  return {
    ...common,
    columns: complete,
    constraints,
    indexes,
    parents,
    inheritedChecks: inheritedChecks(parents),
    partitionKey,
    partitionBound: written.partitionOf &&
      bindPartitionBound(state, parents[0]!, written.partitionOf.bound),
    notices,
  };
}

const NOTHING = {
  columns: [],
  constraints: [],
  indexes: [],
  parents: [],
  inheritedChecks: [],
  partitionKey: undefined,
  partitionBound: undefined,
  notices: [],
} as const;

/** The columns, those of the parents among them. */
function tableColumns(
  state: StatementState,
  { relation: { name }, columns, partitionOf }: CreateTableSyntax,
  parents: readonly TableEntry[],
  notices: MergeNotice[],
): readonly MergedColumn[] {
  if (partitionOf !== undefined) {
    return partitionColumns(state, parents[0]!, partitionOf.columns);
  }
  const own = columns.map((syntax) => ({
    bound: bindColumn(state, syntax, name),
    syntax,
  }));
  return parents.length === 0 ? own : mergeColumns(parents, own, notices);
}

/** @throws {SqlError} `42P17`. */
function refuseInheriting(
  { inherits, partitionBy, partitionOf }: CreateTableSyntax,
): void {
  const isChild = inherits.length > 0 && partitionOf === undefined;
  if (partitionBy === undefined || !isChild) return;
  throw new SqlError(
    "42P17",
    "cannot create partitioned table as inheritance child",
  );
}

/**
 * What COMMIT does to a table, if it does anything.
 *
 * @throws {SqlError} `42P16` for one that is not temporary.
 */
export function onCommitOf(
  schema: string,
  onCommit: OnCommit | undefined,
): TableEntry["onCommit"] {
  if (onCommit !== undefined && !isTemporarySchema(schema)) {
    throw new SqlError(
      "42P16",
      "ON COMMIT can only be used on temporary tables",
    );
  }
  return onCommit === "preserve_rows" ? undefined : onCommit;
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

/** Binds a column: its type, its default, its sequence. */
export function bindColumn(
  state: StatementState,
  definition: ColumnDefinition,
  table: string,
): BoundColumnDefinition {
  const { name, type: typeName, nullability, ...rest } = definition;
  const serial = serialType(typeName);
  const plain = serial === undefined
    ? bindColumnType(state, typeName, name)
    : { type: state.options.types.byName(serial)!, typmod: -1 };
  const type = rest.collation === undefined
    ? plain
    : { ...plain, collation: bindCollation(state, rest.collation, plain.type) };
  const sequence = columnSequence(state, definition, type, table);
  const column = { name, type };
  const defaultSql = rest.default === undefined
    ? undefined
    : deparse(bindDefault(state, rest.default, column));
  const notNull = nullability === "not_null" || sequence !== undefined;
  return { name, type, notNull, defaultSql, sequence, generated: undefined };
}

/** @throws {SqlError} `42701` for the name of a system column. */
export function refuseSystemName(name: string): void {
  if (!isSystemColumn(name)) return;
  throw new SqlError(
    "42701",
    `column name "${name}" conflicts with a system column name`,
  );
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
    refuseSystemName(name);
    if (seen.has(name)) {
      throw new SqlError("42701", `column "${name}" specified more than once`);
    }
    seen.add(name);
  }
}

/** The columns with what generates them. */
function withGenerated(
  state: StatementState,
  name: string,
  merged: readonly MergedColumn[],
): readonly BoundColumnDefinition[] {
  const columns = merged.map(({ bound }) => bound);
  return merged.map(({ bound, syntax }) => {
    const generated = syntax?.generated;
    if (generated === undefined) return bound;
    return {
      ...bound,
      generated: bindGenerated(
        state,
        { name, columns },
        bound,
        generated,
        (position) =>
          merged[position]!.syntax?.generated !== undefined ||
          columns[position]!.generated !== undefined,
      ),
    };
  });
}

/** The constraints, keys first, and the columns that may not be NULL by them. */
function bindConstraints(
  state: StatementState,
  { relation: { name }, merged, constraints, partitionKey }:
    & CreateTableSyntax
    & {
      readonly merged: readonly MergedColumn[];
      readonly partitionKey: PartitionKey | undefined;
    },
  columns: readonly BoundColumnDefinition[],
  schema: string,
): {
  readonly constraints: readonly BoundConstraint[];
  readonly notNull: ReadonlySet<number>;
} {
  const table = {
    name,
    columns: columns.map((column, i) => ({
      ...column,
      isNullable: merged[i]!.syntax?.nullability === "null",
    })),
  };
  const notNull = new Set<number>();
  const keys = bindKeys(table, constraints.filter((each) => isKey(each)));
  const primary = keys.find(({ form }) => form === "primary_key");
  primary?.columns.forEach((column) => notNull.add(column));
  for (const key of keys) requirePartitionKey(table, partitionKey, key);
  const excludes: BoundConstraint[] = [];
  const others: BoundConstraint[] = [];
  for (const constraint of constraints) {
    if (constraint.form === "check") {
      if (constraint.noInherit && partitionKey !== undefined) {
        throw new SqlError(
          "42P16",
          `cannot add NO INHERIT constraint to partitioned table "${name}"`,
        );
      }
      others.push(bindCheck(state, table, constraint));
    } else if (constraint.form === "foreign_key") {
      const own = { ...table, keys: keys.map(keyOf) };
      others.push(bindForeignKey(state, own, schema, constraint));
    } else if (constraint.form === "exclude") {
      const numbered = columns.map((column, i) => ({
        ...column,
        number: i + 1,
      }));
      const exclude = bindExclude(
        state,
        { name, columns: numbered },
        constraint,
      );
      if (exclude.temporal === "primary_key") {
        const isSecond = primary !== undefined ||
          excludes.some((each) => isTemporalPrimary(each));
        if (isSecond) throw secondPrimaryKey(name, constraint.offset);
        exclude.columns.forEach(({ columnNumber }) =>
          notNull.add(columnNumber - 1)
        );
      }
      excludes.push(exclude);
    } else if (constraint.form === "not_null") {
      notNull.add(notNullPosition(table, constraint));
    }
  }
  return { constraints: [...keys, ...excludes, ...others], notNull };
}

function isTemporalPrimary(constraint: BoundConstraint): boolean {
  return constraint.form === "exclude" &&
    constraint.temporal === "primary_key";
}

function keyOf(
  { form, columns, deferrable }: BoundKey,
): ReferencedTable["keys"][number] {
  return { primary: form === "primary_key", deferrable, columns };
}

function isKey(constraint: ConstraintSyntax): constraint is KeySyntax {
  return constraint.form === "primary_key" || constraint.form === "unique";
}

/** The column of NOT NULL as a table constraint. */
function notNullPosition(
  { name: table, columns }: {
    readonly name: string;
    readonly columns: readonly {
      readonly name: string;
      readonly isNullable: boolean;
    }[];
  },
  { columns: [name], offset }: NotNullSyntax,
): number {
  const position = columns.findIndex((column) => column.name === name);
  if (position < 0) {
    throw new SqlError(
      "42703",
      `column "${name}" of relation "${table}" does not exist`,
    );
  }
  if (columns[position]!.isNullable) {
    throw new SqlError(
      "42601",
      `conflicting NULL/NOT NULL declarations for column "${name}" of table "${table}"`,
      { offset },
    );
  }
  return position;
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
