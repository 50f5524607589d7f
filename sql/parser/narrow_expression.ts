/**
 * Raw nodes of expressions to `expression_syntax.ts`; `0A000` for the rest.
 *
 * @module
 */
import type {
  CallSyntax,
  CaseBranchSyntax,
  CaseSyntax,
  CollationName,
  ColumnSyntax,
  Expression,
  Literal,
  NiladicSyntax,
  SortSyntax,
  SubquerySyntax,
  TypeName,
} from "./expression_syntax.ts";
import { type JsonParts, narrowJson } from "./narrow_json.ts";
import { narrowArguments } from "./narrow_arguments.ts";
import { narrowWindow, type WindowParts } from "./narrow_window.ts";
import {
  narrowArray,
  narrowArrayComparison,
  narrowIndirection,
} from "./narrow_parts.ts";
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

/** The expression in `value`. */
export function narrowExpression(
  reader: RawReader,
  value: unknown,
): Expression {
  reader.enter();
  const expression = narrowNode(reader, nodeOf(value));
  reader.leave();
  return expression;
}

/** The expressions of the list in `value`. */
export function narrowExpressions(
  reader: RawReader,
  value: unknown,
): Expression[] {
  return listOf(value).map((item) => narrowExpression(reader, item));
}

/** The expression in `value`, or nothing where the field is absent. */
export function narrowOptional(
  reader: RawReader,
  value: unknown,
): Expression | undefined {
  return value === undefined ? undefined : narrowExpression(reader, value);
}

function narrowNode(reader: RawReader, node: RawNode): Expression {
  const { fields } = node;
  switch (node.type) {
    case "A_Const":
      return {
        kind: "constant",
        literal: literalOf(fields),
        offset: reader.offsetOf(fields),
      };
    case "ColumnRef":
      return narrowColumn(reader, fields);
    case "ParamRef":
      return {
        kind: "parameter",
        number: fields["number"] as number ?? 0,
        offset: reader.offsetOf(fields),
      };
    case "A_Expr":
      return narrowOperation(reader, node);
    case "BoolExpr":
      return {
        kind: "logical",
        operation: LOGICAL[fields["boolop"] as string]!,
        operands: narrowExpressions(reader, fields["args"]),
        offset: reader.offsetOf(fields),
      };
    case "FuncCall":
      return narrowCall(reader, node);
    case "TypeCast":
      return {
        kind: "cast",
        operand: narrowExpression(reader, fields["arg"]),
        type: narrowTypeName(reader, fields["typeName"]),
        offset: reader.offsetOf(fields),
      };
    case "CaseExpr":
      return narrowCase(reader, fields);
    case "CollateClause":
      return {
        kind: "collate",
        operand: narrowExpression(reader, fields["arg"]),
        ...narrowCollation(reader, fields),
      };
    case "SetToDefault":
      return { kind: "default", offset: reader.offsetOf(fields) };
    default:
      return narrowSpecial(reader, node);
  }
}

/** The name in a COLLATE. */
export function narrowCollation(
  reader: RawReader,
  fields: RawFields,
): CollationName {
  const names = listOf(fields["collname"]).map(stringOf);
  return {
    schema: names.length > 1 ? names.at(-2) : undefined,
    name: names.at(-1)!,
    offset: reader.offsetOf(fields),
  };
}

const LOGICAL: Readonly<Record<string, "and" | "or" | "not">> = {
  AND_EXPR: "and",
  OR_EXPR: "or",
  NOT_EXPR: "not",
};

