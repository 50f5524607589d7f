/**
 * CREATE, ALTER, DROP and COMMENT ON STATISTICS: changes of the table that has
 * them.
 *
 * @module
 */
import type { TableEntry } from "../../catalog/entries.ts";
import {
  type ExtendedStatistics,
  STATISTICS_KINDS,
  STATISTICS_MAX,
  type StatisticsKind,
} from "../../catalog/extended_statistics.ts";
import {
  allStatistics,
  type FoundStatistics,
} from "../../catalog/statistics_objects.ts";
import { isKeyType } from "../../encoding/key_bytes.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { RelationName } from "../../parser/syntax.ts";
import type {
  AlterStatisticsSyntax,
  CreateStatisticsSyntax,
  DropStatisticsSyntax,
} from "../../parser/statistics_syntax.ts";
import { missingRelation } from "../bind_from.ts";
import { otherSchema } from "../bind_schema.ts";
import { columnsName, objectName } from "../object_name.ts";
import type { BoundChangeEntry } from "../routines/bound_routine.ts";
import type { StatementState } from "../statement_state.ts";

/** The most columns of a statistics object. */
const COLUMNS_MAX = 8;

/** Binds CREATE STATISTICS. */
export function bindCreateStatistics(
  state: StatementState,
  syntax: CreateStatisticsSyntax,
): BoundChangeEntry {
  const tag = "CREATE STATISTICS";
  if (syntax.relations.length !== 1) {
    throw new SqlError(
      "0A000",
      "only a single relation is allowed in CREATE STATISTICS",
    );
  }
  const table = tableNamed(state, syntax.relations[0]!);
  const { name: given } = syntax;
  const schema = given?.schema === undefined
    ? given === undefined ? table.schema : creationSchema(state)
    : existingSchema(state, given.schema);
  const name = given?.name ??
    freeName(
      state,
      schema,
      objectName(table.name, columnsName(syntax.columns), "stat"),
    );
  if (find(state, { ...syntax.relations[0]!, schema, name }) !== undefined) {
    const message = `statistics object "${name}" already exists`;
    if (!syntax.ifNotExists) throw new SqlError("42710", message);
    return {
      kind: "change_entry",
      tag,
      before: table,
      after: undefined,
      notices: [`${message}, skipping`],
    };
  }
  const columns = columnsOf(table, syntax.columns);
  const kinds = kindsOf(syntax.kinds);
  const known = table.statistics ?? [];
  const number = Math.max(0, ...known.map((each) => each.number + 1));
  if (number >= STATISTICS_MAX) {
    throw new SqlError(
      "54000",
      `cannot have more than ${STATISTICS_MAX} statistics objects of a table`,
    );
  }
  const added: ExtendedStatistics = { number, name, schema, columns, kinds };
  return changed(tag, table, [...known, added]);
}

function creationSchema(state: StatementState): string {
  const { creationSchema: schema } = state.options.catalog;
  if (schema !== undefined) return schema;
  throw new SqlError("3F000", "no schema has been selected to create in");
}

function existingSchema(state: StatementState, schema: string): string {
  if (state.options.catalog.hasSchema(schema)) return schema;
  throw new SqlError("3F000", `schema "${schema}" does not exist`);
}

function tableNamed(
  { options: { catalog } }: StatementState,
  { schema, name }: RelationName,
): TableEntry {
  const entry = catalog.relation(schema, name);
  if (entry === undefined) throw missingRelation(schema, name);
  if (entry.kind === "table" && entry.storageId !== 0) return entry;
  throw new SqlError(
    "42809",
    `cannot define statistics for relation "${name}"`,
    {
      detail: `This operation is not supported for ${
        entry.kind === "view"
          ? "views"
          : entry.kind === "index"
          ? "indexes"
          : entry.kind === "sequence"
          ? "sequences"
          : "system tables"
      }.`,
    },
  );
}

function freeName(
  { options: { catalog } }: StatementState,
  schema: string,
  wanted: string,
): string {
  const taken = new Set<string>();
  for (const { statistics } of allStatistics(catalog)) {
    if (statistics.schema === schema) taken.add(statistics.name);
  }
  let free = wanted;
  for (let n = 1; taken.has(free); n++) free = `${wanted}${n}`;
  return free;
}

/** The numbers of the columns. @throws {SqlError} `42703`, `42701`, `54011`. */
function columnsOf(table: TableEntry, names: readonly string[]): number[] {
  if (names.length > COLUMNS_MAX) {
    throw new SqlError(
      "54011",
      `cannot have more than ${COLUMNS_MAX} columns in statistics`,
    );
  }
  const numbers = names.map((name) => {
    const column = table.columns.find((each) => each.name === name);
    if (column === undefined) {
      throw new SqlError("42703", `column "${name}" does not exist`);
    }
    const { type } = column.type;
    if (isKeyType(type) || isOrderedOnly(type.name)) return column.number;
    throw new SqlError(
      "0A000",
      `column "${name}" cannot be used in statistics because its type ${type.displayName} has no default btree operator class`,
    );
  });
  if (numbers.length < 2) {
    throw new SqlError(
      "42P17",
      "extended statistics require at least 2 columns",
    );
  }
  const sorted = numbers.toSorted((a, b) => a - b);
  if (sorted.every((each, i) => each !== sorted[i + 1])) return sorted;
  throw new SqlError(
    "42701",
    "duplicate column name in statistics definition",
  );
}

