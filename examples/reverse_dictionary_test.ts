import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(
  new URL("./reverse_dictionary.ts", import.meta.url),
);

/** Runs the demo with the permissions that its task gives, and no more. */
async function demo(
  folder: string,
  ...args: string[]
): Promise<{ out: string; err: string }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check", "--allow-read"],
      ...[`--allow-write=${folder}`, SCRIPT, "--url", `file:${folder}/db`],
      ...["--count", "96", ...args],
    ],
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  const out = new TextDecoder().decode(stdout);
  const err = new TextDecoder().decode(stderr);
  assert(success, err);
  return { out, err };
}

Deno.test("[U-11] the demo fills a database once, and answers from it", async () => {
  const folder = await Deno.makeTempDir({ prefix: "kriyadb-demo-" });
  try {
    const question = "a large and densely populated urban area";
    const first = await demo(folder, question);
    assertStringIncludes(first.out.split("\n")[0]!, "city");
    assertStringIncludes(first.err, "96/96");
    const second = await demo(folder, question, "--explain", "--limit", "3");
    assertEquals(second.err, "");
    assertStringIncludes(second.out, "nouns_embedding_idx");
    assertStringIncludes(second.out, "city");
    const own = await demo(folder);
    assertStringIncludes(own.out, "> someone who steals");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
