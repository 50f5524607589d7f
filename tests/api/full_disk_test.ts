import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import { fileError } from "../../storage/object_store/file_errors.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import type {
  PutCondition,
  PutResult,
} from "../../storage/object_store/object_store.ts";
import { SimulatedEnvironment } from "../../testing/simulated_environment.ts";
import { contentsOf, put } from "../support/lsm_contents.ts";

/** A store with room for so many bytes. */
class SmallStore extends MemoryStore {
  room = Infinity;

  override async put(
    path: string,
    bytes: Uint8Array,
    condition: PutCondition,
  ): Promise<PutResult> {
    if (bytes.length > this.room) {
      const error = Object.assign(new Error("No space left on device"), {
        code: "ENOSPC",
      });
      throw fileError("write", path, error);
    }
    this.room -= bytes.length;
    return await super.put(path, bytes, condition);
  }
}

Deno.test("[Y-184, Y-185, Y-187] while the disk is full writes fail and say so, reads go on, and nothing acknowledged is lost", async () => {
  for (const walMode of ["sync", "periodic"] as const) {
    const bucket = new MemoryBucket();
    const environment = new SimulatedEnvironment({ seed: 1 });
    const objects = new SmallStore({ bucket, environment });
    await environment.run(async () => {
      const store = await LsmStore.open(objects, {
        environment,
        walMode,
        memtableBytesMax: 4000,
      });
      const acknowledged: string[] = [];
      const codes = new Set<string>();
      const random = environment.forkRandom();
      const noise = (): string => random.fill(new Uint8Array(360)).toHex();
      const attempt = async (key: string): Promise<void> => {
        try {
          await put(store, { [key]: noise() });
          acknowledged.push(key);
        } catch (error) {
          assert(error instanceof KriyaError);
          assertEquals(error.kind, "unavailable");
          assert(error.hint?.includes("Free space"), error.message);
          codes.add(error.code);
        }
        await environment.advance(300);
      };
      for (let i = 0; i < 20; i++) await attempt(`a${i}`);
      objects.room = 2000;
      const before = acknowledged.length;
      for (let i = 0; i < 20; i++) await attempt(`b${i}`);
      assert(acknowledged.length < before + 10);
      assert(codes.has("53100"), [...codes].join());
      // Reads go on: at least what was acknowledged is there.
      const keys = async (): Promise<string[]> =>
        (await contentsOf(store)).map(([key]) => key);
      const seen = new Set(await keys());
      assert(acknowledged.every((key) => seen.has(key)));
      const error = await assertRejects(() => store.flush(), KriyaError);
      assert(error.hint?.includes("Free space"), error.message);
      objects.room = Infinity;
      for (let i = 0; i < 20; i++) await attempt(`c${i}`);
      assert(acknowledged.includes("c19"));
      await store.flush();
      const end = new Set(await keys());
      assert(acknowledged.every((key) => end.has(key)));
      await store.close();
      const again = await LsmStore.open(objects, { environment });
      const found = new Set((await contentsOf(again)).map(([key]) => key));
      assertEquals(found, end);
      await again.close();
    });
  }
});
