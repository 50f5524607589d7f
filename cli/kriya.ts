/**
 * `kriya`: what is done to a database from the shell.
 *
 * ```sh
 * deno run -A jsr:@kriyadb/kriyadb/cli fsck s3://bucket/prefix
 * ```
 *
 * @module
 */
import { runCommand } from "./commands.ts";

if (import.meta.main) {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new Error("interrupted"));
  Deno.addSignalListener("SIGINT", onSignal);
  const code = await runCommand(Deno.args, {
    out: (line) => console.log(line),
    say: (line) => console.error(line),
    signal: stop.signal,
  });
  Deno.removeSignalListener("SIGINT", onSignal);
  Deno.exit(code);
}
