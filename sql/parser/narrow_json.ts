/**
 * Raw nodes of SQL/JSON to `json_syntax.ts`.
 *
 * @module
 */
import type {
  Expression,
  JsonSyntax,
  SelectSyntax,
  SortSyntax,
  TypeName,
  WindowSyntax,
} from "./expression_syntax.ts";
import type {
  JsonAggregateSyntax,
  JsonArgumentSyntax,
  JsonBehaviorSyntax,
  JsonColumnSyntax,
  JsonMemberSyntax,
  JsonQuerySyntax,
  JsonResultSyntax,
  JsonReturningSyntax,
  JsonTableSyntax,
  JsonValueSyntax,
} from "./json_syntax.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  textOf,
} from "./raw_node.ts";

/** What reads the parts that are not of SQL/JSON. */
export interface JsonParts {
  expression(reader: RawReader, value: unknown): Expression;
  typeName(reader: RawReader, value: unknown): TypeName;
  sort(reader: RawReader, fields: RawFields): SortSyntax;
  window(reader: RawReader, fields: RawFields): WindowSyntax;
}

/** An expression of SQL/JSON; `undefined` where the node is none. */
export function narrowJson(
  reader: RawReader,
  { type, fields }: RawNode,
  parts: JsonParts,
): JsonSyntax | undefined {
  const offset = reader.offsetOf(fields);
  switch (type) {
    case "JsonFuncExpr":
      return narrowQuery(reader, fields, parts);
    case "JsonObjectConstructor":
    case "JsonArrayConstructor":
      return {
        kind: "json_constructor",
        members: listOf(fields["exprs"]).map((item) =>
          memberOf(reader, nodeOf(item), parts)
        ),
        ...makingOf(reader, type, fields, fields, parts),
      };
    case "JsonArrayQueryConstructor":
      return narrowArrayQuery(reader, fields, parts);
    case "JsonObjectAgg":
    case "JsonArrayAgg":
      return narrowAggregate(reader, type, fields, parts);
    case "JsonIsPredicate":
      return {
        kind: "json_test",
        value: parts.expression(reader, fields["expr"]),
        form: TESTS[fields["item_type"] as string] ?? "any",
        unique: flagOf(fields["unique_keys"]),
        offset,
      };
    case "JsonParseExpr":
    case "JsonSerializeExpr":
      return {
        kind: "json_conversion",
        form: type === "JsonParseExpr" ? "parse" : "serialize",
        input: valueOf(reader, fields["expr"], parts),
        unique: flagOf(fields["unique_keys"]),
        returning: returningOf(reader, fields["output"], parts),
        offset,
      };
    case "JsonScalarExpr":
      return {
        kind: "json_conversion",
        form: "scalar",
        input: plain(parts.expression(reader, fields["expr"])),
        unique: false,
        returning: returningOf(reader, fields["output"], parts),
        offset,
      };
    default:
      return undefined;
  }
}

const TESTS: Readonly<Record<string, "object" | "array" | "scalar">> = {
  JS_TYPE_OBJECT: "object",
  JS_TYPE_ARRAY: "array",
  JS_TYPE_SCALAR: "scalar",
};

function plain(value: Expression): JsonValueSyntax<Expression> {
  return { value, isFormatted: false, encoding: undefined, formatOffset: -1 };
}

type Format = Omit<JsonValueSyntax<Expression>, "value">;

function formatOf(reader: RawReader, value: unknown): Format {
  const fields = (value ?? {}) as RawFields;
  const isFormatted = fields["format_type"] === "JS_FORMAT_JSON";
  const encoding = (textOf(fields["encoding"]) ?? "JS_ENC_DEFAULT")
    .slice("JS_ENC_".length).toLowerCase();
  return {
    isFormatted,
    encoding: encoding === "default" ? undefined : encoding,
    formatOffset: isFormatted ? reader.offsetOf(fields) : -1,
  };
}

/** A bare `JsonValueExpr`. */
function valueOf(
  reader: RawReader,
  value: unknown,
  parts: JsonParts,
): JsonValueSyntax<Expression> {
  const fields = value as RawFields;
  return {
    value: parts.expression(reader, fields["raw_expr"]),
    ...formatOf(reader, fields["format"]),
  };
}

