/**
 * SEARCH and CYCLE of a recursive query, as the query that computes them.
 *
 * ```text
 * t (a) AS (L UNION ALL R) SEARCH DEPTH FIRST BY a SET s CYCLE a SET c USING p
 *
 * t (a, s, c, p) AS (
 *   SELECT l.a, ARRAY[ROW(l.a)], false, ARRAY[ROW(l.a)] FROM (L) l (a)
 *   UNION ALL
 *   SELECT r.a, r.s || ARRAY[ROW(r.a)],
 *          CASE WHEN ROW(r.a) = ANY (r.p) THEN true ELSE false END,
 *          r.p || ARRAY[ROW(r.a)]
 *   FROM (R, with t.s and t.p too, WHERE t.c <> true) r (a, s, p))
 * ```
 *
 * BREADTH FIRST counts the rounds in a further column, the last, which who reads
 * the query does not see.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type {
  CteSyntax,
  Expression,
  FromItem,
  SelectBody,
  SelectSyntax,
  SetOperationBody,
  TargetSyntax,
} from "../parser/syntax.ts";

/** The column that counts rounds. */
const DEPTH = "*DEPTH*";

/** A query of WITH without SEARCH and CYCLE. */
export interface Computed {
  readonly query: SelectSyntax;
  readonly columns: readonly string[];
  /** The columns that others see, where those are not all. */
  readonly shown: readonly string[] | undefined;
}

/** What stands on the two sides of UNION for a further column. */
interface FurtherColumn {
  readonly name: string;
  readonly first: Expression;
  readonly next: Expression;
  /** Whether the next row needs that of the row before. */
  readonly carried: boolean;
}

/** `cte` as the query that computes it; `names` are its own columns. */
export function computeSearchAndCycle(
  cte: CteSyntax,
  body: SetOperationBody,
  names: readonly string[],
): Computed {
  check(cte, names);
  const { left, right } = body;
  if (left.body.kind === "set_operation_body") throw sideError("left");
  if (right.body.kind !== "select_body") throw sideError("right");
  const self = right.body.from.map((item) => aliasOf(item, cte.name))
    .find((alias) => alias !== undefined);
  if (self === undefined) {
    throw new SqlError(
      "0A000",
      `with a SEARCH or CYCLE clause, the recursive reference to WITH query "${cte.name}" must be at the top level of its right-hand SELECT`,
    );
  }
  const further = furtherColumns(cte);
  const carried = further.filter((each) => each.carried);
  const inner: SelectSyntax = {
    ...right,
    body: {
      ...right.body,
      targets: [
        ...right.body.targets,
        ...carried.map(({ name }) => target(column(self, name))),
      ],
      where: guarded(cte, self, right.body),
    },
  };
  const side = (
    query: SelectSyntax,
    alias: string,
    columns: readonly string[],
    which: "first" | "next",
  ): SelectSyntax => ({
    ...PLAIN_QUERY,
    body: {
      ...PLAIN_BODY,
      targets: [
        ...names.map((name) => target(column(alias, name))),
        ...further.map((each) => target(each[which])),
      ],
      from: [{
        kind: "subquery_item",
        query,
        lateral: false,
        alias,
        columnAliases: columns,
      }],
    },
  });
  const columns = [...names, ...further.map(({ name }) => name)];
  return {
    query: {
      ...PLAIN_QUERY,
      body: {
        ...body,
        left: side(left, FIRST, names, "first"),
        right: side(
          inner,
          NEXT,
          [...names, ...carried.map(({ name }) => name)],
          "next",
        ),
      },
    },
    columns,
    shown: columns.at(-1) === DEPTH ? columns.slice(0, -1) : undefined,
  };
}

/** A query that reads the columns of `name` that others see. */
export function readingOnly(
  name: string,
  columns: readonly string[],
): SelectSyntax {
  const relation = { schema: undefined, name, offset: -1 };
  return {
    ...PLAIN_QUERY,
    body: {
      ...PLAIN_BODY,
      targets: columns.map((each) => target(column(name, each))),
      from: [{ kind: "table", relation, alias: undefined, columnAliases: [] }],
    },
  };
}

/** What PostgreSQL calls the two sides. */
const FIRST = "*TLOCRN*";
const NEXT = "*TROCRN*";

const PLAIN_QUERY: Omit<SelectSyntax, "body"> = {
  kind: "select",
  with: [],
  recursive: false,
  orderBy: [],
  limit: undefined,
  offsetRows: undefined,
  withTies: false,
  locking: [],
};

const PLAIN_BODY: SelectBody = {
  kind: "select_body",
  distinct: false,
  distinctOn: [],
  targets: [],
  from: [],
  where: undefined,
  groupBy: [],
  groupDistinct: false,
  having: undefined,
  windows: [],
};

