/**
 * Going through bound expressions: children, search, replacement, equality.
 *
 * @module
 */
import { unreachable } from "../../base/invariant.ts";
import type { DataType } from "../types/data_type.ts";
import type {
  BoundConstant,
  BoundExpression,
  BoundFrame,
  BoundOrder,
  BoundWindowCall,
} from "./bound_expression.ts";
import { sameQuery } from "./same_query.ts";

/** The expressions directly below `expression`, in the order of evaluation. */
export function childrenOf(
  expression: BoundExpression,
): readonly BoundExpression[] {
  switch (expression.kind) {
    case "constant":
    case "parameter":
    case "column":
    case "case_operand":
    case "outer":
      return [];
    case "subquery":
      return [
        ...expression.operands,
        ...expression.captures.map((capture) => capture.expression),
      ];
    case "call":
    case "grouping":
      return expression.args;
    case "aggregate":
      return [
        ...expression.args,
        ...expression.orderBy.map((order) => order.expression),
        ...expression.filter === undefined ? [] : [expression.filter],
      ];
    case "window": {
      const { start, end } = expression.frame;
      return [
        ...expression.args,
        ...expression.partitionBy,
        ...expression.orderBy.map((order) => order.expression),
        ...[expression.filter, start.distance, end.distance]
          .filter((each) => each !== undefined),
      ];
    }
    case "cast":
    case "null_test":
    case "boolean_test":
      return [expression.operand];
    case "logical":
    case "coalesce":
    case "extreme":
      return expression.operands;
    case "distinct_from":
    case "null_if":
      return [expression.left, expression.right];
    case "in":
      return [expression.operand, ...expression.items];
    case "array_comparison":
      return [expression.operand, expression.array];
    case "case":
      return [
        ...expression.operand === undefined ? [] : [expression.operand],
        ...expression.branches.flatMap(({ condition, result }) => [
          condition,
          result,
        ]),
        expression.otherwise,
      ];
    default:
      return unreachable(expression);
  }
}

/** Whether `test` holds for `expression` or anything below it. */
export function someExpression(
  expression: BoundExpression,
  test: (expression: BoundExpression) => boolean,
): boolean {
  return test(expression) ||
    childrenOf(expression).some((child) => someExpression(child, test));
}

/**
 * `expression` with each part for which `replace` returns another replaced by
 * it, from the top; what is replaced is not looked into. The same object comes
 * back where nothing was replaced.
 */
export function replaceExpressions(
  expression: BoundExpression,
  replace: (expression: BoundExpression) => BoundExpression | undefined,
): BoundExpression {
  const replaced = replace(expression);
  if (replaced !== undefined) return replaced;
  return mapChildren(
    expression,
    (child) => replaceExpressions(child, replace),
  );
}

/** `expression` with each child replaced by what `map` makes of it. */
export function mapChildren(
  expression: BoundExpression,
  map: (child: BoundExpression) => BoundExpression,
): BoundExpression {
  const before = childrenOf(expression);
  if (before.length === 0) return expression;
  const after = before.map(map);
  if (after.every((child, i) => child === before[i])) return expression;
  return withChildren(expression, after);
}

/** `expression` with other children, as many as {@linkcode childrenOf} gave. */
function withChildren(
  expression: BoundExpression,
  children: readonly BoundExpression[],
): BoundExpression {
  switch (expression.kind) {
    case "constant":
    case "parameter":
    case "column":
    case "case_operand":
    case "outer":
      return expression;
    case "subquery": {
      const count = expression.operands.length;
      return {
        ...expression,
        operands: children.slice(0, count),
        captures: expression.captures.map(({ slot }, i) => ({
          slot,
          expression: children[count + i]!,
        })),
      };
    }
    case "call":
    case "grouping":
      return { ...expression, args: children };
    case "aggregate": {
      const count = expression.args.length;
      return {
        ...expression,
        args: children.slice(0, count),
        orderBy: expression.orderBy.map((order, i) => ({
          ...order,
          expression: children[count + i]!,
        })),
        filter: expression.filter && children.at(-1)!,
      };
    }
    case "window":
      return windowWith(expression, children);
    case "cast":
    case "null_test":
    case "boolean_test":
      return { ...expression, operand: children[0]! };
    case "logical":
    case "coalesce":
    case "extreme":
      return { ...expression, operands: children };
    case "distinct_from":
    case "null_if":
      return { ...expression, left: children[0]!, right: children[1]! };
    case "array_comparison":
      return { ...expression, operand: children[0]!, array: children[1]! };
    case "in":
      return {
        ...expression,
        operand: children[0]!,
        items: children.slice(1),
      };
    case "case": {
      const first = expression.operand === undefined ? 0 : 1;
      return {
        ...expression,
        operand: first === 0 ? undefined : children[0]!,
        branches: expression.branches.map((_, i) => ({
          condition: children[first + 2 * i]!,
          result: children[first + 2 * i + 1]!,
        })),
        otherwise: children.at(-1)!,
      };
    }
    default:
      return unreachable(expression);
  }
}

