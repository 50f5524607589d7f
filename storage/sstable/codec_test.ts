import { assert, assertEquals, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { bytes } from "../../tests/support/lsm_contents.ts";
import {
  BlockCompressor,
  CODEC_NONE,
  CODEC_ZSTD,
  compressBlock,
  decompressBlock,
} from "./codec.ts";

const text = bytes("the tide comes in, the tide goes out; ".repeat(200));

Deno.test("[K-063, L-236, L-237] text shrinks with zstd, whose number is 1, and comes back", () => {
  const stored = compressBlock(text, "zstd");
  assertEquals([stored.codec, CODEC_ZSTD, CODEC_NONE], [1, 1, 0]);
  assert(stored.bytes.length * 4 < text.length);
  assertEquals(decompressBlock(stored, text.length, "sst/x"), text);
});

Deno.test("what does not shrink is kept as it is, as is everything without compression", () => {
  const noise = new SeededRandom(1).fill(new Uint8Array(4096));
  for (
    const [raw, codec] of [[noise, "zstd"], [text, "none"], [
      new Uint8Array(0),
      "zstd",
    ]] as const
  ) {
    const stored = compressBlock(raw, codec);
    assertEquals(stored.codec, CODEC_NONE);
    assertEquals(decompressBlock(stored, raw.length, "sst/x"), raw);
  }
});

Deno.test("a block of another length than it says, or that is none, is corrupt", () => {
  const stored = compressBlock(text, "zstd");
  const broken: [typeof stored, number][] = [
    [stored, text.length - 1],
    [stored, text.length + 1],
    [stored, 0],
    [{ codec: CODEC_NONE, bytes: text }, text.length - 1],
    [{ codec: CODEC_ZSTD, bytes: text }, text.length],
    [{ codec: CODEC_ZSTD, bytes: stored.bytes.subarray(9) }, text.length],
    [{ codec: 2, bytes: text }, text.length],
  ];
  for (const [block, length] of broken) {
    const error = assertThrows(
      () => decompressBlock(block, length, "sst/x"),
      KriyaError,
      `"sst/x"`,
    );
    assertEquals(error.kind, "corrupt");
  }
});

Deno.test("a compressor tries less often while it does not pay, and again when it does", () => {
  const random = new SeededRandom(2);
  const noise = random.fill(new Uint8Array(4096));
  const compressor = new BlockCompressor("zstd");
  const tries = (block: Uint8Array, count: number): number => {
    let paid = 0;
    for (let i = 0; i < count; i++) {
      const stored = compressor.compress(block);
      assertEquals(decompressBlock(stored, block.length, "sst/x"), block);
      if (stored.codec === CODEC_ZSTD) paid++;
    }
    return paid;
  };
  assertEquals(tries(text, 10), 10);
  assertEquals(tries(noise, 200), 0);
  // After at most 31 blocks it is tried, and from then on always.
  assert(tries(text, 32) >= 1);
  assertEquals(tries(text, 10), 10);
});
