/**
 * A join as one table and its partners: which conditions connect them, and what
 * is left of the join when the table's rows are known to have a partner.
 *
 * ```text
 * join semi on t.c = c.id          scan t     links  t.c = ( scan c )
 *   join on t.d = d.id                               t.d = ( d join e )
 *     scan t                       rebuild  join on t.d = d.id
 *     join on d.e = e.id                      …
 *       scan d                                join on d.e = e.id
 *       scan e                                  scan d
 *   scan c                                      scan e
 * ```
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import { someExpression } from "../../analyzer/walk.ts";
import { conjunction, conjunctsOf } from "../../planner/conjuncts.ts";
import { expressionsOf } from "../../planner/expressions_of.ts";
import { type ColumnSet, columnsOf } from "../../planner/join_keys.ts";
import type {
  JoinNode,
  LogicalPlan,
  ScanNode,
} from "../../planner/logical_plan.ts";
import { inputsOf, outputOf } from "../../planner/plan_tree.ts";
import { isVolatile } from "../../planner/volatility.ts";

/** What connects a table with partners: `key = partnerKey`. */
export interface MemberLink {
  /** Over the table. */
  readonly key: BoundExpression;
  /** Over the partners. */
  readonly partnerKey: BoundExpression;
  /** The condition that says so. */
  readonly condition: BoundExpression;
  readonly partners: LogicalPlan;
  /** Whether the rows are wanted that have none. */
  readonly isAnti: boolean;
}

/** A join, taken apart. */
export interface NearestJoin {
  /** The table. */
  readonly scan: ScanNode;
  /** What its rows have to have. */
  readonly links: readonly MemberLink[];
  /** The join over rows that have it; absent: they are the join. */
  readonly rebuild: ((rows: LogicalPlan) => LogicalPlan) | undefined;
}

type Rebuild = (rows: LogicalPlan) => LogicalPlan;

/** Takes a join apart around the scan of `relation`, if that can be done. */
export function nearestJoin(
  join: JoinNode,
  relation: number,
): NearestJoin | undefined {
  const spine = new Spine(relation);
  const rebuild = spine.walk(join);
  const { scan } = spine;
  if (rebuild === undefined || scan === undefined) return undefined;
  const own = columnsOf(scan);
  const links = [
    ...spine.exists.map((each) => existsLink(each, own)),
    ...innerLinks(spine.partners, spine.conditions, own),
  ];
  return links.every((link) => link !== undefined)
    ? { scan, links, rebuild: spine.isJoined ? rebuild : undefined }
    : undefined;
}

/** The joins from the top down to the table. */
class Spine {
  readonly #relation: number;
  scan: ScanNode | undefined;
  /** Semi and anti joins. */
  readonly exists: JoinNode[] = [];
  /** The other sides of inner joins, and all their conditions. */
  readonly partners: LogicalPlan[] = [];
  readonly conditions: BoundExpression[] = [];
  /** Whether there are joins that give more than the table's own rows. */
  isJoined = false;

  constructor(relation: number) {
    this.#relation = relation;
  }

  /** What makes a plan over other rows of the table; `undefined`: nothing can. */
  walk(plan: LogicalPlan): Rebuild | undefined {
    if (plan.kind === "scan") {
      if (plan.table.relation !== this.#relation) return undefined;
      this.scan = plan;
      return (rows) => rows;
    }
    if (plan.kind !== "join" || plan.captures.length > 0) return undefined;
    const isLeft = this.#isIn(plan.left);
    switch (plan.join) {
      case "full":
        return undefined;
      case "semi":
      case "anti":
        if (isLeft) this.exists.push(plan);
        return isLeft ? this.walk(plan.left) : undefined;
      case "left":
        return isLeft ? this.#through(plan, "left") : undefined;
      case "inner": {
        const [side, other] = isLeft
          ? ["left", plan.right] as const
          : ["right", plan.left] as const;
        if (!isRepeatable(other)) return undefined;
        this.partners.push(other);
        this.conditions.push(...conjunctsOf(plan.condition));
        return this.#through(plan, side);
      }
    }
  }

  #through(plan: JoinNode, side: "left" | "right"): Rebuild | undefined {
    const below = this.walk(plan[side]);
    this.isJoined = true;
    return below && ((rows) => ({ ...plan, [side]: below(rows) }));
  }

