/**
 * How many rows a condition leaves: by what ANALYZE found out about the columns
 * (`column_statistics.ts`), else by rules of thumb.
 *
 * Without statistics of columns the numbers are PostgreSQL's defaults: an
 * equality leaves 0.5 % (or one row where the column is a key), a comparison
 * with one bound a third, a range 0.5 %, LIKE 0.5 %, IS NULL 0.5 %.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { TableRelation } from "../analyzer/bound_tree.ts";
import type { CatalogView } from "../catalog/entries.ts";
import {
  equalToShare,
  type KnownColumn,
  knownColumn,
  type KnownRange,
  rangeShare,
} from "./column_statistics.ts";
import { type ColumnEquality, equalitiesShare } from "./columns_statistics.ts";
import { likeShare } from "./pattern_share.ts";
import { DAY_MICROS } from "../types/calendar.ts";
import type {
  ArrayValue,
  DataType,
  Nullable,
  SqlValue,
} from "../types/data_type.ts";
import { Numeric } from "../types/numeric.ts";
import { conjunctsOf } from "../planner/conjuncts.ts";

/** The share of rows with one value of a column that is no key. */
const EQUAL = 0.005;
/** The share of rows on one side of a bound. */
const BELOW = 1 / 3;
/** The share of rows between two bounds. */
const BETWEEN = 0.005;
/** The share of rows for which we know nothing. */
const UNKNOWN = 1 / 3;

/** What an estimate may look at. */
export interface SelectivityFacts {
  readonly table: TableRelation;
  readonly catalog: CatalogView;
  /** About how many rows the table has. */
  readonly rowCount: number;
}

/** The share of the table's rows for which `condition` is true, 0 to 1. */
export function selectivityOf(
  condition: BoundExpression | undefined,
  facts: SelectivityFacts,
): number {
  let share = 1;
  const bounds = new Map<number, BoundExpression[]>();
  const equalities: ColumnEquality[] = [];
  for (const part of conjunctsOf(condition)) {
    const column = boundedColumn(part);
    const equality = knownEquality(part, facts);
    if (
      equality !== undefined &&
      !equalities.some(({ number }) => number === equality.number)
    ) {
      equalities.push(equality);
    } else if (column === undefined) {
      share *= shareOf(part, facts);
    } else {
      const others = bounds.get(column);
      if (others === undefined) bounds.set(column, [part]);
      else others.push(part);
    }
  }
  for (const parts of bounds.values()) share *= boundsShare(parts, facts);
  if (equalities.length > 0) {
    share *= equalitiesShare(facts.catalog, facts.table.table, equalities);
  }
  return clamp(share, facts);
}

/** At least one row in all, at most all of them. */
function clamp(share: number, { rowCount }: SelectivityFacts): number {
  return Math.min(1, Math.max(share, 1 / Math.max(rowCount, 1)));
}

/** An equality with a value, of a table with statistics of several columns. */
function knownEquality(
  condition: BoundExpression,
  facts: SelectivityFacts,
): ColumnEquality | undefined {
  const { table } = facts.table;
  if (table.statistics === undefined || table.statistics.length === 0) {
    return undefined;
  }
  if (condition.kind !== "call" || condition.operator !== "=") return undefined;
  const [left, right] = condition.args as [BoundExpression, BoundExpression];
  const isFlipped = bare(left).kind !== "column";
  const column = bare(isFlipped ? right : left);
  const known = columnOf(column, facts);
  const value = valueFor(known, bare(isFlipped ? left : right));
  if (known === undefined || value === undefined || value === null) {
    return undefined;
  }
  const { number } = table.columns[column.column!]!;
  return { number, value, share: equalityShare(condition.args, facts) };
}

/** The column that the condition gives one bound, if that is what it does. */
function boundedColumn(condition: BoundExpression): number | undefined {
  if (condition.kind !== "call" || condition.operator === undefined) {
    return undefined;
  }
  if (!/^[<>]=?$/.test(condition.operator)) return undefined;
  return condition.args.map(bare).find((arg) => arg.kind === "column")?.column;
}

/** The share of rows that some bounds of one column leave. */
function boundsShare(
  parts: readonly BoundExpression[],
  facts: SelectivityFacts,
): number {
  return knownBounds(parts, facts) ?? (parts.length > 1 ? BETWEEN : BELOW);
}

