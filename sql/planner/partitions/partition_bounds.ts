/**
 * Which partitions can have rows for which conditions are true.
 *
 * Conditions are looked at one by one and together: what is said of the first
 * columns of a key makes a range of keys; OR is the union of its branches. What
 * is not understood leaves all partitions.
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import {
  type BoundValue,
  comparePoints,
  type Partitions,
} from "../../catalog/inheritance/partitions.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { conjunctsOf } from "../conjuncts.ts";

/** The value of an expression without columns; `undefined`: not known yet. */
export type ValueOf = (expression: BoundExpression) => Nullable | undefined;

/** What is known of one column of a key. */
interface ColumnFacts {
  equal?: Nullable;
  isNull?: true;
  lower?: { readonly value: Nullable; readonly inclusive: boolean };
  upper?: { readonly value: Nullable; readonly inclusive: boolean };
}

/** Conditions over the columns of a partitioned table. */
export interface PartitionQuestion {
  readonly parts: Partitions;
  /** The table, its columns in the order of the conditions' column numbers. */
  readonly ordered: TableEntry;
  readonly relation: number;
  readonly valueOf: ValueOf;
}

/** The positions of the partitions that may have rows. */
export function possiblePartitions(
  question: PartitionQuestion,
  conditions: readonly BoundExpression[],
): ReadonlySet<number> {
  const { parts } = question;
  const facts = parts.key.columns.map((): ColumnFacts => ({}));
  let possible = new Set(parts.tables.keys());
  for (const condition of conditions.flatMap((each) => conjunctsOf(each))) {
    const own = alternatives(question, condition);
    if (own !== undefined) {
      possible = new Set([...possible].filter((each) => own.has(each)));
      continue;
    }
    if (!note(question, facts, condition)) return new Set();
  }
  const left = byFacts(question, facts);
  return new Set([...possible].filter((each) => left.has(each)));
}

/** OR and IN: what any of the alternatives leaves. */
function alternatives(
  question: PartitionQuestion,
  condition: BoundExpression,
): Set<number> | undefined {
  if (condition.kind === "logical" && condition.operation === "or") {
    const all = new Set<number>();
    for (const operand of condition.operands) {
      for (const each of possiblePartitions(question, [operand])) all.add(each);
    }
    return all;
  }
  const values = listed(question, condition);
  if (values === undefined) return undefined;
  const { column, list } = values;
  const all = new Set<number>();
  for (const value of list) {
    if (value === null) continue;
    const facts = question.parts.key.columns.map((): ColumnFacts => ({}));
    facts[column] = { equal: value };
    for (const each of byFacts(question, facts)) all.add(each);
  }
  return all;
}

/** The values that a column of the key has to be one of. */
function listed(
  question: PartitionQuestion,
  condition: BoundExpression,
): { readonly column: number; readonly list: readonly Nullable[] } | undefined {
  if (condition.kind === "in" && !condition.negated) {
    const column = keyColumn(question, condition.operand);
    if (column < 0) return undefined;
    const list = condition.items.map((item) => asKey(question, column, item));
    return list.includes(undefined)
      ? undefined
      : { column, list: list as Nullable[] };
  }
  if (
    condition.kind !== "array_comparison" || condition.all ||
    condition.operator !== "="
  ) return undefined;
  const column = keyColumn(question, condition.operand);
  const { element } = condition.array.type.type;
  if (column < 0 || element === undefined) return undefined;
  if (!sameForm(element, question.parts.types[column]!)) return undefined;
  const array = question.valueOf(condition.array);
  if (array === undefined) return undefined;
  if (array === null) return { column, list: [] };
  if (typeof array !== "object" || !("elements" in array)) return undefined;
  return { column, list: array.elements };
}

/** Takes a condition into what is known; `false`: it is true of no row. */
function note(
  question: PartitionQuestion,
  facts: ColumnFacts[],
  condition: BoundExpression,
): boolean {
  if (condition.kind === "constant") {
    return condition.value !== false && condition.value !== null;
  }
  if (condition.kind === "null_test" && !condition.negated) {
    const column = keyColumn(question, condition.operand);
    if (column >= 0) facts[column]!.isNull = true;
    return true;
  }
  if (condition.kind !== "call" || condition.args.length !== 2) return true;
  const [left, right] = condition.args as [BoundExpression, BoundExpression];
  const own = keyColumn(question, left);
  const column = own >= 0 ? own : keyColumn(question, right);
  if (column < 0) return true;
  const { operator } = condition;
  const turned = own >= 0 ? operator : TURNED[operator ?? ""];
  if (turned === undefined || !(turned in TURNED)) return true;
  const value = asKey(question, column, own >= 0 ? right : left);
  if (value === undefined) return true;
  if (value === null) return false;
  return narrow(question.parts.types[column]!, facts[column]!, turned, value);
}

