/**
 * Raw nodes of SELECT, VALUES, set operations and WITH to
 * `expression_syntax.ts`; `0A000` for the rest.
 *
 * @module
 */
import type {
  CteSyntax,
  GroupSyntax,
  QueryBody,
  SelectBody,
  SelectSyntax,
  TargetSyntax,
  ValuesBody,
  WithSyntax,
} from "./expression_syntax.ts";
import {
  narrowExpression,
  narrowExpressions,
  narrowOptional,
  narrowSort,
  WINDOW_PARTS,
} from "./narrow_expression.ts";
import type { LockingSyntax } from "./locking_syntax.ts";
import { narrowFromItem } from "./narrow_from.ts";
import { narrowWindow } from "./narrow_window.ts";
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
import type { TokenizedRows } from "./tokenized_rows.ts";

const SELECT_FIELDS: ReadonlySet<string> = new Set([
  "distinctClause",
  "targetList",
  "fromClause",
  "whereClause",
  "groupClause",
  "groupDistinct",
  "havingClause",
  "windowClause",
  "valuesLists",
  "sortClause",
  "limitOffset",
  "limitCount",
  "limitOption",
  "withClause",
  "lockingClause",
  "op",
  "all",
  "larg",
  "rarg",
]);

/** A `SelectStmt`; `more` are rows of its VALUES that it does not have. */
export function narrowSelect(
  reader: RawReader,
  node: RawNode,
  more?: TokenizedRows,
): SelectSyntax {
  const { fields } = node;
  reader.expectFields(node, SELECT_FIELDS);
  return {
    kind: "select",
    ...narrowWith(reader, fields["withClause"]),
    body: narrowBody(reader, fields, more),
    orderBy: listOf(fields["sortClause"]).map((sort) =>
      narrowSort(reader, nodeOf(sort).fields)
    ),
    limit: narrowOptional(reader, fields["limitCount"]),
    offsetRows: narrowOptional(reader, fields["limitOffset"]),
    withTies: fields["limitOption"] === "LIMIT_OPTION_WITH_TIES",
    locking: listOf(fields["lockingClause"]).map((clause) =>
      narrowLocking(reader, nodeOf(clause).fields)
    ),
  };
}

const STRENGTHS: Readonly<Record<string, LockingSyntax["strength"]>> = {
  LCS_FORUPDATE: "update",
  LCS_FORNOKEYUPDATE: "no key update",
  LCS_FORSHARE: "share",
  LCS_FORKEYSHARE: "key share",
};

const POLICIES: Readonly<Record<string, LockingSyntax["policy"]>> = {
  LockWaitBlock: "wait",
  LockWaitSkip: "skip",
  LockWaitError: "nowait",
};

/** A `LockingClause`. */
function narrowLocking(reader: RawReader, fields: RawFields): LockingSyntax {
  return {
    strength: STRENGTHS[fields["strength"] as string] ?? "update",
    of: listOf(fields["lockedRels"]).map((name) => {
      const relation = nodeOf(name).fields;
      return {
        schema: textOf(relation["schemaname"]),
        name: textOf(relation["relname"]) ?? "",
        offset: reader.offsetOf(relation),
      };
    }),
    policy: POLICIES[fields["waitPolicy"] as string] ?? "wait",
  };
}

/** A `WithClause`. */
export function narrowWith(reader: RawReader, value: unknown): WithSyntax {
  const clause = value as RawFields | undefined;
  return {
    with: listOf(clause?.["ctes"]).map((cte) =>
      narrowCte(reader, nodeOf(cte).fields)
    ),
    recursive: flagOf(clause?.["recursive"]),
  };
}

function narrowBody(
  reader: RawReader,
  fields: RawFields,
  more: TokenizedRows | undefined,
): QueryBody {
  const operation = SET_OPERATIONS[fields["op"] as string];
  if (operation === undefined) {
    return fields["valuesLists"] === undefined
      ? narrowSelectBody(reader, fields)
      : narrowValues(reader, fields, more);
  }
  // The sides are bare structs.
  const side = (name: string): SelectSyntax =>
    reader.query({ SelectStmt: fields[name] });
  return {
    kind: "set_operation_body",
    operation,
    all: flagOf(fields["all"]),
    left: side("larg"),
    right: side("rarg"),
  };
}

const SET_OPERATIONS: Readonly<
  Record<string, "union" | "intersect" | "except">
