/**
 * Statements to bound statements: names, types, casts, parameters. Dispatches
 * by kind; the rules are in the files `bind_….ts`.
 *
 * @module
 */
import {
  bindAlterStatistics,
  bindCreateStatistics,
  bindDropStatistics,
} from "./statistics/bind_statistics.ts";
import { bindMaintenance } from "./bind_maintenance.ts";
import { KriyaError } from "../../base/errors.ts";
import { unreachable } from "../../base/invariant.ts";
import { stackDepthError } from "../parser/grammar.ts";
import type {
  CallProcedureSyntax,
  ChangeSyntax,
  CopySyntax,
  DeclareCursorSyntax,
  ExplainSyntax,
  SelectSyntax,
  Statement,
} from "../parser/syntax.ts";
import { json } from "../types/json_types.ts";
import { planCopy } from "./copy/bind_copy.ts";
import { bindCreateIndex, bindReindex } from "./bind_index_definition.ts";
import { bindCreateTable } from "./bind_table_definition.ts";
import { bindAlterAttributes } from "./bind_attributes.ts";
import { bindAlterTable } from "./bind_alter_table.ts";
import { bindRename } from "./bind_rename.ts";
import { bindCreateSchema, bindRenameSchema } from "./bind_schema.ts";
import { bindComment } from "./bind_comment.ts";
import { bindCreateComposite } from "./bind_composite.ts";
import { bindAlterType, bindCreateEnum } from "./bind_type_definition.ts";
import { bindLockTable } from "./bind_lock_table.ts";
import { bindCursorQuery } from "./bind_cursor.ts";
import { replacedQuery } from "./bind_execute.ts";
import { bindDrop, bindTruncate } from "./bind_drop.ts";
import { bindInsert } from "./bind_insert.ts";
import { bindMerge } from "./bind_merge.ts";
import { bindDelete, bindUpdate } from "./bind_modify.ts";
import { bindQuery } from "./bind_query.ts";
import {
  bindAlterSequence,
  bindCreateSequence,
} from "./sequences/bind_sequence.ts";
import {
  bindAlterView,
  bindCreateTableAs,
  bindCreateView,
  bindRefresh,
} from "./bind_view.ts";
import type {
  BoundCallProcedure,
  BoundChange,
  BoundCopy,
  BoundDeclareCursor,
  BoundExplain,
  BoundPlannable,
  BoundSelect,
  BoundStatement,
  ResultField,
} from "./bound_tree.ts";
import {
  bindAlterRoutine,
  bindDropRoutine,
} from "./routines/bind_change_routine.ts";
import { bindCallProcedure } from "./routines/bind_call_procedure.ts";
import { bindCreateAggregate } from "./routines/bind_create_aggregate.ts";
import { bindCreateRoutine } from "./routines/bind_create_routine.ts";
import {
  bindAlterTrigger,
  bindCreateTrigger,
  bindDropTrigger,
} from "./routines/bind_trigger.ts";
import {
  bindCommentCast,
  bindCreateCast,
  bindDropCast,
} from "./operators/bind_cast.ts";
import {
  bindAlterOperator,
  bindDropOperator,
} from "./operators/bind_change_operator.ts";
import { functionsWith } from "./operators/catalog_operators.ts";
import { bindCreateOperator } from "./operators/bind_operator.ts";
import { bindCreateRange } from "./ranges/bind_create_range.ts";
import type { ParentScope } from "./scope.ts";
import {
  type AnalyzeOptions,
  StatementState,
  TEXT,
} from "./statement_state.ts";
import { bindStoredCheck } from "./constraints/column_expression.ts";
import { bindAlterDomain, bindCreateDomain } from "./domains/bind_domain.ts";

export type { AnalyzeOptions } from "./statement_state.ts";

/**
 * Binds a statement against the catalog of `options`.
 *
 * @throws {SqlError} with PostgreSQL's code, message and position, when a name
 * or a type is wrong.
 */
export function analyze(
  statement: Statement,
  options: AnalyzeOptions,
): BoundStatement {
  const state = new StatementState(options, {
    query: bindQuery,
    change: (state, syntax, parent) =>
      bindChange(state, syntax as ChangeSyntax, parent),
    stored: bindStoredCheck,
    functions: functionsWith,
  });
  try {
    return finish(state, bindStatement(state, statement));
  } catch (error) {
    if (error instanceof RangeError) throw stackDepthError();
    throw error;
  }
}

