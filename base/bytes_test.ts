import { assertEquals, assertThrows } from "@std/assert";
import {
  ByteReader,
  ByteWriter,
  compareBytes,
  compareViews,
  headAt,
  varintLength,
} from "./bytes.ts";
import { crc32c } from "./checksum.ts";
import { KriyaError } from "./errors.ts";
import { fc } from "fast-check";

Deno.test("ByteReader reads back what ByteWriter wrote", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(
        fc.maxSafeNat().map((n) => ["varint", n] as const),
        fc.maxSafeNat().map((n) => ["u64", n] as const),
        fc.integer({ min: 0, max: 0xffff_ffff }).map((n) =>
          ["u32", n] as const
        ),
        fc.double({ noNaN: true }).map((n) => ["f64", n] as const),
      )),
      fc.uint8Array(),
      fc.string(),
      (numbers, bytes, text) => {
        const writer = new ByteWriter(1);
        for (const [form, value] of numbers) writer[form](value);
        writer.bytes(bytes);
        writer.string(text.toWellFormed());
        const reader = new ByteReader(writer.toBytes(), "test");
        for (const [form, value] of numbers) {
          assertEquals(reader[form](), value);
        }
        assertEquals([...reader.bytes()], [...bytes]);
        assertEquals(reader.string(), text.toWellFormed());
        reader.expectEnd();
      },
    ),
  );
});

Deno.test("ByteReader names source and offset of what is cut short", () => {
  const reader = new ByteReader(new Uint8Array([1, 2, 3]), "wal/7");
  reader.u8();
  const error = assertThrows(() => reader.u32(), KriyaError);
  assertEquals(error.kind, "corrupt");
  assertEquals(
    error.message,
    'Cannot read "wal/7" at byte 1: 4 bytes wanted, 2 left',
  );
});

Deno.test("ByteReader rejects a varint over 2^53 - 1 and one without end", () => {
  for (const byte of [0xff, 0x80]) {
    const reader = new ByteReader(new Uint8Array(12).fill(byte), "test");
    assertThrows(() => reader.varint(), KriyaError, "bad varint");
  }
});

Deno.test("compareBytes orders as unsigned bytes, prefixes first", () => {
  const sorted = [[], [0], [0, 0], [0, 255], [1], [127], [128], [255]]
    .map((bytes) => Uint8Array.from(bytes));
  for (let i = 0; i < sorted.length; i++) {
    for (let j = 0; j < sorted.length; j++) {
      assertEquals(
        Math.sign(compareBytes(sorted[i]!, sorted[j]!)),
        Math.sign(i - j),
      );
    }
  }
});

Deno.test("crc32c gives the check values of RFC 3720", () => {
  assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assertEquals(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  const bytes = new Uint8Array(40);
  for (let i = 0; i < 32; i++) bytes[i + 4] = i;
  assertEquals(crc32c(bytes, 4, 36), 0x46dd794e);
});

Deno.test("varintLength says how many bytes a varint takes", () => {
  for (let bits = 0; bits < 53; bits++) {
    for (const value of [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]) {
      const writer = new ByteWriter();
      writer.varint(value);
      assertEquals(varintLength(value), writer.length, `${value}`);
    }
  }
});

Deno.test("compareViews and headAt order bytes as compareBytes does", () => {
  const bytes = fc.array(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), {
    maxLength: 12,
    size: "max",
  }).map((list) => new Uint8Array(list));
  fc.assert(fc.property(bytes, bytes, (a, b) => {
    const shared = Math.min(a.length, b.length);
    const [left, right] = [a, b].map((each) =>
      new DataView(new Uint8Array([7, ...each]).buffer)
    );
    const want = compareBytes(a.subarray(0, shared), b.subarray(0, shared));
    const order = compareViews(left!, 1, right!, 1, shared);
    assertEquals(Math.sign(order), Math.sign(want));
    const heads = headAt(left!, 1, 1 + a.length) -
      headAt(right!, 1, 1 + b.length);
    // Equal heads say nothing; others say what the bytes do.
    if (heads !== 0) {
      assertEquals(Math.sign(heads), Math.sign(compareBytes(a, b)));
    } else assertEquals(compareBytes(pad(a), pad(b)), 0);
  }));
});

function pad(bytes: Uint8Array): Uint8Array {
  const six = new Uint8Array(6);
  six.set(bytes.subarray(0, 6));
  return six;
}