/** The nodes that have a keyword of their own. */
function narrowSpecial(reader: RawReader, node: RawNode): Expression {
  const { fields } = node;
  const offset = reader.offsetOf(fields);
  switch (node.type) {
    case "NullTest":
      return {
        kind: "null_test",
        operand: narrowExpression(reader, fields["arg"]),
        negated: fields["nulltesttype"] === "IS_NOT_NULL",
        offset,
      };
    case "BooleanTest": {
      const name = (fields["booltesttype"] as string).slice(3);
      const negated = name.startsWith("NOT_");
      return {
        kind: "boolean_test",
        operand: narrowExpression(reader, fields["arg"]),
        test: (negated ? name.slice(4) : name).toLowerCase() as
          | "true"
          | "false"
          | "unknown",
        negated,
        offset,
      };
    }
    case "CoalesceExpr":
      return {
        kind: "coalesce",
        operands: narrowExpressions(reader, fields["args"]),
        offset,
      };
    case "MinMaxExpr":
      return {
        kind: "extreme",
        greatest: fields["op"] === "IS_GREATEST",
        operands: narrowExpressions(reader, fields["args"]),
        offset,
      };
    case "A_ArrayExpr":
      return narrowArray(reader, fields, narrowExpression);
    case "A_Indirection":
      return narrowIndirection(reader, fields, narrowExpression);
    case "RowExpr":
      return {
        kind: "row",
        items: narrowExpressions(reader, fields["args"]),
        offset,
      };
    case "MergeSupportFunc":
      return {
        kind: "niladic",
        name: "merge_action",
        precision: -1,
        offset: reader.offsetOf(fields),
      };
    case "SQLValueFunction":
      return narrowNiladic(reader, fields);
    case "GroupingFunc":
      return {
        kind: "grouping",
        args: narrowExpressions(reader, fields["args"]),
        offset,
      };
    case "SubLink":
      return narrowSubquery(reader, fields);
    default: {
      const json = narrowJson(reader, node, JSON_PARTS);
      if (json === undefined) throw refusal(reader, node);
      return json;
    }
  }
}

const SUBQUERY_FORMS: Readonly<Record<string, SubquerySyntax["form"]>> = {
  EXPR_SUBLINK: "scalar",
  EXISTS_SUBLINK: "exists",
  ANY_SUBLINK: "any",
  ALL_SUBLINK: "all",
  ARRAY_SUBLINK: "array",
};

function narrowSubquery(reader: RawReader, fields: RawFields): SubquerySyntax {
  const offset = reader.offsetOf(fields);
  const form = SUBQUERY_FORMS[fields["subLinkType"] as string];
  if (form === undefined) throw reader.unsupported("this subquery", offset);
  const operator = listOf(fields["operName"]);
  return {
    kind: "subquery",
    form,
    left: narrowOptional(reader, fields["testexpr"]),
    operator: operator.length === 0 ? "=" : stringOf(operator.at(-1)),
    isIn: operator.length === 0,
    query: reader.query(fields["subselect"]),
    offset,
  };
}

/** The error for a node that we have no form for. */
function refusal(reader: RawReader, { type, fields }: RawNode): Error {
  const offset = "location" in fields ? reader.offsetOf(fields) : -1;
  const what = UNSUPPORTED[type] ?? type;
  return reader.unsupported(what, offset);
}

const UNSUPPORTED: Readonly<Record<string, string>> = {
  NamedArgExpr: "a named argument",
  CurrentOfExpr: "WHERE CURRENT OF",
  XmlExpr: "XML",
  XmlSerialize: "XML",
  MultiAssignRef: "assigning a subquery to several columns",
};

/** The constant of an `A_Const`. */
export function literalOf(fields: RawFields): Literal {
  if (fields["isnull"] === true) return { form: "null" };
  const integer = fields["ival"] as RawFields | undefined;
  if (integer !== undefined) {
    return { form: "integer", value: integer["ival"] as number ?? 0 };
  }
  const text = fields["sval"] as RawFields | undefined;
  if (text !== undefined) {
    return { form: "string", text: textOf(text["sval"]) ?? "" };
  }
  const decimal = fields["fval"] as RawFields | undefined;
  if (decimal !== undefined) {
    return { form: "decimal", text: textOf(decimal["fval"]) ?? "0" };
  }
  const bits = fields["bsval"] as RawFields | undefined;
  if (bits !== undefined) {
    return { form: "bits", text: textOf(bits["bsval"]) ?? "b" };
  }
  const truth = fields["boolval"] as RawFields | undefined;
  return { form: "boolean", value: flagOf(truth?.["boolval"]) };
}