/** The same by the column's statistics, if all bounds are known. */
function knownBounds(
  parts: readonly BoundExpression[],
  facts: SelectivityFacts,
): number | undefined {
  let known: KnownColumn | undefined;
  let range: KnownRange = {};
  for (const part of parts) {
    if (part.kind !== "call") return undefined;
    const [left, right] = part.args as [BoundExpression, BoundExpression];
    const isFlipped = bare(left).kind !== "column";
    known = known ?? columnOf(isFlipped ? right : left, facts);
    const value = valueFor(known, isFlipped ? left : right);
    if (known === undefined || value === undefined) return undefined;
    if (value === null) return 0;
    const end = { value, inclusive: part.operator!.endsWith("=") };
    const isUpper = part.operator!.startsWith("<") !== isFlipped;
    range = tighter(known, range, isUpper ? { upper: end } : { lower: end });
  }
  return known && rangeShare(known, range);
}

function tighter(
  { type }: KnownColumn,
  { lower, upper }: KnownRange,
  more: KnownRange,
): KnownRange {
  const isLower = more.lower !== undefined &&
    (lower === undefined || type.compare(more.lower.value, lower.value) > 0);
  const isUpper = more.upper !== undefined &&
    (upper === undefined || type.compare(more.upper.value, upper.value) < 0);
  return {
    lower: isLower ? more.lower : lower,
    upper: isUpper ? more.upper : upper,
  };
}

/** What is known of the column that an expression is. */
function columnOf(
  expression: BoundExpression,
  { table, catalog, rowCount }: SelectivityFacts,
): KnownColumn | undefined {
  const column = bare(expression);
  if (column.kind !== "column" || column.relation !== table.relation) {
    return undefined;
  }
  const entry = table.table.columns[column.column];
  return entry && knownColumn(catalog, table.table.id, entry, rowCount);
}

/**
 * The value that an expression is, in the form of the column's; `undefined`:
 * it is not known yet, or of another form.
 */
function valueFor(
  column: KnownColumn | undefined,
  expression: BoundExpression,
): Nullable | undefined {
  if (column === undefined || expression.kind !== "constant") return undefined;
  const { value } = expression;
  const { type } = expression.type;
  if (value === null || type === column.type) return value;
  if (type.category === "S" && column.type.category === "S") {
    return typeof value === "string" ? value : undefined;
  }
  return alike(value, type, column.type);
}

/** A number or a time in the form of another type, if there is one. */
function alike(
  value: SqlValue,
  from: DataType,
  to: DataType,
): SqlValue | undefined {
  const number = value instanceof Numeric ? value.toNumber() : value;
  if (typeof number !== "number") return undefined;
  if (isNumber(from) && isNumber(to)) {
    return to.name === "numeric" && Number.isSafeInteger(number)
      ? Numeric.fromInteger(number)
      : isPlainNumber(to)
      ? number
      : undefined;
  }
  // Time zones are smaller than what the histogram shows.
  if (from.name === "date" && isTimestamp(to)) return number * DAY_MICROS;
  if (isTimestamp(from) && to.name === "date") return number / DAY_MICROS;
  return isTimestamp(from) && isTimestamp(to) ? number : undefined;
}

function isTimestamp({ name }: DataType): boolean {
  return name === "timestamp" || name === "timestamptz";
}

function isNumber(type: DataType): boolean {
  return type.name === "numeric" || isPlainNumber(type);
}

/** Whether values of a type are numbers of JavaScript. */
function isPlainNumber({ name }: DataType): boolean {
  return /^(int[248]|float[48])$/.test(name);
}

function bare(expression: BoundExpression): BoundExpression & {
  readonly column?: number;
} {
  return expression.kind === "cast" ? bare(expression.operand) : expression;
}

function shareOf(condition: BoundExpression, facts: SelectivityFacts): number {
  switch (condition.kind) {
    case "constant":
      return condition.value === true ? 1 : 0;
    case "logical": {
      const shares = condition.operands.map((operand) =>
        selectivityOf(operand, facts)
      );
      if (condition.operation === "not") return 1 - shares[0]!;
      return condition.operation === "and"
        ? shares.reduce((a, b) => a * b, 1)
        : 1 - shares.reduce((a, b) => a * (1 - b), 1);
    }
    case "in": {
      const share = Math.min(
        1,
        condition.items.reduce(
          (sum, item) => sum + equalShare(condition.operand, facts, item),
          0,
        ),
      );
      return condition.negated ? 1 - share : share;
    }
    case "array_comparison":
      return arrayShare(condition, facts);
    case "null_test":
      return nullShare(condition, facts);
    case "boolean_test":
      return booleanShare(condition, facts);
    case "column":
      return 0.5;
    case "call":
      return operatorShare(condition, facts);
    default:
      return UNKNOWN;
  }
}

