/**
 * Rows that several indexes find together, or one that knows parts of values.
 *
 * ```text
 * before  scan t                             after  bitmap_scan t
 *           filter a = 1 OR b BETWEEN 3 AND 4         or
 *                                                       range t_a_idx  a = 1
 *                                                       range t_b_idx  3 <= b <= 4
 *                                                     filter a = 1 OR …
 * ```
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import { sameExpression } from "../../analyzer/walk.ts";
import { conjunction, conjunctsOf } from "../../planner/conjuncts.ts";
import type {
  BitmapScanNode,
  BitmapSource,
  ScanNode,
  SearchTerm,
} from "../../planner/logical_plan.ts";
import { estimate } from "../estimate.ts";
import type { PlanFacts } from "../facts.ts";
import { indexRange } from "./index_range.ts";
import { isFixed } from "./key_condition.ts";
import { type TableIndex, usableIndexes } from "./table_index.ts";

/** How deep conditions are looked into. */
const DEPTH_MAX = 4;
/** The most alternatives that are looked for one by one. */
const ALTERNATIVES_MAX = 50;

/** A source, and the condition it sees to. */
export interface FoundSource {
  readonly source: BitmapSource;
  readonly condition: BoundExpression;
}

/** The cheapest bitmap scan for what `scan` gives, if there is one. */
export function bitmapPathOf(
  scan: ScanNode,
  facts: PlanFacts,
): BitmapScanNode | undefined {
  const best = bitmapOf(scan, facts);
  // One range is a scan of an index.
  return best === undefined || best.source.kind === "range"
    ? undefined
    : nodeOf(scan, best);
}

/** Where the locators of what `scan` gives are found best, if by indexes. */
export function bitmapOf(
  scan: ScanNode,
  facts: PlanFacts,
): FoundSource | undefined {
  if (facts.ways?.bitmapScans === false) return undefined;
  const found = sourcesOf(scan, facts, 0);
  const first = cheapest(scan, found, facts);
  if (first === undefined) return undefined;
  let best = first;
  const others = found.filter(({ condition }) => condition !== best.condition)
    .sort((a, b) => costOf(scan, a, facts) - costOf(scan, b, facts));
  for (const other of others) {
    const both = allOf([best, other]);
    if (costOf(scan, both, facts) < costOf(scan, best, facts)) best = both;
  }
  return best;
}

function nodeOf(
  scan: ScanNode,
  { source, condition }: FoundSource,
): BitmapScanNode {
  const { table, columns, filter } = scan;
  return { kind: "bitmap_scan", table, source, condition, columns, filter };
}

function costOf(
  scan: ScanNode,
  source: FoundSource,
  facts: PlanFacts,
): number {
  return estimate(nodeOf(scan, source), facts).total;
}

function cheapest(
  scan: ScanNode,
  found: readonly FoundSource[],
  facts: PlanFacts,
): FoundSource | undefined {
  let best: FoundSource | undefined;
  let least = Infinity;
  for (const each of found) {
    const cost = costOf(scan, each, facts);
    if (cost >= least) continue;
    best = each;
    least = cost;
  }
  return best;
}

/** What indexes can find of the rows that a scan gives. */
function sourcesOf(
  scan: ScanNode,
  facts: PlanFacts,
  depth: number,
): FoundSource[] {
  const found: FoundSource[] = [];
  for (const index of usableIndexes(scan, facts)) {
    const source = searchSource(scan, index) ?? rangeSource(scan, index);
    if (source !== undefined) found.push(source);
  }
  if (depth >= DEPTH_MAX) return found;
  for (const condition of conjunctsOf(scan.filter)) {
    const source = oneOf(scan, condition, facts, depth);
    if (source !== undefined) found.push(source);
  }
  return found;
}

/** A source for each alternative of an OR. */
function oneOf(
  scan: ScanNode,
  condition: BoundExpression,
  facts: PlanFacts,
  depth: number,
): FoundSource | undefined {
  if (
    condition.kind !== "logical" || condition.operation !== "or" ||
    condition.operands.length > ALTERNATIVES_MAX
  ) return undefined;
  const inputs: BitmapSource[] = [];
  for (const filter of condition.operands) {
    const part = { ...scan, filter };
    const best = cheapest(part, sourcesOf(part, facts, depth + 1), facts);
    if (best === undefined) return undefined;
    inputs.push(best.source);
  }
  return { source: { kind: "or", inputs }, condition };
}

function allOf(found: readonly FoundSource[]): FoundSource {
  return {
    source: {
      kind: "and",
      inputs: found.flatMap(({ source }) =>
        source.kind === "and" ? source.inputs : [source]
      ),
    },
    condition: conjunction(
      found.flatMap(({ condition }) => conjunctsOf(condition)),
    )!,
  };
}

function rangeSource(
  scan: ScanNode,
  index: TableIndex,
): FoundSource | undefined {
  if (index.method.openRange === undefined) return undefined;
  const { range, used } = indexRange(scan, index);
  const condition = conjunction([...used, ...index.predicate]);
  return condition && { source: { kind: "range", range }, condition };
}

const COMMUTED: Readonly<Record<string, string>> = {
  "@>": "<@",
  "<@": "@>",
  "&&": "&&",
  "=": "=",
};

/** What an index that knows parts of values is asked. */
function searchSource(
  scan: ScanNode,
  { entry, method, keys, predicate }: TableIndex,
): FoundSource | undefined {
  if (method.search === undefined) return undefined;
  const terms: SearchTerm[] = [];
  const used: BoundExpression[] = [];
  for (const condition of conjunctsOf(scan.filter)) {
    for (const [key, expression] of keys.entries()) {
      const { operatorClass } = entry.columns[key]!;
      const operators = method.operatorClasses.find((each) =>
        each.name === operatorClass &&
        each.typeName === expression.type.type.name
      )?.searchOperators ?? [];
      const term = termOf(condition, expression, operators);
      if (term === undefined) {
        continue;
      }
      terms.push({ key, ...term });
      used.push(condition);
      break;
    }
  }
  const condition = conjunction(used);
  if (condition === undefined) return undefined;
  return {
    source: { kind: "search", index: entry, terms, condition },
    condition: conjunction([...used, ...predicate])!,
  };
}

function termOf(
  condition: BoundExpression,
  key: BoundExpression,
  operators: readonly string[],
): Omit<SearchTerm, "key"> | undefined {
  if (condition.kind !== "call" || condition.operator === undefined) {
    return undefined;
  }
  const { operator, args: [left, right], function: { argumentTypes } } =
    condition;
  if (left === undefined || right === undefined) return undefined;
  // Both sides are arrays, or the key is a jsonb.
  const isOf = key.type.type;
  if (operators.includes(operator) && sameExpression(left, key)) {
    const isGood = isFixed(right) && argumentTypes[0] === isOf &&
      (isOf.element === undefined || right.type.type === isOf);
    return isGood ? { operator, value: right } : undefined;
  }
  const commuted = COMMUTED[operator];
  if (
    commuted === undefined || !operators.includes(commuted) ||
    !sameExpression(right, key) || !isFixed(left) || left.type.type !== isOf
  ) return undefined;
  return { operator: commuted, value: left };
}
