import { assert, assertEquals, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { patternBytes } from "../../tests/conformance/object_store_support.ts";
import {
  arePagesGood,
  CHUNK_HEADER_BYTES_MAX,
  type ChunkInfo,
  decodeChunkHeader,
  encodeChunk,
} from "./chunk_format.ts";

const INFO: ChunkInfo = {
  object: {
    path: "sst/000000000001-000000000000-000000000007",
    size: 300_000,
    etag: '"abc"',
    lastModifiedMs: 1_700_000_000_123.5,
  },
  chunkBytes: 256 * 1024,
  chunk: 1,
};
const DATA = patternBytes(300_000 - 256 * 1024, 3);

Deno.test("a chunk says of what it is, and has a checksum for every page", () => {
  const file = encodeChunk(INFO, DATA)!;
  const header = decodeChunkHeader(file, "c/x");
  assertEquals(header.object, INFO.object);
  assertEquals([header.chunk, header.chunkBytes], [1, INFO.chunkBytes]);
  assertEquals(header.dataLength, DATA.length);
  assertEquals(file.subarray(header.dataOffset), DATA);
  const { pageBytes, dataOffset } = header;
  assertEquals(header.checksums.length, Math.ceil(DATA.length / pageBytes));
  const pages = file.subarray(dataOffset + pageBytes);
  assert(arePagesGood(header, 1, pages));
  assert(!arePagesGood(header, 0, pages));
  assert(!arePagesGood(header, 1, pages.subarray(0, pages.length - 1)));
  assert(!arePagesGood(header, 1, new Uint8Array(pages.length + pageBytes)));
});

Deno.test("every flipped bit of a chunk is noticed, and every cut", () => {
  const info = {
    ...INFO,
    object: { ...INFO.object, size: 100 },
    chunkBytes: 64,
    chunk: 1,
  };
  const file = encodeChunk(info, patternBytes(36, 1))!;
  const isGood = (bytes: Uint8Array): boolean => {
    try {
      const header = decodeChunkHeader(bytes, "c/x");
      const data = bytes.subarray(header.dataOffset);
      return data.length === header.dataLength && arePagesGood(header, 0, data);
    } catch (error) {
      assert(error instanceof KriyaError && error.kind === "corrupt");
      return false;
    }
  };
  assert(isGood(file));
  for (let bit = 0; bit < file.length * 8; bit++) {
    const damaged = file.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    assert(!isGood(damaged), `bit ${bit}`);
  }
  for (let length = 0; length < file.length; length++) {
    assert(!isGood(file.subarray(0, length)), `${length} bytes`);
  }
});

Deno.test("headers stay small: large chunks have larger pages, and an absurd tag is not kept", () => {
  const chunkBytes = 1024 * 1024 * 64;
  const info = {
    object: { ...INFO.object, size: 10 * chunkBytes },
    chunkBytes,
    chunk: 0,
  };
  const file = encodeChunk(info, new Uint8Array(chunkBytes))!;
  const header = file.subarray(0, CHUNK_HEADER_BYTES_MAX);
  assert(decodeChunkHeader(header, "c/x").dataOffset <= CHUNK_HEADER_BYTES_MAX);
  const etag = "e".repeat(CHUNK_HEADER_BYTES_MAX);
  const absurd = { ...INFO, object: { ...INFO.object, etag } };
  assertEquals(encodeChunk(absurd, DATA), undefined);
  assertThrows(
    () => decodeChunkHeader(new Uint8Array(100), "c/x"),
    KriyaError,
    `Cannot read "c/x" at byte 0: not a chunk`,
  );
});
