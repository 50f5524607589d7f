import { assert, assertEquals } from "@std/assert";
import { compareBytes } from "../../base/bytes.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { testSeed } from "../../tests/support/test_seed.ts";
import { World } from "../../tests/support/world.ts";
import type { ChangePoint } from "./change_log.ts";
import type { LsmStore } from "./lsm_store.ts";
import { WriteBatch } from "./write_batch.ts";

const TINY = {
  memtableBytesMax: 4096,
  l0CompactionTrigger: 2,
  levelBaseBytes: 8192,
  tableBytesMax: 4096,
  walGroupBytesMax: 4096,
  versionRetentionMs: Number.MAX_SAFE_INTEGER,
};

/** Everything after a point, window by window. */
async function readAll(
  store: LsmStore,
  bytesMax: number,
): Promise<string[]> {
  const told: string[] = [];
  let point: ChangePoint = { sequence: 0 };
  const to = store.visibleSequence;
  while (point.sequence < to || point.key !== undefined) {
    const { entries, end } = await store.committedAfter(point, {
      to,
      bytesMax,
      wants: (prefix) => prefix !== 0x02020202,
    });
    for (const { sequence, key, value } of entries) {
      told.push(`${sequence} ${key.toHex()} ${value?.toHex()}`);
    }
    const isFarther = end.sequence > point.sequence ||
      (end.key !== undefined &&
        compareBytes(end.key, point.key ?? new Uint8Array()) > 0) ||
      (point.key !== undefined && end.key === undefined);
    assert(isFarther, "a window ends behind where it began");
    point = end;
  }
  return told;
}

Deno.test("what was committed is read once, in order, by windows of any size", async (test) => {
  for (let run = 0; run < 4; run++) {
    const seed = testSeed() + run;
    await test.step(`seed ${seed}`, async () => {
      const world = new World(undefined, seed);
      const random = new SeededRandom(seed);
      await world.run(async () => {
        const { store } = await world.open(TINY);
        const expected: string[] = [];
        for (let commit = 0; commit < 60; commit++) {
          const batch = new WriteBatch();
          const writes = new Map<string, string | undefined>();
          const count = 1 + random.below(commit % 20 === 7 ? 300 : 6);
          for (let i = 0; i < count; i++) {
            const prefix = 1 + random.below(2);
            const key = Uint8Array.of(
              ...[prefix, prefix, prefix, prefix],
              random.below(256),
              random.below(4),
            );
            const value = Uint8Array.of(random.below(256), commit);
            const isPut = random.below(4) > 0;
            if (isPut) batch.put(key, value);
            else batch.delete(key);
            writes.set(key.toHex(), isPut ? value.toHex() : undefined);
          }
          const sequence = await store.write(batch);
          for (const [key, value] of [...writes].sort()) {
            if (key.startsWith("02")) continue;
            expected.push(`${sequence} ${key} ${value}`);
          }
          if (random.below(9) === 0) await store.flush();
        }
        for (const bytesMax of [1, 500, 5000, 2 ** 24]) {
          assertEquals(await readAll(store, bytesMax), expected);
        }
        await store.compact();
        assertEquals(await readAll(store, 3000), expected);
        await store.close();
      });
    });
  }
});
