/**
 * Which columns have the same value: `a = b AND b = c` says that all three do,
 * and `c = 5` says which.
 *
 * Members of a class have one type, and are compared by an operator of that
 * type's order, so that what follows is true of all values, NULL (which is equal
 * to nothing) among them.
 *
 * @module
 */
import type {
  BoundCall,
  BoundExpression,
} from "../analyzer/bound_expression.ts";
import { replaceExpressions, sameExpression } from "../analyzer/walk.ts";
import type { ColumnSet } from "../planner/join_keys.ts";
import type { DataType } from "../types/data_type.ts";

/** Types whose `=` is that of their order. */
const ORDERED: ReadonlySet<string> = new Set([
  "bool",
  "int2",
  "int4",
  "int8",
  "float4",
  "float8",
  "numeric",
  "oid",
  "text",
  "bpchar",
  "name",
  "bytea",
  "uuid",
  "date",
  "time",
  "timetz",
  "timestamp",
  "timestamptz",
  "interval",
]);

/** Whether values of a type are equal where its order says so. */
export function hasOrderedEquality(type: DataType): boolean {
  return ORDERED.has(type.name) || type.enumeration !== undefined;
}

/** Columns that are equal in every row. */
interface EqualColumns {
  readonly members: BoundExpression[];
  /** A condition that says what one of them is, and which. */
  fixed:
    | { readonly member: BoundExpression; readonly condition: BoundCall }
    | undefined;
  /** An equality between two of them. */
  equality: BoundCall | undefined;
}

/** What some conditions that all hold say of equal columns. */
export class Equivalences {
  #classes: EqualColumns[] = [];

  /** What `conditions` say. */
  constructor(conditions: Iterable<BoundExpression>) {
    for (const condition of conditions) this.#add(condition);
  }

  #add(condition: BoundExpression): void {
    if (!isEquality(condition)) return;
    const [left, right] = condition.args as [BoundExpression, BoundExpression];
    if (isMember(left) && isMember(right)) {
      if (left.type.type !== right.type.type) return;
      this.#join(this.#classOf(left), this.#classOf(right), condition);
    } else if (isMember(left) && isFixedValue(right)) {
      this.#classOf(left).fixed ??= { member: left, condition };
    } else if (isMember(right) && isFixedValue(left)) {
      this.#classOf(right).fixed ??= { member: right, condition };
    }
  }

  #classOf(member: BoundExpression): EqualColumns {
    let found = this.#classes.find(({ members }) =>
      members.some((each) => sameExpression(each, member))
    );
    if (found === undefined) {
      found = { members: [member], fixed: undefined, equality: undefined };
      this.#classes.push(found);
    }
    return found;
  }

  #join(one: EqualColumns, other: EqualColumns, equality: BoundCall): void {
    one.equality ??= equality;
    if (one === other) return;
    one.members.push(...other.members);
    one.fixed ??= other.fixed;
    this.#classes = this.#classes.filter((each) => each !== other);
  }

  /**
   * What follows for columns of a side that is not said of them already: that
   * they have a value which others have.
   */
  fixedIn(
    side: ColumnSet,
    said: readonly BoundExpression[],
  ): BoundExpression[] {
    const conditions: BoundExpression[] = [];
    const saidOf = new Equivalences(said);
    for (const { members, fixed } of this.#classes) {
      if (fixed === undefined) continue;
      for (const member of members) {
        if (!side.covers(member) || saidOf.isFixed(member)) continue;
        conditions.push(withMember(fixed.condition, fixed.member, member));
      }
    }
    return conditions;
  }

  /** Whether a column has a value that is known before rows are read. */
  isFixed(column: BoundExpression): boolean {
    return this.#classes.some(({ members, fixed }) =>
      fixed !== undefined &&
      members.some((each) => sameExpression(each, column))
    );
  }

  /** The classes of at least three columns: members, and an equality of two. */
  get chains(): readonly {
    readonly members: readonly BoundExpression[];
    readonly equality: BoundCall;
  }[] {
    return this.#classes.flatMap(({ members, equality }) =>
      members.length < 3 || equality === undefined
        ? []
        : [{ members, equality }]
    );
  }
}

/** Whether a condition says that two values of one order are equal. */
function isEquality(condition: BoundExpression): condition is BoundCall {
  if (condition.kind !== "call" || condition.operator !== "=") return false;
  const { function: { routine, argumentTypes }, args } = condition;
  return routine === undefined && args.length === 2 &&
    argumentTypes.every(hasOrderedEquality);
}

/** Whether it is a column, or its value under another type's name. */
function isMember(expression: BoundExpression): boolean {
  return expression.kind === "column" ||
    expression.kind === "cast" && expression.convert === undefined &&
      expression.collation === undefined && isMember(expression.operand);
}

/** Whether it is a value that is there before rows are read. */
function isFixedValue(expression: BoundExpression): boolean {
  switch (expression.kind) {
    case "constant":
      return expression.value !== null;
    case "parameter":
    case "outer":
      return true;
    case "cast":
      return expression.convert === undefined &&
        isFixedValue(expression.operand);
    default:
      return false;
  }
}

/** A condition on another column. */
function withMember(
  condition: BoundCall,
  member: BoundExpression,
  other: BoundExpression,
): BoundExpression {
  return replaceExpressions(
    condition,
    (part) => part === member ? other : undefined,
  );
}
