import { assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { World } from "../../tests/support/world.ts";
import { walPath } from "../object_store/object_path.ts";
import { deleteAll } from "./deletion.ts";

const PATHS = Array.from({ length: 100 }, (_, i) => walPath(i));

function setUp(): World {
  const world = new World();
  for (const path of PATHS) world.bucket.set(path, new Uint8Array(1), 0);
  return world;
}

Deno.test("everything is deleted, a few at a time, though the store fails at times", async () => {
  const world = setUp();
  const { environment } = world;
  let running = 0;
  let runningMax = 0;
  const { objects } = world.handle({
    chances: { fail: 0.2, lostReply: 0.2 },
    latencyMs: { min: 1, max: 5 },
    seed: 4,
  });
  const remove = objects.delete.bind(objects);
  objects.delete = async (path, options) => {
    runningMax = Math.max(runningMax, ++running);
    try {
      await remove(path, options);
    } finally {
      running--;
    }
  };
  const gone: string[] = [];
  await world.run(() =>
    deleteAll(
      objects,
      PATHS,
      { environment, attemptsMax: 20 },
      (path) => gone.push(path),
    )
  );
  assertEquals(gone.sort(), PATHS);
  assertEquals(world.paths("wal/"), []);
  assertEquals(runningMax, 4);
});

Deno.test("a store that does not answer ends it, and an abort does", async () => {
  const world = setUp();
  const { environment } = world;
  const { objects } = world.handle();
  objects.inject("fail", { operation: "delete", nth: 50, times: Infinity });
  const gone: string[] = [];
  const options = { environment, attemptsMax: 3 };
  const failed = world.run(() =>
    deleteAll(objects, PATHS, options, (path) => gone.push(path))
  );
  const error = await assertRejects(() => failed, KriyaError);
  assertEquals(error.kind, "unavailable");
  assertEquals(gone.length, 49);
  assertEquals(world.paths("wal/").length, 51);
  const signal = AbortSignal.abort(new Error("enough"));
  const aborted = world.run(() =>
    deleteAll(objects, PATHS, { ...options, signal }, () => {})
  );
  await assertRejects(() => aborted, Error, "enough");
});
