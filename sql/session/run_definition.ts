/**
 * Running a statement that changes the catalog.
 *
 * @module
 */
import { unreachable } from "../../base/invariant.ts";
import { analyze } from "../analyzer/analyzer.ts";
import type {
  BoundCreateSchema,
  BoundStatement,
} from "../analyzer/bound_tree.ts";
import { SqlError } from "../errors/sql_error.ts";
import { withSearchPath } from "../catalog/search_path.ts";
import { alterTable, renameRelation } from "../executor/alter/alter_table.ts";
import type { IndexKeys } from "../access/index_keys.ts";
import { indexKeysIn } from "../executor/modify/index_keys.ts";
import type { ExecutionContext } from "../executor/operator.ts";
import { RunState } from "../executor/run_state.ts";
import { createTable, truncate } from "../executor/definition.ts";
import { reindex } from "../executor/index_definition.ts";
import { createTreeIndex } from "../executor/inheritance/create_tree_index.ts";
import { changeEntry } from "../executor/entry_change.ts";
import { truncatedTables } from "../executor/foreign_keys/lost_foreign_keys.ts";
import { fireTruncate } from "../executor/triggers/truncate_triggers.ts";
import { comment } from "../executor/comment.ts";
import { noteNeeds } from "../executor/expression_needs.ts";
import type { AnalyzeOptions } from "../analyzer/analyzer.ts";
import { dropObjects } from "../executor/drop.ts";
import {
  alterType,
  createComposite,
  createEnum,
  createRange,
  type TypeDefinitionContext,
} from "../executor/type_definition.ts";
import { createSchema, renameSchema } from "../executor/schema_definition.ts";
import {
  alterSequence,
  createSequence,
} from "../executor/sequence_definition.ts";
import {
  alterView,
  createTableAs,
  createView,
  emptyView,
} from "../executor/view_definition.ts";
import { accessTag, runAccess } from "./roles/run_access.ts";
import { newOwner } from "./roles/role_names.ts";
import type { DatabaseCore } from "./database_core.ts";
import {
  analysisOptions,
  cancellation,
  executionContext,
  type StatementFacts,
} from "./execution_context.ts";
import { analyzeOptions } from "./analyze_options.ts";
import type { RelationName, Statement } from "../parser/syntax.ts";
import { maintain } from "./maintain.ts";
import type { IndexBuild } from "./index_builds.ts";
import { populate } from "./populate.ts";
import { checkRoutine } from "./routines/check_routine.ts";
import { type QueryResult, tagOnly } from "./result.ts";
import type { RunRequest } from "./run_options.ts";
import { createExtension, dropExtensions } from "./extensions/run_extension.ts";
import type { Settings } from "./settings.ts";
import {
  alterDomain,
  createDomain,
} from "../executor/domains/domain_definition.ts";

/** A statement that changes the catalog. */
export type BoundDefinition = Extract<
  BoundStatement,
  {
    kind:
      | "access"
      | "create_extension"
      | "drop_extension"
      | "create_table"
      | "create_index"
      | "create_schema"
      | "rename_schema"
      | "create_sequence"
      | "alter_table"
      | "rename"
      | "reindex"
      | "alter_sequence"
      | "create_view"
      | "create_table_as"
      | "refresh"
      | "alter_view"
      | "comment"
      | "create_enum"
      | "create_composite"
      | "create_range"
      | "create_domain"
      | "alter_domain"
      | "alter_type"
      | "drop"
      | "change_entry"
      | "truncate"
      | "maintenance";
  }
>;

/** What a statement that writes is called; `undefined` where it does not. */
export function writingCommand(bound: BoundStatement): string | undefined {
  switch (bound.kind) {
    case "insert":
    case "update":
    case "delete":
    case "merge":
      return bound.kind.toUpperCase();
    case "copy":
      return bound.direction === "from" ? "COPY FROM" : undefined;
    case "select":
      return bound.query.ctes.some(({ query }) => "kind" in query)
        ? "SELECT"
        : undefined;
    case "access":
    case "create_extension":
    case "drop_extension":
    case "create_table":
    case "create_index":
    case "create_schema":
    case "rename_schema":
    case "create_sequence":
    case "alter_sequence":
    case "alter_table":
    case "reindex":
    case "rename":
    case "create_view":
    case "create_table_as":
    case "refresh":
    case "alter_view":
    case "comment":
    case "create_enum":
    case "create_composite":
    case "create_range":
    case "create_domain":
    case "alter_domain":
    case "alter_type":
    case "drop":
    case "change_entry":
    case "truncate":
    case "maintenance":
      return commandTag(bound);
    default:
      return undefined;
  }
}