/** How many elements an array is thought to have that is not known. */
const ELEMENTS = 10;

function arrayShare(
  { operator, all, operand, array }: Extract<
    BoundExpression,
    { kind: "array_comparison" }
  >,
  facts: SelectivityFacts,
): number {
  if (operator !== "=" || all) return UNKNOWN;
  const count = array.kind === "constant" && array.value !== null
    ? (array.value as ArrayValue).elements.length
    : ELEMENTS;
  return Math.min(1, count * equalShare(operand, facts, undefined));
}

/** Of what is true of a known share; else of half of the rows. */
function booleanShare(
  { operand, test, negated }: Extract<
    BoundExpression,
    { kind: "boolean_test" }
  >,
  facts: SelectivityFacts,
): number {
  if (test !== "true" || operand.kind === "column") return 0.5;
  const share = shareOf(operand, facts);
  return negated ? 1 - share : share;
}

function operatorShare(
  { operator, args }: Extract<BoundExpression, { kind: "call" }>,
  facts: SelectivityFacts,
): number {
  switch (operator) {
    case "=":
      return equalityShare(args, facts);
    case "<>":
      return unequalShare(args, facts);
    case "@>":
    case "<@":
    case "&&":
    case "?":
    case "?|":
    case "?&":
    case "@?":
    case "@@":
      return EQUAL;
    case "~~":
    case "~~*":
      return patternShare(operator, args, facts) ?? EQUAL;
    case "!~~":
    case "!~~*":
      return 1 - (patternShare(operator, args, facts) ?? EQUAL);
    case "~":
    case "~*":
      return EQUAL;
    case "!~":
    case "!~*":
      return 1 - EQUAL;
    default:
      return UNKNOWN;
  }
}

/** The share of rows that a LIKE pattern fits, if it is known. */
function patternShare(
  operator: string,
  [operand, pattern]: readonly BoundExpression[],
  facts: SelectivityFacts,
): number | undefined {
  const known = columnOf(operand!, facts);
  const wanted = valueFor(known, pattern!);
  if (known === undefined || typeof wanted !== "string") return undefined;
  return likeShare(known, wanted, operator.endsWith("*"));
}

function nullShare(
  { operand, negated }: Extract<BoundExpression, { kind: "null_test" }>,
  facts: SelectivityFacts,
): number {
  const share = columnOf(operand, facts)?.nullShare ?? EQUAL;
  return negated ? 1 - share : share;
}

function equalityShare(
  args: readonly BoundExpression[],
  facts: SelectivityFacts,
): number {
  // What is known of one side is not made less by what is not of the other.
  const known = [...args.keys()]
    .filter((i) => columnOf(args[i]!, facts) !== undefined);
  const sides = known.length > 0 ? known : [...args.keys()];
  return Math.min(
    ...sides.map((i) => equalShare(args[i]!, facts, args[1 - i])),
  );
}

function unequalShare(
  args: readonly BoundExpression[],
  facts: SelectivityFacts,
): number {
  const known = args.map((arg) => columnOf(arg, facts))
    .find((column) => column !== undefined);
  if (known === undefined) return 1 - EQUAL;
  return Math.max(0, 1 - known.nullShare - equalityShare(args, facts));
}

/** The share of rows in which `operand` is equal to a value. */
function equalShare(
  operand: BoundExpression,
  facts: SelectivityFacts,
  value: BoundExpression | undefined,
): number {
  const known = columnOf(operand, facts);
  if (known !== undefined) {
    const wanted = value && valueFor(known, value);
    if (wanted === null) return 0;
    const share = equalToShare(known, wanted);
    if (share !== undefined) return share;
  }
  return usualEqualShare(operand, facts);
}

/** The same where nothing is known of values. */
function usualEqualShare(
  operand: BoundExpression,
  { table, catalog, rowCount }: SelectivityFacts,
): number {
  const column = bare(operand);
  if (column.kind !== "column" || column.relation !== table.relation) {
    return EQUAL;
  }
  const number = table.table.columns[column.column]?.number;
  if (column.type.type.name === "bool") return 0.5;
  const isKey = catalog.indexesOf(table.table.id).some((index) =>
    index.unique && index.predicate === undefined &&
    index.columns.length === 1 &&
    index.columns[0]!.columnNumber === number
  );
  return isKey ? 1 / Math.max(rowCount, 1) : EQUAL;
}
