import { assertEquals } from "@std/assert";
import { createCRC32 } from "hash-wasm";
import { crc32c } from "./checksum.ts";

Deno.test("crc32c is RFC 3720's, by either way, for every length and any stretch", async () => {
  // RFC 3720, B.4: 32 bytes of zeros, of ones, rising.
  assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assertEquals(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assertEquals(
    crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)),
    0x46dd794e,
  );
  const hasher = await createCRC32(0x82f63b78);
  const bytes = Uint8Array.from({ length: 700 }, (_, i) => i * 151 ^ i >> 3);
  for (let length = 0; length <= 600; length++) {
    const start = length % 7;
    hasher.init();
    hasher.update(bytes.subarray(start, start + length));
    const want = Number.parseInt(hasher.digest(), 16);
    assertEquals(crc32c(bytes, start, start + length), want, `${length} bytes`);
  }
});