/** A bound statement without what is known only at the end. */
type Unfinished = BoundStatement extends infer Each
  ? Each extends BoundStatement ? Omit<Each, "parameterTypes" | "cacheable">
  : never
  : never;

function finish(state: StatementState, statement: Unfinished): BoundStatement {
  return {
    ...statement,
    parameterTypes: state.parameterTypes(),
    cacheable: state.cacheable,
  } as BoundStatement;
}

function bindStatement(
  state: StatementState,
  syntax: Statement,
): Unfinished {
  switch (syntax.kind) {
    case "select":
    case "insert":
    case "update":
    case "delete":
    case "merge":
      return bindPlannable(state, syntax);
    case "create_table":
      return bindCreateTable(state, syntax);
    case "create_index":
      return bindCreateIndex(state, syntax);
    case "create_extension":
      return syntax;
    case "create_schema":
      return bindCreateSchema(state, syntax);
    case "rename_schema":
      return bindRenameSchema(state, syntax);
    case "create_view":
      return bindCreateView(state, syntax);
    case "create_table_as":
      return bindCreateTableAs(state, syntax);
    case "refresh":
      return bindRefresh(state, syntax);
    case "create_enum":
      return bindCreateEnum(state, syntax);
    case "create_composite":
      return bindCreateComposite(state, syntax);
    case "alter_type":
      return bindAlterType(state, syntax);
    case "create_range":
      return bindCreateRange(state, syntax);
    case "alter_attributes":
      return bindAlterAttributes(state, syntax);
    case "create_domain":
      return bindCreateDomain(state, syntax);
    case "alter_domain":
      return bindAlterDomain(state, syntax);
    case "comment":
      return bindComment(state, syntax);
    case "alter_view":
      return bindAlterView(state, syntax);
    case "drop":
      return bindDrop(state, syntax);
    case "alter_table":
      return bindAlterTable(state, syntax);
    case "reindex":
      return bindReindex(state, syntax);
    case "rename":
      return bindRename(state, syntax);
    case "create_sequence":
      return bindCreateSequence(state, syntax);
    case "alter_sequence":
      return bindAlterSequence(state, syntax);
    case "create_aggregate":
      return bindCreateAggregate(state, syntax);
    case "create_routine":
      return bindCreateRoutine(state, syntax);
    case "alter_routine":
      return bindAlterRoutine(state, syntax);
    case "drop_routine":
      return bindDropRoutine(state, syntax);
    case "call_procedure":
      return bindCall(state, syntax);
    case "do":
      return syntax;
    case "create_statistics":
      return bindCreateStatistics(state, syntax);
    case "alter_statistics":
      return bindAlterStatistics(state, syntax);
    case "drop_statistics":
      return bindDropStatistics(state, syntax);
    case "create_operator":
      return bindCreateOperator(state, syntax);
    case "alter_operator":
      return bindAlterOperator(state, syntax);
    case "drop_operator":
      return bindDropOperator(state, syntax);
    case "create_cast":
      return bindCreateCast(state, syntax);
    case "comment_cast":
      return bindCommentCast(state, syntax);
    case "drop_cast":
      return bindDropCast(state, syntax);
    case "create_trigger":
      return bindCreateTrigger(state, syntax);
    case "alter_trigger":
      return bindAlterTrigger(state, syntax);
    case "drop_trigger":
      return bindDropTrigger(state, syntax);
    case "maintenance":
      return bindMaintenance(state, syntax);
    case "truncate":
      return bindTruncate(state, syntax);
    case "begin":
    case "commit":
    case "rollback":
    case "savepoint":
    case "release":
    case "rollback_to":
      return { kind: "transaction", syntax };
    case "set":
    case "reset_all":
    case "set_transaction":
      return { kind: "set", syntax };
    case "show":
      return { kind: "show", syntax };
    case "set_constraints":
      return { kind: "set_constraints", syntax };
    case "prepare":
    case "deallocate":
    case "fetch":
    case "close_cursor":
    case "listen":
    case "unlisten":
    case "notify":
    case "discard":
      return { kind: "session", syntax };
    case "lock_table":
      return bindLockTable(state, syntax);
    case "create_role":
    case "alter_role":
    case "alter_role_set":
    case "rename_role":
    case "drop_role":
    case "grant_role":
    case "grant":
    case "default_privileges":
    case "set_owner":
    case "reassign_owned":
      return { kind: "access", syntax };
    case "declare_cursor":
      return bindDeclareCursor(state, syntax);
    case "execute":
      throw unreplaced();
    case "alter_system":
      return { kind: "alter_system", syntax };
    case "create_snapshot":
    case "drop_snapshot":
      return { kind: "snapshot", syntax };
    case "explain":
      return bindExplain(state, syntax);
    case "copy":
      return bindCopy(state, syntax);
    default:
      return unreachable(syntax);
  }
}

