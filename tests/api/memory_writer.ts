/**
 * Run by `memory_test.ts` with a small heap: writes and reads a store for a
 * while, and prints what it says it holds and what the process holds, in bytes.
 *
 * Arguments: folder, limit in bytes, operations.
 *
 * @module
 */
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import { WriteBatch } from "../../storage/engine/write_batch.ts";
import { FileStore } from "../../storage/object_store/file_store.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { bytes } from "../support/lsm_contents.ts";

const [folder, limit, count] = Deno.args;
const KEYS = 12_000;
const random = new SeededRandom(1);
const encoder = new TextEncoder();
const noise = random.fill(new Uint8Array(1 << 20));

const store = await LsmStore.open(await FileStore.open(folder!), {
  memoryBytesMax: Number(limit),
  walMode: "periodic",
});
const keyOf = (): Uint8Array => bytes(`key ${random.below(KEYS)}`);
const end = Number(count);
for (let i = 0; i < end; i++) {
  const batch = new WriteBatch();
  for (let n = 0; n < 16; n++) {
    const at = random.below(noise.length - 4096);
    batch.put(keyOf(), noise.subarray(at, at + 4096));
  }
  await store.write(batch);
  for (let n = 0; n < 8; n++) await store.get(keyOf());
  if (i % 300 === 0) {
    const scan = store.scan({ start: keyOf() });
    for (let n = 0; n < 20; n++) await scan.next();
    scan.close();
  }
  if (i % 25 !== 0) continue;
  const { memory } = store.status();
  Deno.stdout.writeSync(
    encoder.encode(`${memory.bytes} ${Deno.memoryUsage().rss}\n`),
  );
}
await store.close();
