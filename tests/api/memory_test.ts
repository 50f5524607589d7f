import { assert } from "@std/assert";
import { startScript } from "../support/child.ts";
import { withFolder } from "../support/databases.ts";

const WRITER = new URL("./memory_writer.ts", import.meta.url);
const MIB = 1024 * 1024;
const LIMIT = 64 * MIB;
const OPERATIONS = 2500;

Deno.test("[L-170] a long run of writes and reads in a small heap keeps to its limit, and memory is flat", () =>
  withFolder(async (folder) => {
    const args = [`${folder}/store`, String(LIMIT), String(OPERATIONS)];
    const writer = startScript(WRITER, args, [
      "--allow-all",
      "--v8-flags=--max-old-space-size=64",
    ]);
    const counted: number[] = [];
    const held: number[] = [];
    for (let line = await writer.line(); line; line = await writer.line()) {
      const [bytes, rss] = line.split(" ").map(Number);
      counted.push(bytes!);
      held.push(rss!);
    }
    assert(await writer.gone === 0, "it did not come to its end");
    assert(counted.length === OPERATIONS / 25);
    const most = Math.max(...counted);
    assert(most > LIMIT / 2 && most < LIMIT * 1.25, `${most / MIB} MiB`);
    // The first third fills memory; after it nothing grows.
    const third = Math.floor(held.length / 3);
    const before = Math.max(...held.slice(0, 2 * third));
    const after = Math.max(...held.slice(2 * third));
    const said = `${before / MIB} MiB, then ${after / MIB} MiB`;
    assert(after < before * 1.15 + 16 * MIB, said);
  }));