/** The command tag of a definition. */
function commandTag(bound: BoundDefinition): string {
  switch (bound.kind) {
    case "access":
      return accessTag(bound.syntax);
    case "create_extension":
      return "CREATE EXTENSION";
    case "drop_extension":
      return "DROP EXTENSION";
    case "create_table":
      return "CREATE TABLE";
    case "create_index":
      return "CREATE INDEX";
    case "create_schema":
      return "CREATE SCHEMA";
    case "rename_schema":
      return "ALTER SCHEMA";
    case "alter_table":
      return bound.index === undefined ? "ALTER TABLE" : "ALTER INDEX";
    case "reindex":
      return "REINDEX";
    case "rename":
      return `ALTER ${bound.object.toUpperCase()}`;
    case "create_sequence":
      return "CREATE SEQUENCE";
    case "alter_sequence":
      return "ALTER SEQUENCE";
    case "create_view":
      return "CREATE VIEW";
    case "create_table_as":
      return bound.table.materialized === undefined
        ? "CREATE TABLE AS"
        : "CREATE MATERIALIZED VIEW";
    case "refresh":
      return "REFRESH MATERIALIZED VIEW";
    case "alter_view":
      return bound.isTable === true
        ? "ALTER TABLE"
        : bound.materialized
        ? "ALTER MATERIALIZED VIEW"
        : "ALTER VIEW";
    case "create_domain":
      return "CREATE DOMAIN";
    case "alter_domain":
      return "ALTER DOMAIN";
    case "create_enum":
    case "create_composite":
    case "create_range":
      return "CREATE TYPE";
    case "alter_type":
      return bound.before.kind === "domain" ? "ALTER DOMAIN" : "ALTER TYPE";
    case "comment":
      return "COMMENT";
    case "change_entry":
      return bound.tag;
    case "drop":
      return `DROP ${bound.object.toUpperCase()}`;
    case "truncate":
      return "TRUNCATE TABLE";
    case "maintenance":
      return bound.vacuum ? "VACUUM" : "ANALYZE";
    default:
      return unreachable(bound);
  }
}

/** A definition that is ready to run. */
type PreparedDefinition = StatementFacts & { readonly bound: BoundDefinition };

/** `25001` */
function inBlock(command: string): SqlError {
  return new SqlError(
    "25001",
    `${command} cannot run inside a transaction block`,
  );
}

/** Whether ALTER TABLE detaches a partition CONCURRENTLY. */
function detachesConcurrently(bound: BoundDefinition): boolean {
  return bound.kind === "alter_table" &&
    bound.actions.some((action) =>
      action.kind === "detach_partition" && action.concurrently
    );
}

/** Runs a definition. */
export async function runDefinition(
  core: DatabaseCore,
  settings: Settings,
  prepared: PreparedDefinition,
  request: RunRequest,
): Promise<QueryResult<unknown>> {
  const { bound } = prepared;
  const { processId } = settings.objects;
  const concurrently = bound.kind === "create_index" && bound.concurrently;
  const building: IndexBuild = {
    processId,
    command: bound.kind === "reindex"
      ? "REINDEX"
      : concurrently
      ? "CREATE INDEX CONCURRENTLY"
      : "CREATE INDEX",
  };
  try {
    return await define(core, settings, prepared, request, building);
  } finally {
    core.builds.end(building);
  }
}

