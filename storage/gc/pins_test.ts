import { assertEquals, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { systemEnvironment } from "../../base/environment.ts";
import { boundaryBytes, tableMeta } from "../../tests/support/manifests.ts";
import { emptyManifest } from "../manifest/manifest.ts";
import { encodeManifest } from "../manifest/manifest_codec.ts";
import { ManifestStore } from "../manifest/manifest_store.ts";
import { MemoryBucket, MemoryStore } from "../object_store/memory_store.ts";
import {
  GC_BOUNDARY_PATH,
  manifestPath,
  pinPath,
  walPath,
} from "../object_store/object_path.ts";
import { decodePin, encodePin, PIN_LEASE_MS_MAX } from "./pin_codec.ts";
import { readPins } from "./pins.ts";

const NOW_MS = 100_000;

function setUp(): {
  bucket: MemoryBucket;
  read: () => ReturnType<typeof readPins>;
} {
  const bucket = new MemoryBucket();
  const store = new MemoryStore({ bucket });
  const manifests = new ManifestStore(store, {
    environment: systemEnvironment,
  });
  const [, ...others] = emptyManifest().levels;
  const manifest = {
    ...emptyManifest(),
    number: 3,
    replayFrom: 7,
    levels: [[tableMeta("sst/a", "a", "b")], ...others],
  };
  bucket.set(manifestPath(3), encodeManifest(manifest), 0);
  bucket.set(GC_BOUNDARY_PATH, boundaryBytes(5), NOW_MS);
  return { bucket, read: () => readPins(store, manifests, {}) };
}

Deno.test("a pin holds its manifest, its tables and the log from there", async () => {
  const { bucket, read } = setUp();
  assertEquals((await read()).holds(manifestPath(3)), false);
  const pin = encodePin({ manifest: 3, leaseMs: 1000 });
  bucket.set(pinPath("reader"), pin, NOW_MS - 1000);
  const { holds, expired } = await read();
  const held = [manifestPath(3), "sst/a", walPath(7), walPath(8)];
  const free = [manifestPath(2), manifestPath(4), "sst/b", walPath(6)];
  assertEquals([...held, ...free].filter(holds), held);
  assertEquals(expired, []);
});

Deno.test("a pin that expired by the bucket's dates holds nothing, and goes", async () => {
  const { bucket, read } = setUp();
  const pin = encodePin({ manifest: 3, leaseMs: 999 });
  bucket.set(pinPath("reader"), pin, NOW_MS - 1000);
  const { holds, expired } = await read();
  assertEquals(holds(manifestPath(3)), false);
  assertEquals(expired, [pinPath("reader")]);
});

Deno.test("a damaged pin, and one of a manifest that is gone, hold nothing", async () => {
  const { bucket, read } = setUp();
  bucket.set(pinPath("damaged"), new Uint8Array(24), NOW_MS);
  const gone = encodePin({ manifest: 1, leaseMs: 1000 });
  bucket.set(pinPath("late"), gone, NOW_MS);
  const { holds, expired } = await read();
  assertEquals([manifestPath(1), "sst/a", walPath(9)].filter(holds), []);
  assertEquals(expired, []);
});

Deno.test("a pin is read as it was written; every other bit is refused", () => {
  const pin = { manifest: 2 ** 40, leaseMs: PIN_LEASE_MS_MAX };
  const bytes = encodePin(pin);
  assertEquals(decodePin(bytes, "pins/a"), pin);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    const error = assertThrows(() => decodePin(flipped, "pins/a"), KriyaError);
    assertEquals(error.kind, "corrupt");
  }
  for (let length = 0; length < bytes.length; length++) {
    const cut = bytes.subarray(0, length);
    assertThrows(() => decodePin(cut, "pins/a"), KriyaError, "pins/a");
  }
});