function furtherColumns({ search, cycle }: CteSyntax): FurtherColumn[] {
  const all: FurtherColumn[] = [];
  const carried = true;
  if (search !== undefined) {
    const { sequence, columns, breadthFirst } = search;
    const depth = breadthFirst
      ? [INT8_ZERO, plus(column(NEXT, DEPTH), ONE)] as const
      : undefined;
    const own = (alias: string, round?: Expression): Expression =>
      row([...round === undefined ? [] : [round], ...of(alias, columns)]);
    all.push({
      name: sequence,
      first: depth === undefined ? array(own(FIRST)) : own(FIRST, depth[0]),
      next: depth === undefined
        ? append(column(NEXT, sequence), own(NEXT))
        : own(NEXT, depth[1]),
      carried: depth === undefined,
    });
  }
  if (cycle !== undefined) {
    const { mark, path, columns, value, otherwise, offset } = cycle;
    const seen: Expression = {
      kind: "array_comparison",
      left: row(of(NEXT, columns)),
      operator: "=",
      array: column(NEXT, path),
      all: false,
      offset,
    };
    const either = (condition: Expression): Expression => ({
      kind: "case",
      operand: undefined,
      branches: [{ condition, result: value, offset }],
      otherwise,
      offset,
    });
    all.push(
      { name: mark, first: either(NEVER), next: either(seen), carried: false },
      {
        name: path,
        first: array(row(of(FIRST, columns))),
        next: append(column(NEXT, path), row(of(NEXT, columns))),
        carried,
      },
    );
  }
  if (search?.breadthFirst === true) {
    const next = plus(column(NEXT, DEPTH), ONE);
    all.push({ name: DEPTH, first: INT8_ZERO, next, carried });
  }
  return all;
}

/** The condition of the right side: nothing follows a row that closes a circle. */
function guarded(
  { cycle }: CteSyntax,
  self: string,
  { where }: SelectBody,
): Expression | undefined {
  if (cycle === undefined) return where;
  const open: Expression = {
    kind: "operator",
    schema: undefined,
    name: "<>",
    left: column(self, cycle.mark),
    right: cycle.value,
    offset: cycle.offset,
  };
  return where === undefined ? open : {
    kind: "logical",
    operation: "and",
    operands: [where, open],
    offset: cycle.offset,
  };
}

function check(
  { search, cycle }: CteSyntax,
  names: readonly string[],
): void {
  const refuse = (code: string, message: string, offset: number): SqlError =>
    new SqlError(code, message, { offset });
  const columnsOf = (
    kind: string,
    columns: readonly string[],
    offset: number,
  ): void => {
    columns.forEach((name, i) => {
      if (!names.includes(name)) {
        const message =
          `${kind} column "${name}" not in WITH query column list`;
        throw refuse("42601", message, offset);
      }
      if (columns.indexOf(name) < i) {
        const message = `${kind} column "${name}" specified more than once`;
        throw refuse("42701", message, offset);
      }
    });
  };
  const free = (what: string, name: string, offset: number): void => {
    if (!names.includes(name)) return;
    const message =
      `${what} column name "${name}" already used in WITH query column list`;
    throw refuse("42601", message, offset);
  };
  if (search !== undefined) {
    columnsOf("search", search.columns, search.offset);
    free("search sequence", search.sequence, search.offset);
  }
  if (cycle === undefined) return;
  const { offset, mark, path } = cycle;
  columnsOf("cycle", cycle.columns, offset);
  free("cycle mark", mark, offset);
  free("cycle path", path, offset);
  const pairs = [
    ["cycle mark", mark, "cycle path", path],
    ["search sequence", search?.sequence, "cycle mark", mark],
    ["search sequence", search?.sequence, "cycle path", path],
  ] as const;
  for (const [one, a, other, b] of pairs) {
    if (a !== b) continue;
    const message = `${one} column name and ${other} column name are the same`;
    throw refuse("42601", message, offset);
  }
}

function sideError(side: "left" | "right"): SqlError {
  return new SqlError(
    "0A000",
    `with a SEARCH or CYCLE clause, the ${side} side of the UNION must be a SELECT`,
  );
}

/** Under which name a part of FROM has the table at its top level. */
function aliasOf(item: FromItem, name: string): string | undefined {
  if (item.kind === "join") {
    return aliasOf(item.left, name) ?? aliasOf(item.right, name);
  }
  if (item.kind !== "table") return undefined;
  const { relation, alias } = item;
  return relation.schema === undefined && relation.name === name
    ? alias ?? name
    : undefined;
}

const ONE = integer(1);

const INT8_ZERO: Expression = {
  kind: "cast",
  operand: integer(0),
  type: { schema: "pg_catalog", name: "int8", modifiers: [], offset: -1 },
  offset: -1,
};

const NEVER: Expression = {
  kind: "constant",
  literal: { form: "boolean", value: false },
  offset: -1,
};

function integer(value: number): Expression {
  return { kind: "constant", literal: { form: "integer", value }, offset: -1 };
}

function column(alias: string, name: string): Expression {
  return { kind: "column", path: [alias, name], star: false, offset: -1 };
}

function of(alias: string, columns: readonly string[]): Expression[] {
  return columns.map((name) => column(alias, name));
}

function row(items: readonly Expression[]): Expression {
  return { kind: "row", items, offset: -1 };
}

function array(item: Expression): Expression {
  return { kind: "array", items: [item], offset: -1 };
}

function append(left: Expression, item: Expression): Expression {
  return operation("||", left, array(item));
}

function plus(left: Expression, right: Expression): Expression {
  return operation("+", left, right);
}

function operation(
  name: string,
  left: Expression,
  right: Expression,
): Expression {
  return { kind: "operator", schema: undefined, name, left, right, offset: -1 };
}

function target(expression: Expression): TargetSyntax {
  return { name: undefined, expression, offset: -1 };
}
