import { assertEquals, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { tableMeta } from "../../tests/support/manifests.ts";
import {
  checkManifest,
  emptyManifest,
  LEVEL_COUNT,
  type Manifest,
  type TableMeta,
} from "./manifest.ts";
import { checkSuccession, nextManifest } from "./manifest_edit.ts";

function withLevel(level: number, tables: TableMeta[]): Manifest {
  const levels = emptyManifest().levels.map((_, i) =>
    i === level ? tables : []
  );
  return { ...emptyManifest(), levels };
}

function assertBroken(run: () => unknown, message: string): void {
  const error = assertThrows(run, KriyaError, message);
  assertEquals(error.kind, "internal");
}

Deno.test("a manifest has seven levels", () => {
  assertEquals(LEVEL_COUNT, 7);
  assertEquals(emptyManifest().levels.length, 7);
  checkManifest(emptyManifest());
  const levels = emptyManifest().levels.slice(1);
  assertBroken(() => checkManifest({ ...emptyManifest(), levels }), "seven");
});

Deno.test("tables may overlap in level 0 and in no other", () => {
  const overlapping = [
    tableMeta("sst/1", "a", "m"),
    tableMeta("sst/2", "k", "z"),
  ];
  checkManifest(withLevel(0, overlapping));
  for (let level = 1; level < LEVEL_COUNT; level++) {
    assertBroken(
      () => checkManifest(withLevel(level, overlapping)),
      `tables of level ${level} overlap`,
    );
    // One key that is in both is an overlap, and so is a wrong order.
    const touching = [
      tableMeta("sst/1", "a", "k"),
      tableMeta("sst/2", "k", "z"),
    ];
    assertBroken(() => checkManifest(withLevel(level, touching)), "overlap");
    const apart = [tableMeta("sst/1", "a", "j"), tableMeta("sst/2", "k", "z")];
    checkManifest(withLevel(level, apart));
    assertBroken(
      () => checkManifest(withLevel(level, apart.toReversed())),
      "overlap",
    );
  }
});

Deno.test("no object is named twice, in any level or segment", () => {
  const twice = [tableMeta("sst/1", "a", "b"), tableMeta("sst/1", "c", "d")];
  assertBroken(() => checkManifest(withLevel(0, twice)), `"sst/1" is named`);
  const levels = withLevel(0, [tableMeta("sst/1", "a", "b")]).levels.map((
    tables,
    i,
  ) => i === 3 ? [tableMeta("sst/1", "c", "d")] : tables);
  assertBroken(() => checkManifest({ ...emptyManifest(), levels }), "twice");
  const segment = { path: "vec/1", size: 1, owner: 1, info: {} };
  assertBroken(
    () => checkManifest({ ...emptyManifest(), segments: [segment, segment] }),
    `"vec/1" is named twice`,
  );
});

Deno.test("a table does not end before it begins, and the horizon is not past the sequence", () => {
  assertBroken(
    () => checkManifest(withLevel(0, [tableMeta("sst/1", "b", "a")])),
    "ends before it begins",
  );
  assertBroken(
    () => checkManifest({ ...emptyManifest(), sequence: 4, horizon: 5 }),
    "horizon",
  );
});

Deno.test("epoch, sequence, replay point and horizon never go back", () => {
  const before: Manifest = {
    ...emptyManifest(),
    epoch: 4,
    sequence: 10,
    replayFrom: 7,
    horizon: 3,
  };
  assertEquals(nextManifest(before, {}).number, before.number + 1);
  for (
    const change of [
      { epoch: 3 },
      { sequence: 9 },
      { replayFrom: 6 },
      { horizon: 2 },
    ]
  ) {
    const after = { ...before, ...change };
    assertBroken(() => checkSuccession(before, after), "goes back");
  }
  assertBroken(() => nextManifest(before, { sequence: 9 }), "goes back");
  assertBroken(() => nextManifest(before, { horizon: 11 }), "horizon");
});
