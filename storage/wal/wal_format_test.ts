import { assert, assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { crc32c } from "../../base/checksum.ts";
import { KriyaError } from "../../base/errors.ts";
import type { WriterIdentity } from "../../fence/writer_id.ts";
import { bytes } from "../../tests/support/lsm_contents.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import {
  decodeWal,
  encodeFence,
  WAL_HEADER_BYTES,
  WAL_RECORD_HEADER_BYTES,
  WalEncoder,
  type WalRecordKind,
  walWriterOf,
} from "./wal_format.ts";

const WRITER: WriterIdentity = {
  epoch: 3,
  writerId: "000102030405060708090a0b0c0d0e0f",
};
const PATH = "wal/x";

type Record = readonly [number, WalRecordKind, Uint8Array];

function encode(records: readonly Record[], id = 7): Uint8Array {
  const encoder = new WalEncoder("zstd");
  for (const record of records) encoder.add(...record);
  assertEquals(encoder.count, records.length);
  const { length } = encoder;
  const object = encoder.finish(WRITER, id).slice();
  assertEquals(object.length, length);
  return object;
}

const THREE: readonly Record[] = [
  [4, "batch", bytes("first")],
  [9, "ingest", new Uint8Array(0)],
  [10, "batch", bytes("third")],
];

/** The object with `change` made to its header, and a checksum that is right. */
function forged(
  object: Uint8Array,
  change: (view: DataView) => void,
): Uint8Array {
  const copy = object.slice();
  const view = new DataView(copy.buffer);
  change(view);
  const end = WAL_HEADER_BYTES - 4;
  view.setUint32(end, crc32c(copy, 0, end), true);
  return copy;
}

function assertCorrupt(
  object: Uint8Array,
  message: string,
  allowTornTail = false,
): void {
  const error = assertThrows(
    () => decodeWal(object, 7, PATH, { allowTornTail }),
    KriyaError,
    message,
  );
  assertEquals([error.kind, error.code], ["corrupt", "XX001"]);
  assert(error.message.startsWith(`Cannot read "${PATH}" at byte`));
}