function narrowColumn(reader: RawReader, fields: RawFields): ColumnSyntax {
  const names = listOf(fields["fields"]);
  const star = nodeOf(names.at(-1)).type === "A_Star";
  return {
    kind: "column",
    path: (star ? names.slice(0, -1) : names).map(stringOf),
    star,
    offset: reader.offsetOf(fields),
  };
}

/** An `A_Expr`: operators and what the grammar keeps in their form. */
function narrowOperation(reader: RawReader, node: RawNode): Expression {
  const { fields } = node;
  const kind = fields["kind"] as string;
  const offset = reader.offsetOf(fields);
  switch (kind) {
    case "AEXPR_OP":
    case "AEXPR_LIKE":
    case "AEXPR_ILIKE":
    case "AEXPR_SIMILAR": {
      const names = listOf(fields["name"]).map(stringOf);
      return {
        kind: "operator",
        schema: names.length > 1 ? names.at(-2) : undefined,
        name: names.at(-1)!,
        left: narrowOptional(reader, fields["lexpr"]),
        right: narrowExpression(reader, fields["rexpr"]),
        offset,
      };
    }
    case "AEXPR_IN":
      return {
        kind: "in",
        left: narrowExpression(reader, fields["lexpr"]),
        items: listItems(reader, fields["rexpr"]),
        negated: stringOf(listOf(fields["name"])[0]) === "<>",
        offset,
      };
    case "AEXPR_BETWEEN":
    case "AEXPR_NOT_BETWEEN":
    case "AEXPR_BETWEEN_SYM":
    case "AEXPR_NOT_BETWEEN_SYM": {
      const [low, high] = listItems(reader, fields["rexpr"]);
      return {
        kind: "between",
        operand: narrowExpression(reader, fields["lexpr"]),
        low: low!,
        high: high!,
        negated: kind.startsWith("AEXPR_NOT"),
        symmetric: kind.endsWith("_SYM"),
        offset,
      };
    }
    case "AEXPR_DISTINCT":
    case "AEXPR_NOT_DISTINCT":
      return {
        kind: "distinct_from",
        left: narrowExpression(reader, fields["lexpr"]),
        right: narrowExpression(reader, fields["rexpr"]),
        negated: kind === "AEXPR_NOT_DISTINCT",
        offset,
      };
    case "AEXPR_NULLIF":
      return {
        kind: "null_if",
        left: narrowExpression(reader, fields["lexpr"]),
        right: narrowExpression(reader, fields["rexpr"]),
        offset,
      };
    default:
      return narrowArrayComparison(reader, fields, narrowExpression);
  }
}

/** The items of a `List`; a subquery in its place is refused. */
function listItems(reader: RawReader, value: unknown): Expression[] {
  const node = nodeOf(value);
  if (node.type !== "List") throw refusal(reader, node);
  return narrowExpressions(reader, node.fields["items"]);
}

const CALL_FIELDS: ReadonlySet<string> = new Set([
  "funcname",
  "args",
  "agg_star",
  "agg_distinct",
  "agg_filter",
  "agg_order",
  "over",
  "agg_within_group",
  "func_variadic",
  "funcformat",
  "location",
]);