async function define(
  core: DatabaseCore,
  settings: Settings,
  prepared: PreparedDefinition,
  request: RunRequest,
  building: IndexBuild,
): Promise<QueryResult<unknown>> {
  const { bound } = prepared;
  const { transaction, options } = request;
  const signal = cancellation(core, settings, request);
  const execution = (): ExecutionContext =>
    executionContext(core, settings, prepared, request);
  let keysOf: IndexKeys | undefined;
  const definition: TypeDefinitionContext = {
    types: core.types,
    isCommitted: (id) => core.catalog.committed.byId(id) !== undefined,
    transaction,
    access: core.access,
    counters: core.catalog.counters,
    sequences: core.catalog.sequences,
    build: {
      signal,
      onProgress: (progress, index) => {
        core.builds.tell(building, progress, index);
        options.onProgress?.(progress);
      },
      threads: settings.integer("max_parallel_maintenance_workers"),
      keysOf: (index, table, chunk) => {
        keysOf ??= indexKeysIn(new RunState(execution()));
        return keysOf(index, table, chunk);
      },
    },
    named: withSearchPath(transaction.catalog, settings.searchPath),
    notice: (message, detail) =>
      options.onNotice?.({
        severity: "NOTICE",
        code: "00000",
        message,
        ...detail !== undefined && { detail },
      }),
  };
  const access = { core, settings, context: definition };
  if (bound.kind === "access") return runAccess(access, bound.syntax);
  const owner = bound.kind === "create_schema" ? bound.owner : undefined;
  const context = { ...definition, ownerId: newOwner(access, owner) };
  const tag = commandTag(bound);
  if (bound.kind === "create_index" && bound.concurrently) {
    if (settings.inTransaction) throw inBlock("CREATE INDEX CONCURRENTLY");
  }
  if (bound.kind === "create_extension") {
    await createExtension(bound, context);
    return tagOnly(tag);
  }
  if (
    bound.kind === "alter_table" || bound.kind === "alter_domain" ||
    bound.kind === "create_table" || bound.kind === "drop" ||
    bound.kind === "drop_extension"
  ) {
    const altering = {
      ...context,
      execution: execution(),
      analysis: () => analysisOptions(core, settings, transaction),
    };
    if (settings.inTransaction && detachesConcurrently(bound)) {
      throw inBlock("ALTER TABLE ... DETACH CONCURRENTLY");
    }
    const before = transaction.catalog;
    await (bound.kind === "alter_table"
      ? alterTable(bound, altering)
      : bound.kind === "create_table"
      ? createTable(bound, altering)
      : bound.kind === "drop"
      ? dropObjects(bound, { ...altering, altering })
      : bound.kind === "drop_extension"
      ? dropExtensions(bound, { ...altering, altering })
      : alterDomain(bound, altering));
    noteNeeds(before, transaction, altering.analysis);
    return tagOnly(tag);
  }
  if (bound.kind === "truncate") {
    const { fireTrigger } = executionContext(core, settings, prepared, request);
    const tables = truncatedTables(bound.tables, bound.cascade, context);
    const { catalog } = transaction;
    await fireTruncate(fireTrigger!, catalog, tables, "before");
    await truncate(bound, context);
    await fireTruncate(fireTrigger!, catalog, tables, "after");
    return tagOnly(tag);
  }
  if (bound.kind === "maintenance") {
    if (bound.vacuum && settings.inTransaction) throw inBlock(tag);
    await maintain(bound, context, core.now(), options);
    return tagOnly(tag);
  }
  if (bound.kind === "change_entry") {
    const entry = changeEntry(bound, context);
    if (
      entry?.kind === "routine" && entry.routine !== "aggregate" &&
      settings.boolean("check_function_bodies")
    ) {
      checkRoutine(core, settings, request, entry);
    }
    return tagOnly(tag);
  }
  if (bound.kind === "create_schema") {
    createSchema(bound, context);
    if (!bound.exists) await createElements(core, settings, bound, request);
    return tagOnly(tag);
  }
  if (bound.kind !== "create_table_as" && bound.kind !== "refresh") {
    const before = transaction.catalog;
    await change(bound, context);
    if (bound.kind === "create_index" || bound.kind === "rename") {
      const analysis = (): AnalyzeOptions =>
        analysisOptions(core, settings, transaction);
      noteNeeds(before, transaction, analysis);
    }
    return tagOnly(tag);
  }
  const table = bound.kind === "refresh"
    ? await emptyView(bound, context)
    : createTableAs(bound, context);
  const { source } = bound;
  if (table === undefined || source === undefined) return tagOnly(tag);
  const fill = { table, source, facts: prepared };
  const count = await populate(core, settings, fill, request);
  return bound.kind === "refresh"
    ? tagOnly(tag)
    : { ...tagOnly(`SELECT ${count}`), affectedRows: count };
}

/** Makes what stands in CREATE SCHEMA: names mean what is in the schema first. */
async function createElements(
  core: DatabaseCore,
  settings: Settings,
  { name, elements }: Pick<BoundCreateSchema, "name" | "elements">,
  request: RunRequest,
): Promise<void> {
  const { transaction } = request;
  for (const element of elements) {
    const { relation } = element as { readonly relation: RelationName };
    if ((relation.schema ?? name) !== name) {
      throw new SqlError(
        "42P15",
        `CREATE specifies a schema (${relation.schema}) different from the one being created (${name})`,
      );
    }
    const bound = analyze(
      { ...element, relation: { ...relation, schema: name } } as Statement,
      {
        ...analyzeOptions(core, settings, transaction.catalog),
        catalog: withSearchPath(transaction.catalog, [
          name,
          ...settings.searchPath,
        ]),
      },
    );
    const definition = bound as BoundDefinition;
    await runDefinition(
      core,
      settings,
      { text: "", bound: definition },
      request,
    );
  }
}

function change(
  bound: Exclude<
    BoundDefinition,
    {
      kind:
        | "access"
        | "create_extension"
        | "drop_extension"
        | "create_table_as"
        | "refresh"
        | "create_table"
        | "drop"
        | "alter_table"
        | "alter_domain"
        | "change_entry"
        | "truncate"
        | "maintenance"
        | "create_schema";
    }
  >,
  context: TypeDefinitionContext,
): Promise<void> | void {
  switch (bound.kind) {
    case "create_index":
      return createTreeIndex(bound, context);
    case "rename_schema":
      return renameSchema(bound, context);
    case "reindex":
      return reindex(bound, context);
    case "rename":
      return renameRelation(bound, context);
    case "create_sequence":
      return createSequence(bound, context);
    case "alter_sequence":
      return alterSequence(bound, context);
    case "create_view":
      return createView(bound, context);
    case "alter_view":
      return alterView(bound, context);
    case "create_domain":
      return createDomain(bound, context);
    case "create_enum":
      return createEnum(bound, context);
    case "create_composite":
      return createComposite(bound, context);
    case "create_range":
      return createRange(bound, context);
    case "alter_type":
      return alterType(bound, context);
    case "comment":
      return comment(bound, context);
    default:
      return unreachable(bound);
  }
}