/** The operators that are understood, with their sides changed. */
const TURNED: Readonly<Record<string, string>> = {
  "=": "=",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

function narrow(
  type: DataType,
  facts: ColumnFacts,
  operator: string,
  value: NonNullable<Nullable>,
): boolean {
  const inclusive = operator.endsWith("=");
  if (operator === "=") {
    const { equal } = facts;
    facts.equal = value;
    return equal === undefined || equal === null ||
      type.compare(equal, value) === 0;
  }
  const isLower = operator.startsWith(">");
  const there = isLower ? facts.lower : facts.upper;
  const order = there === undefined ? 0 : type.compare(value, there.value!);
  const isNarrower = there === undefined ||
    (isLower ? order > 0 : order < 0) || (order === 0 && !inclusive);
  if (!isNarrower) return true;
  if (isLower) facts.lower = { value, inclusive };
  else facts.upper = { value, inclusive };
  return true;
}

/** The partitions that what is known of the key columns leaves. */
function byFacts(
  { parts }: PartitionQuestion,
  facts: readonly ColumnFacts[],
): Set<number> {
  const all = new Set(parts.tables.keys());
  const fixed = facts.map(({ equal, isNull }) => isNull ? null : equal);
  if (fixed.every((value) => value !== undefined)) {
    const found = parts.find(fixed as Nullable[]);
    return new Set(found < 0 ? [] : [found]);
  }
  switch (parts.key.strategy) {
    case "hash":
      return all;
    case "list":
      return new Set(
        [...all].filter((each) => listHas(parts, each, facts[0]!)),
      );
    case "range":
      return inRanges(parts, facts);
  }
}

function listHas(
  parts: Partitions,
  position: number,
  { lower, upper }: ColumnFacts,
): boolean {
  const bound = parts.tables[position]!.partitionBound;
  if (bound?.kind !== "list" || (lower ?? upper) === undefined) return true;
  const [type] = parts.types as [DataType];
  return bound.values.some((text) => {
    if (text === null) return false;
    const value = type.input(text, -1);
    const above = lower === undefined ? 1 : type.compare(value, lower.value!);
    const below = upper === undefined ? -1 : type.compare(value, upper.value!);
    return (above > 0 || (above === 0 && lower!.inclusive)) &&
      (below < 0 || (below === 0 && upper!.inclusive));
  });
}

function inRanges(
  parts: Partitions,
  facts: readonly ColumnFacts[],
): Set<number> {
  const { types, defaultPosition } = parts;
  const found = new Set<number>();
  if (defaultPosition >= 0) found.add(defaultPosition);
  if (facts.some(({ isNull }) => isNull)) return found;
  const lower: BoundValue[] = [];
  const upper: BoundValue[] = [];
  let above = true;
  let below = true;
  for (const { equal, lower: from, upper: to } of facts) {
    if (equal !== undefined) {
      const point: BoundValue = { kind: "value", value: equal };
      lower.push(point);
      upper.push(point);
      continue;
    }
    if (from !== undefined) {
      lower.push({ kind: "value", value: from.value });
      above = from.inclusive;
    }
    if (to !== undefined) {
      upper.push({ kind: "value", value: to.value });
      below = to.inclusive;
    }
    break;
  }
  for (const { from, to, position } of parts.ranges) {
    const start = comparePoints(from, upper, types);
    const end = comparePoints(lower, to, types);
    const isAll = lower.length === types.length;
    const begins = upper.length === 0 || start < 0 || (start === 0 && below);
    const ends = lower.length === 0 || end < 0 ||
      (end === 0 && above && !isAll);
    if (begins && ends) found.add(position);
  }
  return found;
}

/** Which column of the key an expression is; -1: none. */
function keyColumn(
  { parts, ordered, relation }: PartitionQuestion,
  expression: BoundExpression,
): number {
  const plain = withoutRelabel(expression);
  if (plain.kind !== "column" || plain.relation !== relation) return -1;
  const number = ordered.columns[plain.column]?.number;
  return parts.key.columns.findIndex(({ columnNumber }) =>
    columnNumber !== 0 && columnNumber === number
  );
}

/** An expression without casts that leave the value as it is. */
function withoutRelabel(expression: BoundExpression): BoundExpression {
  return expression.kind === "cast" && expression.convert === undefined
    ? withoutRelabel(expression.operand)
    : expression;
}

/** A value as one of a key column; `undefined`: not known, or of no use. */
function asKey(
  { parts, valueOf }: PartitionQuestion,
  column: number,
  expression: BoundExpression,
): Nullable | undefined {
  if (!sameForm(expression.type.type, parts.types[column]!)) return undefined;
  return valueOf(expression);
}

const INTEGERS: ReadonlySet<string> = new Set(["int2", "int4", "int8"]);
const TEXTS: ReadonlySet<string> = new Set(["text", "varchar", "name"]);

/** Whether values of two types compare by the second's order. */
function sameForm(type: DataType, key: DataType): boolean {
  return type === key ||
    (TEXTS.has(type.name) && TEXTS.has(key.name)) ||
    (INTEGERS.has(type.name) && INTEGERS.has(key.name));
}
