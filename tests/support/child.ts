/**
 * Scripts of the tests in processes of their own.
 *
 * @module
 */

/** A script that runs. */
export interface Child {
  /** Its process id. */
  readonly pid: number;
  /** The next line it prints; `undefined` once it is gone. */
  line(): Promise<string | undefined>;
  /** Kills it at once, as a crash does. */
  kill(): void;
  /** Resolves with its exit code once it is gone and all is read. */
  readonly gone: Promise<number>;
}

/** Starts a script of the repository, given as a URL; it prints lines. */
export function startScript(
  script: URL,
  args: readonly string[],
  permissions: readonly string[] = ["--allow-all"],
): Child {
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--cached-only",
      ...permissions,
      `--config=${config}`,
      script.href,
      ...args,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  });
  const process = command.spawn();
  const lines = new Lines(process.stdout);
  return {
    pid: process.pid,
    line: () => lines.next(),
    kill: (): void => {
      try {
        process.kill("SIGKILL");
      } catch {
        // It is gone.
      }
    },
    gone: Promise.all([process.status, lines.read])
      .then(([{ code }]) => code),
  };
}

/**
 * The lines of a stream, read as they come: what a process said before it was
 * killed is there, however late one asks.
 */
class Lines {
  readonly #lines: string[] = [];
  readonly #waiting: ((line: string | undefined) => void)[] = [];
  #ended = false;
  /** Resolves when all is read. */
  readonly read: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.read = this.#readAll(stream);
  }

  /** The next line; `undefined` once there are no more. */
  next(): Promise<string | undefined> {
    const line = this.#lines.shift();
    if (line !== undefined || this.#ended) return Promise.resolve(line);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async #readAll(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const line of linesOf(stream)) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#lines.push(line);
      else waiting(line);
    }
    this.#ended = true;
    for (const waiting of this.#waiting) waiting(undefined);
  }
}

async function* linesOf(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<string> {
  let rest = "";
  const text = stream.pipeThrough(new TextDecoderStream());
  for await (const part of text) {
    const lines = (rest + part).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
