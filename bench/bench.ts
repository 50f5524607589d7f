/**
 * Benchmarks: `deno task bench NAME [--json]`.
 *
 * `NAME` is a benchmark (`first`) or one of its workloads. With `--json` one
 * object a line goes to standard output:
 *
 * ```json
 * {"bench":"first","workload":"lookup","ours":…,"peer":"pglite","peerValue":…,"unit":"queries/s","ratio":…,"target":10}
 * ```
 *
 * A ratio over 1 is better for us; `target` is the ratio we want. Without it
 * the same is a table for people.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { type BenchResult, runLimit, runWorkload } from "./harness.ts";
import { benches, limitWorkloads, sweeps, workloads } from "./workloads.ts";

function usage(): never {
  const names = [...workloads, ...limitWorkloads].map(({ name }) => name);
  console.error(
    `usage: deno task bench NAME [--json]\n` +
      `benchmarks: ${
        [
          ...Object.keys(benches),
          ...Object.keys(sweeps),
        ].join(", ")
      }\n` +
      `workloads: ${names.join(", ")}`,
  );
  Deno.exit(2);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { json: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const [bench] = positionals;
  if (bench === undefined || positionals.length > 1) usage();
  const results: BenchResult[] = [];
  const sweep = sweeps[bench];
  if (sweep !== undefined) {
    const some = await sweep((text) => console.error(text));
    for (const result of some.map(round)) {
      results.push(result);
      if (values.json) console.log(JSON.stringify(result));
    }
  }
  for (const name of sweep ? [] : benches[bench] ?? [bench]) {
    const workload = workloads.find((each) => each.name === name);
    const limited = limitWorkloads.find((each) => each.name === name);
    if (workload === undefined && limited === undefined) usage();
    const some = workload !== undefined
      ? await runWorkload(bench, workload, (text) => console.error(text))
      : await runLimit(bench, limited!);
    for (const result of some.map(round)) {
      results.push(result);
      if (values.json) console.log(JSON.stringify(result));
    }
  }
  if (!values.json) printTable(results);
}

function round(result: BenchResult): BenchResult {
  const digits = (value: number): number => Number(value.toPrecision(4));
  return {
    ...result,
    ours: digits(result.ours),
    peerValue: digits(result.peerValue),
    ratio: digits(result.ratio),
  };
}

function printTable(results: readonly BenchResult[]): void {
  console.log("| workload | ours | peer | its value | unit | ratio | target |");
  console.log("| --- | ---: | --- | ---: | --- | ---: | ---: |");
  for (const each of results) {
    const cells = [
      ...[each.workload, each.ours, each.peer, each.peerValue, each.unit],
      ...[
        each.ratio,
        `${each.target}${each.ratio < each.target ? " (!)" : ""}`,
      ],
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

await main();
