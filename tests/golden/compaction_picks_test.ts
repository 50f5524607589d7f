/**
 * What the pickers choose, as text: `compaction_picks.golden` has cases, each a
 * tree and what is picked for it. `deno test -A tests/golden -- --update`
 * writes the answers anew.
 *
 * | line | says |
 * | --- | --- |
 * | `# …` | what the case shows |
 * | `with name=value …` | options, until the next such line |
 * | `L<n> first-last size [word …]` | a table; words: `deletions=n` `shadowed=n` `tombstones=n` `seq=n` `busy` |
 * | `pick`, `pick all` | then the answer, indented |
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  pickCompaction,
  pickFullCompaction,
} from "../../storage/compaction/picker.ts";
import type {
  CompactionPlan,
  PickerOptions,
} from "../../storage/compaction/plan.ts";
import {
  checkManifest,
  emptyManifest,
  LEVEL_COUNT,
  type TableMeta,
} from "../../storage/manifest/manifest.ts";
import { bytes, text } from "../support/lsm_contents.ts";

const GOLDEN = new URL("./compaction_picks.golden", import.meta.url);

interface Case {
  levels: TableMeta[][];
  busy: Set<string>;
  count: number;
}

function newCase(): Case {
  return {
    levels: Array.from({ length: LEVEL_COUNT }, () => []),
    busy: new Set(),
    count: 0,
  };
}

function settings(line: string): Record<string, string> {
  return Object.fromEntries(
    line.split(" ").filter((word) => word.includes("="))
      .map((word) => word.split("=") as [string, string]),
  );
}

function optionsOf(line: string): PickerOptions {
  const given = settings(line);
  const horizon = Number(given.horizon ?? 0);
  const expired = Number(given.expired ?? 0);
  return {
    compaction: given.strategy === "size-tiered" ? "size-tiered" : "leveled",
    l0CompactionTrigger: Number(given.trigger ?? 4),
    levelSizeRatio: Number(given.ratio ?? 10),
    levelBaseBytes: Number(given.base ?? 100),
    tableBytesMax: Number(given.table ?? 20),
    droppableTo: () => horizon,
    isExpired: ({ sequenceMax }) => sequenceMax <= expired,
  };
}

function addTable(into: Case, line: string): void {
  const [level, range, size, ...words] = line.split(" ");
  const [first, last] = range!.split("-");
  const facts = settings(words.join(" "));
  const sequence = Number(facts.seq ?? 50);
  const path = `${level}:${range}:${into.count++}`;
  into.levels[Number(level!.slice(1))]!.push({
    path,
    size: Number(size),
    metaOffset: 0,
    entryCount: 10,
    deletionCount: Number(facts.deletions ?? 0),
    shadowedCount: Number(facts.shadowed ?? 0),
    tombstoneCount: Number(facts.tombstones ?? 0),
    firstKey: bytes(first!),
    lastKey: bytes(last!),
    sequenceMin: sequence,
    sequenceMax: sequence,
    prefixes: [],
  });
  if (words.includes("busy")) into.busy.add(path);
}

function rangeOf({ firstKey, lastKey }: TableMeta): string {
  return `${text(firstKey)}-${text(lastKey)}`;
}

function describe(plan: CompactionPlan | undefined): string {
  if (plan === undefined) return "  nothing";
  const inputs = plan.inputs.map(({ level, tables }) =>
    `L${level} ${tables.map(rangeOf).join(" ")}`
  );
  const lines = [
    `  ${plan.reason}: ${inputs.join(" + ")} -> L${plan.outputLevel}`,
  ];
  if (plan.move) lines.push("  only moved");
  if (plan.grandparents.length > 0) {
    lines.push(`  above ${plan.grandparents.map(rangeOf).join(" ")}`);
  }
  return lines.join("\n");
}

function answer(source: string): string {
  let options = optionsOf("");
  let current = newCase();
  const lines: string[] = [];
  for (const line of source.split("\n")) {
    if (line.startsWith("  ")) continue;
    lines.push(line);
    if (line.startsWith("with")) options = optionsOf(line);
    else if (/^L\d /.test(line)) addTable(current, line);
    else if (line === "pick" || line === "pick all") {
      checkManifest({ ...emptyManifest(), levels: current.levels });
      const pick = line === "pick" ? pickCompaction : pickFullCompaction;
      const plan = pick(current, options);
      checkPlan(current, plan);
      lines.push(describe(plan));
    } else if (line === "") current = newCase();
  }
  return lines.join("\n");
}

/** What holds for every plan, see `plan.ts`. */
function checkPlan({ busy }: Case, plan: CompactionPlan | undefined): void {
  if (plan === undefined) return;
  const tables = plan.inputs.flatMap(({ tables }) => tables);
  assert(tables.length > 0);
  assert(tables.every(({ path }) => !busy.has(path)), "a busy table is picked");
  assert(plan.inputs.every(({ level }) => level <= plan.outputLevel));
}

Deno.test("[K-072, K-074, L-052, L-053, L-059] what is compacted next", async () => {
  const golden = await Deno.readTextFile(GOLDEN);
  const got = answer(golden);
  if (Deno.args.includes("--update")) await Deno.writeTextFile(GOLDEN, got);
  else assertEquals(got, golden);
});