function bindPlannable(
  state: StatementState,
  syntax: SelectSyntax | ChangeSyntax,
): Unfinished & { readonly kind: BoundPlannable["kind"] } {
  const parent = variablesOf(state);
  if (syntax.kind !== "select") return bindChange(state, syntax, parent);
  const query = bindQuery(state, syntax, { resolveUnknowns: true, parent });
  return { kind: "select", query, fields: query.fields };
}

/** The names of a routine's variables, around its statements. */
function variablesOf({ options }: StatementState): ParentScope | undefined {
  const { variables } = options;
  return variables && { scope: variables.scope, frame: undefined };
}

/** Binds CALL. */
function bindCall(
  state: StatementState,
  syntax: CallProcedureSyntax,
): Omit<BoundCallProcedure, "parameterTypes" | "cacheable"> {
  const query = bindCallProcedure(state, syntax, variablesOf(state));
  const { fields } = query;
  const statement = finish(state, { kind: "select", query, fields });
  return {
    kind: "call_procedure",
    statement: statement as BoundPlannable,
    fields,
  };
}

/** Binds a statement that changes a table. */
function bindChange(
  state: StatementState,
  syntax: ChangeSyntax,
  parent?: ParentScope,
): BoundChange {
  switch (syntax.kind) {
    case "insert":
      return bindInsert(state, syntax, parent);
    case "update":
      return bindUpdate(state, syntax, parent);
    case "delete":
      return bindDelete(state, syntax, parent);
    case "merge":
      return bindMerge(state, syntax, parent);
    default:
      return unreachable(syntax);
  }
}

function bindDeclareCursor(
  state: StatementState,
  syntax: DeclareCursorSyntax,
): Omit<BoundDeclareCursor, "parameterTypes" | "cacheable"> {
  const { query, cursorFields, table } = bindCursorQuery(state, syntax);
  const select: Unfinished = { kind: "select", query, fields: query.fields };
  const statement = finish(state, select) as BoundSelect;
  return { kind: "declare_cursor", syntax, statement, cursorFields, table };
}

function bindCopy(
  state: StatementState,
  syntax: CopySyntax,
): Omit<BoundCopy, "parameterTypes" | "cacheable"> {
  const { statement, table, columns, format } = planCopy(state, syntax);
  const bound = finish(
    state,
    bindPlannable(state, statement),
  ) as BoundPlannable;
  const names = table === undefined
    ? bound.fields.map(({ name }) => name)
    : columns.map((position) => table.columns[position]!.name);
  const { direction, file } = syntax;
  return {
    kind: "copy",
    direction,
    statement: bound,
    table,
    columns,
    format: format(names),
    file,
  };
}

function unreplaced(): KriyaError {
  return new KriyaError("internal", "Cannot bind EXECUTE: it was not replaced");
}

/** What is planned of a statement that EXPLAIN is given. */
function explainedStatement(
  syntax: ExplainSyntax["statement"],
): SelectSyntax | ChangeSyntax {
  switch (syntax.kind) {
    case "declare_cursor":
    case "create_table_as":
      return replacedQuery(syntax.query);
    case "execute":
      throw unreplaced();
    default:
      return syntax;
  }
}

function bindExplain(
  state: StatementState,
  { statement, options }: ExplainSyntax,
): Omit<BoundExplain, "parameterTypes" | "cacheable"> {
  const bound = bindPlannable(state, explainedStatement(statement));
  const field: ResultField = {
    name: "QUERY PLAN",
    type: options.format === "json" ? { type: json, typmod: -1 } : TEXT,
    table: undefined,
    column: undefined,
  };
  return {
    kind: "explain",
    statement: finish(state, bound) as BoundPlannable,
    options,
    fields: [field],
  };
}
