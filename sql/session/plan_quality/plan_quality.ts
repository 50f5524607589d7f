/**
 * How good the estimates of plans are: what nodes were expected to give beside what
 * they gave, of the first runs of each statement and of a few
 * later (`PlanChoices.isSampled`).
 *
 * What is far off has three consequences: it is in the view `lsm_plan_quality`, it is
 * told to `onEvent`, and the plan is made anew with the rows that its scans were seen
 * to give (`optimizer/measured_shares.ts`).
 *
 * The view keeps {@linkcode NODES_MAX} nodes; the least recently seen goes first.
 *
 * @module
 */
import type { Environment } from "../../../base/environment.ts";
import type { LsmStore } from "../../../storage/engine/lsm_store.ts";
import { deparse } from "../../analyzer/deparse.ts";
import type { ExecutionContext, PlanRun } from "../../executor/operator.ts";
import { openPlan, type Plan } from "../../executor/physical_planner.ts";
import { RowTally } from "../../executor/row_tally.ts";
import type { CostFacts } from "../../optimizer/facts.ts";
import { MeasuredShares } from "../../optimizer/measured_shares.ts";
import type { PlanChoices } from "../plan_choices.ts";
import {
  estimateError,
  nodeQualities,
  type NodeQuality,
  readsTables,
  type SeenCondition,
  seenConditions,
} from "./node_quality.ts";

/** How many nodes are kept. */
export const NODES_MAX = 1000;
/** By how many rows an estimate is off that matters. */
const ROWS_MIN = 1000;
const TEXT_LENGTH_MAX = 1000;

/** A statement's run that may be looked at. */
export interface WatchedRun {
  readonly text: string;
  readonly plan: Plan;
  readonly choices: PlanChoices;
  readonly context: ExecutionContext;
  /** What had been learned when it was planned; absent: what is known now. */
  readonly learned: number | undefined;
  /** What its estimates come from, besides. */
  facts(): Pick<CostFacts, "costs" | "residence" | "measured">;
  /** How far off is told; 0: nothing. */
  readonly logFactor: number;
  /** How far off makes a plan anew; 0: nothing. */
  readonly adaptFactor: number;
}

/** A node as it is kept. */
export interface KeptNode {
  readonly query: string;
  readonly name: string;
  readonly schema: string | undefined;
  readonly relation: string | undefined;
  /** Of the run that was farthest off. */
  readonly condition: string | undefined;
  readonly estimated: number;
  readonly actual: number;
  readonly error: number;
  readonly errorMax: number;
  readonly calls: number;
  /** Microseconds since 2000-01-01 UTC. */
  readonly lastSeen: number;
}

/** Whose plans they are. */
export interface PlanQualityHost {
  readonly store: Pick<LsmStore, "events">;
  readonly environment: Pick<Environment, "now">;
  /** Microseconds since 2000-01-01 UTC. */
  now(): number;
}

/** The quality of the plans of a database. */
export class PlanQuality {
  /** What conditions were seen to leave. */
  readonly measured: MeasuredShares = new MeasuredShares();
  readonly #nodes = new Map<string, KeptNode>();
  readonly #outdated = new WeakSet<Plan>();
  readonly #host: PlanQualityHost;

  /** The quality of a database's plans. */
  constructor(host: PlanQualityHost) {
    this.#host = host;
  }

  /** What was seen, the latest last. */
  get nodes(): Iterable<KeptNode> {
    return this.#nodes.values();
  }

  /** Whether a plan was found to be made for other numbers of rows. */
  isOutdated(plan: Plan): boolean {
    return this.#outdated.has(plan);
  }

  /** Opens a plan; looks at what it gives if it is its turn. */
  open(run: WatchedRun): PlanRun {
    const { plan, context, choices } = run;
    if (!choices.isSampled() || !readsTables(plan.logical)) {
      return openPlan(plan, context);
    }
    const tally = new RowTally();
    const opened = openPlan(plan, { ...context, tally });
    return new TalliedRun(opened, () => this.#look(run, tally));
  }

  #look(run: WatchedRun, tally: RowTally): void {
    const { plan, context: { transaction, access }, adaptFactor } = run;
    const { logical } = plan;
    const facts: CostFacts = { transaction, access, ...run.facts() };
    const planned = adaptFactor === 0 || run.learned === undefined
      ? facts
      : { ...facts, measured: this.measured.asOf(run.learned) };
    for (const node of nodeQualities(logical, tally, planned)) {
      this.#keep(run, node);
    }
    if (adaptFactor === 0) return;
    // All are looked at before the first is learned.
    const off = seenConditions(logical, tally, planned)
      .filter((seen) => isOff(seen, adaptFactor));
    for (const seen of off) {
      const of = { table: seen.table, catalog: transaction.catalog };
      const share = Math.min(1, seen.actual / Math.max(1, seen.rowCount));
      if (this.measured.learn(of, seen.conditions, share)) {
        this.#outdated.add(plan);
      }
    }
  }

  #keep(run: WatchedRun, node: NodeQuality): void {
    const query = run.text.slice(0, TEXT_LENGTH_MAX);
    const { name, table, estimated, actual, error } = node;
    const key = [query, node.number, name, table?.id].join("\0");
    const known = this.#nodes.get(key);
    const isWorse = known === undefined || error > known.errorMax;
    const condition = !isWorse
      ? known.condition
      : node.condition && deparse(node.condition).slice(0, TEXT_LENGTH_MAX);
    this.#nodes.delete(key);
    this.#nodes.set(key, {
      query,
      name,
      schema: table?.schema,
      relation: table?.name,
      condition,
      estimated,
      actual,
      error,
      errorMax: Math.max(error, known?.errorMax ?? 1),
      calls: (known?.calls ?? 0) + 1,
      lastSeen: this.#host.now(),
    });
    if (this.#nodes.size > NODES_MAX) {
      const [oldest] = this.#nodes.keys();
      this.#nodes.delete(oldest!);
    }
    if (isWorse && isOff(node, run.logFactor)) {
      const on = table === undefined ? "" : ` on ${table.name}`;
      const of = condition === undefined ? "" : ` ${condition}`;
      this.#host.store.events.tell({
        name: "plan estimate off",
        at: this.#host.environment.now(),
        failuresInRow: 0,
        detail: `${name}${on}${of}: ${estimated} rows were expected, ` +
          `${Math.round(actual)} came: ${query}`,
      });
    }
  }
}

/** Whether an estimate is off by a factor, and by rows that matter. */
function isOff(
  { estimated, actual }: Pick<SeenCondition, "estimated" | "actual">,
  factor: number,
): boolean {
  return factor > 0 && Math.abs(actual - estimated) >= ROWS_MIN &&
    estimateError(estimated, actual) >= factor;
}

/** A run that is looked at when it is closed. */
class TalliedRun implements PlanRun {
  readonly #run: PlanRun;
  #look: (() => void) | undefined;

  constructor(run: PlanRun, look: () => void) {
    this.#run = run;
    this.#look = look;
  }

  get affectedRows(): number {
    return this.#run.affectedRows;
  }

  next(): ReturnType<PlanRun["next"]> {
    return this.#run.next();
  }

  close(): void {
    this.#run.close();
    const look = this.#look;
    this.#look = undefined;
    look?.();
  }
}