> = {
  SETOP_UNION: "union",
  SETOP_INTERSECT: "intersect",
  SETOP_EXCEPT: "except",
};

const CTE_FIELDS: ReadonlySet<string> = new Set([
  "ctename",
  "aliascolnames",
  "ctematerialized",
  "ctequery",
  "search_clause",
  "cycle_clause",
  "location",
]);

function narrowCte(reader: RawReader, fields: RawFields): CteSyntax {
  reader.expectFields({ type: "CommonTableExpr", fields }, CTE_FIELDS);
  const offset = reader.offsetOf(fields);
  const materialized = fields["ctematerialized"];
  return {
    name: textOf(fields["ctename"])!,
    columnAliases: listOf(fields["aliascolnames"]).map(stringOf),
    materialized: materialized === "CTEMaterializeAlways"
      ? "always"
      : materialized === "CTEMaterializeNever"
      ? "never"
      : "default",
    query: reader.statement(fields["ctequery"]),
    ...narrowSearch(reader, fields["search_clause"]),
    ...narrowCycle(reader, fields["cycle_clause"]),
    offset,
  };
}

function narrowSearch(
  reader: RawReader,
  value: unknown,
): Pick<CteSyntax, "search"> {
  if (value === undefined) return {};
  const fields = value as RawFields;
  return {
    search: {
      columns: listOf(fields["search_col_list"]).map(stringOf),
      breadthFirst: flagOf(fields["search_breadth_first"]),
      sequence: textOf(fields["search_seq_column"])!,
      offset: reader.offsetOf(fields),
    },
  };
}

function narrowCycle(
  reader: RawReader,
  value: unknown,
): Pick<CteSyntax, "cycle"> {
  if (value === undefined) return {};
  const fields = value as RawFields;
  return {
    cycle: {
      columns: listOf(fields["cycle_col_list"]).map(stringOf),
      mark: textOf(fields["cycle_mark_column"])!,
      value: narrowOptional(reader, fields["cycle_mark_value"])!,
      otherwise: narrowOptional(reader, fields["cycle_mark_default"])!,
      path: textOf(fields["cycle_path_column"])!,
      offset: reader.offsetOf(fields),
    },
  };
}

function narrowSelectBody(reader: RawReader, fields: RawFields): SelectBody {
  const distinct = listOf(fields["distinctClause"]);
  const distinctOn = distinct.filter((item) =>
    Object.keys(item as RawFields).length > 0
  );
  const groups = listOf(fields["groupClause"]);
  return {
    kind: "select_body",
    distinct: distinct.length > 0,
    distinctOn: narrowExpressions(reader, distinctOn),
    targets: narrowTargets(reader, fields["targetList"]),
    from: listOf(fields["fromClause"]).map((item) =>
      narrowFromItem(reader, nodeOf(item))
    ),
    where: narrowOptional(reader, fields["whereClause"]),
    groupBy: groups.map((item) => narrowGroup(reader, item)),
    groupDistinct: flagOf(fields["groupDistinct"]),
    having: narrowOptional(reader, fields["havingClause"]),
    windows: listOf(fields["windowClause"]).map((each) =>
      narrowWindow(reader, nodeOf(each).fields, WINDOW_PARTS)
    ),
  };
}

const GROUPING_SETS: Readonly<Record<string, "rollup" | "cube" | "sets">> = {
  GROUPING_SET_ROLLUP: "rollup",
  GROUPING_SET_CUBE: "cube",
  GROUPING_SET_SETS: "sets",
};

/** An entry of GROUP BY. */
function narrowGroup(reader: RawReader, value: unknown): GroupSyntax {
  const { type, fields } = nodeOf(value);
  if (
    type === "RowExpr" && fields["row_format"] === "COERCE_IMPLICIT_CAST"
  ) {
    return { kind: "list", items: narrowExpressions(reader, fields["args"]) };
  }
  if (type !== "GroupingSet") {
    return { kind: "group", expression: narrowExpression(reader, value) };
  }
  const kind = GROUPING_SETS[fields["kind"] as string];
  if (kind === undefined) return { kind: "list", items: [] };
  reader.enter();
  const items = listOf(fields["content"]).map((item) =>
    narrowGroup(reader, item)
  );
  reader.leave();
  return { kind, items, offset: reader.offsetOf(fields) };
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
