/**
 * A raw statement to `syntax.ts`: the dispatch over its node, and the names of
 * what is not supported.
 *
 * @module
 */
import {
  narrowCreateExtension,
  narrowCreateIndex,
  narrowCreateTable,
  narrowReindex,
  narrowTruncate,
} from "./narrow_definition.ts";
import { narrowComment } from "./narrow_comment.ts";
import {
  narrowCreateSchema,
  narrowDrop,
  narrowRename,
  narrowSetSchema,
} from "./narrow_object.ts";
import { narrowDelete, narrowInsert, narrowUpdate } from "./narrow_change.ts";
import {
  narrowAlterSequence,
  narrowCreateSequence,
} from "./narrow_sequence.ts";
import {
  narrowAlterDomain,
  narrowCreateDomain,
  narrowRenameDomainConstraint,
} from "./narrow_domain.ts";
import { narrowCopy } from "./narrow_copy.ts";
import { narrowMaintenance } from "./narrow_maintenance.ts";
import { narrowMerge } from "./narrow_merge.ts";
import { narrowAttributes } from "./narrow_attributes.ts";
import { narrowAlterTable } from "./narrow_alter.ts";
import { narrowViewOptions } from "./narrow_alter_view.ts";
import { narrowSelect } from "./narrow_query.ts";
import {
  narrowSet,
  narrowSetConstraints,
  narrowShow,
  narrowTransaction,
} from "./narrow_utility.ts";
import { narrowOperatorStatement } from "./narrow_operator.ts";
import { narrowStatistics } from "./narrow_statistics.ts";
import { narrowCreateAggregate, narrowOption } from "./narrow_aggregate.ts";
import {
  narrowAlterEnum,
  narrowCreateComposite,
  narrowCreateEnum,
  typeNameOf,
} from "./narrow_type_definition.ts";
import {
  alterRoutine,
  narrowAlterRoutine,
  narrowCallProcedure,
  narrowCreateRoutine,
  narrowDo,
  narrowDropRoutine,
  routineWord,
} from "./narrow_routine.ts";
import {
  narrowCreateTrigger,
  narrowDropTrigger,
  narrowEnableTrigger,
  narrowRenameTrigger,
  narrowTriggerComment,
} from "./narrow_trigger.ts";
import {
  narrowCreateTableAs,
  narrowCreateView,
  narrowRefresh,
  narrowSelectInto,
} from "./narrow_view.ts";
import {
  listOf,
  nodeOf,
  type RawNode,
  type RawReader,
  textOf,
} from "./raw_node.ts";
import { narrowAccess } from "./narrow_access.ts";
import {
  narrowDeclareCursor,
  narrowExecute,
  narrowFetch,
  narrowLock,
  narrowNamed,
  narrowPrepare,
} from "./narrow_session.ts";
import type {
  ChangeSyntax,
  ExplainSyntax,
  PrepareSyntax,
  Statement,
} from "./syntax.ts";
import type { TokenizedRows } from "./tokenized_rows.ts";
import { narrowExplain } from "./narrow_explain.ts";

/**
 * The statement in `node`.
 *
 * @throws {SqlError} `0A000` naming what is not supported, with its position.
 */
