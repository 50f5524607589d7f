/**
 * What is expected of reading by indexes.
 *
 * @module
 */
import type { LeadingKeys } from "../../access/index_access.ts";
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import type { TableRelation } from "../../analyzer/bound_tree.ts";
import { conjunction, conjunctsOf } from "../../planner/conjuncts.ts";
import { keyPositions } from "../../planner/index_only.ts";
import type {
  BitmapScanNode,
  BitmapSource,
  IndexLookupNode,
  IndexRange,
  IndexScanNode,
} from "../../planner/logical_plan.ts";
import type { CostFacts } from "../facts.ts";
import { lookupsCost, streamCost } from "../request_cost.ts";
import { type Estimate, rowsOf, tableFacts } from "../table_estimate.ts";
import { knownColumn } from "../column_statistics.ts";
import {
  bitmapCost,
  indexCost,
  indexStartup,
  leadingCost,
} from "./index_cost.ts";

const OPERATOR = 0.0025;
/** How many parts of a value are searched for. */
const ITEMS = 2;
/** How many elements an array is taken to have. */
const ARRAY_ITEMS = 10;

/** A lookup in an index, or a scan of a range of it. */
export function indexEstimate(
  plan: IndexLookupNode | IndexScanNode,
  facts: CostFacts,
): Estimate {
  const { table } = plan;
  if (plan.kind === "index_scan" && plan.leading !== undefined) {
    return leadingEstimate(plan, plan.leading, facts);
  }
  const isLookup = plan.kind === "index_lookup";
  const { rowCount, width, share } = tableFacts(plan, facts);
  const index = isLookup ? plan.index : plan.range.index;
  const condition = isLookup ? plan.condition : plan.range.condition;
  const bounds = tableFacts({ table, filter: condition }, facts);
  const found = isLookup && index.unique && plan.unnests !== true
    ? Math.min(plan.keys.length, Math.max(rowCount, 1))
    : Math.max(1, rowCount * bounds.share);
  const isAlone = !isLookup && keyPositions(plan) !== undefined;
  const total = indexCost({
    ranges: isLookup ? plan.keys.length : rangeCount(plan.range),
    entries: found,
    rows: isAlone ? 0 : found,
    ordered: !isLookup && plan.ordered,
  }, facts) +
    streamCost(
      index.storageId,
      Math.min(1, found / Math.max(1, rowCount)),
      facts,
    ) +
    (isAlone ? 0 : lookupsCost(table.table.storageId, found, facts));
  return {
    startup: indexStartup(facts),
    total: total + found * conjunctsOf(plan.filter).length * OPERATOR,
    rows: rowsOf(bothRows(plan, condition, rowCount, found * share, facts)),
    width,
  };
}

/** The rows of which an index's condition and the filter are true. */
function bothRows(
  { table, filter }: IndexLookupNode | IndexScanNode,
  condition: BoundExpression | undefined,
  rowCount: number,
  rows: number,
  { measured, transaction: { catalog } }: CostFacts,
): number {
  if (measured === undefined || filter === undefined) return rows;
  const both = conjunction(
    [condition, filter].filter((each) => each !== undefined),
  );
  const of = { table: table.table, catalog };
  const expected = rows / Math.max(1, rowCount);
  const share = measured.shareOf(of, both, expected);
  return share === expected ? rows : share * rowCount;
}

/** A scan of the first rows of groups. */
function leadingEstimate(
  plan: IndexScanNode,
  leading: LeadingKeys,
  facts: CostFacts,
): Estimate {
  const { table, range: { index, equal, condition } } = plan;
  const { rowCount, width } = tableFacts(plan, facts);
  const bounds = tableFacts({ table, filter: condition }, facts);
  const found = Math.max(1, rowCount * bounds.share);
  const { catalog } = facts.transaction;
  let groups = 1;
  for (
    const { columnNumber } of index.columns.slice(equal.length, leading.count)
  ) {
    const column = table.table.columns.find(({ number }) =>
      number === columnNumber
    );
    const known = column &&
      knownColumn(catalog, table.table.id, column, rowCount);
    groups *= known === undefined || known.distinct <= 0
      ? rowCount
      : known.distinct + (known.nullShare > 0 ? 1 : 0);
  }
  const count = Math.min(found, groups * rangeCount(plan.range));
  const startup = indexStartup(facts);
  const isAlone = keyPositions(plan) !== undefined;
  return {
    startup,
    total: startup +
      leadingCost({ groups: count, entries: found, isAlone }, facts) +
      lookupsCost(index.storageId, count, facts) +
      (isAlone ? 0 : lookupsCost(table.table.storageId, count, facts)),
    rows: rowsOf(count),
    width,
  };
}

/** A scan of what indexes find together. */
export function bitmapEstimate(
  plan: BitmapScanNode,
  facts: CostFacts,
): Estimate {
  const { table, source, condition } = plan;
  const { rowCount, width, share } = tableFacts(plan, facts);
  const bounds = tableFacts({ table, filter: condition }, facts);
  const found = rowCount * bounds.share;
  const conditions = conjunctsOf(plan.filter).length;
  const entries = sourceEntries(source, table, facts);
  return {
    startup: bitmapCost({ ...entries, rows: 0 }, facts) + entries.brought,
    total: bitmapCost({ ...entries, rows: found }, facts) + entries.brought +
      lookupsCost(table.table.storageId, found, facts) +
      found * conditions * OPERATOR,
    rows: rowsOf(rowCount * share),
    width,
  };
}

/** What a source of locators reads. */
interface SourceReads {
  readonly ranges: number;
  readonly entries: number;
  /** The cost of bringing what is not in memory. */
  readonly brought: number;
}

function sourceEntries(
  source: BitmapSource,
  table: TableRelation,
  facts: CostFacts,
): SourceReads {
  if ("inputs" in source) {
    const all = source.inputs.map((input) =>
      sourceEntries(input, table, facts)
    );
    const sum = (of: (each: SourceReads) => number): number =>
      all.reduce((total, each) => total + of(each), 0);
    return {
      ranges: sum(({ ranges }) => ranges),
      entries: sum(({ entries }) => entries),
      brought: sum(({ brought }) => brought),
    };
  }
  const filter = source.kind === "range"
    ? source.range.condition
    : source.condition;
  const { rowCount, share } = tableFacts({ table, filter }, facts);
  if (source.kind === "range") {
    const { range } = source;
    return {
      ranges: rangeCount(range),
      entries: rowCount * share,
      brought: streamCost(range.index.storageId, share, facts),
    };
  }
  const ranges = ITEMS * source.terms.length;
  return {
    ranges,
    entries: ranges * rowCount * share,
    brought: lookupsCost(source.index.storageId, ranges, facts),
  };
}

/** How many ranges are read where keys have several values. */
function rangeCount({ equal }: IndexRange): number {
  return equal.reduce(
    (product, { values, isArray }) =>
      product * (isArray ? ARRAY_ITEMS : values.length),
    1,
  );
}
