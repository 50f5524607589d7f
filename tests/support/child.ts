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
  const lines = linesOf(process.stdout);
  return {
    pid: process.pid,
    line: async (): Promise<string | undefined> => {
      const { value, done } = await lines.next();
      return done ? undefined : value;
    },
    kill: (): void => {
      try {
        process.kill("SIGKILL");
      } catch {
        // It is gone.
      }
    },
    gone: process.status.then(async ({ code }) => {
      await lines.return(undefined);
      return code;
    }),
  };
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
