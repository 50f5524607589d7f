/**
 * EXPLAIN: a plan as text, JSON, XML or YAML, in PostgreSQL's shape.
 *
 * ```text
 * Limit  (cost=4.50..5.00 rows=5 width=44)
 *   ->  Index Scan using items_embedding_idx on items  (cost=… rows=5 width=44)
 *         Order By: (embedding <-> '[3,1,2]'::vector)
 *         KNN: index is cheaper for 5 of 10000 rows (612 against 15000)
 * ```
 *
 * @module
 */
import type { ExplainOptions } from "../parser/syntax.ts";
import {
  Decimal,
  jsonText,
  type Report,
  type ReportValue,
  xmlText,
  yamlText,
} from "./explain_formats.ts";
import type { Measured } from "./explain_measure.ts";
import type { Actual, ExplainNode } from "./explain_node.ts";
import { explainTree } from "./explain_tree.ts";
import { usageShown } from "./explain_usage.ts";
import type { ExecutionContext } from "./operator.ts";
import type { Plan } from "./physical_planner.ts";
import { RunState } from "./run_state.ts";

/** What a statement asked of the object store. */
export interface RequestFacts {
  readonly get: number;
  readonly head: number;
  readonly put: number;
  readonly delete: number;
  readonly list: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** At list prices. */
  readonly dollars: number;
}

/** Further facts that EXPLAIN shows. */
export interface ExplainFacts {
  /** Settings that are not as they come. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What was asked of the object store. */
  readonly requests?: RequestFacts;
  /** Milliseconds that planning took. */
  readonly planningMs?: number;
  /** What was measured. */
  readonly measured?: Measured;
}

/** The rows of EXPLAIN: a line each, or one text of another format. */
export function explainPlan(
  plan: Pick<Plan, "logical">,
  options: ExplainOptions,
  context: ExecutionContext,
  facts: ExplainFacts = {},
): string[] {
  const run = new RunState(context);
  const { measured, planningMs } = facts;
  const tree = explainTree(
    plan.logical,
    run,
    options.verbose,
    measured?.actuals,
  );
  if (options.format !== "text") {
    return [FORMATS[options.format](reportOf(tree, options, facts))];
  }
  const lines: string[] = [];
  printNode(tree, options, 0, lines);
  const settings = Object.entries(facts.settings ?? {});
  if (settings.length > 0) {
    const texts = settings.map(([name, value]) => `${name} = '${value}'`);
    lines.push(`Settings: ${texts.join(", ")}`);
  }
  if (facts.requests !== undefined) lines.push(requestLine(facts.requests));
  if (options.summary && planningMs !== undefined) {
    lines.push(`Planning Time: ${planningMs.toFixed(3)} ms`);
  }
  if (measured?.serialization !== undefined) {
    const { bytes, ms } = measured.serialization;
    const time = options.timing ? `time=${ms.toFixed(3)} ms  ` : "";
    lines.push(
      `Serialization: ${time}output=${
        kilobytes(bytes)
      }kB  format=${options.serialize}`,
    );
  }
  if (options.summary && measured !== undefined) {
    lines.push(`Execution Time: ${measured.executionMs.toFixed(3)} ms`);
  }
  return lines;
}

function kilobytes(bytes: number): number {
  return Math.ceil(bytes / 1024);
}

function printNode(
  node: ExplainNode,
  options: ExplainOptions,
  depth: number,
  lines: string[],
): void {
  const indent = depth === 0 ? "" : " ".repeat(6 * depth - 4);
  const arrow = depth === 0 ? "" : "->  ";
  const numbers: string[] = [];
  if (options.costs) {
    const { startup, total, rows, width } = node.estimate;
    numbers.push(
      `(cost=${startup.toFixed(2)}..${
        total.toFixed(2)
      } rows=${rows} width=${width})`,
    );
  }
  if (node.actual !== undefined) numbers.push(actualText(node.actual, options));
  lines.push([indent + arrow + node.title, ...numbers].join("  "));
  const detailIndent = " ".repeat(depth === 0 ? 2 : 6 * depth + 2);
  if (node.output.length > 0) {
    lines.push(`${detailIndent}Output: ${node.output.join(", ")}`);
  }
  for (const [label, value] of node.details) {
    const text = typeof value === "string" ? value : value.join(", ");
    lines.push(`${detailIndent}${label}: ${text}`);
  }
  for (const line of usageShown(node, options.buffers).lines) {
    lines.push(detailIndent + line);
  }
  for (const child of node.children) {
    printNode(child, options, depth + 1, lines);
  }
}

