/**
 * Collations where an order is asked for: comparisons, `min` and `max`,
 * GREATEST and LEAST, keys of ORDER BY.
 *
 * What compares gets the type of the collation (`collatedType`), under a
 * COLLATE that keeps it apart from keys of indexes, which have the order of
 * code points.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { comparisonOperatorsOf } from "../../functions/comparison/comparison_operators.ts";
import { extremeAggregate } from "../../functions/aggregates/value_aggregates.ts";
import type {
  AggregateDefinition,
  FunctionDefinition,
} from "../../functions/registry.ts";
import {
  collatedType,
  collationNamed,
  isCollatable,
} from "../../types/collation.ts";
import type { Collation, DataType, TypeRef } from "../../types/data_type.ts";
import type { CollationName } from "../../parser/expression_syntax.ts";
import type { BoundExpression } from "../bound_expression.ts";
import type { StatementState } from "../statement_state.ts";
import {
  deriveCollation,
  type Derived,
  mergeCollations,
  mismatch,
} from "./derive_collation.ts";

const COMPARISONS: ReadonlySet<string> = new Set([
  "=",
  "<>",
  "<",
  "<=",
  ">",
  ">=",
]);

/**
 * The collation that a COLLATE names, of a value of `type`.
 *
 * @throws {SqlError} `42804`, `3F000`, `42704`.
 */
export function bindCollation(
  state: StatementState,
  { schema, name, offset }: CollationName,
  type: DataType,
): Collation {
  if (!isCollatable(type) && type.name !== "name") {
    throw new SqlError(
      "42804",
      `collations are not supported by type ${type.displayName}`,
      { offset },
    );
  }
  if (schema !== undefined && !state.options.catalog.hasSchema(schema)) {
    throw new SqlError("3F000", `schema "${schema}" does not exist`, {
      offset,
    });
  }
  const collation = schema === undefined || schema === "pg_catalog"
    ? collationNamed(name)
    : undefined;
  if (collation !== undefined) return collation;
  const shown = schema === undefined ? name : `${schema}.${name}`;
  throw new SqlError(
    "42704",
    `collation "${shown}" for encoding "UTF8" does not exist`,
    { offset },
  );
}

/** The expression with the order of `collation`, which is its type's, too. */
export function inOrderOf(
  expression: BoundExpression,
  collation: Collation | undefined,
): BoundExpression {
  const { type } = expression.type;
  const collated = collatedType(type, collation);
  if (collated === type) return expression;
  return {
    kind: "cast",
    operand: expression,
    type: { type: collated, typmod: -1 },
    context: "implicit",
    convert: undefined,
    hidden: true,
    collation,
    offset: -1,
  };
}

/** The expression without the order that {@linkcode inOrderOf} gave it. */
export function withoutOrder(expression: BoundExpression): BoundExpression {
  return expression.kind === "cast" && expression.collation !== undefined
    ? expression.operand
    : expression;
}

/**
 * The collation that the order of `expression` follows.
 *
 * @throws {SqlError} `42P21` where two are at odds.
 */
export function sortCollation(
  expression: BoundExpression,
): Collation | undefined {
  return requireOneCollation([expression]);
}

/**
 * The one collation of several expressions.
 *
 * @throws {SqlError} `42P21` where two are at odds.
 */
export function requireOneCollation(
  expressions: readonly BoundExpression[],
): Collation | undefined {
  const derived = mergeCollations(expressions);
  if (derived?.conflict !== undefined) {
    const { collation, conflict, offset } = derived;
    throw mismatch("implicit", collation, conflict, offset);
  }
  return derived?.collation;
}

function settled(derived: Derived | undefined): Collation | undefined {
  if (derived?.conflict !== undefined) {
    throw new SqlError(
      "42P22",
      "could not determine which collation to use for string comparison",
      { hint: "Use the COLLATE clause to set the collation explicitly." },
    );
  }
  return derived?.collation;
}

/** A comparison and its operands. */
interface Comparison {
  readonly function: FunctionDefinition;
  readonly args: readonly BoundExpression[];
}

const comparisons = new WeakMap<DataType, Map<string, FunctionDefinition>>();

function comparisonOf(type: DataType, name: string): FunctionDefinition {
  let found = comparisons.get(type);
  if (found === undefined) {
    found = new Map(
      comparisonOperatorsOf(type).map((operator) => [
        operator.function.name,
        operator.function,
      ]),
    );
    comparisons.set(type, found);
  }
  return found.get(name)!;
}

/**
 * A call of an operator with its operands in the order of their collation.
 *
 * @throws {SqlError} `42P21`, `42P22` where it cannot be told.
 */
export function collatedOperator(
  name: string,
  plain: FunctionDefinition,
  args: readonly BoundExpression[],
): Comparison {
  const [type] = plain.argumentTypes;
  const untouched = { function: plain, args };
  if (type === undefined || !isCollatable(type)) return untouched;
  const derived = mergeCollations(args);
  if (!COMPARISONS.has(name) || type.element !== undefined) return untouched;
  const collation = settled(derived);
  const collated = collatedType(type, collation);
  // Equality is the same in all collations.
  if (collated === type || name === "=" || name === "<>") return untouched;
  return {
    function: comparisonOf(collated, name),
    args: args.map((arg) => inOrderOf(arg, collation)),
  };
}

/** @throws {SqlError} `42P21`, `42P22` where texts have no one collation. */
export function requireCollation(operands: readonly BoundExpression[]): void {
  if (isCollatable(operands[0]!.type.type)) settled(mergeCollations(operands));
}

/** The collation by which GREATEST and LEAST choose. */
export function extremeCollation(
  operands: readonly BoundExpression[],
): Collation | undefined {
  return settled(mergeCollations(operands));
}

/** `min` and `max` in the order of their argument's collation. */
export function collatedAggregate(
  plain: AggregateDefinition,
  args: readonly BoundExpression[],
): readonly [AggregateDefinition, readonly BoundExpression[]] {
  const { name, argumentTypes: [type] } = plain;
  const [arg] = args;
  if (
    (name !== "min" && name !== "max") || args.length !== 1 ||
    type === undefined || !isCollatable(type)
  ) return [plain, args];
  const collation = settled(deriveCollation(arg!));
  const collated = collatedType(type, collation);
  if (collated === type) return [plain, args];
  const definition = extremeAggregate(name, collated);
  return [{ ...definition, returnType: type }, [inOrderOf(arg!, collation)]];
}

/** The type of a column that an expression is computed for. */
export function columnTypeOf(expression: BoundExpression): TypeRef {
  const { type } = expression;
  if (!isCollatable(type.type)) return type;
  const collation = deriveCollation(expression)?.collation;
  return collation === type.collation ||
      (collation?.name === "default" && type.collation === undefined)
    ? type
    : { ...type, collation };
}
