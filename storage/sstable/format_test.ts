import { assert, assertEquals, assertThrows } from "@std/assert";
import { ByteWriter } from "../../base/bytes.ts";
import { crc32c } from "../../base/checksum.ts";
import { KriyaError } from "../../base/errors.ts";
import { bytes } from "../../tests/support/lsm_contents.ts";
import {
  decodeFooter,
  encodeFooter,
  type Footer,
  FOOTER_BYTES,
  readBlock,
  TRAILER_BYTES,
  writeBlock,
} from "./format.ts";

const FOOTER: Footer = {
  partitioned: false,
  metaOffset: 5_000_000_000,
  filterLength: 100,
  indexLength: 200,
  tombstonesLength: 10,
  propertiesLength: 30,
  entryCount: 2 ** 40,
  blockCount: 7,
  compression: "zstd",
};
const FILE_LENGTH = FOOTER.metaOffset + 340 + FOOTER_BYTES;

/** The footer with `change` made to its bytes and a checksum that is right. */
function forged(change: (view: DataView) => void): Uint8Array {
  const footer = encodeFooter(FOOTER);
  const view = new DataView(footer.buffer);
  change(view);
  view.setUint32(56, crc32c(footer, 0, 56), true);
  return footer;
}

Deno.test("a footer comes back, past 4 GiB too", () => {
  const footer = encodeFooter(FOOTER);
  assertEquals(footer.length, FOOTER_BYTES);
  assertEquals(decodeFooter(footer, FILE_LENGTH, "sst/x"), FOOTER);
  const plain = { ...FOOTER, compression: "none" as const };
  assertEquals(decodeFooter(encodeFooter(plain), FILE_LENGTH, "sst/x"), plain);
});

Deno.test("[K-066] a footer without its magic number is no sstable's", () => {
  const footer = encodeFooter(FOOTER);
  assertEquals(new TextDecoder().decode(footer.subarray(60)), "KSST");
  footer[63]! ^= 1;
  const error = assertThrows(
    () => decodeFooter(footer, FILE_LENGTH, "sst/x"),
    KriyaError,
    "not an sstable: bad magic",
  );
  assertEquals([error.kind, error.code], ["corrupt", "XX001"]);
});

Deno.test("[K-067] a footer says which compression the writer was set to", () => {
  assertEquals(encodeFooter(FOOTER)[36], 1);
  assertEquals(encodeFooter({ ...FOOTER, compression: "none" })[36], 0);
});

Deno.test("a footer is of version 2 when there are partitions, else of version 1", () => {
  assertEquals(encodeFooter(FOOTER)[52], 1);
  const footer = { ...FOOTER, partitioned: true, filterLength: 0 };
  const bytes = encodeFooter(footer);
  assertEquals(bytes[52], 2);
  assertEquals(decodeFooter(bytes, FILE_LENGTH - 100, "sst/x"), footer);
});

Deno.test("every flipped bit of a footer is refused", () => {
  const footer = encodeFooter(FOOTER);
  for (let bit = 0; bit < FOOTER_BYTES * 8; bit++) {
    const damaged = footer.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    const error = assertThrows(
      () => decodeFooter(damaged, FILE_LENGTH, "sst/x"),
      KriyaError,
      `Cannot read "sst/x"`,
    );
    assertEquals(error.kind, "corrupt");
  }
});

Deno.test("a footer of a newer format, or whose parts are not the file, is corrupt", () => {
  const broken: [Uint8Array, number, string][] = [
    [forged((view) => view.setUint32(52, 3, true)), FILE_LENGTH, "version 3"],
    [forged((view) => view.setUint32(52, 2, true)), FILE_LENGTH, "partitions"],
    [forged((view) => view.setUint32(52, 0, true)), FILE_LENGTH, "version 0"],
    [encodeFooter(FOOTER), FILE_LENGTH + 1, "do not add up"],
    [forged((view) => view.setUint32(8, 101, true)), FILE_LENGTH, "add up"],
    [encodeFooter(FOOTER).subarray(1), FILE_LENGTH, "too short"],
    [encodeFooter(FOOTER), FOOTER_BYTES - 1, "too short"],
  ];
  for (const [footer, length, message] of broken) {
    const error = assertThrows(
      () => decodeFooter(footer, length, "sst/x"),
      KriyaError,
      message,
    );
    assertEquals(error.kind, "corrupt");
  }
});

Deno.test("a stored block comes back, and every flipped bit of it is refused", () => {
  for (const codec of ["none", "zstd"] as const) {
    const raw = bytes("abcdefgh ".repeat(40));
    const writer = new ByteWriter();
    writer.u32(0); // It need not begin at 0.
    const length = writeBlock(writer, raw, codec);
    const stored = writer.written.subarray(4).slice();
    assertEquals(stored.length, length);
    assert(codec === "zstd" || length === raw.length + TRAILER_BYTES);
    assertEquals(readBlock(stored, "sst/x", 4), raw);
    for (let bit = 0; bit < stored.length * 8; bit++) {
      const damaged = stored.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const error = assertThrows(
        () => readBlock(damaged, "sst/x", 4),
        KriyaError,
        `Cannot read "sst/x" at byte 4: block checksum does not match`,
      );
      assertEquals(error.kind, "corrupt");
    }
    for (let end = 0; end < stored.length; end++) {
      assertThrows(
        () => readBlock(stored.subarray(0, end), "sst/x", 4),
        KriyaError,
        `Cannot read "sst/x" at byte 4`,
      );
    }
  }
});

Deno.test("a block whose checksum is right and whose length is absurd is refused before it is made", () => {
  const writer = new ByteWriter();
  writer.raw(bytes("body"));
  writer.u8(1);
  writer.u32(0xffff_ffff);
  writer.u32(crc32c(writer.written));
  assertThrows(
    () => readBlock(writer.toBytes(), "sst/x", 0),
    KriyaError,
    "block is too large",
  );
});
