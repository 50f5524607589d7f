/**
 * The nodes that EXPLAIN shows.
 *
 * @module
 */
import type { Estimate } from "../optimizer/estimate.ts";
import type { OperatorReport } from "./operator.ts";

/** What a node did. */
export interface Actual {
  /** Milliseconds until the first row, and until the last. */
  readonly startupMs: number;
  readonly totalMs: number;
  readonly rows: number;
  readonly loops: number;
  /** What else it says of itself. */
  readonly report?: OperatorReport | undefined;
}

/** A node as it is shown. */
export interface ExplainNode {
  /** `Seq Scan`, `Limit` … */
  readonly type: string;
  /** The first line of the text form, `Seq Scan on t`. */
  readonly title: string;
  /** What the JSON form says about the node itself. */
  readonly facts: Readonly<Record<string, string>>;
  /** What both forms say: `Filter`, `Sort Key` … */
  readonly details: readonly (readonly [string, string | readonly string[]])[];
  readonly estimate: Estimate;
  readonly actual: Actual | undefined;
  readonly children: readonly ExplainNode[];
}