function actualText(
  { startupMs, totalMs, rows, loops }: Actual,
  { timing }: ExplainOptions,
): string {
  const time = timing
    ? `time=${startupMs.toFixed(3)}..${totalMs.toFixed(3)} `
    : "";
  return `(actual ${time}rows=${rows.toFixed(2)} loops=${loops})`;
}

function requestLine(
  { bytesRead, bytesWritten, dollars, ...counts }: RequestFacts,
): string {
  const kinds = Object.entries(counts).map(([kind, n]) => `${kind}=${n}`);
  return `Requests: ${
    kinds.join(" ")
  }  bytes read=${bytesRead} written=${bytesWritten}  cost=$${
    dollars.toFixed(7)
  }`;
}

/** Details that are numbers. */
const NUMBERS = /^(Rows Removed|Workers )/;

const FORMATS = { json: jsonText, xml: xmlText, yaml: yamlText } as const;

function reportOf(
  tree: ExplainNode,
  options: ExplainOptions,
  { planningMs, measured, requests, settings = {} }: ExplainFacts,
): Report {
  const result: Record<string, ReportValue> = {
    "Plan": reportNode(tree, options, undefined),
  };
  if (Object.keys(settings).length > 0) result["Settings"] = settings;
  if (requests !== undefined) {
    const { bytesRead, bytesWritten, dollars, ...counts } = requests;
    result["Requests"] = {
      ...counts,
      "Bytes Read": bytesRead,
      "Bytes Written": bytesWritten,
      "Dollars": dollars,
    };
  }
  if (options.summary && planningMs !== undefined) {
    result["Planning Time"] = new Decimal(planningMs, 3);
  }
  if (measured?.serialization !== undefined) {
    const { bytes, ms } = measured.serialization;
    result["Serialization"] = {
      ...options.timing ? { "Time": new Decimal(ms, 3) } : {},
      "Output Volume": kilobytes(bytes),
      "Format": options.serialize,
    };
  }
  if (options.summary && measured !== undefined) {
    result["Execution Time"] = new Decimal(measured.executionMs, 3);
  }
  return result;
}

function reportNode(
  node: ExplainNode,
  options: ExplainOptions,
  relationship: string | undefined,
): Report {
  const { Operation: operation, "Subplan Name": name, ...facts } = node.facts;
  const strategy = STRATEGIES[node.type];
  const result: Record<string, ReportValue> = {
    "Node Type": TYPES[node.type] ?? node.type,
    ...strategy === undefined ? {} : { "Strategy": strategy },
    ...node.type.endsWith("Aggregate") ? { "Partial Mode": "Simple" } : {},
    ...operation === undefined ? {} : { "Operation": operation },
    ...relationship === undefined
      ? {}
      : { "Parent Relationship": relationship },
    ...name === undefined ? {} : { "Subplan Name": name },
    "Parallel Aware": false,
    "Async Capable": false,
    ...facts,
  };
  if (options.costs) {
    const { startup, total, rows, width } = node.estimate;
    result["Startup Cost"] = new Decimal(startup, 2);
    result["Total Cost"] = new Decimal(total, 2);
    result["Plan Rows"] = rows;
    result["Plan Width"] = width;
  }
  if (node.actual !== undefined) {
    if (options.timing) {
      result["Actual Startup Time"] = new Decimal(node.actual.startupMs, 3);
      result["Actual Total Time"] = new Decimal(node.actual.totalMs, 3);
    }
    result["Actual Rows"] = new Decimal(node.actual.rows, 2);
    result["Actual Loops"] = node.actual.loops;
  }
  result["Disabled"] = false;
  if (node.output.length > 0) result["Output"] = node.output;
  for (const [label, value] of node.details) {
    result[label] = NUMBERS.test(label) ? Number(value) : value;
  }
  Object.assign(result, usageShown(node, options.buffers).report);
  if (node.children.length > 0) {
    result["Plans"] = reportChildren(node, options);
  }
  return result;
}

/** The names of nodes, where the text form has another. */
const TYPES: Readonly<Record<string, string>> = {
  HashAggregate: "Aggregate",
  HashSetOp: "SetOp",
};

const STRATEGIES: Readonly<Record<string, string>> = {
  Aggregate: "Plain",
  HashAggregate: "Hashed",
  HashSetOp: "Hashed",
};

/** Nodes whose inputs have no order of their own. */
const HAVE_MEMBERS: ReadonlySet<string> = new Set([
  "Append",
  "BitmapAnd",
  "BitmapOr",
]);

function reportChildren(node: ExplainNode, options: ExplainOptions): Report[] {
  let inputs = 0;
  return node.children.map((child) => {
    const relationship = child.relationship ??
      (HAVE_MEMBERS.has(node.type)
        ? "Member"
        : inputs++ === 0
        ? "Outer"
        : "Inner");
    return reportNode(child, options, relationship);
  });
}
