/**
 * The bound of a partition that is made or attached: its values computed, and
 * checked against those of the others.
 *
 * @module
 */
import type {
  BoundPartitionBound,
  BoundPoint,
} from "../../analyzer/inheritance/bound_partition.ts";
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import type {
  CatalogView,
  PartitionBound,
  TableEntry,
} from "../../catalog/entries.ts";
import { rangeText } from "../../catalog/inheritance/bound_text.ts";
import type { RangePoint } from "../../catalog/inheritance/partition_entry.ts";
import {
  comparePoints,
  type Partitions,
  partitionsOf,
  pointsOf,
} from "../../catalog/inheritance/partitions.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { evaluate } from "../../planner/evaluate.ts";
import type { Nullable } from "../../types/data_type.ts";
import type { RunState } from "../run_state.ts";

/** A partition that is to be. */
interface NewPartition {
  readonly name: string;
  readonly bound: BoundPartitionBound;
}

/**
 * The bound of a new partition of `parent`.
 *
 * @throws {SqlError} `42P17` where it overlaps another, or has no row.
 */
export function newBound(
  catalog: CatalogView,
  parent: TableEntry,
  partition: NewPartition,
  run: RunState,
): PartitionBound {
  const parts = partitionsOf(catalog, parent);
  const { bound, name } = partition;
  switch (bound.kind) {
    case "default": {
      const there = parts.tables[parts.defaultPosition];
      if (there === undefined) return { kind: "default" };
      throw new SqlError(
        "42P17",
        `partition "${name}" conflicts with existing default partition "${there.name}"`,
        { offset: bound.offset },
      );
    }
    case "list":
      return listBound(parts, name, bound.values, run);
    case "range":
      return rangeBound(parts, name, bound, run);
    case "hash": {
      const { modulus, remainder, offset } = bound;
      requireFactor(parts, modulus);
      const other = parts.tables.find(({ partitionBound }) =>
        partitionBound?.kind === "hash" &&
        (remainder - partitionBound.remainder) %
              Math.min(modulus, partitionBound.modulus) === 0
      );
      if (other !== undefined) throw overlap(name, other, offset);
      return { kind: "hash", modulus, remainder };
    }
  }
}

function overlap(
  name: string,
  other: TableEntry,
  offset: number,
): SqlError {
  return new SqlError(
    "42P17",
    `partition "${name}" would overlap partition "${other.name}"`,
    { offset: offset < 0 ? undefined : offset },
  );
}

function listBound(
  parts: Partitions,
  name: string,
  expressions: readonly BoundExpression[],
  run: RunState,
): PartitionBound {
  const type = parts.types[0]!;
  const seen = new Set<unknown>();
  const values: (string | null)[] = [];
  for (const expression of expressions) {
    const value = evaluate(expression, run);
    const key = value === null ? null : type.hashKey(value);
    if (seen.has(key)) continue;
    seen.add(key);
    const other = parts.tables[parts.listed(value)];
    if (other !== undefined) throw overlap(name, other, expression.offset);
    values.push(value === null ? null : type.output(value));
  }
  return { kind: "list", values };
}

function rangeBound(
  parts: Partitions,
  name: string,
  bound: Extract<BoundPartitionBound, { kind: "range" }>,
  run: RunState,
): PartitionBound {
  const { types } = parts;
  const from = bound.from.map((each, i) => pointOf(parts, each, i, run));
  const to = bound.to.map((each, i) => pointOf(parts, each, i, run));
  const lower = pointsOf(from, types);
  const upper = pointsOf(to, types);
  const first = bound.from[0]!;
  const offset = typeof first === "string" ? bound.offset : first.offset;
  if (comparePoints(lower, upper, types) >= 0) {
    throw new SqlError(
      "42P17",
      `empty range bound specified for partition "${name}"`,
      {
        detail: `Specified lower bound ${
          rangeText(from, types)
        } is greater than or equal to upper bound ${rangeText(to, types)}.`,
        offset,
      },
    );
  }
  const other = parts.ranges.find((range) =>
    comparePoints(lower, range.to, types) < 0 &&
    comparePoints(range.from, upper, types) < 0
  );
  if (other !== undefined) {
    throw overlap(name, parts.tables[other.position]!, offset);
  }
  return { kind: "range", from, to };
}

function pointOf(
  { types }: Partitions,
  point: BoundPoint,
  position: number,
  run: RunState,
): RangePoint {
  if (typeof point === "string") return { kind: point };
  const value: Nullable = evaluate(point, run);
  if (value !== null) {
    return { kind: "value", value: types[position]!.output(value) };
  }
  throw new SqlError("42P17", "cannot specify NULL in range bound");
}

/** @throws {SqlError} `42P17`: rows would not know where they belong. */
function requireFactor({ tables }: Partitions, modulus: number): void {
  const all = tables.flatMap(({ name, partitionBound }) =>
    partitionBound?.kind === "hash"
      ? [{ name, modulus: partitionBound.modulus }]
      : []
  );
  const refuse = (detail: string): never => {
    throw new SqlError(
      "42P17",
      "every hash partition modulus must be a factor of the next larger modulus",
      { detail },
    );
  };
  const smaller = all.filter((each) => each.modulus <= modulus).at(-1);
  if (smaller !== undefined && modulus % smaller.modulus !== 0) {
    refuse(
      `The new modulus ${modulus} is not divisible by ${smaller.modulus}, the modulus of existing partition "${smaller.name}".`,
    );
  }
  const larger = all.find((each) => each.modulus > modulus);
  if (larger !== undefined && larger.modulus % modulus !== 0) {
    refuse(
      `The new modulus ${modulus} is not a factor of ${larger.modulus}, the modulus of existing partition "${larger.name}".`,
    );
  }
}
