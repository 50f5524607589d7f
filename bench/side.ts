/**
 * The child process of a side: `side.ts WORKLOAD SIDE`, then a command a line
 * on its input and an answer a line on its output.
 *
 * @module
 */
import process from "node:process";
import type { Side } from "./harness.ts";
import type { Command, Turn } from "./side_process.ts";
import { limitWorkloads, workloads } from "./workloads.ts";

/** The least CPU time of a turn. */
const TURN_MS = 300;

/** The least time of a turn where the clock counts, for work of others. */
const WALL_TURN_MS = 1000;

async function takeTurn(
  side: Side,
  clock: "cpu" | "wall" = "cpu",
): Promise<Turn> {
  (globalThis as { gc?: () => void }).gc?.();
  const cpuStart = process.cpuUsage();
  const otherStart = side.otherCpuMs?.() ?? 0;
  const wallStart = performance.now();
  let operations = 0;
  let cpuMs = 0;
  const isLong = (): boolean =>
    clock === "wall" && performance.now() - wallStart >= WALL_TURN_MS;
  while (cpuMs < TURN_MS && !isLong()) {
    operations += await side.round();
    const { user, system } = process.cpuUsage(cpuStart);
    const other = (side.otherCpuMs?.() ?? 0) - otherStart;
    cpuMs = (user + system) / 1000 + other;
  }
  return { operations, cpuMs, wallMs: performance.now() - wallStart };
}

function print(answer: unknown): void {
  console.log(JSON.stringify({ answer: answer ?? null }));
}

async function main(workloadName: string, sideName: string): Promise<void> {
  const workload = workloads.find((each) => each.name === workloadName);
  const side = workload?.sides[sideName]?.();
  const limited = limitWorkloads.find((each) => each.name === workloadName);
  const answer = async (command: Command): Promise<unknown> => {
    switch (command) {
      case "setup":
        return await side!.setup();
      case "turn":
        return await takeTurn(side!, workload?.clock);
      case "measure":
        return await limited!.measure();
      case "stop":
        return await side?.close();
    }
  };
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
  for await (const line of lines) {
    const command = line.trim() as Command;
    print(await answer(command));
    if (command === "stop") Deno.exit(0);
  }
}

await main(Deno.args[0]!, Deno.args[1]!);
