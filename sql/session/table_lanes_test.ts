import { assertEquals, assertRejects } from "@std/assert";
import { TableLanes } from "./table_lanes.ts";

Deno.test("TableLanes runs one after the other in a table, others beside", async () => {
  const lanes = new TableLanes();
  const log: string[] = [];
  const work = (name: string, steps: number) => async (): Promise<string> => {
    log.push(`${name} begins`);
    for (let i = 0; i < steps; i++) await Promise.resolve();
    log.push(`${name} ends`);
    return name;
  };
  const done = await Promise.all([
    lanes.run(1, work("a", 9)),
    lanes.run(1, work("b", 1)),
    lanes.run(2, work("c", 1)),
  ]);
  assertEquals(done, ["a", "b", "c"]);
  assertEquals(log.indexOf("b begins") > log.indexOf("a ends"), true);
  assertEquals(log.indexOf("c ends") < log.indexOf("a ends"), true);
  assertEquals(lanes.count, 0);
});

Deno.test("TableLanes goes on after a failure", async () => {
  const lanes = new TableLanes();
  const failing = lanes.run(1, () => Promise.reject(new Error("no")));
  const next = lanes.run(1, () => Promise.resolve("yes"));
  await assertRejects(() => failing, Error, "no");
  assertEquals(await next, "yes");
  assertEquals(lanes.count, 0);
});

Deno.test("TableLanes is closed until the work that closed it is done", async () => {
  const lanes = new TableLanes();
  assertEquals(lanes.isClosed(1), false);
  let release = (): void => {};
  const closing = lanes.run(1, () => {
    lanes.close(1);
    return new Promise<void>((resolve) => release = resolve);
  });
  const after = lanes.run(1, () => Promise.resolve(lanes.isClosed(1)));
  await Promise.resolve();
  assertEquals([lanes.isClosed(1), lanes.isClosed(2)], [true, false]);
  release();
  await closing;
  assertEquals(await after, false);
  assertEquals(lanes.isClosed(1), false);
});