  #isIn(plan: LogicalPlan): boolean {
    return outputOf(plan).some(({ relation }) => relation === this.#relation);
  }
}

const REPEATABLE: ReadonlySet<LogicalPlan["kind"]> = new Set([
  "scan",
  "filter",
  "project",
  "compute",
  "join",
  "aggregate",
  "distinct",
  "values",
  "result",
  "function_scan",
  "set_operation",
  "append",
  "cte_scan",
]);

/** Whether running a plan twice gives the same rows. */
function isRepeatable(plan: LogicalPlan): boolean {
  return REPEATABLE.has(plan.kind) &&
    !expressionsOf(plan).some(isVolatile) &&
    inputsOf(plan).every(isRepeatable);
}

function existsLink(
  { join, right, condition }: JoinNode,
  own: ColumnSet,
): MemberLink | undefined {
  const parts = conjunctsOf(condition);
  const isAnti = join === "anti";
  return parts.length === 1 ? linkOf(parts[0]!, own, right, isAnti) : undefined;
}

function linkOf(
  condition: BoundExpression,
  own: ColumnSet,
  partners: LogicalPlan,
  isAnti: boolean,
): MemberLink | undefined {
  if (
    condition.kind !== "call" || condition.operator !== "=" ||
    isVolatile(condition)
  ) return undefined;
  const theirs = columnsOf(partners);
  const isOver = (columns: ColumnSet, side: BoundExpression): boolean =>
    columns.isUsedBy(side) && columns.covers(side);
  const [first, second] = condition.args;
  for (
    const [key, partnerKey] of [[first!, second!], [second!, first!]] as const
  ) {
    if (isOver(own, key) && isOver(theirs, partnerKey)) {
      return { key, partnerKey, condition, partners, isAnti };
    }
  }
  return undefined;
}

/** Partners that conditions connect with each other. */
interface Group {
  readonly partners: LogicalPlan[];
  readonly conditions: BoundExpression[];
}

/** A link for each group of partners; `undefined` among them: there is none. */
function innerLinks(
  partners: readonly LogicalPlan[],
  conditions: readonly BoundExpression[],
  own: ColumnSet,
): (MemberLink | undefined)[] {
  const connecting = conditions.filter((each) => own.isUsedBy(each));
  const among = conditions.filter((each) => !own.isUsedBy(each));
  const groups = grouped(partners, among);
  if (groups === undefined || connecting.length !== groups.length) {
    return partners.length === 0 ? [] : [undefined];
  }
  return groups.map((group) => {
    const plan = planOf(group);
    const theirs = columnsOf(plan);
    const links = connecting.filter((each) => theirs.isUsedBy(each));
    return links.length === 1 ? linkOf(links[0]!, own, plan, false) : undefined;
  });
}

/** Partners by what connects them; `undefined`: conditions speak of others. */
function grouped(
  partners: readonly LogicalPlan[],
  conditions: readonly BoundExpression[],
): Group[] | undefined {
  let groups: Group[] = partners.map((partner) => ({
    partners: [partner],
    conditions: [],
  }));
  for (const condition of conditions) {
    if (isVolatile(condition)) return undefined;
    const touched = groups.filter((group) =>
      group.partners.some((each) => columnsOf(each).isUsedBy(condition))
    );
    const group: Group = {
      partners: touched.flatMap((each) => each.partners),
      conditions: [...touched.flatMap((each) => each.conditions), condition],
    };
    const known = group.partners.map(columnsOf);
    const isKnown = !someExpression(
      condition,
      (part) =>
        part.kind === "column" && !known.some((columns) => columns.has(part)),
    );
    if (!isKnown || touched.length === 0) return undefined;
    groups = [...groups.filter((each) => !touched.includes(each)), group];
  }
  return groups;
}

function planOf({ partners, conditions }: Group): LogicalPlan {
  const condition = conjunction(conditions);
  const [first, ...others] = partners;
  if (others.length === 0) {
    return condition === undefined
      ? first!
      : { kind: "filter", input: first!, condition };
  }
  return others.reduce<LogicalPlan>((left, right, i) => ({
    kind: "join",
    join: "inner",
    left,
    right,
    condition: i === others.length - 1 ? condition : undefined,
    captures: [],
  }), first!);
}