function returningOf(
  reader: RawReader,
  value: unknown,
  parts: JsonParts,
): JsonReturningSyntax<TypeName> | undefined {
  if (value === undefined) return undefined;
  const fields = value as RawFields;
  const returning = fields["returning"] as RawFields | undefined;
  return {
    type: parts.typeName(reader, fields["typeName"]),
    ...formatOf(reader, returning?.["format"]),
  };
}

function behaviorOf(
  reader: RawReader,
  value: unknown,
  parts: JsonParts,
): JsonBehaviorSyntax<Expression> | undefined {
  if (value === undefined) return undefined;
  const fields = value as RawFields;
  const kind = ((fields["btype"] as string | undefined) ?? "NULL")
    .replace("JSON_BEHAVIOR_", "").toLowerCase();
  return {
    kind: kind as JsonBehaviorSyntax<Expression>["kind"],
    value: fields["expr"] === undefined
      ? undefined
      : parts.expression(reader, fields["expr"]),
    offset: reader.offsetOf(fields),
  };
}

const WRAPPERS: Readonly<
  Record<string, JsonResultSyntax<Expression>["wrapper"]>
> = {
  JSW_NONE: "none",
  JSW_CONDITIONAL: "conditional",
  JSW_UNCONDITIONAL: "unconditional",
};

const QUOTES: Readonly<Record<string, JsonResultSyntax<Expression>["quotes"]>> =
  { JS_QUOTES_KEEP: "keep", JS_QUOTES_OMIT: "omit" };

function resultOf(
  reader: RawReader,
  fields: RawFields,
  parts: JsonParts,
): JsonResultSyntax<Expression> {
  return {
    wrapper: WRAPPERS[fields["wrapper"] as string] ?? "default",
    quotes: QUOTES[fields["quotes"] as string] ?? "default",
    onEmpty: behaviorOf(reader, fields["on_empty"], parts),
    onError: behaviorOf(reader, fields["on_error"], parts),
  };
}

function passingOf(
  reader: RawReader,
  value: unknown,
  parts: JsonParts,
): JsonArgumentSyntax<Expression>[] {
  return listOf(value).map((item) => {
    const { fields } = nodeOf(item);
    return {
      name: textOf(fields["name"])!,
      value: valueOf(reader, fields["val"], parts),
    };
  });
}

const FORMS: Readonly<
  Record<string, JsonQuerySyntax<Expression, TypeName>["form"]>
> = {
  JSON_EXISTS_OP: "exists",
  JSON_VALUE_OP: "value",
  JSON_QUERY_OP: "query",
};

function narrowQuery(
  reader: RawReader,
  fields: RawFields,
  parts: JsonParts,
): JsonQuerySyntax<Expression, TypeName> {
  return {
    kind: "json_query",
    form: FORMS[fields["op"] as string] ?? "exists",
    input: valueOf(reader, fields["context_item"], parts),
    path: parts.expression(reader, fields["pathspec"]),
    passing: passingOf(reader, fields["passing"], parts),
    returning: returningOf(reader, fields["output"], parts),
    ...resultOf(reader, fields, parts),
    offset: reader.offsetOf(fields),
  };
}

/** A `JsonKeyValue` or `JsonValueExpr`. */
function memberOf(
  reader: RawReader,
  { type, fields }: RawNode,
  parts: JsonParts,
): JsonMemberSyntax<Expression> {
  if (type !== "JsonKeyValue") {
    return { key: undefined, value: valueOf(reader, fields, parts) };
  }
  return {
    key: parts.expression(reader, fields["key"]),
    value: valueOf(reader, fields["value"], parts),
  };
}

type Making = Pick<
  JsonAggregateSyntax<Expression, TypeName, SortSyntax, WindowSyntax>,
  "form" | "absentOnNull" | "unique" | "returning" | "offset"
>;

function makingOf(
  reader: RawReader,
  type: string,
  fields: RawFields,
  output: RawFields,
  parts: JsonParts,
): Making {
  return {
    form: type.startsWith("JsonObject") ? "object" : "array",
    absentOnNull: flagOf(fields["absent_on_null"]),
    unique: flagOf(fields["unique"]),
    returning: returningOf(reader, output["output"], parts),
    offset: reader.offsetOf(output),
  };
}

