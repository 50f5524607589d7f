import { assert, assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { KriyaError } from "../../base/errors.ts";
import {
  formatObjectPath,
  manifestPath,
  type ObjectName,
  parseManifestPath,
  parseObjectPath,
  parseWalPath,
  pinPath,
  sstPath,
  TABLE_ID_PART_MAX,
  validatePath,
  validatePrefix,
  vecPath,
  walPath,
} from "./object_path.ts";

const part = fc.oneof(fc.nat(99), fc.nat({ max: TABLE_ID_PART_MAX }));
const table = fc.record({ epoch: part, job: part, number: part });
const number = fc.oneof(fc.nat(99), fc.maxSafeNat());
const name: fc.Arbitrary<ObjectName> = fc.oneof(
  number.map((id) => ({ kind: "wal", id } as const)),
  number.map((number) => ({ kind: "manifest", number } as const)),
  table.map((id) => ({ kind: "sst", ...id } as const)),
  table.map((id) => ({ kind: "vec", ...id } as const)),
  fc.constant({ kind: "boundary" } as const),
  fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/).map((id) =>
    ({ kind: "pin", id }) as const
  ),
);

Deno.test("parseObjectPath reads back every name that formatObjectPath makes", () => {
  fc.assert(fc.property(name, (name) => {
    const path = formatObjectPath(name);
    validatePath(path);
    assertEquals(parseObjectPath(path), name);
  }));
});

Deno.test("parseObjectPath takes nothing that formatObjectPath cannot make", () => {
  const damaged = fc.tuple(
    name.map(formatObjectPath),
    fc.nat(),
    fc.constantFrom("0", "9", "a", "A", "-", "/", ".", "", "00", "~", "\n"),
  ).map(([path, at, put]) => {
    const i = at % (path.length + 1);
    return path.slice(0, i) + put + path.slice(i + (at % 3 === 0 ? 0 : 1));
  });
  fc.assert(
    fc.property(fc.oneof(damaged, fc.string()), (path) => {
      const parsed = parseObjectPath(path);
      if (parsed !== undefined) assertEquals(formatObjectPath(parsed), path);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("parseObjectPath refuses numbers over 2^53 - 1 and other spellings", () => {
  for (
    const path of [
      "wal/7",
      "wal/000000000000000000007",
      "wal/00009007199254740992",
      "wal/99999999999999999999",
      "wal/-0000000000000000001",
      "wal/0000000000000000000x",
      "wal/",
      "wal",
      "manifest/00009007199254740992",
      "sst/1-2-3",
      "sst/000000000001-000000000002",
      "sst/000000000001-000000000002-000000000003-4",
      "gc/boundary/x",
      "gc/",
      "pins/",
      "pins/a.b",
      `pins/${"a".repeat(65)}`,
      "",
      "/",
    ]
  ) {
    assertEquals(parseObjectPath(path), undefined, path);
    assertEquals(parseWalPath(path), undefined, path);
    assertEquals(parseManifestPath(path), undefined, path);
  }
});

Deno.test("names sort by number, manifests newest first", () => {
  fc.assert(fc.property(number, number, (a, b) => {
    fc.pre(a < b);
    assert(walPath(a) < walPath(b));
    assert(manifestPath(a) > manifestPath(b));
    assertEquals(parseWalPath(walPath(a)), a);
    assertEquals(parseManifestPath(manifestPath(b)), b);
  }));
  fc.assert(fc.property(table, table, (a, b) => {
    const order = a.epoch - b.epoch || a.job - b.job || a.number - b.number;
    const paths = [[sstPath(a), sstPath(b)], [vecPath(a), vecPath(b)]];
    for (const [x, y] of paths) {
      assertEquals(Math.sign(order), x! < y! ? -1 : x! > y! ? 1 : 0);
    }
  }));
});

Deno.test("names are never made of numbers that would not parse back", () => {
  const wrong: (() => string)[] = [
    () => walPath(-1),
    () => walPath(0.5),
    () => walPath(2 ** 53),
    () => manifestPath(Number.NaN),
    () => sstPath({ epoch: 1, job: TABLE_ID_PART_MAX + 1, number: 0 }),
    () => vecPath({ epoch: 1, job: 0, number: -1 }),
    () => pinPath("../x"),
    () => pinPath(""),
  ];
  for (const make of wrong) assertThrows(make, KriyaError);
});

Deno.test("validatePath refuses hostile paths as invalid", () => {
  const hostile = [
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    ".",
    "..",
    "a/..",
    "../a",
    "a/../b",
    "a/./b",
    "a\\b",
    "a b",
    "a\0b",
    "a\nb",
    "a~b",
    "é",
    "a/%2e%2e/b",
    "C:/x",
    "a".repeat(201),
    `${"a/".repeat(256)}a`,
  ];
  for (const path of hostile) {
    const error = assertThrows(() => validatePath(path), KriyaError);
    assertEquals(error.kind, "invalid", path);
  }
  const good = ["a", "...", ".a", "a..b", "-", "A_9.z/b", "a".repeat(200)];
  for (const path of good) validatePath(path);
});

Deno.test("validatePrefix takes what a path can begin with, and nothing else", () => {
  for (const prefix of ["", "w", "wal/", "wal/00", ".", "..", "a/.."]) {
    validatePrefix(prefix);
  }
  for (const prefix of ["/", "a//", "../", "./a", "a/../", "é", "a b"]) {
    const error = assertThrows(() => validatePrefix(prefix), KriyaError);
    assertEquals(error.kind, "invalid", prefix);
  }
});