export function narrowStatement(
  reader: RawReader,
  node: RawNode,
  more: TokenizedRows | undefined,
): Statement {
  const own = narrowOperatorStatement(reader, node) ??
    narrowAttributes(reader, node) ?? narrowStatistics(reader, node);
  if (own !== undefined) return own;
  switch (node.type) {
    case "SelectStmt":
      return narrowSelectInto(reader, node) ??
        narrowQueryStatement(reader, node, more);
    case "InsertStmt":
    case "UpdateStmt":
    case "DeleteStmt":
    case "MergeStmt":
      return narrowQueryStatement(reader, node, more);
    case "CreateStmt":
      return narrowCreateTable(reader, node);
    case "CreateTableAsStmt":
      return narrowCreateTableAs(reader, node);
    case "CreateRangeStmt":
      return {
        kind: "create_range",
        name: typeNameOf(node.fields["typeName"]),
        options: listOf(node.fields["params"]).map((each) =>
          narrowOption(reader, nodeOf(each).fields)
        ),
      };
    case "CreateEnumStmt":
      return narrowCreateEnum(node);
    case "CompositeTypeStmt":
      return narrowCreateComposite(reader, node);
    case "AlterEnumStmt":
      return narrowAlterEnum(node);
    case "CreateDomainStmt":
      return narrowCreateDomain(reader, node);
    case "AlterDomainStmt":
      return narrowAlterDomain(reader, node);
    case "CommentStmt":
      return narrowCommentOf(reader, node);
    case "ViewStmt":
      return narrowCreateView(reader, node);
    case "RefreshMatViewStmt":
      return narrowRefresh(reader, node);
    case "AlterObjectSchemaStmt":
      return narrowSetSchemaOf(reader, node);
    case "IndexStmt":
      return narrowCreateIndex(reader, node);
    case "AlterTableStmt":
      return narrowAccess(reader, node) ?? narrowEnableTrigger(reader, node) ??
        narrowViewOptions(reader, node) ?? narrowAlterTable(reader, node);
    case "CreateSeqStmt":
      return narrowCreateSequence(reader, node);
    case "AlterSeqStmt":
      return narrowAlterSequence(reader, node);
    case "ReindexStmt":
      return narrowReindex(reader, node);
    case "DefineStmt":
      if (node.fields["kind"] !== "OBJECT_AGGREGATE") {
        throw reader.unsupported(definedKind(node));
      }
      return narrowCreateAggregate(reader, node);
    case "CreateFunctionStmt":
      return narrowCreateRoutine(reader, node);
    case "AlterFunctionStmt":
      return narrowAlterRoutine(reader, node);
    case "CallStmt":
      return narrowCallProcedure(reader, node);
    case "DoStmt":
      return narrowDo(node);
    case "CreateTrigStmt":
      return narrowCreateTrigger(reader, node);
    case "AlterOwnerStmt":
      return narrowOwner(reader, node);
    case "CreateExtensionStmt":
      return narrowCreateExtension(reader, node);
    case "CreateSchemaStmt":
      return narrowCreateSchema(
        reader,
        node,
        (part, element) => narrowStatement(part, element, undefined),
      );
    case "RenameStmt":
      return narrowRenameOf(reader, node);
    case "DropStmt":
      return narrowDropOf(reader, node);
    case "CopyStmt":
      return narrowCopy(reader, node);
    case "VacuumStmt":
      return narrowMaintenance(reader, node);
    case "TruncateStmt":
      return narrowTruncate(reader, node);
    case "TransactionStmt":
      return narrowTransaction(reader, node);
    case "VariableSetStmt":
      return narrowSet(reader, node);
    case "AlterSystemStmt":
      return {
        kind: "alter_system",
        set: narrowSet(reader, {
          type: "VariableSetStmt",
          fields: node.fields["setstmt"] as RawNode["fields"],
        }),
      };
    case "ConstraintsSetStmt":
      return narrowSetConstraints(reader, node);
    case "VariableShowStmt":
      return narrowShow(node);
    case "ExplainStmt":
      return narrowExplain(
        reader,
        node,
        narrowExplained(reader, nodeOf(node.fields["query"])),
      );
    default:
      return narrowSessionStatement(reader, node, more);
  }
}

/** A statement about what a session has. */
function narrowSessionStatement(
  reader: RawReader,
  node: RawNode,
  more: TokenizedRows | undefined,
): Statement {
  switch (node.type) {
    case "PrepareStmt": {
      const inner = nodeOf(node.fields["query"]);
      const statement = narrowQueryStatement(reader, inner, more);
      return narrowPrepare(reader, node, statement);
    }
    case "ExecuteStmt":
      return narrowExecute(reader, node);
    case "DeclareCursorStmt":
      return narrowDeclareCursor(reader, node);
    case "FetchStmt":
      return narrowFetch(node);
    case "LockStmt":
      return narrowLock(reader, node);
    default: {
      const named = narrowNamed(node) ?? narrowAccess(reader, node);
      if (named !== undefined) return named;
      throw reader.unsupported(nameOf(node.type));
    }
  }
}

/** What EXPLAIN explains. */
function narrowExplained(
  reader: RawReader,
  node: RawNode,
): ExplainSyntax["statement"] {
  switch (node.type) {
    case "ExecuteStmt":
      return narrowExecute(reader, node);
    case "DeclareCursorStmt":
      return narrowDeclareCursor(reader, node);
    case "CreateTableAsStmt":
      return narrowCreateTableAs(reader, node);
    default:
      return narrowQueryStatement(reader, node, undefined);
  }
}

/** A `DropStmt`, of routines and triggers too. */
function narrowDropOf(reader: RawReader, node: RawNode): Statement {
  const type = node.fields["removeType"];
  if (type === "OBJECT_TRIGGER") return narrowDropTrigger(node);
  const word = routineWord(type);
  return word === undefined
    ? narrowDrop(reader, node)
    : narrowDropRoutine(reader, node, word);
}

