/**
 * What point plans are to who runs them; see `point_plan.ts`.
 *
 * @module
 */
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import type { AccessRegistry } from "../../access/access_registry.ts";
import type { Environment } from "../../planner/evaluate.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import type { Nullable } from "../../types/data_type.ts";

/** What a point plan runs in. */
export interface PointRun extends Environment {
  readonly transaction: Transaction;
  readonly access: AccessRegistry;
}

/** Reads the values of a row's columns; `undefined`: there is none. */
export interface PointSelect {
  readonly kind: "select";
  read(run: PointRun): MaybePromise<readonly Nullable[] | undefined>;
}

/**
 * Changes a row, or adds one; how many it were. `undefined`: nothing was done,
 * the plan has to run.
 */
export interface PointChange {
  readonly kind: "change";
  change(run: PointRun): MaybePromise<number | undefined>;
}

/** A way beside a plan. */
export type PointPlan = PointSelect | PointChange;
