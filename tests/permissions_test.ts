/**
 * The least permissions: what the README says is enough, and nothing more is
 * asked for.
 *
 * @module
 */
import { assert } from "@std/assert";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(
  new URL("./support/permissions_script.ts", import.meta.url),
);

async function run(flags: string[], address: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", ...flags, SCRIPT, address],
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}

Deno.test("memory: needs no permission at all", async () => {
  await run([], "memory:");
});

Deno.test("file: needs to read and write its folder, and nothing else", async () => {
  const folder = await Deno.makeTempDir({ prefix: "kriyadb-permissions-" });
  try {
    const flags = [`--allow-read=${folder}`, `--allow-write=${folder}`];
    await run(flags, `file://${folder}/db`);
    await run(flags, `file://${folder}/db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