function windowWith(
  expression: BoundWindowCall,
  children: readonly BoundExpression[],
): BoundWindowCall {
  const { args, partitionBy, orderBy, filter, frame } = expression;
  const rest = [...children];
  const take = (count: number): BoundExpression[] => rest.splice(0, count);
  const next = <T>(given: T | undefined): BoundExpression | undefined =>
    given === undefined ? undefined : rest.shift();
  return {
    ...expression,
    args: take(args.length),
    partitionBy: take(partitionBy.length),
    orderBy: take(orderBy.length).map((child, i) => ({
      ...orderBy[i]!,
      expression: child,
    })),
    filter: next(filter),
    frame: {
      ...frame,
      start: { ...frame.start, distance: next(frame.start.distance) },
      end: { ...frame.end, distance: next(frame.end.distance) },
    },
  };
}

/** Whether two expressions are the same but for where they stand. */
export function sameExpression(
  a: BoundExpression,
  b: BoundExpression,
): boolean {
  if (a === b) return true;
  if (a.type.type !== b.type.type || a.type.typmod !== b.type.typmod) {
    return false;
  }
  if (!sameNode(a, b)) return false;
  const left = childrenOf(a);
  const right = childrenOf(b);
  return left.length === right.length &&
    left.every((child, i) => sameExpression(child, right[i]!));
}

/** Whether two nodes of one type are the same, children aside. */
function sameNode(a: BoundExpression, b: BoundExpression): boolean {
  switch (a.kind) {
    case "constant":
      return b.kind === "constant" && sameValue(a.type.type, a.value, b.value);
    case "parameter":
      return b.kind === "parameter" && a.index === b.index;
    case "column":
      return b.kind === "column" && a.relation === b.relation &&
        a.column === b.column;
    case "call":
      return b.kind === "call" && sameFunction(a.function, b.function);
    case "aggregate":
      return b.kind === "aggregate" && sameFunction(
        a.definition,
        b.definition,
      ) && a.distinct === b.distinct && a.star === b.star &&
        (a.filter === undefined) === (b.filter === undefined) &&
        sameDirections(a.orderBy, b.orderBy);
    case "window":
      return b.kind === "window" && a.callee.kind === b.callee.kind &&
        sameFunction(a.callee.definition, b.callee.definition) &&
        a.star === b.star &&
        (a.filter === undefined) === (b.filter === undefined) &&
        a.args.length === b.args.length &&
        a.partitionBy.length === b.partitionBy.length &&
        sameDirections(a.orderBy, b.orderBy) && sameFrame(a.frame, b.frame);
    case "cast":
      return b.kind === "cast" &&
        (a.context === "explicit") === (b.context === "explicit") &&
        a.collation === b.collation;
    case "logical":
      return b.kind === "logical" && a.operation === b.operation;
    case "null_test":
      return b.kind === "null_test" && a.negated === b.negated;
    case "boolean_test":
      return b.kind === "boolean_test" && a.negated === b.negated &&
        a.test === b.test;
    case "distinct_from":
      return b.kind === "distinct_from" && a.negated === b.negated &&
        sameFunction(a.equal, b.equal);
    case "null_if":
      return b.kind === "null_if" && sameFunction(a.equal, b.equal);
    case "in":
      return b.kind === "in" && a.negated === b.negated &&
        sameFunction(a.function, b.function);
    case "array_comparison":
      return b.kind === "array_comparison" && a.all === b.all &&
        a.operator === b.operator && sameFunction(a.function, b.function);
    case "extreme":
      return b.kind === "extreme" && a.greatest === b.greatest;
    case "case":
      return b.kind === "case" && a.branches.length === b.branches.length;
    case "outer":
      return b.kind === "outer" && a.slot === b.slot;
    case "subquery":
      return b.kind === "subquery" &&
        sameQuery(
          a,
          b,
          (x, y) => sameExpression(x as BoundConstant, y as BoundConstant),
        );
    case "coalesce":
    case "grouping":
    case "case_operand":
      return b.kind === a.kind;
    default:
      return unreachable(a);
  }
}

/** Whether keys have the same number and directions. */
function sameDirections(
  a: readonly BoundOrder[],
  b: readonly BoundOrder[],
): boolean {
  return a.length === b.length &&
    a.every((order, i) =>
      order.descending === b[i]!.descending &&
      order.nullsFirst === b[i]!.nullsFirst
    );
}

/** Whether frames are the same, distances aside. */
function sameFrame(a: BoundFrame, b: BoundFrame): boolean {
  return a.mode === b.mode && a.exclude === b.exclude &&
    a.start.kind === b.start.kind && a.end.kind === b.end.kind;
}

function sameValue(type: DataType, a: unknown, b: unknown): boolean {
  if (a === null || b === null) return a === b;
  // The text tells 1.0 from 1.00, which compare as equal.
  return type.output(a as never) === type.output(b as never);
}

/** What two definitions of a specialized function have in common. */
interface Signature {
  readonly name: string;
  readonly argumentTypes: readonly DataType[];
}

function sameFunction(a: Signature, b: Signature): boolean {
  return a === b || (a.name === b.name &&
    a.argumentTypes.length === b.argumentTypes.length &&
    a.argumentTypes.every((type, i) => type === b.argumentTypes[i]));
}
