/**
 * The nodes that EXPLAIN shows.
 *
 * @module
 */
import type { OperatorReport, OperatorUsage } from "./operator.ts";
import type { Estimate } from "../optimizer/estimate.ts";

/** Blocks that were asked for. */
export interface BlockCounts {
  /** Those that memory had. */
  readonly hits: number;
  /** Those that were read. */
  readonly reads: number;
}

/** What a node did: rows and times of a loop, in the mean. */
export interface Actual {
  /** Milliseconds until the first row, and until the last. */
  readonly startupMs: number;
  readonly totalMs: number;
  readonly rows: number;
  readonly loops: number;
  /** Rows of a loop that did not pass its own filter. */
  readonly removedRows?: number | undefined;
  /** What its operator used. */
  readonly usage?: OperatorUsage | undefined;
  /** The blocks that it and the nodes below asked for. */
  readonly blocks?: BlockCounts | undefined;
  /** How many other threads helped. */
  readonly launched?: number | undefined;
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
  readonly facts: Readonly<Record<string, string | boolean>>;
  /** VERBOSE: the expressions that it gives. */
  readonly output: readonly string[];
  /** What the node above has it for, if that does not follow from its place. */
  readonly relationship?: "InitPlan" | "SubPlan";
  /** What both forms say: `Filter`, `Sort Key` … */
  readonly details: readonly (readonly [string, string | readonly string[]])[];
  readonly estimate: Estimate;
  readonly actual: Actual | undefined;
  /** Whether a sort keeps only the first rows. */
  readonly isBounded?: boolean;
  readonly children: readonly ExplainNode[];
}
