/**
 * Raw nodes of SELECT, VALUES, INSERT, UPDATE, DELETE to `syntax.ts`; `0A000`
 * for the rest.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { Expression } from "./expression_syntax.ts";
import {
  narrowExpression,
  narrowExpressions,
  narrowOptional,
  narrowSort,
} from "./narrow_expression.ts";
import {
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  stringOf,
  textOf,
} from "./raw_node.ts";
import type {
  AssignmentSyntax,
  DeleteSyntax,
  FromItem,
  InsertSyntax,
  NamedColumn,
  RelationName,
  SelectBody,
  SelectSyntax,
  TableItem,
  TargetSyntax,
  UpdateSyntax,
  ValuesBody,
} from "./syntax.ts";
import type { TokenizedRows } from "./tokenized_rows.ts";

const SELECT_FIELDS: ReadonlySet<string> = new Set([
  "distinctClause",
  "targetList",
  "fromClause",
  "whereClause",
  "groupClause",
  "groupDistinct",
  "havingClause",
  "valuesLists",
  "sortClause",
  "limitOffset",
  "limitCount",
  "limitOption",
  "op",
]);

/** A `SelectStmt`; `more` are rows of its VALUES that it does not have. */
export function narrowSelect(
  reader: RawReader,
  node: RawNode,
  more?: TokenizedRows,
): SelectSyntax {
  const { fields } = node;
  if (fields["op"] !== undefined && fields["op"] !== "SETOP_NONE") {
    throw reader.unsupported(
      (fields["op"] as string).slice("SETOP_".length),
    );
  }
  reader.expectFields(node, SELECT_FIELDS);
  return {
    kind: "select",
    body: fields["valuesLists"] === undefined
      ? narrowSelectBody(reader, fields)
      : narrowValues(reader, fields, more),
    orderBy: listOf(fields["sortClause"]).map((sort) =>
      narrowSort(reader, nodeOf(sort).fields)
    ),
    limit: narrowOptional(reader, fields["limitCount"]),
    offsetRows: narrowOptional(reader, fields["limitOffset"]),
    withTies: fields["limitOption"] === "LIMIT_OPTION_WITH_TIES",
  };
}

function narrowSelectBody(reader: RawReader, fields: RawFields): SelectBody {
  const distinct = listOf(fields["distinctClause"]);
  if (distinct.some((item) => Object.keys(item as RawFields).length > 0)) {
    throw reader.unsupported("DISTINCT ON");
  }
  const groups = listOf(fields["groupClause"]);
  return {
    kind: "select_body",
    distinct: distinct.length > 0,
    targets: narrowTargets(reader, fields["targetList"]),
    from: listOf(fields["fromClause"]).map((item) =>
      narrowFromItem(reader, nodeOf(item))
    ),
    where: narrowOptional(reader, fields["whereClause"]),
    groupBy: narrowExpressions(
      reader,
      groups.filter((item) => !isEmptySet(item)),
    ),
    groupByNothing: groups.some(isEmptySet),
    having: narrowOptional(reader, fields["havingClause"]),
  };
}

/** Whether an entry of GROUP BY is `()`. */
function isEmptySet(value: unknown): boolean {
  const { type, fields } = nodeOf(value);
  return type === "GroupingSet" && fields["kind"] === "GROUPING_SET_EMPTY";
}

function narrowValues(
  reader: RawReader,
  fields: RawFields,
  more: TokenizedRows | undefined,
): ValuesBody {
  const rows = listOf(fields["valuesLists"]).map((list) =>
    narrowExpressions(reader, nodeOf(list).fields["items"])
  );
  return { kind: "values_body", rows, more };
}

/** The entries of a select list or of RETURNING. */
export function narrowTargets(
  reader: RawReader,
  value: unknown,
): TargetSyntax[] {
  return listOf(value).map((item) => {
    const { fields } = nodeOf(item);
    return {
      name: textOf(fields["name"]),
      expression: narrowExpression(reader, fields["val"]),
      offset: reader.offsetOf(fields),
    };
  });
}

const FROM_UNSUPPORTED: Readonly<Record<string, string>> = {
  JoinExpr: "JOIN",
  RangeSubselect: "a subquery in FROM",
  RangeFunction: "a function in FROM",
  RangeTableSample: "TABLESAMPLE",
  RangeTableFunc: "XMLTABLE",
  JsonTable: "JSON_TABLE",
};

function narrowFromItem(reader: RawReader, node: RawNode): FromItem {
  if (node.type !== "RangeVar") {
    throw reader.unsupported(
      FROM_UNSUPPORTED[node.type] ?? node.type,
      firstOffset(reader, node),
    );
  }
  return narrowTable(reader, node.fields);
}

/** The offset of the first table in a FROM item that we refuse. */
function firstOffset(reader: RawReader, node: RawNode): number {
  if (typeof node.fields["location"] === "number") {
    return reader.offsetOf(node.fields);
  }
  const left = node.fields["larg"];
  return left === undefined ? -1 : firstOffset(reader, nodeOf(left));
}

const TABLE_FIELDS: ReadonlySet<string> = new Set([
  "schemaname",
  "relname",
  "inh",
  "relpersistence",
  "alias",
  "location",
]);

/** A `RangeVar` with its alias. */
export function narrowTable(reader: RawReader, fields: RawFields): TableItem {
  const alias = fields["alias"] as RawFields | undefined;
  return {
    kind: "table",
    relation: narrowRelation(reader, fields),
    alias: textOf(alias?.["aliasname"]),
    columnAliases: listOf(alias?.["colnames"]).map(stringOf),
  };
}

