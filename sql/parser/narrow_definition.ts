/**
 * Raw nodes of CREATE and TRUNCATE to `syntax.ts`; `0A000` for the rest.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { Expression } from "./expression_syntax.ts";
import {
  directionOf,
  narrowExpression,
  narrowTypeName,
  nullsOf,
} from "./narrow_expression.ts";
import { narrowRelation } from "./narrow_from.ts";
import { narrowSequenceOptions } from "./narrow_sequence.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  stringOf,
  textOf,
} from "./raw_node.ts";
import type {
  ColumnDefinition,
  ConstraintSyntax,
  CreateExtensionSyntax,
  CreateIndexSyntax,
  CreateTableSyntax,
  IdentitySyntax,
  IndexElement,
  OptionSyntax,
  TruncateSyntax,
} from "./syntax.ts";

const CREATE_TABLE_FIELDS: ReadonlySet<string> = new Set([
  "relation",
  "tableElts",
  "options",
  "oncommit",
  "accessMethod",
  "if_not_exists",
]);

/** A `CreateStmt`. */
export function narrowCreateTable(
  reader: RawReader,
  node: RawNode,
): CreateTableSyntax {
  reader.expectFields(node, CREATE_TABLE_FIELDS);
  const { fields } = node;
  if (fields["oncommit"] !== "ONCOMMIT_NOOP") {
    throw reader.unsupported("ON COMMIT");
  }
  const relation = narrowRelation(reader, fields["relation"] as RawFields);
  const columns: ColumnDefinition[] = [];
  const constraints: ConstraintSyntax[] = [];
  for (const element of listOf(fields["tableElts"])) {
    const { type, fields } = nodeOf(element);
    if (type === "ColumnDef") {
      const table = relation.name;
      columns.push(narrowColumn(reader, { type, fields }, table, constraints));
    } else if (type === "Constraint") {
      const constraint = narrowConstraint(reader, fields, undefined);
      if (constraint === undefined) throw reader.unsupported("NOT NULL");
      constraints.push(constraint);
    } else {
      throw reader.unsupported(type === "TableLikeClause" ? "LIKE" : type);
    }
  }
  return {
    kind: "create_table",
    relation,
    columns,
    constraints,
    accessMethod: textOf(fields["accessMethod"]),
    options: narrowOptions(reader, fields["options"]),
    ifNotExists: flagOf(fields["if_not_exists"]),
  };
}

const COLUMN_FIELDS: ReadonlySet<string> = new Set([
  "colname",
  "typeName",
  "is_local",
  "constraints",
  "location",
]);

/** A column; its PRIMARY KEY and UNIQUE go to `constraints`. */
function narrowColumn(
  reader: RawReader,
  node: RawNode,
  table: string,
  constraints: ConstraintSyntax[],
): ColumnDefinition {
  reader.expectFields(node, COLUMN_FIELDS);
  const { fields } = node;
  const name = textOf(fields["colname"])!;
  const column = {
    name,
    type: narrowTypeName(reader, fields["typeName"]),
    nullability: undefined as "not_null" | "null" | undefined,
    default: undefined as Expression | undefined,
    defaultOffset: -1,
    identity: undefined as IdentitySyntax | undefined,
    offset: reader.offsetOf(fields),
  };
  for (const item of listOf(fields["constraints"])) {
    const constraint = nodeOf(item).fields;
    const offset = reader.offsetOf(constraint);
    switch (constraint["contype"]) {
      case "CONSTR_NULL":
      case "CONSTR_NOTNULL": {
        const wanted = constraint["contype"] === "CONSTR_NULL"
          ? "null"
          : "not_null";
        if (column.nullability !== undefined && column.nullability !== wanted) {
          throw new SqlError(
            "42601",
            `conflicting NULL/NOT NULL declarations for column "${name}" of table "${table}"`,
            { offset },
          );
        }
        column.nullability = wanted;
        break;
      }
      case "CONSTR_DEFAULT":
        if (column.default !== undefined) {
          throw new SqlError(
            "42601",
            `multiple default values specified for column "${name}" of table "${table}"`,
            { offset },
          );
        }
        column.default = narrowExpression(reader, constraint["raw_expr"]);
        column.defaultOffset = offset;
        break;
      case "CONSTR_IDENTITY":
        if (column.identity !== undefined) {
          throw new SqlError(
            "42601",
            `multiple identity specifications for column "${name}" of table "${table}"`,
            { offset },
          );
        }
        column.identity = {
          when: constraint["generated_when"] === "a" ? "always" : "by_default",
          options: narrowSequenceOptions(reader, constraint["options"]),
          offset,
        };
        break;
      default:
        constraints.push(narrowConstraint(reader, constraint, name)!);
    }
  }
  return column;
}

const CONSTRAINT_FIELDS: ReadonlySet<string> = new Set([
  "contype",
  "conname",
  "keys",
  "location",
  "is_enforced",
  "initially_valid",
  "skip_validation",
]);

