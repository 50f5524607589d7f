/**
 * CREATE VIEW, CREATE TABLE AS, CREATE and REFRESH MATERIALIZED VIEW, ALTER
 * VIEW: queries under a name.
 *
 * @module
 */
import { hasPlainKeys } from "../access/index_keys.ts";
import type {
  ColumnEntry,
  RelationEntry,
  TableEntry,
  ViewEntry,
} from "../catalog/entries.ts";
import {
  isTemporaryId,
  isTemporarySchema,
} from "../catalog/temporary_schema.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  AlterViewSyntax,
  CreateTableAsSyntax,
  CreateViewSyntax,
  QueryText,
  RefreshSyntax,
  RelationName,
  SelectSyntax,
} from "../parser/syntax.ts";
import { formatType } from "../types/type_registry.ts";
import { missingRelation } from "./bind_from.ts";
import { replacedQuery } from "./bind_execute.ts";
import { otherSchema, relationSchema, temporarySchema } from "./bind_schema.ts";
import {
  isTaken,
  onCommitOf,
  optionRecord,
  refuseTaken,
} from "./bind_table_definition.ts";
import type {
  BoundAlterView,
  BoundCreateTableAs,
  BoundCreateView,
  BoundQuery,
  BoundRefresh,
} from "./bound_tree.ts";
import { NameReferences } from "./name_references.ts";
import { rewriteViews } from "./rewrite_views.ts";
import type { StatementState } from "./statement_state.ts";
import {
  checkOptionOf,
  withCheckOption,
} from "./updatable_views/check_option.ts";
import {
  columnsOfQuery,
  dependenciesOfQuery,
  parseQuery,
  queryOf,
  recursiveQuery,
  resolvedText,
} from "./view_text.ts";
import { withViewOptions } from "./updatable_views/view_options.ts";

type Unfinished<T> = Omit<T, "parameterTypes" | "cacheable">;

/** Binds CREATE VIEW. */
export function bindCreateView(
  state: StatementState,
  syntax: CreateViewSyntax,
): Unfinished<BoundCreateView> {
  const { relation, source, recursive } = syntax;
  const { name } = relation;
  const wanted = relationSchema(state, relation);
  const options = optionRecord(syntax.options);
  const wrap = (text: string): string =>
    recursive ? recursiveQuery(name, syntax.columns, text) : text;
  const kept = bindKept(state, syntax.query, source, wrap);
  const becomesTemporary = !isTemporarySchema(wanted) && isTemporary(kept);
  const schema = becomesTemporary ? temporarySchema(state) : wanted;
  const before = replacedView(state, schema, syntax);
  const columns = columnsOfQuery(
    kept.query.fields,
    recursive ? [] : syntax.columns,
    "CREATE VIEW specifies more column names than columns",
  );
  if (before !== undefined) requireSameColumns(before.columns, columns);
  const defaults = before?.columns ?? [];
  const view: ViewEntry = {
    kind: "view",
    id: before?.id ?? 0,
    schema,
    name,
    columns: columns.map((column, i): ColumnEntry => {
      const { defaultSql } = defaults[i] ?? {};
      return defaultSql === undefined ? column : { ...column, defaultSql };
    }),
    sql: kept.sql,
    dependencies: kept.dependencies,
    ...(before?.comment === undefined ? {} : { comment: before.comment }),
  };
  const checkOption = syntax.checkOption ??
    checkOptionOf(options["check_option"]);
  const checked = checkOption === undefined
    ? view
    : withCheckOption(view, kept.query, checkOption);
  return {
    kind: "create_view",
    before,
    view: checked,
    notices: becomesTemporary
      ? [`view "${name}" will be a temporary view`]
      : [],
  };
}

/** Whether the query reads anything temporary. */
function isTemporary({ dependencies }: KeptQuery): boolean {
  return dependencies.some(({ id }) => isTemporaryId(id));
}

/** A query that is kept. */
interface KeptQuery {
  readonly query: BoundQuery;
  readonly sql: string;
  readonly dependencies: NonNullable<ViewEntry["dependencies"]>;
}

