import { assertEquals } from "@std/assert";
import { startScript } from "./child.ts";

// Lines that were not read yet were lost when the process had gone, and the
// tests of crashes took what was acknowledged for what was not.
Deno.test("what a process said before it went is there, however late one asks", async () => {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      file,
      `const encoder = new TextEncoder();
       for (let i = 0; i < 500; i++) {
         Deno.stdout.writeSync(encoder.encode(i + "\\n"));
       }`,
    );
    const child = startScript(new URL(`file://${file}`), []);
    assertEquals(await child.line(), "0");
    assertEquals(await child.gone, 0);
    let count = 1;
    while (await child.line() !== undefined) count++;
    assertEquals(count, 500);
  } finally {
    await Deno.remove(file);
  }
});