/** Types that PostgreSQL orders, and keys here do not have. */
function isOrderedOnly(name: string): boolean {
  return ["jsonb", "interval", "tsvector", "tsquery"].includes(name);
}

function kindsOf(words: readonly string[]): StatisticsKind[] {
  const unknown = words.find((word) =>
    !STATISTICS_KINDS.some((kind) => kind === word)
  );
  if (unknown !== undefined) {
    throw new SqlError("42601", `unrecognized statistics kind "${unknown}"`);
  }
  return words.length === 0
    ? [...STATISTICS_KINDS]
    : STATISTICS_KINDS.filter((kind) => words.includes(kind));
}

/** The statistics object of that name; without a schema, by the search path. */
function find(
  { options: { catalog } }: StatementState,
  { schema, name }: RelationName,
): FoundStatistics | undefined {
  const named = [...allStatistics(catalog)].filter(({ statistics }) =>
    statistics.name === name &&
    (schema === undefined || statistics.schema === schema)
  );
  if (schema !== undefined || named.length <= 1) return named[0];
  return named.find(({ statistics }) =>
    statistics.schema === catalog.creationSchema
  ) ?? named[0];
}

function missing({ schema, name }: RelationName): string {
  const shown = schema === undefined ? name : `${schema}.${name}`;
  return `statistics object "${shown}" does not exist`;
}

function changed(
  tag: string,
  table: TableEntry,
  statistics: readonly ExtendedStatistics[],
): BoundChangeEntry {
  return {
    kind: "change_entry",
    tag,
    before: table,
    after: { ...table, statistics },
    notices: [],
  };
}

/** Binds ALTER STATISTICS and COMMENT ON STATISTICS. */
export function bindAlterStatistics(
  state: StatementState,
  { name, ifExists, change }: AlterStatisticsSyntax,
): BoundChangeEntry {
  const tag = change.kind === "comment" ? "COMMENT" : "ALTER STATISTICS";
  const found = find(state, name);
  if (found === undefined) {
    if (!ifExists) throw new SqlError("42704", missing(name));
    return {
      kind: "change_entry",
      tag,
      before: undefined,
      after: undefined,
      notices: [`${missing(name)}, skipping`],
    };
  }
  const { table, statistics: before } = found;
  const after = alteredBy(state, before, change);
  return changed(
    tag,
    table,
    table.statistics!.map((each) => each === before ? after : each),
  );
}

function alteredBy(
  state: StatementState,
  before: ExtendedStatistics,
  change: AlterStatisticsSyntax["change"],
): ExtendedStatistics {
  const { comment: _, target: _t, ...rest } = before;
  const refuseTaken = (schema: string, name: string): void => {
    if (find(state, { schema, name, offset: -1 }) === undefined) return;
    throw new SqlError(
      "42710",
      `statistics object "${name}" already exists in schema "${schema}"`,
    );
  };
  switch (change.kind) {
    case "rename":
      refuseTaken(before.schema, change.name);
      return { ...before, name: change.name };
    case "set_schema": {
      const schema = otherSchema(state, before.schema, change.schema);
      if (schema !== before.schema) refuseTaken(schema, before.name);
      return { ...before, schema };
    }
    case "owner":
      return before;
    case "target":
      return {
        ...rest,
        ...before.comment !== undefined && { comment: before.comment },
        ...change.target !== undefined && { target: change.target },
      };
    case "comment":
      return {
        ...rest,
        ...before.target !== undefined && { target: before.target },
        ...change.text !== undefined && { comment: change.text },
      };
  }
}

/** Binds DROP STATISTICS. */
export function bindDropStatistics(
  state: StatementState,
  { names, ifExists }: DropStatisticsSyntax,
): BoundChangeEntry {
  const notices: string[] = [];
  const changes = new Map<TableEntry, ExtendedStatistics[]>();
  for (const name of names) {
    const found = find(state, name);
    if (found === undefined) {
      if (!ifExists) throw new SqlError("42704", missing(name));
      notices.push(`${missing(name)}, skipping`);
      continue;
    }
    const { table, statistics } = found;
    const left = changes.get(table) ?? [...table.statistics!];
    changes.set(table, left.filter((each) => each !== statistics));
  }
  const [first, ...more] = [...changes].map(([before, statistics]) => ({
    before,
    after: { ...before, statistics },
  }));
  return {
    kind: "change_entry",
    tag: "DROP STATISTICS",
    before: first?.before,
    after: first?.after,
    notices,
    more,
  };
}
