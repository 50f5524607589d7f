/**
 * EXPLAIN: the plan of a statement, and with ANALYZE what it did.
 *
 * ANALYZE runs the statement in the transaction it is in, effects included, as
 * PostgreSQL does.
 *
 * @module
 */
import { then } from "../../base/maybe_promise.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { BoundExplain } from "../analyzer/bound_tree.ts";
import { columnOf } from "../chunk/chunk.ts";
import { explainPlan, type RequestFacts } from "../executor/explain.ts";
import { type Measured, measurePlan } from "../executor/explain_measure.ts";
import type { ExecutionContext } from "../executor/operator.ts";
import { RequestLedger } from "../../storage/object_store/request_ledger.ts";
import { requestDollars } from "../../storage/object_store/request_price.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { DatabaseCore } from "./database_core.ts";
import { hookedPlan } from "./extensions/hooked_plan.ts";
import { planFacts } from "./plan_facts.ts";
import { countPlan, wantsCustom } from "./plan_choice.ts";
import type { Prepared } from "./prepared.ts";
import { type QueryResult, RowBuilder } from "./result.ts";
import type { RunOptions } from "./run_options.ts";
import type { Settings } from "./settings.ts";

/** Explains `bound.statement`. */
export function explain(
  core: DatabaseCore,
  settings: Settings,
  bound: BoundExplain,
  prepared: Prepared,
  transaction: Transaction,
  context: ExecutionContext,
  options: RunOptions,
): MaybePromise<QueryResult<unknown>> {
  const nowMs = (): number => core.environment.monotonicMs();
  const start = nowMs();
  // Planned anew, in this transaction: a cached plan would hide what it took.
  const { parameters } = context;
  const run = { core, settings, prepared, transaction, parameters };
  const isCustom = !bound.options.genericPlan && wantsCustom(run);
  const facts = planFacts(core, settings, transaction, transaction.catalog);
  const plan = hookedPlan(core, settings, {
    text: prepared.text,
    plannable: bound.statement,
    facts: { ...facts, ...isCustom ? { parameters } : {} },
  });
  const { costs, residence, measured: shares } = facts;
  countPlan(run, plan, isCustom);
  const planningMs = nowMs() - start;
  const measured: MaybePromise<Measured | undefined> = bound.options.analyze
    ? measurePlan(
      plan,
      context,
      {
        nowMs,
        ...bound.options.buffers
          ? { blocks: () => core.store.cache.counts() }
          : {},
      },
      bound.options.serialize,
    )
    : undefined;
  return then(measured, (measured) => {
    const ledger = bound.options.requests ? RequestLedger.current() : undefined;
    const shown = { ...context, costs, residence, measured: shares };
    const lines = explainPlan(plan, bound.options, shown, {
      planningMs,
      ...(bound.options.settings
        ? { settings: changedSettings(settings) }
        : {}),
      ...(ledger === undefined ? {} : { requests: requestFacts(ledger) }),
      ...(measured === undefined ? {} : { measured }),
    });
    const { type } = prepared.fields[0]!.type;
    const rows: unknown[] = [];
    new RowBuilder(prepared.fields, options).append(
      { columns: [columnOf(type, lines)], rowCount: lines.length },
      rows,
    );
    return {
      rows,
      fields: prepared.resultFields,
      affectedRows: rows.length,
      command: "EXPLAIN",
    };
  });
}

/** Settings about planning that are not as they come, as PostgreSQL names them. */
function changedSettings(settings: Settings): Record<string, string> {
  const changed: Record<string, string> = {};
  for (const { definition: { name, initial }, value } of settings.all()) {
    if (value !== initial && PLANNING_SETTINGS.test(name)) {
      changed[name] = value;
    }
  }
  return changed;
}

const PLANNING_SETTINGS =
  /^(enable_|cpu_|parallel_|max_parallel_|geqo|jit|effective_|lsm_)|_page_cost$|_collapse_limit$|^(work_mem|hash_mem_multiplier|temp_buffers|search_path|plan_cache_mode|constraint_exclusion|cursor_tuple_fraction|recursive_worktable_factor)$/;

function requestFacts(ledger: RequestLedger): RequestFacts {
  const { counts, bytesRead, bytesWritten } = ledger;
  const dollars = requestDollars({ ...counts, retry: 0, part: 0 });
  return { ...counts, bytesRead, bytesWritten, dollars };
}
