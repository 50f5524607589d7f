/**
 * SET: the columns that UPDATE and ON CONFLICT DO UPDATE assign, and their new
 * values.
 *
 * @module
 */
import type { TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { PartStep } from "../parser/expression_syntax.ts";
import type {
  AssignedPart,
  AssignmentSyntax,
  NamedColumn,
} from "../parser/syntax.ts";
import { assign, defaultOf, updatedPosition } from "./assign.ts";
import { assignPart } from "./bind_part.ts";
import { bindAs } from "./bind_row.ts";
import type { BoundAssignment } from "./bound_change.ts";
import type {
  BoundColumn,
  BoundExpression,
  BoundQuery,
  BoundSubquery,
} from "./bound_expression.ts";
import type { ExpressionBinder } from "./expression_binder.ts";
import { refuseSet } from "./constraints/given_values.ts";
import { Frame } from "./frame.ts";

/** Binds the assignments to columns of `table`, no column twice. */
export function bindAssignments(
  binder: ExpressionBinder,
  assignments: readonly AssignmentSyntax[],
  table: TableEntry,
): BoundAssignment[] {
  // All expressions first, then the columns they go to.
  const values = assignments.map((assignment) => {
    const { column: { name }, steps, value, mismatchOffset, part } = assignment;
    if (mismatchOffset !== undefined) throw widthMismatch(mismatchOffset);
    if (part !== undefined) return bindPart(binder, part);
    if (value.kind === "default") return undefined;
    const type = steps === undefined
      ? table.columns.find((each) => each.name === name)?.type
      : undefined;
    return bindAs(binder, value, type, "assignment");
  });
  const bound = new Map<number, BoundExpression>();
  const whole = new Set<number>();
  assignments.forEach(({ column: named, steps, value: written }, i) => {
    const column = updatedPosition(table, named.name, named.offset);
    const entry = table.columns[column]!;
    const value = values[i];
    if (value !== undefined) refuseSet(entry);
    const before = bound.get(column);
    if (before !== undefined && (steps === undefined || whole.has(column))) {
      throw new SqlError(
        "42601",
        `multiple assignments to same column "${entry.name}"`,
      );
    }
    if (steps === undefined) {
      whole.add(column);
      const expression = value === undefined
        ? defaultOf(binder.state, entry)
        : assign(binder.coercer, value, entry);
      bound.set(column, expression);
      return;
    }
    if (value === undefined) throw defaultOfPart(steps, written.offset);
    const base = before ?? currentValue(binder, table, named);
    bound.set(column, assignPart(binder, base, steps, value, entry.name));
  });
  return [...bound].map(([column, expression]) => ({ column, expression }));
}

/** What the column has before it is assigned to. */
function currentValue(
  { scope }: ExpressionBinder,
  table: TableEntry,
  { name, offset }: NamedColumn,
): BoundExpression {
  const target = scope.relations.find((relation) => relation.table === table);
  const path = target === undefined ? [name] : [target.alias, name];
  return scope.resolve({ kind: "column", path, star: false, offset });
}

/** `0A000`: DEFAULT is for whole columns. */
export function defaultOfPart(
  steps: readonly PartStep[],
  offset: number,
): SqlError {
  const part = steps[0]?.kind === "field" ? "a subfield" : "an array element";
  return new SqlError("0A000", `cannot set ${part} to DEFAULT`, { offset });
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
  binder: ExpressionBinder,
  { query: syntax, index, count, offset }: AssignedPart,
): BoundSubquery {
  const { state, scope } = binder;
  const frame = new Frame(() => state.newSlot(), binder);
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
    groupingSets: undefined,
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
