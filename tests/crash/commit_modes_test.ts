import { assert, assertEquals } from "@std/assert";
import { open } from "../../mod.ts";
import { startScript } from "../support/child.ts";
import { withFolder } from "../support/databases.ts";

const WRITER = new URL("./commit_modes_writer.ts", import.meta.url);
const KILLS = 3;
/** `walPeriodMs`, and what a PUT and a busy machine may take on top. */
const LOSS_MS_MAX = 200 + 1000;

/** Runs a writer for a while; what it acknowledged last, and before. */
async function writeAndKill(
  address: string,
  mode: string,
  runMs: number,
): Promise<{ last: number; old: number }> {
  const writer = startScript(WRITER, [address, mode]);
  let killedMs = Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = -1;
  const times: number[] = [];
  for (let line = await writer.line(); line; line = await writer.line()) {
    const [id, ms] = line.split(" ").map(Number);
    last = id!;
    times[last] = ms!;
    timer ??= setTimeout(() => {
      killedMs = Date.now();
      writer.kill();
    }, runMs);
  }
  await writer.gone;
  const old = times.findLastIndex((ms) => ms < killedMs - LOSS_MS_MAX);
  return { last, old };
}

for (const mode of ["on", "off"]) {
  Deno.test(`[L-110, L-111] synchronous_commit = ${mode}: what a killed process had acknowledged is there, ${mode === "on" ? "all of it" : "but for the last moments"}`, () =>
    withFolder(async (folder) => {
      const address = `file:${folder}/db`;
      {
        await using db = await open(address);
        await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
      }
      let before = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        const { last, old } = await writeAndKill(
          address,
          mode,
          400 + kill * 900,
        );
        await using db = await open(address);
        const { rows } = await db.query("SELECT id FROM t ORDER BY id");
        // Nothing is missing before the last one.
        assertEquals(rows.map(({ id }) => id), rows.map((_, i) => i));
        const must = mode === "on" ? last : old;
        assert(rows.length > must, `${rows.length} rows, ${last}, ${old}`);
        assert(rows.length >= before && last >= before);
        before = rows.length;
      }
      assert(before > 50, `${before} rows`);
    }));
}
