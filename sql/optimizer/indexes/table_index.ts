/**
 * An index as a scan of its table sees it: its keys over the scan's columns.
 *
 * @module
 */
import type { IndexAccessMethod } from "../../access/index_access.ts";
import { hasPlainKeys } from "../../access/index_keys.ts";
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import { implies } from "../../analyzer/indexes/implication.ts";
import {
  type BoundIndexKeys,
  columnKeysOf,
  inRelation,
} from "../../analyzer/indexes/index_keys.ts";
import { sameExpression } from "../../analyzer/walk.ts";
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import { conjunctsOf } from "../../planner/conjuncts.ts";
import type { ScanNode } from "../../planner/logical_plan.ts";
import { foldExpression } from "../constant_folding.ts";
import type { PlanFacts } from "../facts.ts";

/** An index that a scan may use. */
export interface TableIndex {
  readonly entry: IndexEntry;
  readonly method: IndexAccessMethod;
  /** Its key columns. */
  readonly keys: readonly BoundExpression[];
  /** The conditions of its predicate. */
  readonly predicate: readonly BoundExpression[];
}

/** The indexes whose rows are all that the scan needs. */
export function usableIndexes(scan: ScanNode, facts: PlanFacts): TableIndex[] {
  const { transaction, access, indexKeys } = facts;
  const { table, relation } = scan.table;
  const given = conjunctsOf(scan.filter);
  return transaction.catalog.indexesOf(table.id).flatMap((entry) => {
    const method = access.index(entry.accessMethod);
    const bound = indexKeys?.(entry, table) ?? columnsOnly(entry, table);
    if (bound === undefined) return [];
    const over = (expression: BoundExpression): BoundExpression =>
      inRelation(foldExpression(expression), relation);
    const predicate = bound.predicate && over(bound.predicate);
    if (predicate !== undefined && !implies(given, predicate)) return [];
    return [{
      entry,
      method,
      keys: bound.keys.map(over),
      predicate: conjunctsOf(predicate),
    }];
  });
}

/** Keys that nobody has to bind. */
function columnsOnly(
  entry: IndexEntry,
  table: TableEntry,
): BoundIndexKeys | undefined {
  return hasPlainKeys(entry) ? columnKeysOf(entry, table) : undefined;
}

/** The filter without what an index has seen to already. */
export function remainingFilter(
  scan: ScanNode,
  { predicate }: TableIndex,
  taken: ReadonlySet<BoundExpression>,
): BoundExpression[] {
  return conjunctsOf(scan.filter).filter((condition) =>
    !taken.has(condition) &&
    !predicate.some((part) => sameExpression(part, condition))
  );
}