function bindKept(
  state: StatementState,
  syntax: SelectSyntax,
  source: QueryText,
  wrap: (text: string) => string = (text) => text,
): KeptQuery {
  const references = new NameReferences();
  const query = state.noting(
    references,
    () => state.bindQuery(syntax, { resolveUnknowns: true }),
  );
  if (state.hasParameters) {
    throw new SqlError("42P02", "there is no parameter $1");
  }
  const { fields } = query;
  const sql = resolvedText({ state, source, syntax, references, fields, wrap });
  const types = [
    ...[...references.types.values()].map(({ id }) => id),
    ...references.needed,
  ];
  return { query, sql, dependencies: dependenciesOfQuery(query, types) };
}

/** The view of that name, under OR REPLACE. */
function replacedView(
  state: StatementState,
  schema: string,
  { relation: { name }, replace }: CreateViewSyntax,
): ViewEntry | undefined {
  const entry = state.options.catalog.relation(schema, name);
  if (entry === undefined) return undefined;
  if (!replace) refuseTaken(state, schema, name);
  if (entry.kind === "view") return entry;
  throw new SqlError("42809", `"${name}" is not a view`);
}

/** `42P16` where OR REPLACE would change what there is. */
function requireSameColumns(
  before: readonly ColumnEntry[],
  after: readonly ColumnEntry[],
): void {
  if (after.length < before.length) {
    throw new SqlError("42P16", "cannot drop columns from view");
  }
  before.forEach((old, i) => {
    const column = after[i]!;
    if (column.name !== old.name) {
      throw new SqlError(
        "42P16",
        `cannot change name of view column "${old.name}" to "${column.name}"`,
        {
          hint:
            "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.",
        },
      );
    }
    const types = [formatType(old.type), formatType(column.type)];
    if (types[0] === types[1]) return;
    throw new SqlError(
      "42P16",
      `cannot change data type of view column "${old.name}" from ${
        types[0]
      } to ${types[1]}`,
    );
  });
}

/** Binds CREATE TABLE AS, SELECT INTO and CREATE MATERIALIZED VIEW. */
export function bindCreateTableAs(
  state: StatementState,
  syntax: CreateTableAsSyntax,
): Unfinished<BoundCreateTableAs> {
  const { relation, materialized, withData } = syntax;
  const source = replacedQuery(syntax.query);
  const { name } = relation;
  const schema = relationSchema(state, relation);
  const onCommit = onCommitOf(schema, syntax.onCommit);
  const exists = syntax.ifNotExists && isTaken(state, schema, name);
  if (!exists) refuseTaken(state, schema, name);
  const kept = materialized === undefined
    ? undefined
    : bindKept(state, source, materialized);
  if (kept !== undefined && isTemporary(kept)) {
    throw new SqlError(
      "0A000",
      "materialized views must not use temporary tables or views",
    );
  }
  const query = kept?.query ??
    state.bindQuery(source, { resolveUnknowns: true });
  const columns = columnsOfQuery(
    query.fields,
    syntax.columns,
    "too many column names were specified",
  );
  const accessMethod = syntax.accessMethod ??
    state.options.tableAccessMethod ?? "lsm_s3";
  state.options.access.table(accessMethod);
  return {
    kind: "create_table_as",
    exists,
    table: {
      kind: "table",
      id: 0,
      storageId: 0,
      schema,
      name,
      accessMethod,
      columns,
      options: optionRecord(syntax.options),
      ...onCommit && { onCommit },
      ...(kept === undefined ? {} : {
        materialized: { sql: kept.sql, populated: withData },
        dependencies: kept.dependencies,
      }),
    },
    source: withData ? source : undefined,
  };
}