/** A `RenameStmt`, of routines and triggers too. */
function narrowRenameOf(reader: RawReader, node: RawNode): Statement {
  const { renameType, object, newname } = node.fields;
  const role = narrowAccess(reader, node);
  if (role !== undefined) return role;
  if (renameType === "OBJECT_TRIGGER") return narrowRenameTrigger(reader, node);
  if (renameType === "OBJECT_DOMCONSTRAINT") {
    return narrowRenameDomainConstraint(node);
  }
  const word = routineWord(renameType);
  if (word === undefined) return narrowRename(reader, node);
  const name = textOf(newname)!;
  return alterRoutine(reader, word, object, { kind: "rename", name });
}

/** An `AlterObjectSchemaStmt`, of routines too. */
function narrowSetSchemaOf(reader: RawReader, node: RawNode): Statement {
  const { objectType, object, newschema } = node.fields;
  const word = routineWord(objectType);
  if (word === undefined) return narrowSetSchema(reader, node);
  const schema = textOf(newschema)!;
  return alterRoutine(reader, word, object, { kind: "set_schema", schema });
}

/** A `CommentStmt`, of routines and triggers too. */
function narrowCommentOf(reader: RawReader, node: RawNode): Statement {
  const { objtype, object, comment } = node.fields;
  if (objtype === "OBJECT_TRIGGER") return narrowTriggerComment(node);
  const word = routineWord(objtype);
  if (word === undefined) return narrowComment(reader, node);
  const text = textOf(comment);
  return alterRoutine(reader, word, object, { kind: "comment", text });
}

/** An `AlterOwnerStmt`; that of a routine changes nothing. */
function narrowOwner(reader: RawReader, node: RawNode): Statement {
  const { objectType, object } = node.fields;
  const word = routineWord(objectType);
  if (word === undefined) return narrowAccess(reader, node)!;
  return alterRoutine(reader, word, object, { kind: "owner" });
}

function narrowQueryStatement(
  reader: RawReader,
  node: RawNode,
  more: TokenizedRows | undefined,
): PrepareSyntax["statement"] {
  return node.type === "SelectStmt"
    ? narrowSelect(reader, node, more)
    : narrowChange(reader, node, more);
}

/** A statement that changes a table; `more` are rows of its VALUES. */
export function narrowChange(
  reader: RawReader,
  node: RawNode,
  more?: TokenizedRows,
): ChangeSyntax {
  switch (node.type) {
    case "InsertStmt":
      return narrowInsert(reader, node, more);
    case "UpdateStmt":
      return narrowUpdate(reader, node);
    case "DeleteStmt":
      return narrowDelete(reader, node);
    case "MergeStmt":
      return narrowMerge(reader, node);
    default:
      throw reader.unsupported(nameOf(node.type));
  }
}

/** What people call a statement that we refuse. */
function nameOf(type: string): string {
  const known = STATEMENT_NAMES[type];
  if (known !== undefined) return known;
  // AlterOpFamilyStmt: ALTER OP FAMILY. Better than nothing where the table is silent.
  return type.replace(/Stmt$/, "").replace(/([a-z])([A-Z])/g, "$1 $2")
    .toUpperCase();
}

/** What a statement would define; a type has functions in C for its text. */
function definedKind({ type, fields }: RawNode): string {
  switch (fields["kind"]) {
    case "OBJECT_TYPE":
      return "CREATE TYPE of functions in C (an application defines types by Database.type)";
    case "OBJECT_COLLATION":
      return "CREATE COLLATION";
    default:
      return nameOf(type);
  }
}

const STATEMENT_NAMES: Readonly<Record<string, string>> = {
  CreateDomainStmt: "CREATE DOMAIN",
  CompositeTypeStmt: "CREATE TYPE",
  CreateRangeStmt: "CREATE TYPE",
  DefineStmt: "this CREATE",
  CreateAmStmt: "CREATE ACCESS METHOD",
  CreatePLangStmt: "CREATE LANGUAGE",
  AlterTypeStmt: "ALTER TYPE … SET",
  CreatedbStmt: "CREATE DATABASE",
  DropdbStmt: "DROP DATABASE",
  AlterExtensionStmt: "ALTER EXTENSION",
  ClusterStmt: "CLUSTER",
  CheckPointStmt: "CHECKPOINT",
  RuleStmt: "CREATE RULE",
  SecLabelStmt: "SECURITY LABEL",
};
