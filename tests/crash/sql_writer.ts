/**
 * Run by `sql_crash_test.ts`: goes on with the lanes of a database until it is
 * killed, and says every operation once it is acknowledged.
 *
 * Arguments: address, seed, operations done by each lane. Prints `open`, then
 * the number of a lane for each of its operations.
 *
 * @module
 */
import { open } from "../../mod.ts";
import { LaneModel, runOperation } from "./sql_workload.ts";

const [address, seed, ...done] = Deno.args;
const encoder = new TextEncoder();

function say(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}

const db = await open(address!);
await db.exec("SET enable_seqscan = off");
say("open");
await Promise.all(done.map(async (count, lane) => {
  const model = new LaneModel(Number(seed), lane).advanceTo(Number(count));
  for (;;) {
    const operation = model.next();
    await runOperation(db, model, operation);
    model.take(operation);
    say(String(lane));
  }
}));
