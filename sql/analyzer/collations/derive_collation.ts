/**
 * Which collation an expression has.
 *
 * COLLATE says it (explicitly); a column has its own, and everything else of a
 * type with collations the default (implicitly). What a function gives has
 * that of its operands: an explicit one before an implicit one, another before
 * the default. Two explicit ones that differ are an error; two implicit ones
 * are one where somebody asks for the order.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { DEFAULT_COLLATION, isCollatable } from "../../types/collation.ts";
import type { Collation } from "../../types/data_type.ts";
import type { BoundExpression } from "../bound_expression.ts";
import { offsetOf } from "../coerce.ts";
import { childrenOf } from "../walk.ts";

/** What an expression says of its collation. */
export interface Derived {
  readonly collation: Collation;
  readonly explicit: boolean;
  /** The other collation, where two implicit ones differ. */
  readonly conflict?: Collation | undefined;
  /** Where the later of the two stands that were found last. */
  readonly offset: number | undefined;
}

/** Trees share their parts: each is looked at once. */
const known = new WeakMap<BoundExpression, Derived | null>();

/** The collation of an expression; absent: its type has none. */
export function deriveCollation(
  expression: BoundExpression,
): Derived | undefined {
  const found = known.get(expression);
  if (found !== undefined) return found ?? undefined;
  const derived = derive(expression);
  known.set(expression, derived ?? null);
  return derived;
}

function derive(expression: BoundExpression): Derived | undefined {
  if (expression.kind === "cast" && expression.collation !== undefined) {
    const { collation, offset } = expression;
    deriveCollation(expression.operand);
    return { collation, explicit: true, offset };
  }
  const children = partsOf(expression);
  const merged = children.length === 0 ? undefined : mergeCollations(children);
  if (!isCollatable(expression.type.type)) return undefined;
  return merged ?? {
    collation: expression.type.collation ?? DEFAULT_COLLATION,
    explicit: false,
    offset: offsetOf(expression),
  };
}

/** What a value comes from. */
function partsOf(expression: BoundExpression): readonly BoundExpression[] {
  switch (expression.kind) {
    case "subquery":
      return [];
    case "case":
      return [
        ...expression.branches.map(({ result }) => result),
        expression.otherwise,
      ];
    case "aggregate":
    case "window":
      return expression.args;
    default:
      return childrenOf(expression);
  }
}

/**
 * The collation of what is made of several operands.
 *
 * @throws {SqlError} `42P21` where two explicit ones differ.
 */
export function mergeCollations(
  operands: readonly BoundExpression[],
): Derived | undefined {
  let merged: Derived | undefined;
  for (const operand of operands) {
    const derived = deriveCollation(operand);
    if (derived === undefined) continue;
    merged = merged === undefined ? derived : mergeTwo(merged, derived);
  }
  return merged;
}

function mergeTwo(a: Derived, b: Derived): Derived {
  if (a.explicit !== b.explicit) return a.explicit ? a : b;
  if (a.explicit) {
    if (a.collation === b.collation) return a;
    throw mismatch("explicit", a.collation, b.collation, b.offset);
  }
  if (a.conflict !== undefined) return a;
  if (b.conflict !== undefined || a.collation === DEFAULT_COLLATION) return b;
  if (b.collation === DEFAULT_COLLATION || a.collation === b.collation) {
    return a;
  }
  return { ...a, conflict: b.collation, offset: b.offset };
}

/** Two collations that do not go together. */
export function mismatch(
  strength: "explicit" | "implicit",
  a: Collation,
  b: Collation,
  offset: number | undefined,
): SqlError {
  return new SqlError(
    "42P21",
    `collation mismatch between ${strength} collations "${a.name}" and "${b.name}"`,
    {
      ...strength === "explicit" ? {} : {
        hint:
          "You can choose the collation by applying the COLLATE clause to one or both expressions.",
      },
      ...offset === undefined || offset < 0 ? {} : { offset },
    },
  );
}