/** The name in a `RangeVar`. */
export function narrowRelation(
  reader: RawReader,
  fields: RawFields,
): RelationName {
  reader.expectFields({ type: "RangeVar", fields }, TABLE_FIELDS);
  const offset = reader.offsetOf(fields);
  const persistence = fields["relpersistence"];
  if (persistence === "t") throw reader.unsupported("TEMPORARY", offset);
  if (persistence === "u") throw reader.unsupported("UNLOGGED", offset);
  return {
    schema: textOf(fields["schemaname"]),
    name: textOf(fields["relname"])!,
    offset,
  };
}

const INSERT_FIELDS: ReadonlySet<string> = new Set([
  "relation",
  "cols",
  "selectStmt",
  "returningClause",
  "override",
]);

/** An `InsertStmt`; `more` are rows of its VALUES that it does not have. */
export function narrowInsert(
  reader: RawReader,
  node: RawNode,
  more?: TokenizedRows,
): InsertSyntax {
  reader.expectFields(node, INSERT_FIELDS);
  const { fields } = node;
  const override = fields["override"];
  if (override !== undefined && override !== "OVERRIDING_NOT_SET") {
    throw reader.unsupported("OVERRIDING");
  }
  const { relation, alias } = narrowTable(
    reader,
    fields["relation"] as RawFields,
  );
  const source = fields["selectStmt"];
  return {
    kind: "insert",
    relation,
    alias,
    columns: listOf(fields["cols"]).map((column) =>
      narrowNamedColumn(reader, nodeOf(column).fields)
    ),
    source: source === undefined
      ? undefined
      : narrowSelect(reader, nodeOf(source), more),
    returning: narrowReturning(reader, fields["returningClause"]),
  };
}

function narrowNamedColumn(reader: RawReader, fields: RawFields): NamedColumn {
  const offset = reader.offsetOf(fields);
  if (fields["indirection"] !== undefined) {
    throw reader.unsupported("assigning to a part of a column", offset);
  }
  return { name: textOf(fields["name"])!, offset };
}

const RETURNING_FIELDS: ReadonlySet<string> = new Set(["exprs"]);

function narrowReturning(reader: RawReader, value: unknown): TargetSyntax[] {
  if (value === undefined) return [];
  const fields = value as RawFields;
  reader.expectFields({ type: "ReturningClause", fields }, RETURNING_FIELDS);
  return narrowTargets(reader, fields["exprs"]);
}

const UPDATE_FIELDS: ReadonlySet<string> = new Set([
  "relation",
  "targetList",
  "whereClause",
  "returningClause",
]);

/** An `UpdateStmt`. */
export function narrowUpdate(reader: RawReader, node: RawNode): UpdateSyntax {
  reader.expectFields(node, UPDATE_FIELDS);
  const { fields } = node;
  const { relation, alias } = narrowTable(
    reader,
    fields["relation"] as RawFields,
  );
  return {
    kind: "update",
    relation,
    alias,
    assignments: listOf(fields["targetList"]).map((item) =>
      narrowAssignment(reader, nodeOf(item).fields)
    ),
    where: narrowOptional(reader, fields["whereClause"]),
    returning: narrowReturning(reader, fields["returningClause"]),
  };
}

function narrowAssignment(
  reader: RawReader,
  fields: RawFields,
): AssignmentSyntax {
  const column = narrowNamedColumn(reader, fields);
  const node = nodeOf(fields["val"]);
  return node.type === "MultiAssignRef"
    ? narrowPart(reader, column, node)
    : { column, value: narrowExpression(reader, fields["val"]) };
}

/** A column's part of `(a, b) = (…, …)`. */
function narrowPart(
  reader: RawReader,
  column: NamedColumn,
  node: RawNode,
): AssignmentSyntax {
  const source = nodeOf(node.fields["source"]);
  if (source.type === "SubLink") {
    throw reader.unsupported(
      "assigning a subquery to several columns",
      reader.offsetOf(source.fields),
    );
  }
  if (source.type !== "RowExpr") {
    throw new SqlError(
      "0A000",
      "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression",
      { offset: offsetWithin(reader, source) },
    );
  }
  const items = listOf(source.fields["args"]);
  if (items.length !== node.fields["ncolumns"]) {
    const offset = reader.offsetOf(source.fields);
    const value: Expression = { kind: "default", offset };
    return { column, value, mismatchOffset: offset };
  }
  const item = items[(node.fields["colno"] as number) - 1];
  return { column, value: narrowExpression(reader, item) };
}

function offsetWithin(reader: RawReader, node: RawNode): number {
  return "location" in node.fields ? reader.offsetOf(node.fields) : -1;
}

const DELETE_FIELDS: ReadonlySet<string> = new Set([
  "relation",
  "whereClause",
  "returningClause",
]);

/** A `DeleteStmt`. */
export function narrowDelete(reader: RawReader, node: RawNode): DeleteSyntax {
  reader.expectFields(node, DELETE_FIELDS);
  const { fields } = node;
  const { relation, alias } = narrowTable(
    reader,
    fields["relation"] as RawFields,
  );
  return {
    kind: "delete",
    relation,
    alias,
    where: narrowOptional(reader, fields["whereClause"]),
    returning: narrowReturning(reader, fields["returningClause"]),
  };
}
