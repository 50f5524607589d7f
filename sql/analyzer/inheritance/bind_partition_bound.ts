/**
 * FOR VALUES: the expressions of a partition's bound, as values of the key's
 * types. They are computed when the partition is made.
 *
 * @module
 */
import type { PartitionKey, TableEntry } from "../../catalog/entries.ts";
import { keyTypeOf } from "../../catalog/inheritance/partitions.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { Expression } from "../../parser/expression_syntax.ts";
import type {
  PartitionBoundSyntax,
  RangePointSyntax,
} from "../../parser/partition_syntax.ts";
import type { TypeRef } from "../../types/data_type.ts";
import type { BoundExpression } from "../bound_expression.ts";
import type { BoundPartitionBound, BoundPoint } from "./bound_partition.ts";
import { Coercer } from "../coerce.ts";
import { ExpressionBinder } from "../expression_binder.ts";
import { Scope } from "../scope.ts";
import type { StatementState } from "../statement_state.ts";

/**
 * Binds the bound of a partition of `parent`.
 *
 * @throws {SqlError} `42P16`, `42804`, `0A000`.
 */
export function bindPartitionBound(
  state: StatementState,
  parent: TableEntry,
  bound: PartitionBoundSyntax,
): BoundPartitionBound {
  const { strategy, columns } = parent.partitionKey!;
  const { offset } = bound;
  if (bound.kind === "default") {
    if (strategy !== "hash") return bound;
    throw new SqlError(
      "42P16",
      "a hash-partitioned table may not have a default partition",
    );
  }
  if (bound.kind !== strategy) throw wrongKind(strategy, offset);
  const types = columns.map((column) => keyTypeOf(parent, column));
  const names = columns.map((column) => keyName(parent, column));
  const value = (syntax: Expression, i: number): BoundExpression =>
    bindValue(state, syntax, { type: types[i]!, name: names[i]! });
  switch (bound.kind) {
    case "hash":
      return requireHash(bound);
    case "list":
      return {
        kind: "list",
        values: bound.values.map((each) => value(each, 0)),
        offset,
      };
    case "range": {
      const points = (
        given: readonly RangePointSyntax[],
        word: string,
      ): BoundPoint[] => {
        if (given.length !== columns.length) {
          throw new SqlError(
            "42P16",
            `${word} must specify exactly one value per partitioning column`,
          );
        }
        return given.map((each, i) =>
          typeof each === "string" ? each : value(each, i)
        );
      };
      const from = points(bound.from, "FROM");
      return { kind: "range", from, to: points(bound.to, "TO"), offset };
    }
  }
}

/** What a key column is called in messages. */
function keyName(
  { columns }: TableEntry,
  { columnNumber, expression }: PartitionKey["columns"][number],
): string {
  return expression?.sql ??
    columns.find(({ number }) => number === columnNumber)!.name;
}

function requireHash<
  T extends { readonly modulus: number; readonly remainder: number },
>(bound: T): T {
  const refuse = (message: string): never => {
    throw new SqlError("42P16", message);
  };
  if (bound.modulus <= 0) {
    refuse(
      "modulus for hash partition must be an integer value greater than zero",
    );
  }
  if (bound.remainder < 0) {
    refuse(
      "remainder for hash partition must be an integer value greater than or equal to zero",
    );
  }
  if (bound.remainder >= bound.modulus) {
    refuse("remainder for hash partition must be less than modulus");
  }
  return bound;
}

function wrongKind(
  strategy: PartitionKey["strategy"],
  offset: number,
): SqlError {
  return new SqlError(
    "42P16",
    `invalid bound specification for a ${strategy} partition`,
    { offset },
  );
}

function bindValue(
  state: StatementState,
  syntax: Expression,
  { name, type }: { readonly name: string; readonly type: TypeRef },
): BoundExpression {
  const coercer = new Coercer(state);
  const binder = new ExpressionBinder({
    state,
    coercer,
    scope: new Scope([]),
    place: "partition bound",
  });
  const bound = binder.bind(syntax);
  const value = coercer.coerce(bound, type, { context: "assignment" });
  if (value !== undefined) return value;
  throw new SqlError(
    "42804",
    `specified value cannot be cast to type ${type.type.displayName} for column "${name}"`,
    { offset: bound.offset },
  );
}
