/**
 * The raw nodes of MERGE to `change_syntax.ts`.
 *
 * @module
 */
import type {
  MergeAction,
  MergeClause,
  MergeSyntax,
  NamedColumn,
} from "./change_syntax.ts";
import {
  narrowAssignments,
  narrowNamedColumn,
  narrowReturning,
  OVERRIDING,
} from "./narrow_change.ts";
import {
  narrowExpression,
  narrowExpressions,
  narrowOptional,
} from "./narrow_expression.ts";
import { narrowFromItem, narrowTable } from "./narrow_from.ts";
import { narrowWith } from "./narrow_query.ts";
import {
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  textOf,
} from "./raw_node.ts";

const MERGE_FIELDS: ReadonlySet<string> = new Set([
  "relation",
  "sourceRelation",
  "joinCondition",
  "mergeWhenClauses",
  "returningClause",
  "withClause",
]);

/** A `MergeStmt`. */
export function narrowMerge(reader: RawReader, node: RawNode): MergeSyntax {
  reader.expectFields(node, MERGE_FIELDS);
  const { fields } = node;
  const { relation, alias } = narrowTable(
    reader,
    fields["relation"] as RawFields,
  );
  return {
    kind: "merge",
    ...narrowWith(reader, fields["withClause"]),
    relation,
    alias,
    source: narrowFromItem(reader, nodeOf(fields["sourceRelation"])),
    on: narrowExpression(reader, fields["joinCondition"]),
    clauses: listOf(fields["mergeWhenClauses"]).map((clause) =>
      narrowClause(reader, nodeOf(clause).fields)
    ),
    ...narrowReturning(reader, fields["returningClause"]),
  };
}

const MATCHES: Readonly<Record<string, MergeClause["match"]>> = {
  MERGE_WHEN_MATCHED: "matched",
  MERGE_WHEN_NOT_MATCHED_BY_SOURCE: "bySource",
  MERGE_WHEN_NOT_MATCHED_BY_TARGET: "byTarget",
};

function narrowClause(reader: RawReader, fields: RawFields): MergeClause {
  return {
    match: MATCHES[fields["matchKind"] as string]!,
    condition: narrowOptional(reader, fields["condition"]),
    action: narrowAction(reader, fields),
  };
}

function narrowAction(reader: RawReader, fields: RawFields): MergeAction {
  switch (fields["commandType"]) {
    case "CMD_UPDATE":
      return {
        kind: "update",
        assignments: narrowAssignments(reader, fields["targetList"]),
      };
    case "CMD_DELETE":
      return { kind: "delete" };
    case "CMD_INSERT": {
      const values = fields["values"];
      return {
        kind: "insert",
        overriding: OVERRIDING[textOf(fields["override"]) ?? ""],
        columns: listOf(fields["targetList"]).map((column) =>
          wholeColumn(reader, nodeOf(column).fields)
        ),
        values: values === undefined
          ? undefined
          : narrowExpressions(reader, values),
      };
    }
    default:
      return { kind: "nothing" };
  }
}

/** A column that INSERT in MERGE names: no part of one. */
function wholeColumn(reader: RawReader, fields: RawFields): NamedColumn {
  const column = narrowNamedColumn(reader, fields);
  if (column.steps === undefined) return column;
  throw reader.unsupported("assigning to a part in MERGE", column.offset);
}