const CONSTRAINT_NAMES: Readonly<Record<string, string>> = {
  CONSTR_CHECK: "CHECK",
  CONSTR_FOREIGN: "FOREIGN KEY",
  CONSTR_EXCLUSION: "EXCLUDE",
  CONSTR_GENERATED: "a generated column",
  CONSTR_ATTR_DEFERRABLE: "DEFERRABLE",
  CONSTR_ATTR_NOT_DEFERRABLE: "NOT DEFERRABLE",
  CONSTR_ATTR_DEFERRED: "INITIALLY DEFERRED",
  CONSTR_ATTR_IMMEDIATE: "INITIALLY IMMEDIATE",
  CONSTR_ATTR_ENFORCED: "ENFORCED",
  CONSTR_ATTR_NOT_ENFORCED: "NOT ENFORCED",
  CONSTR_NOTNULL: "NOT NULL as a table constraint",
};

/** A PRIMARY KEY or UNIQUE, of `column` where it is a column's. */
function narrowConstraint(
  reader: RawReader,
  fields: RawFields,
  column: string | undefined,
): ConstraintSyntax | undefined {
  const type = fields["contype"] as string;
  const offset = reader.offsetOf(fields);
  if (type !== "CONSTR_PRIMARY" && type !== "CONSTR_UNIQUE") {
    const foreign = fields["pktable"] !== undefined && column !== undefined;
    throw reader.unsupported(
      foreign ? "REFERENCES" : CONSTRAINT_NAMES[type] ?? type,
      offset,
    );
  }
  reader.expectFields({ type: "Constraint", fields }, CONSTRAINT_FIELDS);
  return {
    form: type === "CONSTR_PRIMARY" ? "primary_key" : "unique",
    name: textOf(fields["conname"]),
    columns: column === undefined
      ? listOf(fields["keys"]).map(stringOf)
      : [column],
    offset,
  };
}

/** The entries of WITH (…). */
export function narrowOptions(
  reader: RawReader,
  value: unknown,
): OptionSyntax[] {
  return listOf(value).map((item) => {
    const { fields } = nodeOf(item);
    const space = textOf(fields["defnamespace"]);
    const name = textOf(fields["defname"])!;
    return {
      name: space === undefined ? name : `${space}.${name}`,
      value: optionValue(fields["arg"]),
      offset: reader.offsetOf(fields),
    };
  });
}

/** The value of a `DefElem` as text. */
export function optionValue(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const { type, fields } = nodeOf(value);
  switch (type) {
    case "Integer":
      return String(fields["ival"] ?? 0);
    case "Float":
      return textOf(fields["fval"]);
    case "Boolean":
      return flagOf(fields["boolval"]) ? "true" : "false";
    case "TypeName":
      return listOf(fields["names"]).map(stringOf).join(".");
    case "A_Star":
      return "*";
    default:
      return textOf(fields["sval"]) ?? "";
  }
}

const CREATE_INDEX_FIELDS: ReadonlySet<string> = new Set([
  "idxname",
  "relation",
  "accessMethod",
  "indexParams",
  "options",
  "unique",
  "if_not_exists",
]);

/** An `IndexStmt`. */
export function narrowCreateIndex(
  reader: RawReader,
  node: RawNode,
): CreateIndexSyntax {
  reader.expectFields(node, CREATE_INDEX_FIELDS);
  const { fields } = node;
  return {
    kind: "create_index",
    name: textOf(fields["idxname"]),
    relation: narrowRelation(reader, fields["relation"] as RawFields),
    accessMethod: textOf(fields["accessMethod"]) ?? "btree",
    elements: listOf(fields["indexParams"]).map((element) =>
      narrowIndexElement(reader, nodeOf(element))
    ),
    options: narrowOptions(reader, fields["options"]),
    unique: flagOf(fields["unique"]),
    ifNotExists: flagOf(fields["if_not_exists"]),
  };
}

const INDEX_ELEMENT_FIELDS: ReadonlySet<string> = new Set([
  "name",
  "opclass",
  "ordering",
  "nulls_ordering",
]);

function narrowIndexElement(reader: RawReader, node: RawNode): IndexElement {
  reader.expectFields(node, INDEX_ELEMENT_FIELDS);
  const { fields } = node;
  const names = listOf(fields["opclass"]).map(stringOf);
  return {
    column: textOf(fields["name"])!,
    operatorClass: names.at(-1),
    operatorClassSchema: names.length > 1 ? names.at(-2) : undefined,
    direction: directionOf(fields["ordering"]),
    nulls: nullsOf(fields["nulls_ordering"]),
  };
}

/** A `CreateExtensionStmt`; its options (SCHEMA, VERSION) change nothing. */
export function narrowCreateExtension(node: RawNode): CreateExtensionSyntax {
  const { fields } = node;
  return {
    kind: "create_extension",
    name: textOf(fields["extname"])!,
    ifNotExists: flagOf(fields["if_not_exists"]),
  };
}

/** A `TruncateStmt`. */
export function narrowTruncate(
  reader: RawReader,
  node: RawNode,
): TruncateSyntax {
  const { fields } = node;
  return {
    kind: "truncate",
    relations: listOf(fields["relations"]).map((item) =>
      narrowRelation(reader, nodeOf(item).fields)
    ),
    restartIdentity: flagOf(fields["restart_seqs"]),
    cascade: fields["behavior"] === "DROP_CASCADE",
  };
}
