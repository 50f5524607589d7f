/**
 * Raw nodes of INSERT, UPDATE, DELETE to `syntax.ts`; `0A000` for the rest.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { narrowExpression, narrowOptional } from "./narrow_expression.ts";
import { narrowFromItem, narrowTable } from "./narrow_from.ts";
import { narrowSelect, narrowTargets, narrowWith } from "./narrow_query.ts";
import {
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  textOf,
} from "./raw_node.ts";
import type {
  AssignmentSyntax,
  ConflictSyntax,
  DeleteSyntax,
  Expression,
  FromItem,
  InsertSyntax,
  NamedColumn,
  ReturningSyntax,
  UpdateSyntax,
} from "./syntax.ts";
import { narrowSteps } from "./narrow_parts.ts";
import type { TokenizedRows } from "./tokenized_rows.ts";

const INSERT_FIELDS: ReadonlySet<string> = new Set([
  "relation",
  "withClause",
  "cols",
  "selectStmt",
  "returningClause",
  "override",
  "onConflictClause",
]);

/** An `InsertStmt`; `more` are rows of its VALUES that it does not have. */
export function narrowInsert(
  reader: RawReader,
  node: RawNode,
  more?: TokenizedRows,
): InsertSyntax {
  reader.expectFields(node, INSERT_FIELDS);
  const { fields } = node;
  const { relation, alias } = narrowTable(
    reader,
    fields["relation"] as RawFields,
  );
  const source = fields["selectStmt"];
  return {
    kind: "insert",
    ...narrowWith(reader, fields["withClause"]),
    relation,
    alias,
    columns: listOf(fields["cols"]).map((column) =>
      narrowNamedColumn(reader, nodeOf(column).fields)
    ),
    source: source === undefined
      ? undefined
      : narrowSelect(reader, nodeOf(source), more),
    overriding: OVERRIDING[textOf(fields["override"]) ?? ""],
    conflict: narrowConflict(reader, fields["onConflictClause"]),
    ...narrowReturning(reader, fields["returningClause"]),
  };
}

/** What OVERRIDING says, by the grammar's name. */
export const OVERRIDING: Readonly<Record<string, InsertSyntax["overriding"]>> =
  {
    OVERRIDING_SYSTEM_VALUE: "system",
    OVERRIDING_USER_VALUE: "user",
  };

function narrowConflict(
  reader: RawReader,
  value: unknown,
): ConflictSyntax | undefined {
  if (value === undefined) return undefined;
  const fields = value as RawFields;
  const infer = fields["infer"] as RawFields | undefined;
  return {
    target: infer === undefined ? undefined : {
      constraint: textOf(infer["conname"]),
      elements: listOf(infer["indexElems"]).map((element) => {
        const { name, expr } = nodeOf(element).fields;
        return name === undefined
          ? narrowExpression(reader, expr)
          : textOf(name)!;
      }),
      where: narrowOptional(reader, infer["whereClause"]),
      offset: reader.offsetOf(infer),
    },
    update: fields["action"] === "ONCONFLICT_UPDATE",
    assignments: narrowAssignments(reader, fields["targetList"]),
    where: narrowOptional(reader, fields["whereClause"]),
    offset: reader.offsetOf(fields),
  };
}

/** The name of a column that a statement gives a value. */
export function narrowNamedColumn(
  reader: RawReader,
  fields: RawFields,
): NamedColumn {
  const offset = reader.offsetOf(fields);
  const name = textOf(fields["name"])!;
  const { indirection } = fields;
  if (indirection === undefined) return { name, offset };
  const steps = narrowSteps(reader, indirection, narrowExpression);
  return { name, offset, steps };
}

const RETURNING_FIELDS: ReadonlySet<string> = new Set(["exprs", "options"]);

/** A `ReturningClause`. */
export function narrowReturning(
  reader: RawReader,
  value: unknown,
): ReturningSyntax {
  if (value === undefined) return { returning: [], aliases: [] };
  const fields = value as RawFields;
  reader.expectFields({ type: "ReturningClause", fields }, RETURNING_FIELDS);
  return {
    returning: narrowTargets(reader, fields["exprs"]),
    aliases: listOf(fields["options"]).map((option) => {
      const { fields } = nodeOf(option);
      return {
        image: fields["option"] === "RETURNING_OPTION_OLD" ? "old" : "new",
        name: textOf(fields["value"])!,
        offset: reader.offsetOf(fields),
      };
    }),
  };
}

const UPDATE_FIELDS: ReadonlySet<string> = new Set([
  "relation",
  "withClause",
  "targetList",
  "fromClause",
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
    ...narrowWith(reader, fields["withClause"]),
    relation,
    alias,
    assignments: narrowAssignments(reader, fields["targetList"]),
    from: narrowItems(reader, fields["fromClause"]),
    ...narrowWhere(reader, fields["whereClause"]),
    ...narrowReturning(reader, fields["returningClause"]),
  };
}

function narrowItems(reader: RawReader, value: unknown): FromItem[] {
  return listOf(value).map((item) => narrowFromItem(reader, nodeOf(item)));
}

/** The assignments after SET. */
export function narrowAssignments(
  reader: RawReader,
  value: unknown,
): AssignmentSyntax[] {
  return listOf(value).map((item) =>
    narrowAssignment(reader, nodeOf(item).fields)
  );
}

function narrowAssignment(
  reader: RawReader,
  fields: RawFields,
): AssignmentSyntax {
  const { indirection, ...named } = fields;
  const column = narrowNamedColumn(reader, named);
  const node = nodeOf(fields["val"]);
  const assignment = node.type === "MultiAssignRef"
    ? narrowPart(reader, column, node)
    : { column, value: narrowExpression(reader, fields["val"]) };
  return indirection === undefined ? assignment : {
    ...assignment,
    steps: narrowSteps(reader, indirection, narrowExpression),
  };
}

/** A column's part of `(a, b) = (…, …)`. */
function narrowPart(
  reader: RawReader,
  column: NamedColumn,
  node: RawNode,
): AssignmentSyntax {
  const source = nodeOf(node.fields["source"]);
  if (source.type === "SubLink") {
    const offset = reader.offsetOf(source.fields);
    return {
      column,
      value: { kind: "default", offset },
      part: {
        query: reader.query(source.fields["subselect"]),
        index: (node.fields["colno"] as number) - 1,
        count: node.fields["ncolumns"] as number,
        offset,
      },
    };
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
  "withClause",
  "usingClause",
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
    ...narrowWith(reader, fields["withClause"]),
    relation,
    alias,
    from: narrowItems(reader, fields["usingClause"]),
    ...narrowWhere(reader, fields["whereClause"]),
    ...narrowReturning(reader, fields["returningClause"]),
  };
}

/** WHERE: a condition, or CURRENT OF. */
function narrowWhere(
  reader: RawReader,
  value: unknown,
): Pick<UpdateSyntax, "where" | "currentOf"> {
  const node = value === undefined ? undefined : nodeOf(value);
  if (node?.type !== "CurrentOfExpr") {
    return { where: narrowOptional(reader, value) };
  }
  if (node.fields["cursor_param"] !== undefined) {
    throw reader.unsupported("WHERE CURRENT OF a parameter");
  }
  return { where: undefined, currentOf: textOf(node.fields["cursor_name"])! };
}
