/**
 * Raw nodes of FROM to `expression_syntax.ts`: tables, queries, functions and
 * joins of them; `0A000` for the rest.
 *
 * @module
 */
import type {
  ColumnDefinitionSyntax,
  FromItem,
  RelationName,
  TableItem,
} from "./expression_syntax.ts";
import { narrowJsonTable } from "./narrow_json.ts";
import {
  JSON_PARTS,
  narrowExpression,
  narrowExpressions,
  narrowOptional,
  narrowTypeName,
} from "./narrow_expression.ts";
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

const FROM_UNSUPPORTED: Readonly<Record<string, string>> = {
  RangeTableFunc: "XMLTABLE",
};

/** An item of FROM. */
export function narrowFromItem(reader: RawReader, node: RawNode): FromItem {
  const { type, fields } = node;
  switch (type) {
    case "RangeVar":
      return narrowTable(reader, fields);
    case "JoinExpr":
      reader.enter();
      try {
        return narrowJoin(reader, fields);
      } finally {
        reader.leave();
      }
    case "RangeSubselect":
      return {
        kind: "subquery_item",
        query: reader.query(fields["subquery"]),
        lateral: flagOf(fields["lateral"]),
        ...aliasOf(fields),
      };
    case "RangeTableSample":
      return {
        kind: "sample",
        table: narrowTable(reader, nodeOf(fields["relation"]).fields),
        method: stringOf(listOf(fields["method"]).at(-1)),
        args: narrowExpressions(reader, fields["args"]),
        repeatable: narrowOptional(reader, fields["repeatable"]),
        offset: reader.offsetOf(fields),
      };
    case "JsonTable":
      return {
        kind: "function_item",
        functions: [{
          call: narrowJsonTable(reader, fields, JSON_PARTS),
          columns: [],
        }],
        ordinality: false,
        isRowsFrom: false,
        columns: [],
        ...aliasOf(fields),
      };
    case "RangeFunction":
      return narrowFunction(reader, fields);
    default:
      throw reader.unsupported(
        FROM_UNSUPPORTED[type] ?? type,
        "location" in fields ? reader.offsetOf(fields) : -1,
      );
  }
}

const JOINS: Readonly<Record<string, "left" | "right" | "full">> = {
  JOIN_LEFT: "left",
  JOIN_RIGHT: "right",
  JOIN_FULL: "full",
};

function narrowJoin(reader: RawReader, fields: RawFields): FromItem {
  const using = fields["usingClause"];
  const usingAlias = fields["join_using_alias"] as RawFields | undefined;
  return {
    kind: "join",
    join: JOINS[fields["jointype"] as string] ?? "inner",
    natural: flagOf(fields["isNatural"]),
    left: narrowFromItem(reader, nodeOf(fields["larg"])),
    right: narrowFromItem(reader, nodeOf(fields["rarg"])),
    using: using === undefined ? undefined : listOf(using).map(stringOf),
    usingAlias: textOf(usingAlias?.["aliasname"]),
    on: narrowOptional(reader, fields["quals"]),
    ...aliasOf(fields),
  };
}

function narrowFunction(reader: RawReader, fields: RawFields): FromItem {
  return {
    kind: "function_item",
    functions: listOf(fields["functions"]).map((each) => {
      const [call, columns] = listOf(nodeOf(each).fields["items"]);
      return {
        call: narrowExpression(reader, call),
        columns: narrowColumns(reader, itemsOf(columns)),
      };
    }),
    ordinality: flagOf(fields["ordinality"]),
    isRowsFrom: flagOf(fields["is_rowsfrom"]),
    columns: narrowColumns(reader, listOf(fields["coldeflist"])),
    ...aliasOf(fields),
  };
}

/** The items of a `List` node; none where there is no node. */
function itemsOf(value: unknown): readonly unknown[] {
  const isEmpty = value === undefined ||
    Object.keys(value as RawFields).length === 0;
  return isEmpty ? [] : listOf(nodeOf(value).fields["items"]);
}

const COLUMN_FIELDS: ReadonlySet<string> = new Set([
  "colname",
  "typeName",
  "is_local",
  "location",
]);

function narrowColumns(
  reader: RawReader,
  columns: readonly unknown[],
): ColumnDefinitionSyntax[] {
  return columns.map((column) => {
    const node = nodeOf(column);
    reader.expectFields(node, COLUMN_FIELDS);
    const { fields } = node;
    return {
      name: textOf(fields["colname"])!,
      type: narrowTypeName(reader, fields["typeName"]),
    };
  });
}

/** `AS x (a, b)`. */
function aliasOf(
  fields: RawFields,
): Pick<TableItem, "alias" | "columnAliases"> {
  const alias = fields["alias"] as RawFields | undefined;
  return {
    alias: textOf(alias?.["aliasname"]),
    columnAliases: listOf(alias?.["colnames"]).map(stringOf),
  };
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
  return {
    kind: "table",
    relation: narrowRelation(reader, fields),
    ...aliasOf(fields),
  };
}

/** The name in a `RangeVar`. */
export function narrowRelation(
  reader: RawReader,
  fields: RawFields,
): RelationName {
  reader.expectFields({ type: "RangeVar", fields }, TABLE_FIELDS);
  // What is UNLOGGED is logged all the same: it is more than was asked for.
  const temporary = fields["relpersistence"] === "t";
  const only = !flagOf(fields["inh"]);
  return {
    schema: textOf(fields["schemaname"]),
    name: textOf(fields["relname"])!,
    ...temporary && { temporary },
    ...only && { only },
    offset: reader.offsetOf(fields),
  };
}
