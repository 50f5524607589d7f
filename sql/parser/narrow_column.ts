/**
 * Raw nodes of column definitions to `constraint_syntax.ts`.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type {
  ColumnDefinition,
  ConstraintSyntax,
} from "./constraint_syntax.ts";
import { isAttribute, withAttributes } from "./constraint_attributes.ts";
import { narrowConstraint } from "./narrow_constraint.ts";
import {
  narrowCollation,
  narrowExpression,
  narrowTypeName,
} from "./narrow_expression.ts";
import type { PartitionColumn } from "./partition_syntax.ts";
import { narrowSequenceOptions } from "./narrow_sequence.ts";
import {
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  textOf,
} from "./raw_node.ts";

const COLUMN_FIELDS: ReadonlySet<string> = new Set([
  "colname",
  "typeName",
  "is_local",
  "collClause",
  "constraints",
  "location",
]);

/** What is gathered of a column. */
type Draft = {
  -readonly [Key in keyof PartitionColumn]: PartitionColumn[Key];
};

/** A column; constraints that are the table's, too, go to `constraints`. */
export function narrowColumn(
  reader: RawReader,
  node: RawNode,
  table: string,
  constraints: ConstraintSyntax[],
): ColumnDefinition {
  reader.expectFields(node, COLUMN_FIELDS);
  const type = narrowTypeName(reader, node.fields["typeName"]);
  return { type, ...narrowColumnOptions(reader, node, table, constraints) };
}

/** What is said of a column besides its type. */
export function narrowColumnOptions(
  reader: RawReader,
  node: RawNode,
  table: string,
  constraints: ConstraintSyntax[],
): PartitionColumn {
  reader.expectFields(node, COLUMN_FIELDS);
  const { fields } = node;
  const column: Draft = {
    name: textOf(fields["colname"])!,
    collation: fields["collClause"] === undefined
      ? undefined
      : narrowCollation(reader, fields["collClause"] as RawFields),
    nullability: undefined,
    default: undefined,
    defaultOffset: -1,
    identity: undefined,
    generated: undefined,
    offset: reader.offsetOf(fields),
  };
  for (const { own, attributes } of constraintGroups(fields)) {
    const constraint =
      own === undefined || narrowOwn(reader, column, own, table)
        ? undefined
        : narrowConstraint(reader, own, column.name);
    if (attributes.length > 0) {
      constraints.push(withAttributes(reader, constraint, attributes));
    } else if (constraint !== undefined) constraints.push(constraint);
  }
  if (column.generated !== undefined) refuseTwo(column, table);
  return column;
}

/** A constraint and the attributes behind it, which may stand alone. */
interface ConstraintGroup {
  readonly own: RawFields | undefined;
  readonly attributes: RawFields[];
}

function constraintGroups({ constraints }: RawFields): ConstraintGroup[] {
  const groups: ConstraintGroup[] = [];
  for (const item of listOf(constraints)) {
    const { fields } = nodeOf(item);
    if (!isAttribute(fields)) groups.push({ own: fields, attributes: [] });
    else {
      if (groups.length === 0) groups.push({ own: undefined, attributes: [] });
      groups.at(-1)!.attributes.push(fields);
    }
  }
  return groups;
}

/** Takes what a column says of itself; whether it was that. */
function narrowOwn(
  reader: RawReader,
  column: Draft,
  constraint: RawFields,
  table: string,
): boolean {
  const offset = reader.offsetOf(constraint);
  const refuse = (what: string): never => {
    throw new SqlError(
      "42601",
      `${what} for column "${column.name}" of table "${table}"`,
      { offset },
    );
  };
  const type = constraint["contype"];
  switch (type) {
    case "CONSTR_NULL":
    case "CONSTR_NOTNULL": {
      const wanted = type === "CONSTR_NULL" ? "null" : "not_null";
      if ((column.nullability ?? wanted) !== wanted) {
        refuse("conflicting NULL/NOT NULL declarations");
      }
      column.nullability = wanted;
      return true;
    }
    case "CONSTR_DEFAULT":
      if (column.default !== undefined) {
        refuse("multiple default values specified");
      }
      column.default = narrowExpression(reader, constraint["raw_expr"]);
      column.defaultOffset = offset;
      return true;
    case "CONSTR_IDENTITY":
      if (column.identity !== undefined) {
        refuse("multiple identity specifications");
      }
      column.identity = {
        when: constraint["generated_when"] === "a" ? "always" : "by_default",
        options: narrowSequenceOptions(reader, constraint["options"]),
        offset,
      };
      return true;
    case "CONSTR_GENERATED":
      if (column.generated !== undefined) {
        refuse("multiple generation clauses specified");
      }
      column.generated = {
        expression: narrowExpression(reader, constraint["raw_expr"]),
        stored: constraint["generated_kind"] === "s",
        offset,
      };
      return true;
    default:
      return false;
  }
}

/** A column is generated, or has another value of its own. */
function refuseTwo(column: Draft, table: string): void {
  const other = column.default !== undefined
    ? "default"
    : column.identity !== undefined
    ? "identity"
    : undefined;
  if (other === undefined) return;
  throw new SqlError(
    "42601",
    `both ${other} and generation expression specified for column "${column.name}" of table "${table}"`,
    { offset: column.generated!.offset },
  );
}