/** Binds REFRESH MATERIALIZED VIEW. */
export function bindRefresh(
  state: StatementState,
  { relation, withData, concurrently }: RefreshSyntax,
): Unfinished<BoundRefresh> {
  const table = openView(state, relation, true, "0A000") as TableEntry;
  const { sql, populated } = table.materialized!;
  if (concurrently && !withData) {
    throw new SqlError(
      "42601",
      "REFRESH options CONCURRENTLY and WITH NO DATA cannot be used together",
    );
  }
  if (concurrently && !populated) {
    throw new SqlError(
      "0A000",
      "CONCURRENTLY cannot be used when the materialized view is not populated",
    );
  }
  if (concurrently) requireUniqueIndex(state, table);
  return {
    kind: "refresh",
    table,
    source: withData ? parseQuery(sql) : undefined,
  };
}

function requireUniqueIndex(state: StatementState, table: TableEntry): void {
  const { catalog } = state.options;
  const keys = catalog.indexesOf(table.id).filter(({ unique }) => unique);
  if (keys.some(hasPlainKeys)) return;
  throw new SqlError(
    "55000",
    `cannot refresh materialized view "${table.schema}.${table.name}" concurrently`,
    {
      hint:
        "Create a unique index with no WHERE clause on one or more columns of the materialized view.",
    },
  );
}

/**
 * The view, or materialized view, of that name.
 *
 * @throws {SqlError} `42P01`; `code` when it is something else.
 */
function openView(
  state: StatementState,
  { schema, name }: RelationName,
  materialized: boolean,
  code = "42809",
): ViewEntry | TableEntry {
  const entry = state.options.catalog.relation(schema, name);
  if (entry === undefined) throw missingRelation(schema, name);
  if (materialized ? isMaterialized(entry) : entry.kind === "view") {
    return entry as ViewEntry | TableEntry;
  }
  throw new SqlError(
    code,
    `"${name}" is not a ${materialized ? "materialized view" : "view"}`,
  );
}

/** Whether the relation is a materialized view. */
export function isMaterialized(entry: RelationEntry): boolean {
  return entry.kind === "table" && entry.materialized !== undefined;
}

/** Binds ALTER VIEW and ALTER MATERIALIZED VIEW. */
export function bindAlterView(
  state: StatementState,
  { relation, materialized, ifExists, action }: AlterViewSyntax,
): Unfinished<BoundAlterView> {
  const { schema, name } = relation;
  const { catalog } = state.options;
  if (ifExists && catalog.relation(schema, name) === undefined) {
    const shown = schema === undefined ? name : `${schema}.${name}`;
    return {
      kind: "alter_view",
      materialized,
      change: undefined,
      notices: [`relation "${shown}" does not exist, skipping`],
    };
  }
  const before = openView(state, relation, materialized);
  const after = altered(state, before, action);
  const readers = rewriteViews(state, new Map([[after.id, after]]));
  return {
    kind: "alter_view",
    materialized,
    change: { before, after, readers },
    notices: [],
  };
}

function altered(
  state: StatementState,
  before: ViewEntry | TableEntry,
  action: AlterViewSyntax["action"],
): ViewEntry | TableEntry {
  switch (action.kind) {
    case "rename":
      refuseTaken(state, before.schema, action.name);
      return { ...before, name: action.name };
    case "set_schema": {
      const schema = otherSchema(state, before.schema, action.schema);
      if (schema !== before.schema) refuseTaken(state, schema, before.name);
      return { ...before, schema };
    }
    case "rename_column":
      return { ...before, columns: renamed(before, action) };
    case "set_options": {
      const view = before as ViewEntry;
      return withViewOptions(
        view,
        action.options,
        action.reset,
        () =>
          state.noting(
            undefined,
            () => state.bindQuery(queryOf(view), { resolveUnknowns: true }),
          ),
      );
    }
  }
}

function renamed(
  { columns, name: relation }: ViewEntry | TableEntry,
  { column: old, name }: { readonly column: string; readonly name: string },
): readonly ColumnEntry[] {
  if (!columns.some((each) => each.name === old)) {
    throw new SqlError("42703", `column "${old}" does not exist`);
  }
  if (columns.some((each) => each.name === name)) {
    throw new SqlError(
      "42701",
      `column "${name}" of relation "${relation}" already exists`,
    );
  }
  return columns.map((each) => each.name === old ? { ...each, name } : each);
}
