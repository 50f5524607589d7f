/**
 * Raw nodes of CREATE and TRUNCATE to `syntax.ts`; `0A000` for the rest.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { narrowColumn, narrowColumnOptions } from "./narrow_column.ts";
import { narrowConstraint } from "./narrow_constraint.ts";
import { narrowExpression } from "./narrow_expression.ts";
import { narrowRelation } from "./narrow_from.ts";
import { narrowIndexElement } from "./narrow_index_element.ts";
import { narrowPartitionBound, narrowPartitionBy } from "./narrow_partition.ts";
import type { PartitionColumn } from "./partition_syntax.ts";
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
  LikeOptions,
  LikeSyntax,
  OnCommit,
  OptionSyntax,
  ReindexSyntax,
  TruncateSyntax,
} from "./syntax.ts";

const CREATE_TABLE_FIELDS: ReadonlySet<string> = new Set([
  "relation",
  "tableElts",
  "options",
  "oncommit",
  "accessMethod",
  "if_not_exists",
  "inhRelations",
  "partbound",
  "partspec",
]);

/** A `CreateStmt`. */
export function narrowCreateTable(
  reader: RawReader,
  node: RawNode,
): CreateTableSyntax {
  reader.expectFields(node, CREATE_TABLE_FIELDS);
  const { fields } = node;
  const relation = narrowRelation(reader, fields["relation"] as RawFields);
  const columns: ColumnDefinition[] = [];
  const constraints: ConstraintSyntax[] = [];
  const likes: LikeSyntax[] = [];
  const { partbound, partspec } = fields;
  const own: PartitionColumn[] = [];
  for (const element of listOf(fields["tableElts"])) {
    const { type, fields } = nodeOf(element);
    if (type === "ColumnDef") {
      const table = relation.name;
      if (partbound !== undefined) {
        const column = { type, fields };
        own.push(narrowColumnOptions(reader, column, table, constraints));
      } else {columns.push(
          narrowColumn(reader, { type, fields }, table, constraints),
        );}
    } else if (type === "Constraint") {
      constraints.push(narrowConstraint(reader, fields, undefined));
    } else if (type === "TableLikeClause") {
      likes.push({
        relation: narrowRelation(reader, fields["relation"] as RawFields),
        position: columns.length,
        including: likeOptions(fields["options"]),
      });
    } else throw reader.unsupported(type);
  }
  return {
    kind: "create_table",
    relation,
    columns,
    constraints,
    likes,
    inherits: listOf(fields["inhRelations"]).map((item) =>
      narrowRelation(reader, nodeOf(item).fields)
    ),
    partitionOf: partbound === undefined ? undefined : {
      bound: narrowPartitionBound(reader, partbound as RawFields),
      columns: own,
    },
    partitionBy: partspec === undefined
      ? undefined
      : narrowPartitionBy(reader, partspec as RawFields),
    accessMethod: textOf(fields["accessMethod"]),
    options: narrowOptions(reader, fields["options"]),
    ifNotExists: flagOf(fields["if_not_exists"]),
    onCommit: onCommitOf(fields["oncommit"]),
  };
}

/** The bits of INCLUDING; those of what is not kept here mean nothing. */
function likeOptions(value: unknown): LikeOptions {
  const bits = typeof value === "number" ? value : 0;
  const has = (bit: number): boolean => (bits & (1 << bit)) !== 0;
  return {
    comments: has(0),
    constraints: has(2),
    defaults: has(3),
    generated: has(4),
    identity: has(5),
    indexes: has(6),
  };
}

const ON_COMMIT: Readonly<Record<string, OnCommit>> = {
  ONCOMMIT_PRESERVE_ROWS: "preserve_rows",
  ONCOMMIT_DELETE_ROWS: "delete_rows",
  ONCOMMIT_DROP: "drop",
};

/** ON COMMIT, if it is there. */
export function onCommitOf(value: unknown): OnCommit | undefined {
  return ON_COMMIT[value as string];
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
  "indexIncludingParams",
  "nulls_not_distinct",
  "concurrent",
  "whereClause",
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
    include: listOf(fields["indexIncludingParams"]).map((element) =>
      includedColumn(reader, nodeOf(element))
    ),
    where: fields["whereClause"] === undefined
      ? undefined
      : narrowExpression(reader, fields["whereClause"]),
    options: narrowOptions(reader, fields["options"]),
    unique: flagOf(fields["unique"]),
    nullsNotDistinct: flagOf(fields["nulls_not_distinct"]),
    concurrently: flagOf(fields["concurrent"]),
    ifNotExists: flagOf(fields["if_not_exists"]),
  };
}

function includedColumn(reader: RawReader, node: RawNode): string {
  const { key } = narrowIndexElement(reader, node);
  if (typeof key === "string") return key;
  throw new SqlError(
    "0A000",
    "expressions are not supported in included columns",
  );
}

/** A `ReindexStmt`; its options change nothing. */
export function narrowReindex(
  reader: RawReader,
  { fields }: RawNode,
): ReindexSyntax {
  const { relation } = fields;
  const kind = (textOf(fields["kind"]) ?? "REINDEX_OBJECT_INDEX")
    .slice("REINDEX_OBJECT_".length).toLowerCase();
  return {
    kind: "reindex",
    object: kind as ReindexSyntax["object"],
    relation: relation === undefined
      ? undefined
      : narrowRelation(reader, relation as RawFields),
    name: textOf(fields["name"]),
  };
}

/** A `CreateExtensionStmt`. */
export function narrowCreateExtension(
  reader: RawReader,
  node: RawNode,
): CreateExtensionSyntax {
  const { fields } = node;
  const options = narrowOptions(reader, fields["options"]);
  const valueOf = (name: string): string | undefined =>
    options.find((each) => each.name === name)?.value;
  return {
    kind: "create_extension",
    name: textOf(fields["extname"])!,
    ifNotExists: flagOf(fields["if_not_exists"]),
    schema: valueOf("schema"),
    version: valueOf("new_version"),
    cascade: options.some((each) => each.name === "cascade"),
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
