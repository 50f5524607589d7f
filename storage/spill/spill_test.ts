/** @module Blocks and streams of temporary files: whole, bounded, let go. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { KriyaError } from "../../base/errors.ts";
import { MemoryScratch } from "../object_store/memory_scratch.ts";
import type {
  ScratchFile,
  ScratchFiles,
} from "../object_store/scratch_file.ts";
import { SpillSpace } from "./spill_space.ts";
import { SpillStream } from "./spill_stream.ts";

function errorOf(work: () => void): KriyaError {
  return assertThrows(work, KriyaError) as KriyaError;
}

function read(stream: SpillStream): Uint8Array[] {
  const reader = stream.read();
  const records: Uint8Array[] = [];
  for (let one = reader.next(); one; one = reader.next()) records.push(one);
  return records;
}

Deno.test("records come back from their streams, however they share a file", () => {
  const operation = fc.record({
    stream: fc.nat(3),
    length: fc.oneof(fc.nat(40), fc.nat(70_000), fc.nat(300_000)),
    flush: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const places = new MemoryScratch();
      const space = new SpillSpace(places);
      const file = space.account().file();
      const streams = [0, 1, 2, 3].map(() => new SpillStream(file));
      const written: Uint8Array[][] = [[], [], [], []];
      for (const [i, { stream, length, flush }] of operations.entries()) {
        const record = new Uint8Array(length).fill(i + 1);
        streams[stream]!.write(record);
        written[stream]!.push(record);
        record.fill(i + 1);
        if (flush) streams[stream]!.flush();
      }
      for (const [i, stream] of streams.entries()) {
        assertEquals(read(stream), written[i]);
        assertEquals(read(stream), written[i]);
        assertEquals(stream.count, written[i]!.length);
      }
      file.close();
      assertEquals([places.openCount, places.bytes, space.bytes], [0, 0, 0]);
    }),
    { numRuns: 40 },
  );
});

/** A file of which a byte is changed, or the end is missing. */
class Hostile implements ScratchFiles {
  readonly #places = new MemoryScratch();
  damage: ((bytes: Uint8Array, offset: number) => number) | undefined;

  create(): ScratchFile {
    const file = this.#places.create();
    return {
      write: (bytes, offset) => file.write(bytes, offset),
      read: (bytes, offset) => {
        const count = file.read(bytes, offset);
        return this.damage === undefined ? count : this.damage(bytes, offset);
      },
      close: () => file.close(),
    };
  }
}

Deno.test("a changed byte of a temporary file is an error, never another record", () => {
  const places = new Hostile();
  const file = new SpillSpace(places).account().file();
  const offsets = [10, 0, 30].map((length) =>
    file.append(new Uint8Array(length).fill(length))
  );
  file.flush();
  for (let at = 0; at < file.length; at++) {
    places.damage = (bytes, offset) => {
      if (at >= offset && at < offset + bytes.length) bytes[at - offset]! ^= 64;
      return bytes.length;
    };
    const failed = offsets.filter((offset) => {
      try {
        file.read(offset);
        return false;
      } catch (error) {
        assert(error instanceof KriyaError && error.kind === "corrupt");
        return true;
      }
    });
    assertEquals(failed.length, 1, `byte ${at}`);
  }
  places.damage = (bytes) => bytes.length - 1;
  assertEquals(errorOf(() => file.read(0)).kind, "corrupt");
  places.damage = undefined;
  assertEquals(errorOf(() => file.read(3)).kind, "corrupt");
});

Deno.test("a block that lies elsewhere is not taken for another", () => {
  const places = new Hostile();
  const file = new SpillSpace(places).account().file();
  const first = file.append(new Uint8Array([1]));
  const second = file.append(new Uint8Array([2]));
  file.flush();
  const moved = new Uint8Array(second - first);
  places.damage = (bytes) => {
    if (bytes.length === moved.length) moved.set(bytes);
    return bytes.length;
  };
  assertEquals([...file.read(first)], [1]);
  places.damage = (bytes) => {
    bytes.set(moved.subarray(0, bytes.length));
    return bytes.length;
  };
  assertEquals(errorOf(() => file.read(second)).kind, "corrupt");
});

Deno.test("temp_file_limit bounds the files of an account together, until they are closed", () => {
  const space = new SpillSpace(new MemoryScratch());
  const files = space.account(() => 1);
  const others = space.account(() => -1);
  const [a, b] = [files.file(), files.file()];
  a.append(new Uint8Array(500));
  const error = errorOf(() => b.append(new Uint8Array(500)));
  assertEquals([error.code, error.message], [
    "53400",
    'temporary file size exceeds "temp_file_limit" (1kB)',
  ]);
  others.file().append(new Uint8Array(100_000));
  a.close();
  b.append(new Uint8Array(500));
  assertEquals(files.bytes, 516);
});

Deno.test("a full disk fails what is written, and what is there can be read", () => {
  const file = new SpillSpace(new MemoryScratch({ bytesMax: 300_000 }))
    .account().file();
  const offset = file.append(new Uint8Array(200_000).fill(7));
  const error = errorOf(() => file.append(new Uint8Array(200_000)));
  assertEquals(error.code, "53100");
  assertEquals(file.read(offset)[199_999], 7);
  file.close();
  assertEquals(errorOf(() => file.read(offset)).kind, "closed");
  assertEquals(errorOf(() => file.append(new Uint8Array(1))).kind, "closed");
});
