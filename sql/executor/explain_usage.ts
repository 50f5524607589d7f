/**
 * What EXPLAIN ANALYZE says of the memory, the temporary files and the blocks that a
 * node used: PostgreSQL's lines, and in the other formats the names that visualizers
 * of its plans read.
 *
 * @module
 */
import type { Report } from "./explain_formats.ts";
import type { Actual, BlockCounts, ExplainNode } from "./explain_node.ts";
import type { OperatorUsage } from "./operator.ts";

/** What a node used, in both forms. */
export interface UsageShown {
  /** The lines of the text form. */
  readonly lines: readonly string[];
  /** The properties of the other forms. */
  readonly report: Report;
}

/** What a node used; nothing where it was not run. */
export function usageShown(
  { type, actual, isBounded }: ExplainNode,
  showsBlocks: boolean,
): UsageShown {
  if (actual === undefined) return { lines: [], report: {} };
  const used = actual.usage === undefined
    ? undefined
    : operatorShown(type, actual.usage, isBounded === true);
  const blocks = showsBlocks && actual.blocks !== undefined
    ? blocksShown(actual.blocks)
    : undefined;
  return {
    lines: [...used?.lines ?? [], ...blocks?.lines ?? []],
    report: { ...used?.report, ...blocks?.report },
  };
}

function operatorShown(
  type: string,
  usage: OperatorUsage,
  isBounded: boolean,
): UsageShown | undefined {
  const { memoryBytes, spilledBytes, batches = 1 } = usage;
  const memory = kilobytes(memoryBytes);
  const disk = kilobytes(spilledBytes);
  const spilled = spilledBytes > 0;
  switch (type) {
    case "Sort": {
      const method = spilled
        ? "external merge"
        : isBounded
        ? "top-N heapsort"
        : "quicksort";
      const space = spilled ? "Disk" : "Memory";
      const used = spilled ? disk : memory;
      return {
        lines: [`Sort Method: ${method}  ${space}: ${used}kB`],
        report: {
          "Sort Method": method,
          "Sort Space Used": used,
          "Sort Space Type": space,
        },
      };
    }
    case "WindowAgg":
    case "Materialize":
    case "CTE Scan": {
      const storage = spilled ? "Disk" : "Memory";
      const most = spilled ? disk : memory;
      return {
        lines: [`Storage: ${storage}  Maximum Storage: ${most}kB`],
        report: { "Storage": storage, "Maximum Storage": most },
      };
    }
    // Said of the hash table, or of a group of which there is but one.
    case "Hash Join":
    case "Aggregate":
    case "Limit":
      return undefined;
    case "Merge Join":
      if (!spilled) return undefined;
      return {
        lines: [`Disk Usage: ${disk}kB`],
        report: { "Disk Usage": disk },
      };
    case "Nested Loop":
      if (!spilled) return undefined;
      return {
        lines: [`Batches: ${batches}  Disk Usage: ${disk}kB`],
        report: { "Batches": batches, "Disk Usage": disk },
      };
    default: {
      const onDisk = spilled ? `  Disk Usage: ${disk}kB` : "";
      return {
        lines: [`Batches: ${batches}  Memory Usage: ${memory}kB${onDisk}`],
        report: {
          [type === "Hash" ? "Hash Batches" : "HashAgg Batches"]: batches,
          "Peak Memory Usage": memory,
          ...spilled ? { "Disk Usage": disk } : {},
        },
      };
    }
  }
}

function blocksShown({ hits, reads }: BlockCounts): UsageShown {
  const parts = [
    ...hits > 0 ? [`hit=${hits}`] : [],
    ...reads > 0 ? [`read=${reads}`] : [],
  ];
  return {
    lines: parts.length === 0 ? [] : [`Buffers: shared ${parts.join(" ")}`],
    report: { "Shared Hit Blocks": hits, "Shared Read Blocks": reads },
  };
}

/** A join as it is shown: its hash table is said to be of the node below. */
export function withUsageOf(
  node: ExplainNode,
  join: Actual | undefined,
): ExplainNode {
  if (node.actual === undefined) return node;
  return { ...node, actual: { ...node.actual, usage: join?.usage } };
}

/** How many rows a condition left out, of each loop. */
export function rowsRemoved(
  before: Actual | undefined,
  after: Actual | undefined,
): readonly (readonly [string, string])[] {
  if (before === undefined || after === undefined) return [];
  return removedShown(
    Math.round(before.rows * before.loops / after.loops) -
      Math.round(after.rows),
  );
}

/** How many rows a scan's own filter left out, of each loop. */
export function ownRowsRemoved(
  actual: Actual | undefined,
): readonly (readonly [string, string])[] {
  return removedShown(Math.round(actual?.removedRows ?? 0));
}

function removedShown(
  removed: number,
): readonly (readonly [string, string])[] {
  return removed > 0 ? [["Rows Removed by Filter", String(removed)]] : [];
}

function kilobytes(bytes: number): number {
  return Math.ceil(bytes / 1024);
}
