import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { tableMeta } from "../../tests/support/manifests.ts";
import { emptyManifest, type TableMeta } from "./manifest.ts";
import { decodeManifest, encodeManifest } from "./manifest_codec.ts";
import { nextManifest } from "./manifest_edit.ts";
import { setsumOf } from "./manifest_setsum.ts";
import { hashItem, Setsum } from "./setsum.ts";

function levelsOf(tables: readonly TableMeta[]): TableMeta[][] {
  return emptyManifest().levels.map((_, level) =>
    level === 0 ? [...tables] : []
  );
}

Deno.test("a sum knows what is in the set, and not in which order it came", () => {
  const random = new SeededRandom(3);
  const items = Array.from({ length: 40 }, (_, i) => hashItem(`item ${i}`));
  const straight = new Setsum();
  for (const item of items.slice(0, 30)) straight.add(item);
  const shuffled = new Setsum();
  for (const item of items.toSorted(() => random.next() - 0.5)) {
    shuffled.add(item);
  }
  assertNotEquals(shuffled.toHex(), straight.toHex());
  for (const item of items.slice(30)) shuffled.remove(item);
  assertEquals(shuffled.toHex(), straight.toHex());
  assertEquals(Setsum.fromHex(straight.toHex())!.toHex(), straight.toHex());
  for (const bad of ["", "0".repeat(63), "f".repeat(64), "x".repeat(64)]) {
    assertEquals(Setsum.fromHex(bad), undefined);
  }
});

Deno.test("every edit keeps the sum of what is named", () => {
  const a = tableMeta("sst/a", "a", "b");
  const b = tableMeta("sst/b", "a", "b");
  const one = nextManifest(emptyManifest(), { levels: levelsOf([a]) });
  const both = nextManifest(one, { levels: levelsOf([b, a]) });
  const other = nextManifest(both, { levels: levelsOf([b]) });
  assertEquals(other.setsum, setsumOf({ levels: levelsOf([b]), segments: [] }));
  const segment = { path: "vec/a", size: 1, owner: 2, info: {} };
  const seen = nextManifest(other, { segments: [segment] });
  assertNotEquals(seen.setsum, other.setsum);
  const moved = { ...segment, info: { coveredTo: 9 } };
  assertEquals(nextManifest(seen, { segments: [moved] }).setsum, seen.setsum);
  // A move between levels changes nothing.
  const down = levelsOf([]);
  down[3] = [b];
  assertEquals(nextManifest(other, { levels: down }).setsum, other.setsum);
});

Deno.test("a table that changes in place, or a sum that is wrong, ends the edit", () => {
  const a = tableMeta("sst/a", "a", "b");
  const one = nextManifest(emptyManifest(), { levels: levelsOf([a]) });
  for (
    const changed of [
      { ...a, entryCount: a.entryCount + 1 },
      { ...a, digest: 7 },
      { ...a, lastKey: new Uint8Array([99]) },
    ]
  ) {
    assertThrows(
      () => nextManifest(one, { levels: levelsOf([changed]) }),
      KriyaError,
      "setsum",
    );
  }
  // As if an edit had been lost on the way.
  const lost = { ...one, levels: levelsOf([]) };
  assertThrows(() => nextManifest(lost, {}), KriyaError, "setsum");
});

Deno.test("a manifest that names something else than its sum says is corrupt", () => {
  const a = tableMeta("sst/a", "a", "b");
  const one = nextManifest(emptyManifest(), { levels: levelsOf([a]) });
  assertEquals(decodeManifest(encodeManifest(one), 1, "m").setsum, one.setsum);
  const lost = encodeManifest({ ...one, levels: levelsOf([]) });
  const error = assertThrows(() => decodeManifest(lost, 1, "m"), KriyaError);
  assertEquals(error.kind, "corrupt");
});
