/**
 * The narrowest range of an index that has all rows that a scan wants: equal
 * values for the first key columns, then at most one range.
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import { conjunction, conjunctsOf } from "../../planner/conjuncts.ts";
import type {
  IndexRange,
  KeyEnd,
  KeyValues,
  ScanNode,
} from "../../planner/logical_plan.ts";
import { type KeyCondition, keyCondition } from "./key_condition.ts";
import type { TableIndex } from "./table_index.ts";

/** A range, and what it sees to. */
export interface FoundRange {
  readonly range: IndexRange;
  /** The conditions that bound it. */
  readonly used: readonly BoundExpression[];
  /** Those of them that need not be looked at again. */
  readonly taken: ReadonlySet<BoundExpression>;
  /** How many key columns have one value. */
  readonly fixedKeys: number;
  /** How many ranges are read: several where keys have several values. */
  readonly rangeCount: number;
}

/** The range of an index that a scan needs; all of it where nothing bounds it. */
export function indexRange(scan: ScanNode, index: TableIndex): FoundRange {
  const conditions = conjunctsOf(scan.filter);
  const equal: KeyValues[] = [];
  const used: KeyCondition[] = [];
  let lower: KeyEnd | undefined;
  let upper: KeyEnd | undefined;
  let notNull = false;
  let fixedKeys = 0;
  let rangeCount = 1;
  for (const key of index.keys) {
    const about = conditions.map((condition) => keyCondition(condition, key))
      .filter((each) => each !== undefined);
    const equals = about.filter((each) => each.equal !== undefined);
    const best = equals.find((each) => isOne(each.equal!)) ?? equals[0];
    if (best !== undefined) {
      equal.push(best.equal!);
      used.push(best);
      if (fixedKeys === equal.length - 1 && isOne(best.equal!)) fixedKeys++;
      rangeCount *= best.equal!.isArray ? 10 : best.equal!.values.length;
      continue;
    }
    for (const each of about) {
      const narrows = (each.lower !== undefined && lower === undefined) ||
        (each.upper !== undefined && upper === undefined) ||
        each.notNull === true;
      if (!narrows) continue;
      const overlaps = (each.lower !== undefined && lower !== undefined) ||
        (each.upper !== undefined && upper !== undefined);
      if (overlaps) continue;
      lower ??= each.lower;
      upper ??= each.upper;
      notNull ||= each.notNull === true;
      used.push(each);
    }
    break;
  }
  return {
    range: {
      index: index.entry,
      equal,
      lower,
      upper,
      notNull,
      condition: conjunction(used.map(({ condition }) => condition)),
    },
    used: used.map(({ condition }) => condition),
    taken: new Set(
      used.filter(({ lossy }) => lossy !== true).map((each) => each.condition),
    ),
    fixedKeys,
    rangeCount,
  };
}

function isOne({ values, isArray }: KeyValues): boolean {
  return values.length === 1 && !isArray;
}
