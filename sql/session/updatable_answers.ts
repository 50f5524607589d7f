/**
 * What can be changed: answers about tables, views and their columns.
 *
 * @module
 */
import { bindQuery } from "../analyzer/bind_query.ts";
import { NOTHING_NESTED } from "../analyzer/constraints/table_rules.ts";
import { StatementState } from "../analyzer/statement_state.ts";
import {
  resolveView,
  type UpdatableView,
  type ViewChange,
} from "../analyzer/updatable_views/updatable_view.ts";
import type { RelationEntry, ViewEntry } from "../catalog/entries.ts";
import { hasInsteadOf } from "../catalog/view_table.ts";
import type { Nullable } from "../types/data_type.ts";
import type { RegValue } from "../types/reg_value.ts";
import type { Answer, Asked } from "./catalog_question.ts";

/** The query of a view has others in it, and no changes. */
const QUERIES = { ...NOTHING_NESTED, query: bindQuery };

/** The bits of the changes. */
const CHANGES: readonly (readonly [change: ViewChange, bit: number])[] = [
  ["update", 1 << 2],
  ["insert", 1 << 3],
  ["delete", 1 << 4],
];

const ALL_CHANGES = (1 << 2) + (1 << 3) + (1 << 4);
const UPDATE_AND_DELETE = (1 << 2) + (1 << 4);

/** The answers, by name. */
export const UPDATABLE_ANSWERS: ReadonlyMap<string, Answer> = new Map<
  string,
  Answer
>([
  [
    "pg_relation_is_updatable",
    (asked, [which, triggers]) =>
      changesOf(asked, relationOf(asked, which!), triggers === true, hasTarget),
  ],
  [
    "pg_column_is_updatable",
    (asked, [which, number, triggers]) => {
      const entry = relationOf(asked, which!);
      const columns = entry?.kind === "table" || entry?.kind === "view"
        ? entry.columns
        : [];
      const position = columns.findIndex((each) => each.number === number);
      if (position < 0) return false;
      const isOpen = ({ columns }: UpdatableView): boolean =>
        typeof columns[position]?.target === "number";
      const changes = changesOf(asked, entry, triggers === true, isOpen);
      return (changes & UPDATE_AND_DELETE) === UPDATE_AND_DELETE;
    },
  ],
]);

function relationOf(
  { catalog }: Asked,
  which: NonNullable<Nullable>,
): RelationEntry | undefined {
  return catalog.relationById((which as RegValue).oid);
}

function hasTarget({ columns }: UpdatableView): boolean {
  return columns.some(({ target }) => typeof target === "number");
}

/** What can be done with rows of a relation whose columns are open. */
function changesOf(
  asked: Asked,
  entry: RelationEntry | undefined,
  triggers: boolean,
  isOpen: (view: UpdatableView) => boolean,
): number {
  if (entry?.kind === "table") {
    return entry.materialized === undefined ? ALL_CHANGES : 0;
  }
  if (entry?.kind !== "view") return 0;
  let all = 0;
  for (const [change, bit] of CHANGES) {
    if (canChange(asked, entry, change, triggers, isOpen)) all |= bit;
  }
  return all;
}

function canChange(
  { analysis, catalog }: Asked,
  view: ViewEntry,
  change: ViewChange,
  triggers: boolean,
  isOpen: (view: UpdatableView) => boolean,
): boolean {
  const isInstead = (each: ViewEntry): boolean =>
    triggers && hasInsteadOf(catalog, each, change);
  if (isInstead(view)) return true;
  const state = new StatementState(analysis(), QUERIES);
  const resolved = resolveView(state, view, false, isInstead);
  return !("reason" in resolved) && (change === "delete" || isOpen(resolved));
}