function narrowAggregate(
  reader: RawReader,
  type: string,
  fields: RawFields,
  parts: JsonParts,
): JsonAggregateSyntax<Expression, TypeName, SortSyntax, WindowSyntax> {
  const making = fields["constructor"] as RawFields;
  const arg = fields["arg"] as RawFields;
  const filter = making["agg_filter"];
  const over = making["over"] as RawFields | undefined;
  return {
    kind: "json_aggregate",
    member: type === "JsonObjectAgg"
      ? memberOf(reader, { type: "JsonKeyValue", fields: arg }, parts)
      : { key: undefined, value: valueOf(reader, arg, parts) },
    filter: filter === undefined ? undefined : parts.expression(reader, filter),
    orderBy: listOf(making["agg_order"]).map((sort) =>
      parts.sort(reader, nodeOf(sort).fields)
    ),
    over: over === undefined ? undefined : parts.window(reader, over),
    ...makingOf(reader, type, fields, making, parts),
  };
}

/** `JSON_ARRAY(query)`: `(SELECT JSON_ARRAYAGG(a) FROM (query) AS q(a))` */
function narrowArrayQuery(
  reader: RawReader,
  fields: RawFields,
  parts: JsonParts,
): JsonSyntax {
  const query = reader.query(fields["query"]);
  const offset = reader.offsetOf(fields);
  const column: Expression = {
    kind: "column",
    path: ["q", "a"],
    star: false,
    offset: -1,
  };
  const aggregate: Expression = {
    kind: "json_aggregate",
    member: {
      key: undefined,
      value: { value: column, ...formatOf(reader, fields["format"]) },
    },
    filter: undefined,
    orderBy: [],
    over: undefined,
    ...makingOf(reader, "JsonArrayAgg", fields, fields, parts),
  };
  return {
    kind: "json_array_query",
    query,
    aggregated: selectOf(aggregate, query),
    offset,
  };
}

/** `SELECT expression FROM (query) AS q(a)` */
function selectOf(expression: Expression, query: SelectSyntax): SelectSyntax {
  return {
    kind: "select",
    with: [],
    recursive: false,
    body: {
      kind: "select_body",
      distinct: false,
      distinctOn: [],
      targets: [{ name: undefined, expression, offset: -1 }],
      from: [{
        kind: "subquery_item",
        query,
        lateral: false,
        alias: "q",
        columnAliases: ["a"],
      }],
      where: undefined,
      groupBy: [],
      groupDistinct: false,
      having: undefined,
      windows: [],
    },
    orderBy: [],
    limit: undefined,
    offsetRows: undefined,
    withTies: false,
    locking: [],
  };
}

const COLUMNS: Readonly<
  Record<string, JsonColumnSyntax<Expression, TypeName>["form"]>
> = {
  JTC_FOR_ORDINALITY: "ordinality",
  JTC_REGULAR: "regular",
  JTC_EXISTS: "exists",
  JTC_FORMATTED: "formatted",
  JTC_NESTED: "nested",
};

function columnOf(
  reader: RawReader,
  fields: RawFields,
  parts: JsonParts,
): JsonColumnSyntax<Expression, TypeName> {
  const form = COLUMNS[fields["coltype"] as string] ?? "ordinality";
  const path = fields["pathspec"] as RawFields | undefined;
  reader.enter();
  const columns = columnsOf(reader, fields["columns"], parts);
  reader.leave();
  return {
    form,
    name: form === "nested" ? textOf(path?.["name"]) : textOf(fields["name"]),
    type: fields["typeName"] === undefined
      ? undefined
      : parts.typeName(reader, fields["typeName"]),
    encoding: formatOf(reader, fields["format"]).encoding,
    path: path === undefined
      ? undefined
      : parts.expression(reader, path["string"]),
    columns,
    ...resultOf(reader, fields, parts),
    offset: reader.offsetOf(fields),
  };
}

function columnsOf(
  reader: RawReader,
  value: unknown,
  parts: JsonParts,
): JsonColumnSyntax<Expression, TypeName>[] {
  return listOf(value).map((item) =>
    columnOf(reader, nodeOf(item).fields, parts)
  );
}

/** A `JsonTable`. */
export function narrowJsonTable(
  reader: RawReader,
  fields: RawFields,
  parts: JsonParts,
): JsonTableSyntax<Expression, TypeName> {
  const path = fields["pathspec"] as RawFields;
  return {
    kind: "json_table",
    input: valueOf(reader, fields["context_item"], parts),
    path: parts.expression(reader, path["string"]),
    pathName: textOf(path["name"]),
    passing: passingOf(reader, fields["passing"], parts),
    columns: columnsOf(reader, fields["columns"], parts),
    onError: behaviorOf(reader, fields["on_error"], parts),
    offset: reader.offsetOf(fields),
  };
}
