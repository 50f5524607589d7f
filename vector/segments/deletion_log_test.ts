import { assert, assertEquals, assertThrows } from "@std/assert";
import { crc32c } from "../../base/checksum.ts";
import { KriyaError } from "../../base/errors.ts";
import { SeededRandom } from "../hnsw/seeded_random.ts";
import { decodeDeletions, encodeDeletions } from "./deletion_log.ts";
import { VersionTable } from "./version_table.ts";

function table(): { versions: VersionTable } {
  const versions = VersionTable.of({
    locators: Float64Array.of(10, 11, 12, 13, 14),
    begins: Float64Array.of(1, 2, 3, 4, 5),
  });
  versions.end(3, 6);
  versions.end(0, 2 ** 40);
  versions.end(1, 2 ** 41);
  return { versions };
}

Deno.test("a deletion log holds the ends up to its sequence, in order", () => {
  const all = decodeDeletions(encodeDeletions(table(), 2 ** 41), "del");
  assertEquals([all.count, all.coveredTo], [5, 2 ** 41]);
  assertEquals([...all.ordinals], [0, 1, 3]);
  assertEquals([...all.ends], [2 ** 40, 2 ** 41, 6]);
  const some = decodeDeletions(encodeDeletions(table(), 2 ** 40), "del");
  assertEquals([...some.ordinals], [0, 3]);
  const none = decodeDeletions(encodeDeletions(table(), 5), "del");
  assertEquals(none.ordinals.length, 0);
});

Deno.test("a damaged deletion log is corrupt", () => {
  const bytes = encodeDeletions(table(), 2 ** 41);
  const corrupt = (damaged: Uint8Array, what: string): void => {
    const error = assertThrows(
      () => decodeDeletions(damaged, "del"),
      KriyaError,
      'Cannot read "del" at byte ',
    );
    assertEquals(error.kind, "corrupt", what);
  };
  for (let at = 0; at < bytes.length; at++) {
    const flipped = bytes.slice();
    flipped[at]! ^= 1 << (at % 8);
    corrupt(flipped, `flipped ${at}`);
    corrupt(bytes.slice(0, at), `cut ${at}`);
  }
  corrupt(Uint8Array.from([...bytes, 1]), "longer");
  const random = new SeededRandom(1);
  for (let i = 0; i < 200; i++) {
    const noise = Uint8Array.from(
      { length: random.below(100) },
      () => random.below(256),
    );
    corrupt(noise, "noise");
  }
});

Deno.test("a forged deletion log is corrupt, however right its checksum", () => {
  const bytes = encodeDeletions(table(), 2 ** 41);
  const forge = (at: number, value: number): Uint8Array => {
    const forged = bytes.slice();
    const view = new DataView(forged.buffer);
    view.setUint32(at, value, true);
    const end = forged.length - 4;
    view.setUint32(end, crc32c(forged, 0, end), true);
    return forged;
  };
  // Rows, sequence, entries, an ordinal beyond, one that does not rise, an
  // end beyond the sequence.
  const cases = [[12, 3], [20, 0], [24, 0xffff_ffff], [24, 2], [52, 5], [
    40,
    0,
  ]];
  cases.push([60, 1024]);
  for (const [at, value] of cases) {
    const error = assertThrows(
      () => decodeDeletions(forge(at!, value!), "del"),
      KriyaError,
    );
    assert(error.kind === "corrupt", error.message);
  }
});
