/**
 * A side of a workload as a child process, `side.ts`, that is told what to do
 * a line at a time.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** What a turn took. */
export interface Turn {
  /** How many operations were done. */
  readonly operations: number;
  /** The CPU time of the whole process, all its threads. */
  readonly cpuMs: number;
  /** The time by the clock. */
  readonly wallMs: number;
}

/** What a child is told, and what it answers. */
export type Command = "setup" | "turn" | "measure" | "stop";

/** A running child. */
export class SideProcess {
  readonly #name: string;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  #buffer = "";

  private constructor(name: string, child: Deno.ChildProcess) {
    this.#name = name;
    this.#child = child;
    this.#input = child.stdin.getWriter();
    this.#output = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
  }

  /** Starts the side of a workload, pinned to a core where that can be. */
  static start(
    workload: string,
    side: string,
    ownModules = false,
  ): SideProcess {
    return SideProcess.#spawn(workload, side, pin(), ownModules);
  }

  /** Starts it as a user would: on all cores. */
  static startUnpinned(workload: string, side: string): SideProcess {
    return SideProcess.#spawn(workload, side, [], false);
  }

  static #spawn(
    workload: string,
    side: string,
    before: readonly string[],
    ownModules: boolean,
  ): SideProcess {
    const config = fileURLToPath(new URL("../deno.json", import.meta.url));
    const script = fileURLToPath(new URL("./side.ts", import.meta.url));
    const command = [
      ...[...before, Deno.execPath(), "run", "--allow-all", "--no-check"],
      ...(ownModules
        ? ["--no-config", "--node-modules-dir=manual"]
        : ["--config", config]),
      ...["--v8-flags=--expose-gc", script, workload, side],
    ];
    const child = new Deno.Command(command[0]!, {
      args: command.slice(1),
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    return new SideProcess(`${workload}: ${side}`, child);
  }

  /** Makes the side ready; resolves with its settings. */
  async setup(): Promise<string> {
    return await this.#ask("setup") as string;
  }

  /** Has it work for a while. */
  async turn(): Promise<Turn> {
    return await this.#ask("turn") as Turn;
  }

  /** Has it measure its one value. */
  async measure(): Promise<number> {
    return await this.#ask("measure") as number;
  }

  /** Ends the child. */
  async stop(): Promise<void> {
    try {
      await this.#ask("stop");
      await this.#input.close();
    } catch {
      // It has ended already, and said why.
    }
    await this.#output.cancel();
    await this.#child.status;
  }

  async #ask(command: Command): Promise<unknown> {
    await this.#input.write(new TextEncoder().encode(command + "\n"));
    // Lines that are no answer are what an engine prints.
    while (true) {
      const line = await this.#line();
      if (line.startsWith('{"answer":')) return JSON.parse(line).answer;
    }
  }

  async #line(): Promise<string> {
    let end: number;
    while ((end = this.#buffer.indexOf("\n")) < 0) {
      const { value, done } = await this.#output.read();
      if (done) throw new Error(`"${this.#name}" ended without an answer`);
      this.#buffer += value;
    }
    const line = this.#buffer.slice(0, end);
    this.#buffer = this.#buffer.slice(end + 1);
    return line;
  }
}

/** The words before a command that pin it to a core, if the system has them. */
function pin(): string[] {
  const core = Deno.env.get("KRIYA_BENCH_CORE") ??
    String(navigator.hardwareConcurrency - 1);
  try {
    const { success } = new Deno.Command("taskset", {
      args: ["-c", core, "true"],
      stdout: "null",
      stderr: "null",
    }).outputSync();
    return success ? ["taskset", "-c", core] : [];
  } catch {
    return [];
  }
}