function narrowCall(reader: RawReader, node: RawNode): CallSyntax {
  reader.expectFields(node, CALL_FIELDS);
  const { fields } = node;
  const names = listOf(fields["funcname"]).map(stringOf);
  return {
    kind: "call",
    schema: names.length > 1 ? names.at(-2) : undefined,
    name: names.at(-1)!,
    ...narrowArguments(reader, fields["args"], narrowExpression),
    ...(flagOf(fields["func_variadic"]) ? { isVariadic: true } : {}),
    star: flagOf(fields["agg_star"]),
    distinct: flagOf(fields["agg_distinct"]),
    orderBy: listOf(fields["agg_order"]).map((sort) =>
      narrowSort(reader, nodeOf(sort).fields)
    ),
    withinGroup: flagOf(fields["agg_within_group"]),
    filter: narrowOptional(reader, fields["agg_filter"]),
    over: fields["over"] === undefined
      ? undefined
      : narrowWindow(reader, fields["over"] as RawFields, WINDOW_PARTS),
    offset: reader.offsetOf(fields),
  };
}

/** What a window is made of. */
export const WINDOW_PARTS: WindowParts = {
  expressions: narrowExpressions,
  optional: narrowOptional,
  sort: narrowSort,
};

/** What expressions of SQL/JSON are made of. */
export const JSON_PARTS: JsonParts = {
  expression: narrowExpression,
  typeName: narrowTypeName,
  sort: narrowSort,
  window: (reader, fields) => narrowWindow(reader, fields, WINDOW_PARTS),
};

/** The direction of a `SortBy` or `IndexElem`. */
export function directionOf(
  value: unknown,
): "default" | "ascending" | "descending" {
  if (value === "SORTBY_ASC") return "ascending";
  return value === "SORTBY_DESC" ? "descending" : "default";
}

/** Where NULLs go in a `SortBy` or `IndexElem`. */
export function nullsOf(value: unknown): "default" | "first" | "last" {
  if (value === "SORTBY_NULLS_FIRST") return "first";
  return value === "SORTBY_NULLS_LAST" ? "last" : "default";
}

/** A `SortBy`. */
export function narrowSort(reader: RawReader, fields: RawFields): SortSyntax {
  const operator = listOf(fields["useOp"]).at(-1);
  return {
    expression: narrowExpression(reader, fields["node"]),
    direction: directionOf(fields["sortby_dir"]),
    nulls: nullsOf(fields["sortby_nulls"]),
    operator: operator === undefined ? undefined : stringOf(operator),
    offset: reader.offsetOf(fields),
  };
}

function narrowCase(reader: RawReader, fields: RawFields): CaseSyntax {
  const branches = listOf(fields["args"]).map((value): CaseBranchSyntax => {
    const when = nodeOf(value).fields;
    return {
      condition: narrowExpression(reader, when["expr"]),
      result: narrowExpression(reader, when["result"]),
      offset: reader.offsetOf(when),
    };
  });
  return {
    kind: "case",
    operand: narrowOptional(reader, fields["arg"]),
    branches,
    otherwise: narrowOptional(reader, fields["defresult"]),
    offset: reader.offsetOf(fields),
  };
}

function narrowNiladic(reader: RawReader, fields: RawFields): NiladicSyntax {
  const name = (fields["op"] as string).slice("SVFOP_".length).toLowerCase();
  return {
    kind: "niladic",
    name: name.replace(/_n$/, ""),
    precision: name.endsWith("_n") ? fields["typmod"] as number ?? 0 : -1,
    offset: reader.offsetOf(fields),
  };
}

const TYPE_FIELDS: ReadonlySet<string> = new Set([
  "names",
  "typmods",
  "typemod",
  "arrayBounds",
  "location",
]);

/** The type name in `value`: a bare struct, or a node of it. */
export function narrowTypeName(reader: RawReader, value: unknown): TypeName {
  const fields = value as RawFields;
  const offset = reader.offsetOf(fields);
  reader.expectFields({ type: "TypeName", fields }, TYPE_FIELDS);
  const names = listOf(fields["names"]).map(stringOf);
  return {
    schema: names.length > 1 ? names.at(-2) : undefined,
    name: names.at(-1)!,
    modifiers: narrowExpressions(reader, fields["typmods"]),
    ...(fields["arrayBounds"] === undefined ? {} : { isArray: true }),
    offset,
  };
}