Deno.test("[K-014] a group comes back: writer, id, sequences, kinds, payloads", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.maxSafeNat(), { maxLength: 40, size: "max" }),
      fc.array(fc.uint8Array({ maxLength: 300, size: "max" }), {
        minLength: 40,
        maxLength: 40,
        size: "max",
      }),
      fc.maxSafeNat(),
      (sequences, payloads, id) => {
        const records = sequences.sort((a, b) => a - b).map((
          sequence,
          i,
        ): Record => [
          sequence,
          i % 3 === 0 ? "ingest" : "batch",
          payloads[i]!,
        ]);
        const object = encode(records, id);
        assertEquals(decodeWal(object, id, PATH), {
          writer: WRITER,
          id,
          fence: false,
          records: records.map(([sequence, kind, payload]) => ({
            sequence,
            kind,
            payload,
          })),
          torn: false,
        });
        assertEquals(walWriterOf(object, id, PATH), WRITER);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("a fence says whose it is and holds nothing", () => {
  const fence = encodeFence(WRITER, 7);
  assertEquals(fence.length, WAL_HEADER_BYTES);
  const decoded = decodeWal(fence, 7, PATH);
  assertEquals([decoded.fence, decoded.records, decoded.writer], [
    true,
    [],
    WRITER,
  ]);
});

Deno.test("[K-083, L-115] every flipped bit of a group is detected", () => {
  for (const object of [encode(THREE), encodeFence(WRITER, 7)]) {
    for (let bit = 0; bit < object.length * 8; bit++) {
      const damaged = object.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      assertCorrupt(damaged, "");
    }
  }
});

Deno.test("[K-083] a record's own checksum finds damage where the lengths are right", () => {
  const object = encode(THREE);
  const at = WAL_HEADER_BYTES + WAL_RECORD_HEADER_BYTES;
  const damaged = object.slice();
  damaged[at]! ^= 1;
  assertCorrupt(
    damaged,
    `at byte ${WAL_HEADER_BYTES}: record checksum does not match`,
  );
});

Deno.test("[K-084] an object that is cut short is corrupt, or gives the records that are whole", () => {
  const object = encode(THREE);
  const ends = THREE.map((_, i) => encode(THREE.slice(0, i + 1)).length);
  for (let end = 0; end < object.length; end++) {
    const cut = object.subarray(0, end);
    assertCorrupt(cut, end < WAL_HEADER_BYTES ? "" : "bytes long");
    const torn = decodeWal(cut, 7, PATH, { allowTornTail: true });
    assertEquals(torn.torn, true);
    assertEquals(torn.records.length, ends.filter((at) => at <= end).length);
    assertEquals(torn.writer, end < WAL_HEADER_BYTES ? undefined : WRITER);
  }
  assertEquals(
    decodeWal(object, 7, PATH, { allowTornTail: true }).torn,
    false,
  );
});

Deno.test("[K-084] damage is reported where a torn tail would be let pass", () => {
  const object = encode(THREE);
  for (let bit = 0; bit < object.length * 8; bit++) {
    const damaged = object.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    assertCorrupt(damaged, "", true);
    // In what is there of an object that was torn, too.
    const end = object.length - 3;
    const whole = encode(THREE.slice(0, 2)).length;
    if (bit >> 3 < whole) {
      const cut = damaged.subarray(0, end);
      // But for a length: that of a torn record cannot be trusted.
      const lengths = [0, 1].map((i) =>
        (i === 0 ? WAL_HEADER_BYTES : encode(THREE.slice(0, i)).length) + 4
      );
      if (lengths.some((at) => bit >> 3 >= at && bit >> 3 < at + 4)) continue;
      assertCorrupt(cut, "", true);
    }
  }
  assertCorrupt(bytes("KWAX"), "bad magic", true);
});

/** A group that pays to be compressed. */
function compressible(): {
  readonly records: readonly Record[];
  readonly object: Uint8Array;
} {
  const records = Array.from({ length: 80 }, (_, i): Record => [
    i + 1,
    "batch",
    bytes(`key ${i} ${"the same again ".repeat(6)}`),
  ]);
  const encoder = new WalEncoder("zstd");
  for (const record of records) encoder.add(...record);
  return { records, object: encoder.finish(WRITER, 7) };
}

Deno.test("[L-116] a group of more than 4 KiB is compressed where it shrinks by an eighth, and reads the same", () => {
  const { records, object } = compressible();
  const plain = new WalEncoder();
  for (const record of records) plain.add(...record);
  const wide = plain.finish(WRITER, 7);
  assert(object.length < wide.length / 4, `${object.length}`);
  assertEquals(decodeWal(object, 7, PATH), decodeWal(wide, 7, PATH));
  assertEquals(walWriterOf(object, 7, PATH), WRITER);
  // The first version had no compression, and reads as ever.
  const first = forged(wide, (view) => view.setUint16(4, 1, true));
  assertEquals(decodeWal(first, 7, PATH), decodeWal(wide, 7, PATH));
  assertCorrupt(
    forged(object, (view) => view.setUint16(4, 1, true)),
    "unknown flags",
  );
  const noise = new SeededRandom(1).fill(new Uint8Array(10_000));
  for (const payload of [bytes("x".repeat(4000)), noise]) {
    const encoder = new WalEncoder("zstd");
    encoder.add(1, "batch", payload);
    const { length } = encoder;
    assertEquals(encoder.finish(WRITER, 7).length, length);
  }
});

Deno.test("[K-083, K-084] damage of a compressed group is found; torn, it has no record", () => {
  const { object } = compressible();
  for (let bit = 0; bit < object.length * 8; bit++) {
    const damaged = object.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    assertCorrupt(damaged, "", bit % 2 === 0);
  }
  for (let end = WAL_HEADER_BYTES; end < object.length; end += 7) {
    const cut = object.subarray(0, end);
    assertCorrupt(cut, "bytes long");
    const torn = decodeWal(cut, 7, PATH, { allowTornTail: true });
    assertEquals([torn.torn, torn.records, torn.writer], [true, [], WRITER]);
  }
  assertCorrupt(new Uint8Array([...object, 0]), "checksum");
});

/** A compressed object with other bytes after the header, all checksums right. */
function forgedRecords(length: number, frame: Uint8Array): Uint8Array {
  const { object } = compressible();
  const body = new Uint8Array(8 + frame.length);
  const view = new DataView(body.buffer);
  view.setUint32(4, length, true);
  body.set(frame, 8);
  view.setUint32(0, crc32c(body, 4), true);
  const whole = new Uint8Array([
    ...object.subarray(0, WAL_HEADER_BYTES),
    ...body,
  ]);
  return forged(
    whole,
    (view) => view.setBigUint64(40, BigInt(whole.length), true),
  );
}

Deno.test("a compressed group that lies about its size is refused before memory is taken", () => {
  const { object } = compressible();
  const frame = object.subarray(WAL_HEADER_BYTES + 8);
  assertCorrupt(forgedRecords(0xffff_ffff, frame), "bytes of records");
  assertCorrupt(forgedRecords(10, frame), "does not decompress");
  assertCorrupt(forgedRecords(64 * 1024 * 1024, frame), "wrong length");
  assertCorrupt(forgedRecords(100, bytes("no frame")), "does not decompress");
  assertCorrupt(
    forged(object, (view) => view.setUint16(6, 3, true)),
    "fence with records",
  );
  const short = forged(
    object.subarray(0, WAL_HEADER_BYTES + 3),
    (view) => view.setUint32(40, WAL_HEADER_BYTES + 3, true),
  );
  assertCorrupt(short, "cut short");
});

Deno.test("whole records that are another object's, or in another order, are found out", () => {
  const one = encode([[4, "batch", bytes("a")], [6, "batch", bytes("b")]]);
  const other = encode([[4, "batch", bytes("x")], [6, "batch", bytes("y")]]);
  const recordBytes = (one.length - WAL_HEADER_BYTES) / 2;
  for (const record of [0, 1]) {
    const mixed = one.slice();
    const at = WAL_HEADER_BYTES + record * recordBytes;
    mixed.set(other.subarray(at, at + recordBytes), at);
    assertCorrupt(mixed, "at byte 52: the records are not those of the header");
  }
});

Deno.test("an object that breaks a rule of the format is corrupt", () => {
  const object = encode(THREE);
  const fence = encodeFence(WRITER, 7);
  assertCorrupt(
    forged(object, (view) => view.setUint16(4, 3, true)),
    "format version 3; this build reads up to 2",
  );
  assertCorrupt(
    forged(object, (view) => view.setUint16(4, 0, true)),
    "version",
  );
  assertCorrupt(forged(object, (view) => view.setUint16(6, 4, true)), "flags");
  assertCorrupt(
    forged(object, (view) => view.setUint32(32, 8, true)),
    "the object says it is WAL 8",
  );
  assertCorrupt(forged(object, (view) => view.setUint32(48, 4, true)), "short");
  assertCorrupt(
    forged(object, (view) => view.setUint32(48, 2, true)),
    "left over",
  );
  assertCorrupt(
    forged(object, (view) => view.setUint32(48, 0xffff_ffff, true)),
    "record is cut short",
  );
  assertCorrupt(
    forged(fence, (view) => view.setUint32(48, 1, true)),
    "fence with records",
  );
  assertCorrupt(
    new Uint8Array([...object, 0]),
    "1 bytes left over",
  );
  const falling = encode([[5, "batch", bytes("a")], [5, "batch", bytes("b")]]);
  assertCorrupt(falling, "sequence numbers do not rise");
});
