/**
 * What `lsm_plan_quality()` answers: the rows of the view of that name.
 *
 * @module
 */
import type { Nullable } from "../../types/data_type.ts";
import type { Answer, Asked } from "../catalog_question.ts";

/** What the functions about plans answer. */
export const PLAN_QUALITY_ANSWERS: readonly (readonly [string, Answer])[] = [
  ["lsm_plan_quality", qualityRows],
];

function qualityRows({ core }: Asked): Nullable {
  return JSON.stringify(
    [...core.planQuality.nodes].map((node) => [
      node.query,
      node.name,
      node.schema ?? null,
      node.relation ?? null,
      node.condition ?? null,
      node.estimated,
      node.actual,
      node.error,
      node.errorMax,
      String(node.calls),
      node.lastSeen,
    ]),
  );
}
