/**
 * SET: the columns that UPDATE and ON CONFLICT DO UPDATE assign, and their new
 * values.
 *
 * @module
 */
import type { TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { AssignedPart, AssignmentSyntax } from "../parser/syntax.ts";
import { assign, defaultOf, updatedPosition } from "./assign.ts";
import type { BoundAssignment } from "./bound_change.ts";
import type {
  BoundColumn,
  BoundQuery,
  BoundSubquery,
} from "./bound_expression.ts";
import type { ExpressionBinder } from "./expression_binder.ts";
import { refuseSet } from "./sequences/column_sequence.ts";
import { Frame } from "./frame.ts";

/** Binds the assignments to columns of `table`, no column twice. */
export function bindAssignments(
  binder: ExpressionBinder,
  assignments: readonly AssignmentSyntax[],
  table: TableEntry,
): BoundAssignment[] {
  // All expressions first, then the columns they go to.
  const values = assignments.map(({ value, mismatchOffset, part }) => {
    if (mismatchOffset !== undefined) throw widthMismatch(mismatchOffset);
    if (part !== undefined) return bindPart(binder, part);
    return value.kind === "default" ? undefined : binder.bind(value);
  });
  const bound = assignments.map(({ column: named }, i): BoundAssignment => {
    const column = updatedPosition(table, named.name, named.offset);
    const entry = table.columns[column]!;
    const value = values[i];
    if (value !== undefined) refuseSet(entry);
    const expression = value === undefined
      ? defaultOf(binder.state, entry)
      : assign(binder.coercer, value, entry);
    return { column, expression };
  });
  const seen = new Set<number>();
  for (const { column } of bound) {
    if (seen.has(column)) {
      const { name } = table.columns[column]!;
      throw new SqlError(
        "42601",
        `multiple assignments to same column "${name}"`,
      );
    }
    seen.add(column);
  }
  return bound;
}

function widthMismatch(offset: number): SqlError {
  return new SqlError(
    "42601",
    "number of columns does not match number of values",
    { offset },
  );
}

/** One column of `(a, b) = (SELECT …)`, as a query of its own. */
function bindPart(
  { state, scope }: ExpressionBinder,
  { query: syntax, index, count, offset }: AssignedPart,
): BoundSubquery {
  const frame = new Frame(() => state.newSlot());
  const query = state.bindQuery(syntax, {
    resolveUnknowns: true,
    parent: { scope, frame },
  });
  if (query.fields.length !== count) throw widthMismatch(offset);
  return {
    kind: "subquery",
    form: "scalar",
    query: columnQuery(query, index, state.newRelation()),
    relation: state.newRelation(),
    captures: frame.captures,
    operands: [],
    operandRelation: -1,
    test: undefined,
    type: query.fields[index]!.type,
    offset,
  };
}

/** `SELECT column FROM (query)` */
function columnQuery(
  query: BoundQuery,
  column: number,
  relation: number,
): BoundQuery {
  const field = query.fields[column]!;
  const { name, type } = field;
  const expression: BoundColumn = {
    kind: "column",
    relation,
    column,
    type,
    name,
    offset: -1,
  };
  return {
    ...query,
    ctes: [],
    from: {
      kind: "subquery",
      relation,
      alias: "",
      columnNames: query.fields.map((each) => each.name),
      query,
      captures: [],
    },
    where: undefined,
    grouped: false,
    groupBy: [],
    having: undefined,
    targets: [{ name, expression, visible: true }],
    distinct: false,
    distinctOn: 0,
    orderBy: [],
    limit: undefined,
    offset: undefined,
    withTies: false,
    fields: [field],
  };
}
